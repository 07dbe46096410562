"""The trend: the figures of a row of months, the finished ones kept."""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from cmdb.database import db
from cmdb.localtime import local
from cmdb.organisation import Municipality
from servicedesk.reports.figures import Question, Report, Tally, tallies
from servicedesk.reports.models import KeptMonth
from servicedesk.reports.periods import Period, around, months_since, months_until
from sla.models import Clock
from sla.terms import ServiceKind

ByKind = dict[ServiceKind, Tally]
Trend = list[tuple[Period, ByKind]]

_PRIORITIES = (1, 2, 3, 4)
# A breach may be noticed late, after a standstill of the worker: these are counted again each time.
_UNSETTLED = 2


def trend(
    question: Question, report: Report, municipalities: Sequence[Municipality], count: int
) -> Trend:
    """The tallies by kind of the `count` months up to the end of the period of `report`."""
    months = months_until(question.period.last, count)
    wanted = (
        [question.municipality_id] if question.municipality_id else [m.id for m in municipalities]
    )
    found = _kept(question, months, wanted)
    if months[-1] == question.period:
        found[months[-1]] = {kind: report.total(kind=kind) for kind in ServiceKind}
    if missing := [month for month in months if month not in found]:
        found = _counted(question, months_since(missing[0].first, missing[-1].first)) | found
    return [(month, found[month]) for month in months]


def keep(now: dt.datetime) -> int:
    """Count finished months that are not kept yet, and the last ones again; how many were."""
    earliest = db.session.scalar(sa.select(sa.func.min(Clock.started_at)))
    current = around(local(now).date(), "month")
    months = months_since(local(earliest).date(), current.shifted(-1).first) if earliest else []
    municipalities = db.session.scalars(sa.select(Municipality.id)).all()
    if not months or not municipalities:
        return 0
    kept = _kept(Question(current), months, municipalities)
    unkept = [month for month in months if month not in kept or month in months[-_UNSETTLED:]]
    span = months_since(unkept[0].first, unkept[-1].first)
    counted = tallies(Question(current), span)
    for slot, month in enumerate(span):
        if month in unkept:
            _keep(
                month,
                {key[1:]: tally for key, tally in counted.items() if key[0] == slot},
                municipalities,
            )
    return len(unkept)


def forget(municipality: Municipality) -> None:
    """Let the months of a municipality be counted anew: something was written into its past."""
    db.session.execute(sa.delete(KeptMonth).where(KeptMonth.municipality_id == municipality.id))


def _keep(
    month: Period, counted: dict[tuple[int, int, str], Tally], municipalities: Iterable[int]
) -> None:
    db.session.execute(sa.delete(KeptMonth).where(KeptMonth.first == month.first))
    db.session.add_all(
        KeptMonth(
            municipality_id=municipality_id,
            first=month.first,
            priority=priority,
            kind=kind.value,
            met=tally.met,
            breached=tally.breached,
        )
        for municipality_id, priority, kind in itertools.product(
            municipalities, _PRIORITIES, ServiceKind
        )
        for tally in [counted.get((municipality_id, priority, kind), Tally())]
    )
    db.session.flush()


def _kept(
    question: Question, months: Sequence[Period], municipalities: Collection[int]
) -> dict[Period, ByKind]:
    """What is kept of the months that are kept for all those municipalities."""
    statement = (
        sa.select(
            KeptMonth.first,
            KeptMonth.kind,
            sa.func.sum(KeptMonth.met),
            sa.func.sum(KeptMonth.breached),
            sa.func.count(KeptMonth.municipality_id.distinct()),
        )
        .where(
            KeptMonth.municipality_id.in_(municipalities),
            KeptMonth.first >= months[0].first,
            KeptMonth.first <= months[-1].first,
        )
        .group_by(KeptMonth.first, KeptMonth.kind)
    )
    if question.priority is not None:
        statement = statement.where(KeptMonth.priority == question.priority)
    found: dict[Period, ByKind] = defaultdict(_nothing)
    for first, kind, met, breached, there in db.session.execute(statement):
        if there == len(municipalities):
            found[around(first, "month")][ServiceKind(kind)] = Tally(met, breached)
    return dict(found)


def _counted(question: Question, months: Sequence[Period]) -> dict[Period, ByKind]:
    found = {month: _nothing() for month in months}
    for (slot, _, _, kind), tally in tallies(question, months).items():
        found[months[slot]][ServiceKind(kind)] += tally
    return found


def _nothing() -> ByKind:
    return dict.fromkeys(ServiceKind, Tally())
