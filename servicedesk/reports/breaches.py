"""The breaches of a period one by one: how late each was, and what it waited for."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, load_only

from cmdb.database import db
from servicedesk.reports.figures import Question
from servicedesk.tickets.models import Category, Entry, Ticket
from servicedesk.tickets.workflow import WaitingFor
from sla import watch
from sla.clock import BREACH
from sla.hours import Timeline
from sla.instants import to_epoch
from sla.models import Clock, ClockEntry, ClockEvent
from sla.terms import ServiceKind

Place = tuple[dt.datetime, int]
"""Where a list goes on: the moment of a breach, and the key of its clock."""

# A page needs one statement; a file may hold more tickets than a statement holds parameters.
_AT_ONCE = 5000


@dataclass(frozen=True)
class Breach:
    """One breach; durations in service seconds.

    `priority` and `due_at` are those at the end of the period. `late` is what was used beyond the
    target that was broken, until the clock stopped or now. `waits` holds how long the ticket waited
    for what, before that same moment.
    """

    clock_id: int
    ticket: Ticket
    kind: ServiceKind
    priority: int
    due_at: dt.datetime | None
    breached_at: dt.datetime
    late: int
    waits: dict[WaitingFor, int]

    @property
    def place(self) -> Place:
        return self.breached_at, self.clock_id


@dataclass(frozen=True)
class Topic:
    """How often a category was asked about in the period and in the one before.

    `late` are those of the period whose promised solution was late in it; or the promised response,
    when the question is about that.
    """

    name: str
    filed: int
    filed_before: int
    late: int


def breaches(
    question: Question,
    now: dt.datetime,
    *,
    after: Place | None = None,
    before: Place | None = None,
    limit: int | None = None,
) -> list[Breach]:
    """The breaches of a period, newest first: the next after a place, or the last before one."""
    statement = _statement(question)
    place = sa.tuple_(Clock.breached_at, Clock.id)
    newest_first = (Clock.breached_at.desc(), Clock.id.desc())
    if after is not None:
        statement = statement.where(place < sa.tuple_(*after))
    if before is not None:
        statement = statement.where(place > sa.tuple_(*before))
        newest_first = (Clock.breached_at, Clock.id)
    statement = statement.order_by(*newest_first).limit(limit)
    found = db.session.execute(statement).all()
    if before is not None:
        found.reverse()
    story = _story(sorted({ticket.id for _, ticket, *_ in found}))
    return [
        _breach(clock, ticket, story[ticket.id], now, *facts) for clock, ticket, *facts in found
    ]


def topics(question: Question) -> list[Topic]:
    """The categories of what was filed in a period, the most asked about first."""
    start, end = question.period.start, question.period.end
    within = Ticket.created_at >= start
    broken = (
        (_CLOCK[question.kind or ServiceKind.RESOLUTION] == Clock.id)
        & (Clock.breached_at >= start)
        & (Clock.breached_at < end)
    )
    statement = (
        sa.select(
            Category.name,
            sa.func.count(sa.case((within, 1))),
            sa.func.count(sa.case((~within, 1))),
            sa.func.count(sa.case((within, Clock.id))),
        )
        .select_from(Ticket)
        .join(Category, Category.id == Ticket.category_id)
        .outerjoin(Clock, broken)
        .where(Ticket.created_at >= question.period.shifted(-1).start, Ticket.created_at < end)
        .group_by(Category.name)
    )
    if question.municipality_id is not None:
        statement = statement.where(Ticket.municipality_id == question.municipality_id)
    if question.priority is not None:
        statement = statement.where(Ticket.priority == question.priority)
    found = (Topic(*row) for row in db.session.execute(statement))
    return sorted((topic for topic in found if topic.filed), key=lambda t: (-t.filed, t.name))


_CLOCK = {
    ServiceKind.RESPONSE: Ticket.response_clock_id,
    ServiceKind.RESOLUTION: Ticket.resolution_clock_id,
}


def _statement(question: Question) -> sa.Select:
    end = question.period.end
    priority, due_at = _last_line(ClockEntry.priority, end), _last_line(ClockEntry.due_at, end)
    statement = (
        sa.select(Clock, Ticket, priority, due_at, ClockEvent.target_seconds)
        .join(Ticket, sa.or_(*(column == Clock.id for column in _CLOCK.values())))
        .join(ClockEvent, (ClockEvent.clock_id == Clock.id) & (ClockEvent.threshold == BREACH))
        .options(
            load_only(
                Clock.municipality_id,
                Clock.kind,
                Clock.breached_at,
                Clock.stopped_at,
                Clock.elapsed_seconds,
                Clock.running_since,
                Clock.calendar_id,
            ),
            load_only(
                Ticket.municipality_id,
                Ticket.number,
                Ticket.external_id,
                Ticket.title,
                Ticket.handoffs,
            ),
            joinedload(Clock.calendar),
            joinedload(Ticket.municipality),
        )
        .where(Clock.breached_at >= question.period.start, Clock.breached_at < end)
    )
    if question.priority is not None:
        statement = statement.where(priority == question.priority)
    return question.narrowed(statement)


def _last_line(column, end: dt.datetime):
    """What the last line of the ledger before `end` holds."""
    return (
        sa.select(column)
        .where(ClockEntry.clock_id == Clock.id, ClockEntry.at < end)
        .order_by(ClockEntry.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )


def _story(tickets: Sequence[int]) -> dict[int, list[tuple[dt.datetime, str | None]]]:
    """By ticket, when its state changed and what it waited for from then, in order."""
    story = defaultdict(list)
    for start in range(0, len(tickets), _AT_ONCE):
        rows = db.session.execute(
            sa.select(Entry.ticket_id, Entry.at, Entry.change)
            .where(Entry.ticket_id.in_(tickets[start : start + _AT_ONCE]))
            .order_by(Entry.ticket_id, Entry.id)
        )
        for ticket_id, at, change in rows:
            if change and change["event"] == "status":
                story[ticket_id].append((at, change.get("waiting_for")))
    return story


def _breach(
    clock: Clock, ticket: Ticket, story, now: dt.datetime, priority, due_at, target
) -> Breach:
    return Breach(
        clock_id=clock.id,
        ticket=ticket,
        kind=ServiceKind(clock.kind),
        priority=priority,
        due_at=due_at,
        breached_at=clock.breached_at,
        late=max(0, watch.used_seconds(clock, now) - target),
        waits=_waits(story, watch.hours_of(clock), clock.stopped_at or now),
    )


def _waits(
    story: Sequence[tuple[dt.datetime, str | None]], hours: Timeline, until: dt.datetime
) -> dict[WaitingFor, int]:
    waits: Counter[WaitingFor] = Counter()
    for (at, waiting_for), (following, _) in pairwise([*story, (until, None)]):
        if waiting_for:
            waits[WaitingFor(waiting_for)] += hours.open_seconds(
                to_epoch(at), to_epoch(min(following, until))
            )
    return {reason: seconds for reason, seconds in waits.most_common() if seconds}
