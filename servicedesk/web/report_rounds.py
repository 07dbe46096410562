"""The report on how far the rounds of confirmation are."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from flask_babel import ngettext

from servicedesk.language import gettext as _
from servicedesk.reports.rounds import Progress, progress
from servicedesk.reports.sheets import Cell, Column, Sheet, Show
from servicedesk.web.item_report import Asked, Report

_GOOD, _POOR = 90, 50  # percent


def report(asked: Asked) -> Report:
    found = progress(asked.day, asked.at, {asked.chosen.id} if asked.chosen else None)
    total, done = sum(one.asked for one in found), sum(one.done for one in found)
    if total:
        summary = ngettext(
            "%(done)s van %(num)d gevraagd object bevestigd.",
            "%(done)s van %(num)d gevraagde objecten bevestigd.",
            total,
            done=done,
        )
    else:
        summary = _("Er is nog niemand gevraagd om objecten te bevestigen.")
    explanation = [
        _("Van elke beheerder telt de ronde die het laatst begon."),
        _("Gekozen wordt op risico: hoogste BIV-niveau × maanden sinds de laatste bevestiging ×"
          " storingen in 90 dagen × tegenspraak van inventarisaties en mogelijke dubbelen."),
    ]  # fmt: skip
    return Report(summary, [_managers(found), _owners(asked, found)], explanation)


def _managers(found: Iterable[Progress]) -> Sheet:
    groups: dict[Hashable, list[Progress]] = defaultdict(list)
    for one in found:
        groups[one.manager, one.began_on].append(one)
    rows = [
        [Cell(manager), Cell(began_on), *_figures(several)]
        for (manager, began_on), several in groups.items()
    ]
    columns = [Column(_("Beheerder")), Column(_("Ronde begonnen op"), Show.DATE), *_columns()]
    return Sheet(_("Per beheerder"), columns, rows)


def _owners(asked: Asked, found: Iterable[Progress]) -> Sheet:
    groups: dict[Hashable, list[Progress]] = defaultdict(list)
    for one in found:
        groups[one.owner_id].append(one)
    names = [(town.id, town.name) for town in asked.municipalities]
    rows = [
        [Cell(name), *_figures(groups[key])]
        for key, name in (*names, (None, _("Servicecentrum")))
        if key in groups
    ]
    return Sheet(_("Per gemeente"), [Column(_("Eigenaar")), *_columns()], rows)


def _columns() -> list[Column]:
    return [
        Column(_("Gevraagd"), Show.NUMBER), Column(_("Bevestigd"), Show.NUMBER),
        Column(_("Gedaan"), Show.PERCENT), Column(_("Verbeterd"), Show.NUMBER),
    ]  # fmt: skip


def _figures(several: Sequence[Progress]) -> list[Cell]:
    asked, done = sum(one.asked for one in several), sum(one.done for one in several)
    percent = 100 * done // asked
    level = "good" if percent >= _GOOD else "late" if percent < _POOR else "warn"
    corrected = sum(one.corrected for one in several)
    return [Cell(asked), Cell(done), Cell(percent, level=level), Cell(corrected)]
