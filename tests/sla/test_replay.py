"""Replaying histories: the cases of the contract, and what a bad file is told."""
import json
from pathlib import Path

import pytest

from sla.replay import replay, replay_file

TEXT = (Path(__file__).parent / "data" / "sla_cases.json").read_text()
CASES = json.loads(TEXT)["cases"]
SAME = ("due_at", "warn_at", "breached_at", "warn_fired_at", "state", "error")

OFFICE = {
    "timezone": "Europe/Amsterdam",
    "weekly": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}
CREATED = {"at": "2026-06-15T09:00:00+02:00", "type": "created"}


def monday(clock, kind, **given):
    return {"at": f"2026-06-15T{clock}:00+02:00", "type": kind, **given}


def case(*events, as_of="2026-06-19T17:00:00+02:00", target=120, calendar=OFFICE, **given):
    return {
        "id": "x", "calendar": calendar, "events": [CREATED, *events], "target_minutes": target,
        "as_of": as_of, "probes": [], **given,
    }


@pytest.mark.parametrize("given", CASES, ids=lambda given: given["id"])
def test_case_of_the_contract(given):
    expected, found = given["expected"], replay(given)
    assert {key: found[key] for key in SAME} == {key: expected[key] for key in SAME}
    used = [probe["seconds"] for probe in expected["elapsed"]]
    assert [probe["seconds"] for probe in found["elapsed"]] == used


def test_a_file_gives_its_results_in_order():
    results = replay_file(TEXT)["results"]
    assert [result["id"] for result in results] == [given["id"] for given in CASES]


def test_probes_are_written_in_utc():
    found = replay(case(probes=["2026-06-15T10:00:00+02:00"]))
    assert found["elapsed"] == [{"at": "2026-06-15T08:00:00Z", "seconds": 3600}]


def test_events_are_taken_in_order_of_time_and_those_before_creation_ignored():
    early, late = monday("08:30", "paused"), monday("11:00", "resumed")
    shuffled = case(late, monday("10:00", "paused"), early)
    assert replay(shuffled)["due_at"] == "2026-06-15T10:00:00Z"


def test_events_that_do_not_fit_are_ignored():
    plain = replay(case())
    odd = case(monday("09:15", "resumed"), monday("09:30", "reopened"), monday("09:45", "created"))
    assert replay(odd) == plain
    resolved = replay(case(monday("10:00", "resolved")))
    again = case(*(monday(at, kind) for at, kind in (
        ("10:00", "resolved"), ("10:10", "paused"), ("10:20", "resumed"), ("12:00", "resolved"))))
    assert replay(again) == resolved


def test_a_change_of_priority_after_resolving_counts_once_reopened():
    lowered = monday("12:00", "priority_changed", target_minutes=30)
    closed = case(monday("10:00", "resolved"), lowered)
    assert replay(closed)["due_at"] == "2026-06-15T09:00:00Z"
    assert replay(closed)["breached_at"] is None
    opened = {**closed, "events": [*closed["events"], monday("13:00", "reopened")]}
    assert replay(opened)["due_at"] == "2026-06-15T07:30:00Z"
    assert replay(opened)["breached_at"] == "2026-06-15T11:00:00Z"


def test_reopening_while_paused_ends_the_pause():
    paused = case(monday("10:00", "paused"), monday("11:00", "reopened"))
    assert replay(paused)["due_at"] == "2026-06-15T10:00:00Z"


def test_target_of_nothing_is_due_at_creation():
    found = replay(case(target=0))
    assert found["due_at"] == found["breached_at"] == found["warn_fired_at"]["50"]
    assert found["due_at"] == "2026-06-15T07:00:00Z"


def test_target_of_nothing_resolved_at_once_is_in_time():
    found = replay(case(monday("09:00", "resolved"), target=0))
    assert (found["due_at"], found["breached_at"]) == ("2026-06-15T07:00:00Z", None)


def test_created_after_as_of_has_fired_nothing():
    found = replay(case(as_of="2026-06-15T08:00:00+02:00"))
    assert found["breached_at"] is None
    assert found["due_at"] == "2026-06-15T09:00:00Z"


def test_what_fires_after_as_of_has_not_fired_though_later_events_are_known():
    late = case(monday("15:00", "resolved"), as_of="2026-06-15T10:30:00+02:00")
    found = replay(late)
    assert found["breached_at"] is None
    assert found["warn_fired_at"] == {
        "50": "2026-06-15T08:00:00Z", "75": "2026-06-15T08:30:00Z", "90": None,
    }


@pytest.mark.parametrize("events", [[], [monday("10:00", "paused")]])
def test_no_open_time_is_an_error_running_or_paused(events):
    found = replay(case(*events, calendar={"timezone": "Europe/Amsterdam"}))
    assert (found["due_at"], found["error"]) == (None, "no_open_time")
    assert found["warn_at"] == {"50": None, "75": None, "90": None}


def test_not_enough_open_time_still_warns():
    opening = [["2026-06-15T10:00:00+02:00", "2026-06-15T11:00:00+02:00"]]
    sparse = {"timezone": "Europe/Amsterdam", "extra_open": opening}
    found = replay(case(target=90, calendar=sparse))
    assert found["warn_at"] == {"50": "2026-06-15T08:45:00Z", "75": None, "90": None}
    assert found["warn_fired_at"] == found["warn_at"]
    assert (found["due_at"], found["error"]) == (None, "no_open_time")


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"calendar": {"timezone": "Mars/Base"}}, "case 'x': timezone: unknown time zone"),
        ({"calendar": None}, "case 'x': calendar: expected an object"),
        ({"events": []}, "none of them is created"),
        ({"events": None}, "events: expected a list"),
        ({"events": ["created"]}, "events: expected an object"),
        ({"events": [{"type": ["created"]}]}, "unknown type \\['created'\\]"),
        ({"events": [{"type": "merged", "at": CREATED["at"]}]}, "unknown type 'merged'"),
        ({"events": [{"type": "created"}]}, "events: None is not a moment"),
        ({"events": [{"type": "created", "at": "2026-06-15T09:00"}]}, "with an offset or Z"),
        ({"events": [CREATED, monday("10:00", "priority_changed")]}, "target_minutes: expected"),
        ({"target_minutes": -1}, "expected a number from 0, not -1"),
        ({"target_minutes": True}, "expected a number from 0, not True"),
        ({"target_minutes": float("nan")}, "expected a number from 0, not nan"),
        ({"target_minutes": float("inf")}, "not a whole number of seconds"),
        ({"target_minutes": "60"}, "expected a number from 0, not '60'"),
        ({"target_minutes": 0.001}, "not a whole number of seconds"),
        ({"as_of": "tomorrow"}, "as_of: 'tomorrow' is not a moment"),
        ({"probes": "2026-06-15"}, "probes: expected a list"),
        ({"events": [{"type": "created", "at": "1815-06-18T09:00:00Z"}]}, "from 1970 up to 2200"),
    ],
)
def test_a_bad_case_is_refused_in_one_line(wrong, words):
    with pytest.raises(ValueError, match=words) as refusal:
        replay({**case(), **wrong})
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "text, words",
    [("", "not JSON"), ("{\n", "not JSON"), ("[]", "expected {"), ('{"cases": 3}', "expected {"),
     ('{"cases": [3]}', "case: expected an object, not 3"), ("[" * 100_000, "not JSON")],
)
def test_a_bad_file_is_refused_in_one_line(text, words):
    with pytest.raises(ValueError, match=words) as refusal:
        replay_file(text)
    assert "\n" not in str(refusal.value)
