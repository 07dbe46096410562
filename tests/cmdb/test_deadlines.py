"""When it ends, and until when that can be told."""

import datetime as dt

import pytest

from cmdb.deadlines import Deadline, DeadlineKind, months_before, of_item

D = dt.date.fromisoformat


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2027-03-31", 1, "2027-02-28"),
        ("2028-03-31", 1, "2028-02-29"),
        ("2027-05-31", 3, "2027-02-28"),
        ("2027-01-15", 1, "2026-12-15"),
        ("2026-12-31", 6, "2026-06-30"),
        ("2027-06-30", 12, "2026-06-30"),
        ("2028-02-29", 12, "2027-02-28"),
        ("2027-02-28", 0, "2027-02-28"),
    ],
)
def test_month_ends_come_right(day, months, before):
    assert months_before(D(day), months) == D(before)


def test_a_contract_has_an_end_and_a_last_day_of_notice():
    state = {"attributes": {"ends_on": "2027-05-31", "notice_period": 3}}
    assert of_item(state) == [
        Deadline(D("2027-02-28"), DeadlineKind.NOTICE),
        Deadline(D("2027-05-31"), DeadlineKind.END),
    ]


def test_without_a_notice_period_there_is_no_notice_day():
    for period in (None, 0, -3, "drie", 10**9):
        state = {"attributes": {"ends_on": "2027-05-31", "notice_period": period}}
        assert [one.kind for one in of_item(state)] == [DeadlineKind.END]


def test_fields_and_attributes_together_in_order():
    state = {
        "warranty_until": "2027-01-01", "support_until": "2026-01-01", "end_of_life": None,
        "attributes": {"os_support_until": "2026-01-01", "lease_until": "nooit"},
    }  # fmt: skip
    assert of_item(state) == [
        Deadline(D("2026-01-01"), DeadlineKind.SUPPORT),
        Deadline(D("2027-01-01"), DeadlineKind.WARRANTY),
    ]


def test_nothing_ends():
    assert of_item({}) == of_item({"attributes": None}) == []


def test_before_the_first_year_is_an_error():
    with pytest.raises(ValueError):
        months_before(dt.date(1, 1, 1), 1)
