"""The cases of the contract, and what a bad file is told."""

import copy
import json
from pathlib import Path

import pytest

from cmdb.impact_cases import answer
from cmdb.impact_input import read_rule

TEXT = (Path(__file__).parent / "data" / "impact_cases.json").read_text()
CASES = json.loads(TEXT)["cases"]
GOOD = {
    "id": "x",
    "items": ["app", "a", "b"],
    "down": ["a"],
    "degraded": [],
    "groups": [
        {
            "dependent": "app",
            "effect": "hard",
            "rule": {"kind": "capacity", "need": 1},
            "members": [{"upstream": "a", "capacity": 1}, {"upstream": "b", "capacity": 1}],
        }
    ],
}
MISSING = object()

pytestmark = pytest.mark.no_database


def answered(*cases):
    return answer(json.dumps({"cases": cases}))["results"]


def changed(path, value):
    """The good case with one place of it changed or, by MISSING, taken away."""
    case = copy.deepcopy(GOOD)
    *inner, last = path
    place = case
    for step in inner:
        place = place[step]
    if value is MISSING:
        del place[last]
    else:
        place[last] = value
    return case


def with_rule(**rule):
    return changed(["groups", 0, "rule"], rule)


def state_of_app(rule, capacities=(1, 1), down=("a",)):
    case = with_rule(**rule)
    case["down"] = list(down)
    for member, capacity in zip(case["groups"][0]["members"], capacities, strict=True):
        member["capacity"] = capacity
    return answered(case)[0]["states"]["app"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case_of_the_contract(case):
    (found,) = answered(case)
    assert found == {"id": case["id"], **case["expected"]}
    assert list(found["states"]) == case["items"]


def test_a_file_gives_its_results_in_order():
    assert [found["id"] for found in answer(TEXT)["results"]] == [case["id"] for case in CASES]


def test_down_prevails_over_degraded():
    assert answered(changed(["degraded"], ["a"]))[0]["states"]["a"] == "DOWN"


def test_numbers_count_as_they_are_written():
    """As floats, 0.1 and 0.2 are more than 0.3, and a third of 300 % of 1 would need two of two."""
    tenth = {"kind": "capacity", "need": 0.3}
    assert state_of_app(tenth, (0.1, 0.2), down=()) == "OK"
    assert state_of_app(tenth, (0.1, 0.2)) == "DEGRADED"
    assert state_of_app({"kind": "percent", "percent": 50}) == "AT_RISK"
    assert state_of_app({"kind": "percent", "percent": 50.0000001}) == "DOWN"
    assert state_of_app({"kind": "at_least", "count": 1.0}) == "AT_RISK"


@pytest.mark.parametrize("rule, state", [
    ({"kind": "at_least", "count": 0}, "AT_RISK"),
    ({"kind": "at_least", "count": 3}, "DOWN"),
    ({"kind": "percent", "percent": 0}, "AT_RISK"),
    ({"kind": "percent", "percent": 100}, "DOWN"),
    ({"kind": "capacity", "need": 0}, "AT_RISK"),
])  # fmt: skip
def test_rules_at_their_ends(rule, state):
    assert state_of_app(rule) == state


def test_an_empty_group_and_names_of_any_script():
    case = {
        "id": 7, "items": ["Súdwest-Fryslân 🖧", ""], "down": [""], "degraded": [],
        "groups": [{"dependent": "Súdwest-Fryslân 🖧", "rule": {"kind": "all"}, "members": []}],
    }  # fmt: skip
    assert answered(case) == [
        {"id": 7, "states": {"Súdwest-Fryslân 🖧": "OK", "": "DOWN"}, "no_spare": []}
    ]


@pytest.mark.parametrize("path, value, told", [
    (["id"], MISSING, "cases[0].id: missing"),
    (["items"], MISSING, "cases[0].items: missing"),
    (["items"], ["app", "a", "b", "a"], "cases[0].items: 'a' occurs twice"),
    (["items"], ["app", "a", "b", 4], "cases[0].items[3]: expected text, not 4"),
    (["down"], "a", "cases[0].down: expected a list, not 'a'"),
    (["down"], ["a", "z"], "cases[0].down[1]: unknown item 'z'"),
    (["degraded"], MISSING, "cases[0].degraded: missing"),
    (["groups", 0], [], "cases[0].groups[0]: expected an object, not a list"),
    (["groups", 0, "dependent"], "z", "cases[0].groups[0].dependent: unknown item 'z'"),
    (["groups", 0, "effect"], "hart",
     "cases[0].groups[0].effect: unknown effect 'hart'; known: hard, soft, none"),
    (["groups", 0, "rule", "kind"], "most",
     "cases[0].groups[0].rule.kind: unknown rule 'most'; known: all, at_least, percent, capacity"),
    (["groups", 0, "rule", "need"], -1,
     "cases[0].groups[0].rule.need: expected a number from 0, not -1"),
    (["groups", 0, "members"], MISSING, "cases[0].groups[0].members: missing"),
    (["groups", 0, "members", 1, "upstream"], "z",
     "cases[0].groups[0].members[1].upstream: unknown item 'z'"),
    (["groups", 0, "members", 1, "upstream"], "a",
     "cases[0].groups[0].members: 'a' occurs twice"),
    (["groups", 0, "members", 1, "capacity"], MISSING,
     "cases[0].groups[0].members[1].capacity: missing"),
    (["groups", 0, "members", 1, "capacity"], "2",
     "cases[0].groups[0].members[1].capacity: expected a number, not '2'"),
])  # fmt: skip
def test_a_bad_case_is_told_where(path, value, told):
    with pytest.raises(ValueError) as refused:
        answered(changed(path, value))
    assert str(refused.value) == told


@pytest.mark.parametrize("rule, told", [
    ({"kind": "at_least", "count": -1}, "rule.count: expected a number from 0, not -1"),
    ({"kind": "at_least", "count": 1.5}, "rule.count: expected a whole number, not 1.5"),
    ({"kind": "at_least", "count": True}, "rule.count: expected a number, not True"),
    ({"kind": "at_least"}, "rule.count: missing"),
    ({"kind": "percent", "percent": 101}, "rule.percent: expected 0 to 100, not 101"),
    ({"kind": "percent", "percent": -0.1}, "rule.percent: expected a number from 0, not -0.1"),
    ({"kind": "capacity", "need": float("inf")}, "rule.need: expected a number from 0, not inf"),
    ({"kind": "capacity", "need": float("nan")}, "rule.need: expected a number from 0, not nan"),
    ({"kind": "capacity", "need": 1e300}, "rule.need: 1e+300 has too many digits"),
    ({"kind": 3}, "rule.kind: expected text, not 3"),
    (None, "rule: expected an object, not None"),
])  # fmt: skip
def test_a_bad_rule_is_told_what(rule, told):
    with pytest.raises(ValueError) as refused:
        read_rule(rule)
    assert str(refused.value) == told


@pytest.mark.parametrize("text, told", [
    ("", "not JSON: line 1 column 1: Expecting value"),
    ('{"cases": [\n  {"id": }]}', "not JSON: line 2 column 10: Expecting value"),
    ('{"cases": [NaN]}', "not JSON that can be read: NaN is no number"),
    ("[" * 100_000, "not JSON that can be read: nested too deep"),
    ("[]", "file: expected an object, not a list"),
    ("{}", "cases: missing"),
    ('{"cases": {}}', "cases: expected a list, not an object"),
    ('{"cases": [null]}', "cases[0]: expected an object, not None"),
])  # fmt: skip
def test_a_bad_file_is_told_where(text, told):
    with pytest.raises(ValueError) as refused:
        answer(text)
    assert str(refused.value) == told


@pytest.mark.parametrize(
    "number", ["1e999999999", "1e-999999999", "1e99999999999999999999", "9" * 5000]
)
def test_a_number_of_absurd_size_is_refused_at_once(number):
    with pytest.raises(ValueError):
        answer(json.dumps({"cases": [with_rule(kind="capacity", need="#")]}).replace('"#"', number))
