"""The reports on applications side by side, and on licences that were bought and are used."""

from collections import defaultdict

from flask import url_for
from flask_babel import ngettext

from servicedesk.language import gettext as _
from servicedesk.reports.portfolio import Licence, Use, licences, uses
from servicedesk.reports.sheets import Cell, Column, Sheet, Show
from servicedesk.web.item_report import Asked, Report


def applications(asked: Asked) -> Report:
    """Domain and reference component by municipality: product and version."""
    towns = [asked.chosen] if asked.chosen else list(asked.municipalities)
    by_place: dict[tuple[str, str], dict[int, list[Use]]] = defaultdict(lambda: defaultdict(list))
    for use in uses(asked.day, asked.at, [town.id for town in towns]):
        by_place[use.domain, use.component][use.municipality_id].append(use)
    rows = []
    for (domain, component), found in sorted(by_place.items()):
        where = {"class": "application", "reference_component.is": component}
        address = asked.list_url(**where) if component else ""
        cells = [Cell(_products(found[town.id])) for town in towns]
        rows.append([Cell(component or _("onbekend"), address), Cell(domain), *cells])
    named = [Column(town.name, named=True) for town in towns]
    columns = [Column(_("Referentiecomponent")), Column(_("Domein")), *named]
    sheet = Sheet(_("Applicaties naast elkaar"), columns, rows, _("product en versie"))
    return Report(_("%(n)s referentiecomponenten in gebruik.", n=len(rows)), [sheet])


def _products(found: list[Use]) -> str:
    return ", ".join(sorted({f"{use.product} {use.version}".strip() for use in found} - {""}))


def licence_position(asked: Asked) -> Report:
    """What was bought beside what is used."""
    found = licences(asked.at)
    short = sum(_is_short(one) for one in found)
    summary = ngettext(
        "%(num)d licentie met een tekort.", "%(num)d licenties met een tekort.", short
    )
    columns = [
        Column(_("Licentie")), Column(_("Product")), Column(_("Licentie per")),
        Column(_("Gekocht"), Show.NUMBER), Column(_("Gebruikt"), Show.NUMBER),
        Column(_("Toegewezen"), Show.NUMBER), Column(_("Over"), Show.NUMBER),
        Column(_("Objecten"), Show.NUMBER),
        Column(_("Eindigt op"), Show.DATE),
    ]  # fmt: skip
    sheet = Sheet(_("Gekocht en gebruikt"), columns, [_line(one) for one in found])
    explanation = [
        _("Toegewezen is wat de objecten onder de licentie nodig hebben: het aantal dat bij het"
          " object staat, anders een. Alleen bij licenties per kern, processor of apparaat."),
        _("Over is gekocht min wat is gebruikt of toegewezen, het hoogste telt. Onder nul zijn er"
          " te weinig licenties."),
        _("Objecten zijn de objecten die volgens het register onder de licentie vallen."),
    ]  # fmt: skip
    return Report(summary, [sheet], explanation)


def _line(one: Licence) -> list[Cell]:
    return [
        Cell(one.name, url_for("items.item", uid=one.uid), note=one.uid),
        Cell(one.product),
        Cell(one.metric),
        Cell(one.bought),
        Cell(one.used),
        Cell(one.assigned),
        Cell(one.left, level="late" if _is_short(one) else ""),
        Cell(one.items),
        Cell(one.ends_on),
    ]


def _is_short(one: Licence) -> bool:
    return one.left is not None and one.left < 0
