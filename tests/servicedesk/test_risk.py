"""The rule that chooses whom to ask about what: each sign, its bounds, and its words."""

import datetime as dt

import pytest

from servicedesk.quality.risk import Signs, criticality, is_due, next_check, risk

pytestmark = pytest.mark.no_database

TODAY = dt.date(2026, 11, 24)


@pytest.mark.parametrize(
    ("signs", "score", "reasons"),
    [
        (Signs(1, 0), 1, ()),
        (Signs(2, 59), 2, ()),
        (Signs(2, 90), 6, (("age", 3),)),
        (Signs(2, None), 48, (("never", 0),)),
        (Signs(3, 5000), 72, (("age", 166), ("critical", 3))),
        (Signs(2, 30, incidents=2), 6, (("incidents", 2),)),
        (Signs(2, 30, conflicts=1), 4, (("conflicts", 1),)),
        (Signs(3, None, 40, 40), 3 * 24 * 6 * 6,
         (("never", 0), ("incidents", 40), ("conflicts", 40), ("critical", 3))),
    ],
)  # fmt: skip
def test_the_score_and_why(signs, score, reasons):
    assert (risk(signs).score, risk(signs).reasons) == (score, reasons)


def test_worse_in_one_sign_is_never_less_urgent():
    ages, levels = (0, 29, 30, 400, None), (1, 2, 3)
    for at, age in enumerate(ages):
        for level in levels:
            for number in (0, 1, 7):
                here = risk(Signs(level, age, number, number)).score
                assert here <= risk(Signs(level, age, number + 1, number)).score
                assert here <= risk(Signs(level, age, number, number + 1)).score
                assert here <= risk(Signs(min(3, level + 1), age, number, number)).score
                assert here <= risk(Signs(level, ages[min(4, at + 1)], number, number)).score


def test_the_highest_level_counts_and_unknown_is_the_middle():
    assert criticality(None, None, None) == 2
    assert criticality(1, None, 1) == 1 and criticality(1, 3, 2) == 3


def test_when_to_ask_again():
    assert [(next_check(TODAY, level) - TODAY).days for level in (1, 2, 3)] == [730, 365, 182]
    calm = Signs(2, 100)
    last = TODAY - dt.timedelta(days=365)
    assert is_due(TODAY, None, None, calm), "never confirmed"
    assert is_due(TODAY, None, last, calm)
    assert not is_due(TODAY, None, last + dt.timedelta(days=1), calm)
    assert is_due(TODAY, TODAY, TODAY, calm), "the day that was planned has come"
    assert not is_due(TODAY, TODAY + dt.timedelta(days=1), last, calm)
    assert is_due(TODAY, TODAY + dt.timedelta(days=1), TODAY, Signs(2, 0, conflicts=1))
