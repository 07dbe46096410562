"""The report on deadlines: a list of what ends in a year, and a calendar of a month."""

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from flask import request, url_for
from flask_babel import format_date

from cmdb import registry
from cmdb.costs import month_of
from cmdb.deadlines import DeadlineKind, months_before
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.reports.ends import LIMIT, End, ends
from servicedesk.reports.sheets import Cell, Column, Sheet, Show
from servicedesk.web.item_report import Asked, Calendar, Day, Report

KINDS = {
    DeadlineKind.WARRANTY: lazy_gettext("Garantie tot"),
    DeadlineKind.SUPPORT: lazy_gettext("Ondersteuning tot"),
    DeadlineKind.END_OF_LIFE: lazy_gettext("Einde levensduur"),
    DeadlineKind.CERTIFICATION: lazy_gettext("Nakijken voor"),
    DeadlineKind.END: lazy_gettext("Eindigt op"),
    DeadlineKind.NOTICE: lazy_gettext("Laatste dag om op te zeggen"),
}
# The warranties of hundreds of devices would hide the rest.
_AGREED = tuple(kind for kind in DeadlineKind if kind != DeadlineKind.WARRANTY)
_BACK, _AHEAD = dt.timedelta(days=30), dt.timedelta(days=365)
_SOON = 30
_IN_A_DAY = 3


def report(asked: Asked) -> Report:
    town = asked.chosen and asked.chosen.id
    first, last = asked.day - _BACK, asked.day + _AHEAD
    at = asked.at if asked.is_past else None
    agreed = ends(first, last, at, town, kinds=_AGREED)
    warranties = ends(first, last, at, town, kinds=[DeadlineKind.WARRANTY])
    soon = sum(0 <= (one.deadline.day - asked.day).days <= _SOON for one in agreed)
    summary = _("In de komende 30 dagen: %(n)s.", n=soon)
    sheets = [
        _list(asked, agreed, _("Wat loopt af?")), _list(asked, warranties, _("Garantie")),
    ]  # fmt: skip
    return Report(summary, sheets, _explanation(), _calendar(asked, agreed, first, town))


def _explanation() -> list[str]:
    return [
        _("De laatste dag om op te zeggen is de einddatum min de opzegtermijn. Heeft die maand de"
          " dag niet, dan is het de laatste dag van de maand: 31 mei min drie maanden is 28"
          " februari."),
        _("De lijst begint 30 dagen geleden en eindigt over een jaar. Zij heeft ten hoogste"
          " %(n)s regels.", n=LIMIT),
    ]  # fmt: skip


def _list(asked: Asked, found: Sequence[End], title: str) -> Sheet:
    towns = {town.id: town.name for town in asked.municipalities}
    columns = [
        Column(_("Object")), Column(_("Wat")), Column(_("Datum"), Show.DATE),
        Column(_("Dagen"), Show.NUMBER), Column(_("Soort")), Column(_("Eigenaar")),
    ]  # fmt: skip
    rows = []
    for one in found:
        left = (one.deadline.day - asked.day).days
        owner = towns.get(one.municipality_id, "") if one.municipality_id else _("Servicecentrum")
        rows.append([
            Cell(one.name, url_for("items.item", uid=one.uid), note=one.uid),
            Cell(str(KINDS[one.deadline.kind])),
            Cell(one.deadline.day),
            Cell(left, level="late" if left < 0 else "warn" if left <= _SOON else ""),
            Cell(_class(one.class_key)), Cell(owner),
        ])  # fmt: skip
    return Sheet(title, columns, rows, _("de eerste eerst"))


def _class(key: str) -> str:
    spec = registry.classes().get(key)
    return _(spec.name) if spec else key


def _calendar(asked: Asked, known: Sequence[End], since: dt.date, town: int | None) -> Calendar:
    """The month that the address names, else that of the day; whole weeks from Monday.

    `known` is what ends from `since` on, for a year unless that is too much.
    """
    first, following = month_of(_month(asked))
    until = known[-1].deadline.day if len(known) == LIMIT else asked.day + _AHEAD
    if first < since or following > until:
        at = asked.at if asked.is_past else None
        known = ends(first, following - dt.timedelta(days=1), at, town, kinds=_AGREED)
    by_day: dict[dt.date, list[End]] = defaultdict(list)
    for one in known:
        by_day[one.deadline.day].append(one)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return Calendar(
        format_date(first, "MMMM y"),
        asked.url(month=f"{months_before(first, 1):%Y-%m}"),
        asked.url(month=f"{following:%Y-%m}"),
        [format_date(day, "EEEE") for day in weeks[0]],
        [[_day(day, first, asked.day, by_day[day]) for day in week] for week in weeks],
    )


def _month(asked: Asked) -> dt.date:
    try:
        month = dt.datetime.strptime(request.args.get("month", ""), "%Y-%m").replace(tzinfo=dt.UTC)
    except ValueError:
        return asked.day
    return month.date() if 1971 <= month.year <= 2198 else asked.day


def _day(day: dt.date, first: dt.date, today: dt.date, found: Sequence[End]) -> Day:
    shown = [
        (one.name, str(KINDS[one.deadline.kind]), url_for("items.item", uid=one.uid))
        for one in found[:_IN_A_DAY]
    ]
    return Day(day, day.month == first.month, day == today, shown, len(found) - len(shown))
