"""Spans of days that move along with today."""

import datetime as dt

import pytest

from servicedesk.inventory import spans


@pytest.mark.parametrize(
    ("name", "today", "first", "last"),
    [
        ("past", "2026-11-23", None, "2026-11-22"),
        ("this-month", "2028-02-10", "2028-02-01", "2028-02-29"),
        ("this-year", "2026-12-31", "2026-01-01", "2026-12-31"),
        ("next-year", "2026-12-31", "2027-01-01", "2027-12-31"),
        ("in-30-days", "2026-12-31", "2026-12-31", "2027-01-30"),
        ("in-90-days", "2026-11-23", "2026-11-23", "2027-02-21"),
    ],
)
def test_a_span_has_a_first_and_a_last_day(name, today, first, last):
    days = [text and dt.date.fromisoformat(text) for text in (first, last)]
    assert spans.of(name, dt.date.fromisoformat(today)) == tuple(days)


def test_every_span_has_a_word():
    assert all(spans.of(name, dt.date(2026, 1, 1)) for name in spans.WORDS)
