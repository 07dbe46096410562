"""Spans of days that move along with today, such as this year: what a kept list asks of a date.

Pure. Each gives its first and last day, both included; None where there is no end.
"""

import calendar
import datetime as dt
from collections.abc import Callable

from servicedesk.language import lazy_gettext

Span = tuple[dt.date | None, dt.date | None]

WORDS = {
    "past": lazy_gettext("is voorbij"),
    "this-month": lazy_gettext("is deze maand"),
    "this-year": lazy_gettext("is dit jaar"),
    "next-year": lazy_gettext("is volgend jaar"),
    "in-30-days": lazy_gettext("is in de komende 30 dagen"),
    "in-90-days": lazy_gettext("is in de komende 90 dagen"),
}
_SPANS: dict[str, Callable[[dt.date], Span]] = {
    "past": lambda today: (None, today - dt.timedelta(days=1)),
    "this-month": lambda today: (
        today.replace(day=1),
        today.replace(day=calendar.monthrange(today.year, today.month)[1]),
    ),
    "this-year": lambda today: _year(today.year),
    "next-year": lambda today: _year(today.year + 1),
    "in-30-days": lambda today: (today, today + dt.timedelta(days=30)),
    "in-90-days": lambda today: (today, today + dt.timedelta(days=90)),
}


def of(name: str, today: dt.date) -> Span:
    """The span of that name as of a day."""
    return _SPANS[name](today)


def _year(year: int) -> Span:
    return dt.date(year, 1, 1), dt.date(year, 12, 31)
