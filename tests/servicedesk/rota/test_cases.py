"""The cases of the contract, answered by the product and judged by an independent checker."""

import json
import random
import re
from pathlib import Path

import pytest

from servicedesk.rota.cases import answer
from tests.servicedesk.rota.check import check

TEXT = (Path(__file__).parent / "data" / "rota_cases.json").read_text()
CASES = {case["id"]: case for case in json.loads(TEXT)["cases"]}

pytestmark = pytest.mark.no_database


@pytest.fixture(scope="module")
def answers():
    return answer(TEXT)


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_answered_right(name, answers):
    assert check(CASES[name], answers[name], answers) == []


@pytest.mark.parametrize("name", ["F03", "F07", "S08", "P01", "O01", "W01", "K01"])
def test_the_order_of_the_rows_means_nothing(name, answers):
    case = json.loads(json.dumps(CASES[name]))
    for rows in case["input"].values():
        if isinstance(rows, list):
            random.Random(1).shuffle(rows)
    again = answer(json.dumps({"cases": [case]}))[name]
    assert _sorted(again) == _sorted(answers[name])


def _sorted(result):
    return {key: sorted(rows, key=str) if isinstance(rows, list) else rows
            for key, rows in result.items() if key != "candidates"} | {
        "candidates": result.get("candidates")}  # fmt: skip


def test_the_cases_may_stand_alone_as_a_list(answers):
    assert answer(json.dumps([CASES["K01"]])) == {"K01": answers["K01"]}


@pytest.mark.parametrize("text, told", [
    ("{", "not JSON"),
    ("7", "expected"),
    ('{"cases": [{"id": "a", "ask": "dance", "input": {}}]}', "case 'a': ask must be one of"),
    ('{"cases": [{"id": "a", "ask": "plan", "input": {}}]}', "case 'a': 'range' is missing"),
    ('{"cases": [{"id": "a", "ask": "plan", "input": []}]}', "case 'a'"),
    ('{"cases": [7]}', "expected a case with an id"),
])  # fmt: skip
def test_a_bad_file_is_refused_in_one_line(text, told):
    with pytest.raises(ValueError) as refused:
        answer(text)
    assert told in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("place, value", [
    ("range", {"from": "2026-06-01", "to": "9999-12-31"}),
    ("range", {"from": "soon", "to": "2026-06-02"}),
    ("people", [{"id": "anna"}]),
    ("people", None),
    ("shifts", [{"id": "dag", "from": "x", "to": "17:30", "seats": 1, "weekdays": [1]}]),
    ("rotations", [{"shift": "dag", "order": ["anna"], "turn": {"unit": "moon", "n": 1},
                    "anchor": "2026-06-01", "valid_from": "2026-06-01"}]),
    ("rotations", [{"shift": "dag", "order": ["anna"], "turn": {"unit": "week", "n": 0},
                    "anchor": "2026-06-01", "valid_from": "2026-06-01"}]),
    ("timezone", "Mars/Crater"),
])  # fmt: skip
def test_a_bad_case_is_named(place, value):
    case = json.loads(json.dumps(CASES["F01"]))
    case["input"][place] = value
    with pytest.raises(ValueError, match="case 'F01'"):
        answer(json.dumps({"cases": [case]}))


def feed_of(**wanted):
    rows = [
        {"date": "2026-06-01", "kind": "desk", "shift": "dag", "person": "anna"},
        {"date": "2026-06-01", "kind": "desk", "shift": "dag", "person": "bram"},
        {"date": "2026-06-02", "kind": "site", "site": "meerdam", "person": "chris"},
    ]
    source = json.loads(json.dumps(CASES["P01"]["input"])) | {
        "feeds": [wanted | {"published": rows}]
    }
    case = {"id": "feed", "ask": "ical", "input": source}
    return answer(json.dumps({"cases": [case]}))["feed"]["feeds"][0]


@pytest.mark.parametrize("wanted, seats", [
    ({"of": "person", "id": "bram"}, 1), ({"of": "person", "id": "eva"}, 0),
    ({"of": "site", "id": "meerdam"}, 1), ({"of": "shift", "id": "dag"}, 2),
    ({"of": "team", "id": "beheer"}, 3), ({"of": "all"}, 3),
])  # fmt: skip
def test_a_feed_tells_what_it_is_of(wanted, seats):
    text = feed_of(**wanted)
    assert text.count("BEGIN:VEVENT") == seats == len(set(re.findall("UID:.*", text)))


def test_rows_of_a_shift_that_is_gone_are_dropped():
    case = json.loads(json.dumps(CASES["P01"]))
    case["input"]["published"].append(
        {"date": "2026-06-11", "kind": "desk", "shift": "avond", "person": "anna"}
    )
    case["input"]["published"].append(
        {"date": "2026-06-11", "kind": "desk", "shift": "dag", "person": "left"}
    )
    got = answer(json.dumps({"cases": [case]}))["P01"]
    assert {row.get("shift") for row in got["assignments"]} == {"dag", None}
