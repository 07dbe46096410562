"""What an address asks of the roster: which days, seen how, and the addresses beside it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from servicedesk.language import gettext as _
from servicedesk.rota.demand import days_between
from servicedesk.web.roster_words import long_day, week_of, written

VIEWS = ("day", "week", "month", "quarter")
_BY = {
    "day": (),
    "week": ("person", "municipality", "shift"),
    "month": ("calendar", "person", "municipality", "shift"),
    "quarter": ("person", "municipality", "shift"),
}
_EARLIEST, _LATEST = dt.date(2000, 1, 1), dt.date(2199, 12, 31)


@dataclass(frozen=True)
class Asked:
    """A stretch of days, first and last, and how it is seen; `on` is the day that was asked."""

    view: str
    by: str
    on: dt.date
    first: dt.date
    last: dt.date
    today: dt.date

    def url(self, **values: object) -> str:
        kept = {"view": self.view, "by": self.by, "on": self.on.isoformat()}
        kept |= values
        return url_for("roster.index", **{key: value for key, value in kept.items() if value})

    @property
    def days(self) -> list[dt.date]:
        return list(days_between(self.first, self.last))

    @property
    def label(self) -> str:
        """The stretch in words: "week 48", "november 2026"."""
        return _label(self.view, self.first)

    @property
    def around(self) -> dict[str, tuple[str, str]]:
        """The address and the label of the stretch before and after, as far as there is one."""
        found = {}
        for name, day in (
            ("previous", self.first - dt.timedelta(days=1)),
            ("next", self.last + dt.timedelta(days=1)),
        ):
            if _EARLIEST <= day <= _LATEST:
                label = _label(self.view, start(self.view, day))
                found[name] = self.url(on=day.isoformat()), label
        return found

    @property
    def views(self) -> list[dict[str, object]]:
        words = {
            "day": _("Dag"), "week": _("Week"), "month": _("Maand"), "quarter": _("Kwartaal"),
        }  # fmt: skip
        return [
            {
                "label": words[view],
                "url": self.url(view=view, by=self._by_in(view)),
                "current": view == self.view,
            }
            for view in VIEWS
        ]

    def _by_in(self, view: str) -> str | None:
        """The rows in another view: the same when they were chosen, else those it begins with."""
        return self.by if self.by in _BY[view] and self.by != _BY[self.view][0] else None

    @property
    def ways(self) -> list[dict[str, object]]:
        """By what the rows can be; empty where there is no choice."""
        words = {
            "calendar": _("Kalender"), "person": _("Persoon"),
            "municipality": _("Gemeente"), "shift": _("Dienst"),
        }  # fmt: skip
        return [
            {"label": words[by], "url": self.url(by=by), "current": by == self.by}
            for by in _BY[self.view]
        ]


def read(arguments: Mapping[str, str], today: dt.date) -> Asked:
    """What the request asks; nonsense asks for the week of today."""
    view = arguments.get("view", "")
    view = view if view in VIEWS else "week"
    ways = _BY[view]
    by = arguments.get("by", "")
    by = by if by in ways else (ways[0] if ways else "")
    on = day_of(arguments.get("on")) or today
    first = start(view, on)
    return Asked(view, by, on, first, _end(view, first), today)


def day_of(text: str | None) -> dt.date | None:
    """A day of an address or a form; None when it is none."""
    try:
        day = dt.date.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return day if _EARLIEST <= day <= _LATEST else None


def start(view: str, day: dt.date) -> dt.date:
    """The first day of the stretch that `day` is in."""
    if view == "day":
        return day
    if view == "week":
        return day - dt.timedelta(days=day.weekday())
    if view == "month":
        return day.replace(day=1)
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def _end(view: str, first: dt.date) -> dt.date:
    if view in ("day", "week"):
        return first + dt.timedelta(days=0 if view == "day" else 6)
    months = 1 if view == "month" else 3
    month = first.month - 1 + months
    following = first.replace(year=first.year + month // 12, month=month % 12 + 1)
    return following - dt.timedelta(days=1)


def _label(view: str, first: dt.date) -> str:
    if view == "day":
        return long_day(first)
    if view == "week":
        return week_of(first)
    if view == "month":
        return written(first, "MMMM y")
    return _("%(n)se kwartaal %(year)s", n=(first.month + 2) // 3, year=first.year)
