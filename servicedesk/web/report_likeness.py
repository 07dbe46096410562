"""The report on how alike municipalities are: a score per function, and who does otherwise."""

from cmdb import registry, uniformity
from servicedesk.language import gettext as _
from servicedesk.reports.likeness import Likeness, likenesses
from servicedesk.reports.sheets import Cell, Column, Sheet, Show
from servicedesk.web.item_report import Asked, Report

_GOOD, _POOR = 90, 60
_NAMED = 3  # of the values that one municipality has besides the usual


def report(asked: Asked) -> Report:
    found = likenesses(asked.day, asked.at)
    score = uniformity.overall([one.result for one in found])
    if score is None:
        summary = _("Er is nog niets om te vergelijken.")
    else:
        summary = _("Gelijkheid over alle functies: %(score)s%%.", score=score)
    rows = [_row(asked, one) for one in found]
    note = _("de minst gelijke functies eerst")
    rows.sort(key=lambda row: row[3].value)
    sheet = Sheet(_("Waarin lijken de gemeenten op elkaar?"), _columns(asked), rows, note)
    return Report(summary, [sheet], _explanation())


def _explanation() -> list[str]:
    return [
        _("Gebruikelijk is wat het grootste deel van de gemeenten heeft. De score is dat deel in"
          " procenten, naar beneden afgerond."),
        _("Voorbeeld: 5 van de 6 gemeenten hebben hetzelfde product. De score is 83%."),
        _("Een gemeente met verschillende apparaten telt naar verhouding mee: 3 van de 4 van het"
          " gebruikelijke merk is driekwart gemeente. Groot of klein maakt niet uit."),
        _("De score over alle functies is het gemiddelde van alle regels."),
    ]  # fmt: skip


def _columns(asked: Asked) -> list[Column]:
    return [
        Column(_("Functie")),
        Column(_("Kenmerk")),
        Column(_("Gebruikelijk") if not asked.chosen else asked.chosen.name),
        Column(_("Score"), Show.PERCENT),
        Column(_("Gemeenten"), Show.NUMBER),
        Column(_("Wijkt af")),
    ]


def _row(asked: Asked, one: Likeness) -> list[Cell]:
    score = one.result.percent
    level = "good" if score >= _GOOD else "late" if score < _POOR else "warn"
    return [
        Cell(_function(one), asked.list_url(**_filters(one))),
        Cell(_aspect(one)),
        Cell(_usual(asked, one)),
        Cell(score, level=level),
        Cell(one.result.municipalities),
        Cell(_outliers(asked, one)),
    ]


def _usual(asked: Asked, one: Likeness) -> str:
    """What is usual, or what the chosen municipality has: of others nothing is told."""
    if not asked.chosen:
        return one.result.usual
    return _listed(one.counts.get(asked.chosen.id, {}))


def _outliers(asked: Asked, one: Likeness) -> str:
    if asked.chosen:
        if asked.chosen.id not in one.counts:
            return _("heeft dit niet")
        return _("ja") if asked.chosen.id in one.result.outliers else _("nee")
    names = {town.id: town.name for town in asked.municipalities}
    return "; ".join(
        f"{names[key]}: {_listed(values)}"
        for key, values in sorted(one.result.outliers.items(), key=lambda pair: names[pair[0]])
    )


def _listed(values: dict[str, int]) -> str:
    most_first = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
    words = [value if n == 1 else f"{value} ({n})" for value, n in most_first]
    if len(words) > _NAMED:
        words[_NAMED:] = [_("en %(n)s andere", n=len(words) - _NAMED)]
    return ", ".join(words)


def _function(one: Likeness) -> str:
    return one.function or _(registry.classes()[one.class_key].name)


def _filters(one: Likeness) -> dict[str, str]:
    narrowed = {"reference_component.is": one.function} if one.function else {}
    return {"class": one.class_key} | narrowed


def _aspect(one: Likeness) -> str:
    """The label of an attribute, or the word for what is referred to."""
    referred = {"supplier": _("Leverancier"), "contract": _("Contract")}
    if word := referred.get(one.aspect):
        return word
    return _(registry.classes()[one.class_key].attribute(one.aspect).label)
