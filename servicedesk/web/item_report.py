"""What a report about items is asked, and what it gives: sheets that a page and a file share."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import url_for

from cmdb.localtime import local
from cmdb.organisation import Municipality
from servicedesk.reports.sheets import Column, Sheet, Show, Value
from servicedesk.web.numbers import count, euros, whole_share


@dataclass(frozen=True)
class Asked:
    """A report as of the moment `at` of a local day, over the municipalities the reader may see.

    `chosen` is the one it is about; None means all, which needs `sees_all`.
    """

    report: str
    now: dt.datetime
    day: dt.date
    at: dt.datetime
    municipalities: Sequence[Municipality]
    chosen: Municipality | None
    sees_all: bool

    @property
    def is_past(self) -> bool:
        return self.day < local(self.now).date()

    @property
    def date(self) -> str:
        """The day as a field of a form takes it; empty for today."""
        return f"{self.day:%d-%m-%Y}" if self.is_past else ""

    def url(self, page: str = "page", **values: str) -> str:
        """The address of the same question, on another page or with other values."""
        kept = {"on": self.day.isoformat()} if self.is_past else {}
        if self.chosen and self.sees_all:
            kept["municipality"] = self.chosen.code
        return url_for(f"item_reports.{page}", report=self.report, **(kept | values))

    def list_url(self, **filters: str | int) -> str:
        """The list of items as of the same day, narrowed to what a figure counts."""
        past = {"on": self.day.isoformat()} if self.is_past else {}
        return url_for("items.index", **past, **filters)


@dataclass(frozen=True)
class Day:
    """A day of a calendar: name, what and address of what falls on it, and how many more do."""

    date: dt.date
    in_month: bool
    is_today: bool
    entries: Sequence[tuple[str, str, str]]
    more: int


@dataclass(frozen=True)
class Calendar:
    """A month in whole weeks, with the addresses of the months around it."""

    title: str
    previous_url: str
    next_url: str
    weekdays: Sequence[str]
    weeks: Sequence[Sequence[Day]]


@dataclass(frozen=True)
class Report:
    """One sentence on top, the sheets, and what explains how figures come about."""

    summary: str
    sheets: Sequence[Sheet]
    explanation: Sequence[str] = field(default=())
    calendar: Calendar | None = None


def shown(value: Value, column: Column) -> str:
    """A value of a sheet in the language of the reader; a dash when there is none."""
    if value is None or value == "":
        return "–"
    if isinstance(value, dt.date):
        return f"{value:%d-%m-%Y}"
    if isinstance(value, str):
        return value
    return _WRITTEN[column.show](value)


_WRITTEN = {Show.CENTS: euros, Show.PERCENT: whole_share, Show.NUMBER: count, Show.TEXT: str}
