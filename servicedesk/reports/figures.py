"""The figures of the report: how many clocks were met, breached, or still ran.

The rows of clocks tell how each stands now, and nearly always that is how it stood at the end of
the period: the counting statements look at nothing else and are answered by indexes. The few clocks
that were reopened, retargeted or withdrawn since are set right from their ledger (`standing`).
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, product

import sqlalchemy as sa

from cmdb.database import db
from cmdb.key_lists import batches
from cmdb.organisation import Municipality
from servicedesk.reports.periods import Period
from servicedesk.reports.standing import TURNS, Line, Now, Verdict, by_ledger, by_row
from sla.models import UNDECIDED, Clock, ClockEntry
from sla.terms import ServiceKind


@dataclass(frozen=True)
class Question:
    """What a report is about; None asks for all."""

    period: Period
    municipality_id: int | None = None
    priority: int | None = None
    kind: ServiceKind | None = None

    def narrowed(self, statement: sa.Select) -> sa.Select:
        """`statement` over clocks of the municipality and kind that are asked for."""
        if self.municipality_id is not None:
            statement = statement.where(Clock.municipality_id == self.municipality_id)
        if self.kind is not None:
            statement = statement.where(Clock.kind == self.kind)
        return statement


@dataclass(frozen=True)
class Tally:
    """How many clocks were met, breached and running."""

    met: int = 0
    breached: int = 0
    running: int = 0

    @property
    def decided(self) -> int:
        return self.met + self.breached

    @property
    def percentage(self) -> float | None:
        """Met of all that were decided, in one decimal, a half rounded up; None when none was."""
        if not self.decided:
            return None
        return (2000 * self.met + self.decided) // (2 * self.decided) / 10

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.met + other.met, self.breached + other.breached, self.running + other.running
        )


@dataclass(frozen=True)
class Row:
    """The tally of one municipality, priority and kind."""

    municipality: Municipality
    priority: int
    kind: ServiceKind
    tally: Tally


class Report:
    """The rows of a period, and their sums."""

    def __init__(self, rows: list[Row]):
        self.rows = rows
        self._sums: dict[tuple[int | None, int | None, str | None], Tally] = {}
        for row in rows:
            for key in product((row.municipality.id, None), (row.priority, None), (row.kind, None)):
                self._sums[key] = self._sums.get(key, Tally()) + row.tally

    def total(
        self,
        *,
        municipality_id: int | None = None,
        priority: int | None = None,
        kind: ServiceKind | None = None,
    ) -> Tally:
        """The sum over a municipality, a priority, a kind; None takes all of them."""
        return self._sums.get((municipality_id, priority, kind), Tally())


Key = tuple[int, int, int, str]
"""What is counted apart: the index of the period, municipality, priority and kind."""

_Counts = Counter[tuple[Key, Verdict]]


def sla_report(question: Question, municipalities: Iterable[Municipality]) -> Report:
    """The figures of a period.

    Args:
        municipalities: those that may occur, which the session's scope holds.
    """
    known = {municipality.id: municipality for municipality in municipalities}
    rows = [
        Row(known[municipality_id], priority, ServiceKind(kind), tally)
        for (_, municipality_id, priority, kind), tally in tallies(
            question, [question.period], with_running=True
        ).items()
    ]
    return Report(sorted(rows, key=lambda row: (row.municipality.name, row.priority, row.kind)))


def tallies(
    question: Question, periods: Sequence[Period], with_running: bool = False
) -> dict[Key, Tally]:
    """What each of some periods counts, all of which follow each other; nothing is left out.

    The period of `question` does not matter here. What runs is counted at the end of the last one.
    """
    counts = _counted(question, periods, with_running)
    _set_right(counts, question, periods, with_running)
    found: dict[Key, Tally] = {}
    for (key, verdict), count in counts.items():
        if count and question.priority in (None, key[2]):
            found[key] = found.get(key, Tally()) + Tally(**{verdict.value: count})
    return found


def _counted(question: Question, periods: Sequence[Period], with_running: bool) -> _Counts:
    """Counts by row alone, over periods that follow each other; the slot is the period's index."""
    statements = [
        _decided(question, periods, Verdict.MET, Clock.stopped_at).where(
            Clock.breached_at.is_(None)
        ),
        _decided(question, periods, Verdict.BREACHED, Clock.breached_at),
    ]
    if with_running:
        statements += _running(question, periods[-1].end, len(periods) - 1)
    united = sa.union_all(*statements).subquery()
    counts: _Counts = Counter()
    for verdict, slot, municipality_id, priority, kind, count in db.session.execute(
        sa.select(united)
    ):
        counts[(slot, municipality_id, priority, kind), Verdict(verdict)] += count
    return counts


def _decided(question: Question, periods: Sequence[Period], verdict: Verdict, at) -> sa.Select:
    slot = _slot(at, [period.end for period in periods[:-1]])
    inside = (at >= periods[0].start, at < periods[-1].end)
    return _grouped(question, verdict, slot).where(*inside)


def _running(question: Question, end: dt.datetime, slot: int) -> list[sa.Select]:
    """Clocks that ran or paused at `end`: undecided still, or decided since."""
    ran = _grouped(question, Verdict.RUNNING, sa.literal(slot)).where(Clock.started_at < end)
    return [
        ran.where(UNDECIDED),
        ran.where(Clock.stopped_at >= end, Clock.breached_at.is_(None)),
        ran.where(Clock.breached_at >= end),
    ]


def _grouped(question: Question, verdict: Verdict, slot) -> sa.Select:
    by = (Clock.municipality_id, Clock.priority, Clock.kind)
    named = sa.literal(verdict.value).label("verdict")
    statement = sa.select(named, slot.label("slot"), *by, sa.func.count().label("count"))
    return question.narrowed(statement).group_by("slot", *by)


def _slot(at, ends: Sequence[dt.datetime]):
    """How many of `ends`, which are in order, lie at or before `at`."""
    if not ends:
        return sa.literal(0)
    return sa.case(*((at < end, index) for index, end in enumerate(ends)), else_=len(ends))


def _set_right(
    counts: _Counts, question: Question, periods: Sequence[Period], with_running: bool
) -> None:
    """Count each clock that turned since the end of a period as it stood then."""
    last = len(periods) - 1
    for (municipality_id, kind), now, lines in _turned(question, [p.end for p in periods]):
        for slot, period in enumerate(periods):
            was = by_ledger(lines, now.breached_at, period.start, period.end)
            counted = by_row(now, period.start, period.end)
            for standing, change in ((counted, -1), (was, 1)):
                if standing is None:
                    continue
                if standing[1] != Verdict.RUNNING or (with_running and slot == last):
                    counts[(slot, municipality_id, standing[0], kind), standing[1]] += change


def _turned(question: Question, ends: list[dt.datetime]):
    """Clocks that began before one of `ends` and turned after it: their row and their ledger."""
    turned = (
        sa.select(ClockEntry.clock_id)
        .distinct()
        .join(Clock, Clock.id == ClockEntry.clock_id)
        .where(
            ClockEntry.event.in_(
                sa.bindparam("turns", TURNS, expanding=True, literal_execute=True)
            ),
            ClockEntry.at >= ends[0],
            _slot(ClockEntry.at, ends) != _slot(Clock.started_at, ends),
        )
    )
    # As one statement, a planner that takes the ledger for empty would join it thrice, in loops.
    keys = db.session.scalars(question.narrowed(turned).order_by(ClockEntry.clock_id)).all()
    clock = (Clock.state, Clock.priority, Clock.started_at, Clock.stopped_at, Clock.breached_at)
    line = (ClockEntry.at, ClockEntry.event, ClockEntry.priority)
    statement = (
        sa.select(Clock.id, Clock.municipality_id, Clock.kind, *clock, *line)
        .join(ClockEntry, ClockEntry.clock_id == Clock.id)
        .order_by(Clock.id, ClockEntry.sequence)
    )
    for some in batches(keys):
        found = db.session.execute(statement.where(Clock.id.in_(some)))
        for _, group in groupby(found, key=lambda row: row[0]):
            rows = list(group)
            yield rows[0][1:3], Now(*rows[0][3:8]), [Line(*row[8:]) for row in rows]
