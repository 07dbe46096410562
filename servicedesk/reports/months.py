"""The trend: the figures of a row of months, the finished ones kept."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from cmdb.database import db
from cmdb.localtime import local
from cmdb.organisation import Municipality
from servicedesk.reports.figures import Key, Question, Report, Tally, tallies
from servicedesk.reports.models import KeptMonth
from servicedesk.reports.periods import Period, around, months_since, months_until
from sla.models import Clock
from sla.terms import ServiceKind

Trend = list[tuple[Period, dict[ServiceKind, Tally]]]

# A breach may be noticed late, after a standstill of the worker: these are counted again each time.
_UNSETTLED = 2


def trend(
    question: Question, report: Report, municipalities: Sequence[Municipality], count: int
) -> Trend:
    """The tallies by kind of the `count` months up to the end of the period of `report`."""
    months = months_until(question.period.last, count)
    wanted = [question.municipality_id] if question.municipality_id else [m.id for m in municipalities]
    kept = _kept(months, wanted)
    found: dict[Period, list[tuple[int, str, Tally]]] = kept.copy()
    if months[-1] == question.period:
        found[months[-1]] = [(row.priority, row.kind, row.tally) for row in report.rows]
    missing = [month for month in months if month not in found]
    if missing:
        span = [month for month in months if missing[0].first <= month.first <= missing[-1].first]
        counted = _by_month(tallies(question, span), span)
        found |= {month: counted[month] for month in missing}
    return [(month, _by_kind(question, found[month])) for month in months]


def keep(now: dt.datetime) -> int:
    """Count finished months that are not kept yet, and the last ones again; how many were."""
    earliest = db.session.scalar(sa.select(sa.func.min(Clock.started_at)))
    current = around(local(now).date(), "month")
    months = months_since(local(earliest).date(), current.shifted(-1).first) if earliest else []
    municipalities = db.session.scalars(sa.select(Municipality.id)).all()
    kept = _kept(months, municipalities)
    unkept = [month for month in months if month not in kept or month in months[-_UNSETTLED:]]
    if not unkept:
        return 0
    span = [month for month in months if month.first >= unkept[0].first]
    counted = _by_month_and_municipality(tallies(Question(span[-1]), span), span)
    for month in unkept:
        for municipality_id in municipalities:
            _keep(municipality_id, month, counted[month, municipality_id])
    db.session.flush()
    return len(unkept)


def forget(municipality: Municipality) -> None:
    """Let the months of a municipality be counted anew: something was written into its past."""
    db.session.execute(sa.delete(KeptMonth).where(KeptMonth.municipality_id == municipality.id))


def _keep(municipality_id: int, month: Period, rows: list[tuple[int, str, Tally]]) -> None:
    written = sorted([priority, kind, tally.met, tally.breached] for priority, kind, tally in rows)
    found = db.session.get(KeptMonth, (municipality_id, month.first))
    if found is None:
        found = KeptMonth(municipality_id=municipality_id, first=month.first, tallies=written)
        db.session.add(found)
    elif found.tallies != written:
        found.tallies = written


def _kept(
    months: Sequence[Period], municipalities: Iterable[int]
) -> dict[Period, list[tuple[int, str, Tally]]]:
    """What is kept of the months that are kept for all those municipalities."""
    wanted = set(municipalities)
    rows = db.session.execute(
        sa.select(KeptMonth.first, KeptMonth.municipality_id, KeptMonth.tallies).where(
            KeptMonth.first.in_([month.first for month in months]),
            KeptMonth.municipality_id.in_(wanted),
        )
    ).all()
    there, found = defaultdict(set), defaultdict(list)
    for first, municipality_id, lines in rows:
        there[first].add(municipality_id)
        found[first] += [(priority, kind, Tally(met, late)) for priority, kind, met, late in lines]
    return {month: found[month.first] for month in months if there[month.first] == wanted}


def _by_month(counted: dict[Key, Tally], span: Sequence[Period]):
    found = {month: [] for month in span}
    for (slot, _, priority, kind), tally in counted.items():
        found[span[slot]].append((priority, kind, tally))
    return found


def _by_month_and_municipality(counted: dict[Key, Tally], span: Sequence[Period]):
    found = defaultdict(list)
    for (slot, municipality_id, priority, kind), tally in counted.items():
        found[span[slot], municipality_id].append((priority, kind, tally))
    return found


def _by_kind(question: Question, rows: Iterable[tuple[int, str, Tally]]) -> dict[ServiceKind, Tally]:
    sums = dict.fromkeys(ServiceKind, Tally())
    for priority, kind, tally in rows:
        if question.priority in (None, priority) and question.kind in (None, kind):
            sums[ServiceKind(kind)] += tally
    return sums
