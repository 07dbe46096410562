"""The report on how complete and how fresh the register is, by class, municipality and manager."""

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping

import sqlalchemy as sa

from cmdb import registry
from cmdb.database import db
from cmdb.people import Person
from servicedesk.inventory import fields
from servicedesk.language import gettext as _
from servicedesk.reports import quality
from servicedesk.reports.quality import Quality
from servicedesk.reports.sheets import Cell, Column, Sheet, Show
from servicedesk.web.item_report import Asked, Report
from servicedesk.web.numbers import count

_GOOD, _POOR = 85, 60  # percent
Filters = Mapping[str, str]


def report(asked: Asked) -> Report:
    chosen = asked.chosen.id if asked.chosen and asked.sees_all else None
    found = quality.qualities(asked.day, asked.at if asked.is_past else None, chosen)
    sheets = [_classes(asked, found), _owners(asked, found), _managers(asked, found)]
    total = quality.together(found)
    if not total.items:
        return Report(_("Er zijn nog geen objecten."), sheets)
    summary = _(
        "%(items)s objecten, gemiddeld %(percent)s%% volledig. %(fresh)s%% is in het laatste jaar"
        " bevestigd.",
        items=count(total.items),
        percent=total.percent // total.items,
        fresh=_fresh(total),
    )
    return Report(summary, sheets, _explanation())


def _explanation() -> list[str]:
    counted = [
        f"{_(spec.name)}: {', '.join(one.label.lower() for one in known)}."
        for spec in sorted(registry.classes().values(), key=lambda spec: _(spec.name))
        if not spec.is_abstract and (known := fields.named(spec.counted, spec.key))
    ]
    return [
        _("Volledig is het deel van de velden dat is ingevuld, in procenten en naar beneden"
          " afgerond. Welke velden tellen, verschilt per soort."),
        _("Vers is wat iemand in het laatste jaar heeft bevestigd."),
        _("Afgevoerde objecten tellen niet mee."),
        *counted,
    ]  # fmt: skip


def _fresh(one: Quality) -> int:
    return 100 * (one.items - one.stale - one.never) // one.items


def _classes(asked: Asked, found: Iterable[Quality]) -> Sheet:
    specs = registry.classes()
    groups = quality.by(found, "class_key")
    names = {key: _(specs[key].name) if key in specs else str(key) for key in groups}
    return _sheet(asked, _("Per soort"), _("Soort"), groups, names, lambda key: {"class": key})


def _owners(asked: Asked, found: Iterable[Quality]) -> Sheet:
    groups = quality.by(found, "owner_id")
    names: dict[Hashable, str] = {town.id: town.name for town in asked.municipalities}
    names[None] = _("Servicecentrum")

    def chosen(key: Hashable) -> Filters:
        return {"owner.empty": "1"} if key is None else {"owner.is": names[key]}

    return _sheet(asked, _("Per gemeente"), _("Eigenaar"), groups, names, chosen)


def _managers(asked: Asked, found: Iterable[Quality]) -> Sheet:
    groups = quality.by(found, "manager_id")
    keys = [key for key in groups if key is not None]
    people = sa.select(Person.id, Person.name, Person.login).where(Person.id.in_(keys))
    names: dict[Hashable, str] = {None: _("Niemand")}
    logins: dict[Hashable, str] = {}
    for key, name, login in db.session.execute(people):
        names[key], logins[key] = name, login

    def chosen(key: Hashable) -> Filters:
        if key is None:
            return {"manager.empty": "1"}
        namesakes = sum(name == names.get(key) for name in names.values()) > 1
        return {"manager.is": logins[key] if namesakes else names[key]}

    return _sheet(asked, _("Per beheerder"), _("Beheerder"), groups, names, chosen)


def _sheet(
    asked: Asked,
    title: str,
    head: str,
    groups: Mapping[Hashable, Quality],
    names: Mapping[Hashable, str],
    chosen: Callable[[Hashable], Filters],
) -> Sheet:
    keys = sorted((key for key in groups if key in names), key=lambda key: names[key].lower())
    rows = [_row(asked, names[key], groups[key], chosen(key)) for key in keys]
    total = quality.together(groups[key] for key in keys)
    columns = [
        Column(head), Column(_("Objecten"), Show.NUMBER), Column(_("Volledig"), Show.PERCENT),
        Column(_("Onvolledig"), Show.NUMBER), Column(_("Vers"), Show.PERCENT),
        Column(_("Te lang geleden"), Show.NUMBER), Column(_("Nooit bevestigd"), Show.NUMBER),
    ]  # fmt: skip
    return Sheet(
        title, columns, rows, total=_row(asked, _("Totaal"), total, {}) if len(rows) > 1 else None
    )


def _row(asked: Asked, name: str, one: Quality, chosen: Filters) -> list[Cell]:
    """The figures of a row, each with the list of the very items that it counts."""
    town = {"municipality": str(asked.chosen.id)} if asked.chosen and asked.sees_all else {}
    shown = {"status.not": "retired", **town, **chosen}

    def counted(number: int, **narrowed: str) -> Cell:
        if not number:
            return Cell(None)
        return Cell(number, asked.list_url(**shown, **narrowed))

    limit = {"confirmed_on.before": _date(quality.since(asked.day))}
    return [
        Cell(name),
        counted(one.items),
        _share(one.percent // one.items),
        counted(one.incomplete, **{"completeness.lt": "100"}),
        _share(_fresh(one)),
        counted(one.stale, **limit),
        counted(one.never, **{"confirmed_on.empty": "1"}),
    ]


def _share(percent: int) -> Cell:
    level = "good" if percent >= _GOOD else "late" if percent < _POOR else "warn"
    return Cell(percent, level=level)


def _date(day: dt.date) -> str:
    return f"{day:%d-%m-%Y}"
