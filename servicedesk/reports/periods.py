"""Periods of local days: a month, a quarter, a year, or any two dates.

Standard library only, but for the time zone of the Netherlands.
"""

import datetime as dt
import re
from dataclasses import dataclass
from itertools import pairwise

from cmdb.localtime import day_start

MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
_EARLIEST, _LATEST = 1971, 2198


@dataclass(frozen=True)
class Period:
    """The local days from `first` to `last`, both included."""

    first: dt.date
    last: dt.date

    @property
    def start(self) -> dt.datetime:
        """The first instant."""
        return day_start(self.first)

    @property
    def end(self) -> dt.datetime:
        """The first instant after it."""
        return day_start(self.last + dt.timedelta(days=1))

    @property
    def length(self) -> str | None:
        """ "month", "quarter" or "year" when it is exactly one, else None."""
        return next((name for name in MONTHS_OF if self == around(self.first, name)), None)

    def shifted(self, steps: int) -> "Period":
        """The period of the same length `steps` later, or earlier when negative."""
        length = self.length
        if length is None:
            days = dt.timedelta(days=(self.last - self.first).days + 1) * steps
            return Period(self.first + days, self.last + days)
        return around(_month_later(self.first, steps * MONTHS_OF[length]), length)


def around(day: dt.date, length: str) -> Period:
    """The month, quarter or year that `day` lies in."""
    months = MONTHS_OF[length]
    first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    return Period(first, _month_later(first, months) - dt.timedelta(days=1))


def between(first: str, last: str) -> Period:
    """The period between two dates as 2016-04-30.

    Raises:
        ValueError: one is no date, or they are not in order, with one line that says which.
    """
    period = Period(_date(first), _date(last))
    if period.first > period.last:
        raise ValueError(f"{first} is after {last}")
    return period


def named(text: str) -> Period:
    """The period with a name as "2026-10", "2026-Q4" or "2026".

    Raises:
        ValueError: it is none of these.
    """
    match = re.fullmatch(r"(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?", text, re.ASCII)
    if not match:
        raise ValueError(f"{text!r} is not a period as 2026-10, 2026-Q4 or 2026")
    year, month, quarter = match.groups()
    if month:
        return around(_date(f"{year}-{month}-01"), "month")
    if quarter:
        return around(_date(f"{year}-{int(quarter) * 3:02}-01"), "quarter")
    return around(_date(f"{year}-01-01"), "year")


def name_of(period: Period) -> str | None:
    """The name of a period that `named` reads; None when it is neither month, quarter nor year."""
    first = period.first
    return {
        "month": f"{first:%Y-%m}",
        "quarter": f"{first.year}-Q{(first.month + 2) // 3}",
        "year": f"{first.year}",
    }.get(period.length)


def months_since(day: dt.date, last: dt.date) -> list[Period]:
    """The months from that of `day` to that of `last`; none when it lies before."""
    return months_until(last, (last.year - day.year) * 12 + last.month - day.month + 1)


def months_until(day: dt.date, count: int) -> list[Period]:
    """The `count` months up to and with that of `day`, oldest first."""
    starts = [_month_later(day.replace(day=1), n) for n in range(1 - max(0, count), 2)]
    return [
        Period(first, following - dt.timedelta(days=1)) for first, following in pairwise(starts)
    ]


def _month_later(first: dt.date, months: int) -> dt.date:
    years, month = divmod(first.month - 1 + months, 12)
    return dt.date(first.year + years, month + 1, 1)


def _date(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError(f"{text!r} is not a date as 2026-01-31") from None
    if not _EARLIEST <= day.year <= _LATEST:
        raise ValueError(f"{text} is not between {_EARLIEST} and {_LATEST}")
    return day
