"""The report on who has what, where it is hosted, and what it costs whom."""

from collections import Counter
from collections.abc import Sequence

from flask_babel import format_date

from cmdb import registry
from cmdb.items import Hosting
from servicedesk.language import gettext as _
from servicedesk.reports.holdings import Holding, holdings
from servicedesk.reports.sheets import Cell, Column, Sheet, Show
from servicedesk.tickets import labels
from servicedesk.web.item_report import Asked, Report
from servicedesk.web.numbers import count, euros


def report(asked: Asked) -> Report:
    keys = {asked.chosen.id} if asked.chosen else None
    found = holdings(asked.day, asked.at, keys)
    shown = [_payers(asked, found), _hosted(asked, found), _kinds(asked, found)]
    if not asked.chosen:
        shown.insert(2, _owners(asked, found))
    return Report(_summary(found), shown, _explanation())


def _summary(found: Sequence[Holding]) -> str:
    return _(
        "%(own)s objecten. Kosten per jaar: %(costs)s.",
        own=count(sum(one.own for one in found)),
        costs=euros(sum(one.yearly for one in found)),
    )


def _explanation() -> list[str]:
    return [
        _("De kosten van een gedeeld object worden verdeeld naar het afgesproken deel (per mille)."),
        _("In een maand telt een deel voor het aantal dagen dat het gold."),
        _("Hele centen: wie het grootste restant heeft, krijgt de cent die over is. De delen"
          " tellen dus precies op tot het geheel."),
        _("Wat niet is verdeeld, betaalt de eigenaar. Afgevoerde objecten tellen niet mee."),
    ]  # fmt: skip


def _payers(asked: Asked, found: Sequence[Holding]) -> Sheet:
    own, shared, yearly, month = (Counter() for _part in range(4))
    for one in found:
        own[one.municipality_id] += one.own
        shared[one.municipality_id] += one.shared
        yearly[one.municipality_id] += one.yearly
        month[one.municipality_id] += one.month
    rows = [
        [
            Cell(name, _town(asked, key)),
            *(Cell(counter[key]) for counter in (own, shared, yearly, month)),
        ]
        for key, name in _names(asked)
        if own[key] or shared[key] or yearly[key]
    ]
    sums = [Cell(sum(counter.values())) for counter in (own, shared, yearly, month)]
    columns = [
        Column(_("Gemeente")),
        Column(_("Eigen objecten"), Show.NUMBER),
        Column(_("Gedeeld gebruik"), Show.NUMBER),
        Column(_("Kosten per jaar"), Show.CENTS),
        Column(_("Kosten in %(month)s", month=format_date(asked.day, "MMMM y")), Show.CENTS),
    ]
    sums[1] = Cell(None)  # one item that two share is no two items
    total = [Cell(_("Totaal")), *sums] if len(rows) > 1 else None
    return Sheet(_("Wat heeft en betaalt elke gemeente?"), columns, rows, total=total)


def _hosted(asked: Asked, found: Sequence[Holding]) -> Sheet:
    """What each pays of a year, by where it is hosted."""
    costs: Counter[tuple[int | None, Hosting]] = Counter()
    for one in found:
        costs[one.municipality_id, one.hosting] += one.yearly
    rows = [
        [Cell(name), *(Cell(each) for each in parts), Cell(sum(parts))]
        for key, name in _names(asked)
        if sum(parts := [costs[key, hosting] for hosting in Hosting])
    ]
    sums = [sum(row[at].value for row in rows) for at in range(1, len(Hosting) + 2)]
    total = [Cell(_("Totaal")), *map(Cell, sums)] if len(rows) > 1 else None
    columns = [
        Column(_("Gemeente")),
        *(Column(str(labels.HOSTING[hosting]), Show.CENTS) for hosting in Hosting),
        Column(_("Totaal"), Show.CENTS),
    ]
    return Sheet(_("Wat kost waar het draait?"), columns, rows, _("per jaar"), total)


def _owners(asked: Asked, found: Sequence[Holding]) -> Sheet:
    """Class by municipality: what each owns or uses."""
    numbers: Counter[tuple[int | None, str]] = Counter()
    for one in found:
        numbers[one.municipality_id, one.class_key] += one.own + one.shared
    towns = [(key, name) for key, name in _names(asked) if key is not None]
    rows = [
        [
            Cell(name, asked.list_url(**{"class": key})),
            *(
                Cell(n, asked.list_url(**{"class": key}, municipality=town)) if n else Cell(None)
                for town, _name in towns
                for n in [numbers[town, key]]
            ),
        ]
        for key, name in _classes(found)
    ]
    columns = [Column(_("Soort")), *(Column(name, Show.NUMBER) for _key, name in towns)]
    return Sheet(_("Wie heeft wat?"), columns, rows, _("eigen en gedeeld samen"))


def _kinds(asked: Asked, found: Sequence[Holding]) -> Sheet:
    """Class by hosting, with the costs; over all municipalities each item counts once."""
    numbers: Counter[tuple[str, Hosting]] = Counter()
    costs: Counter[str] = Counter()
    for one in found:
        numbers[one.class_key, one.hosting] += one.own + (one.shared if asked.chosen else 0)
        costs[one.class_key] += one.yearly
    town = {"municipality": asked.chosen.id} if asked.chosen else {}
    rows = []
    for key, name in _classes(found):
        cells = [
            Cell(n, asked.list_url(**{"class": key}, hosting=hosting.value, **town))
            if (n := numbers[key, hosting])
            else Cell(None)
            for hosting in Hosting
        ]
        rows.append(
            [Cell(name, asked.list_url(**{"class": key}, **town)), *cells, Cell(costs[key])]
        )
    columns = [
        Column(_("Soort")),
        *(Column(str(labels.HOSTING[hosting]), Show.NUMBER) for hosting in Hosting),
        Column(_("Kosten per jaar"), Show.CENTS),
    ]
    sums = [Cell(sum(n for key, n in numbers.items() if key[1] == hosting)) for hosting in Hosting]
    total = [Cell(_("Totaal")), *sums, Cell(sum(costs.values()))]
    return Sheet(_("Soorten objecten en waar ze draaien"), columns, rows, total=total)


def _classes(found: Sequence[Holding]) -> list[tuple[str, str]]:
    """The classes that there are, by name."""
    specs = registry.classes()
    keys = {one.class_key for one in found}
    pairs = [(key, _(specs[key].name) if key in specs else key) for key in keys]
    return sorted(pairs, key=lambda pair: pair[1].lower())


def _names(asked: Asked) -> list[tuple[int | None, str]]:
    if asked.chosen:
        return [(asked.chosen.id, asked.chosen.name)]
    towns = [(town.id, town.name) for town in asked.municipalities]
    return [*towns, (None, _("Servicecentrum"))]


def _town(asked: Asked, key: int | None) -> str:
    return asked.list_url(municipality=key) if key else ""
