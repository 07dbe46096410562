"""What happens to a ticket itself: its state, its clocks, its story.

No message goes out from here: `actions` adds the news, an import tells nobody. Nothing commits.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value

from cmdb.database import db
from cmdb.localtime import local
from cmdb.people import Person, Team
from servicedesk.tickets.models import Category, Entry, NumberSeries, Ticket
from servicedesk.tickets.workflow import OPEN, SETTLED, Status, WaitingFor, may_become
from sla import watch
from sla.models import Clock
from sla.terms import ServiceKind


class WrongStep(Exception):
    """The ticket cannot make this step from the state it is in."""


def open_ticket(ticket: Ticket, now: dt.datetime) -> None:
    """Number `ticket`, start its clocks and store it."""
    ticket.number = _next_number(now)
    ticket.created_at = ticket.updated_at = now
    ticket.status = Status.NEW
    clocks = watch.start(ticket.municipality_id, ticket.type, ticket.priority, now)
    response, resolution = clocks.get(ServiceKind.RESPONSE), clocks.get(ServiceKind.RESOLUTION)
    ticket.response_clock_id = response and response.id
    ticket.resolution_clock_id = resolution and resolution.id
    ticket.due_at = resolution and resolution.due_at
    db.session.add(ticket)
    db.session.flush()
    # Whoever tells of the new ticket finds its clocks at hand.
    set_committed_value(ticket, "response_clock", response)
    set_committed_value(ticket, "resolution_clock", resolution)


def move(
    ticket: Ticket,
    status: Status,
    by: Person | None,
    now: dt.datetime,
    *,
    waiting_for: WaitingFor | None = None,
    until: dt.datetime | None = None,
    reason: str = "",
    body: str = "",
) -> Entry:
    """Bring `ticket` into `status`, with what that means for its clocks.

    Raises:
        WrongStep: the workflow has no such step.
    """
    if not may_become(ticket.status, status):
        raise WrongStep(f"{ticket.number} is {ticket.status} and cannot become {status}")
    before = ticket.status
    reopened = not before.is_open and status.is_open
    ticket.status = status
    ticket.waiting_for = waiting_for
    ticket.waiting_until = until
    ticket.reopenings += reopened
    if status == Status.RESOLVED:
        ticket.resolved_at = now
    elif status.is_open:
        ticket.resolved_at = None
    ticket.closed_at = now if status in SETTLED else None
    _turn_clocks(ticket, reopened, now)
    change = {"event": "status", "from": before, "to": status}
    if waiting_for:
        change["waiting_for"] = waiting_for
    if until:
        change["until"] = until.isoformat()
    return write(ticket, by, now, change=change | ({"reason": reason} if reason else {}), body=body)


def hand_to(
    ticket: Ticket, team: Team | None, assignee: Person | None, by: Person | None, now: dt.datetime
) -> Entry:
    """Give `ticket` to a team, to a person, or to both.

    Only what leaves hands is counted as a hand-off: those of a team, or of somebody.
    """
    before = {
        "team": ticket.team and ticket.team.name,
        "assignee": ticket.assignee and ticket.assignee.name,
    }
    ticket.handoffs += ticket.team not in (None, team) or ticket.assignee not in (None, assignee)
    ticket.team, ticket.team_id = team, team and team.id
    ticket.assignee, ticket.assignee_id = assignee, assignee and assignee.id
    after = {"team": team and team.name, "assignee": assignee and assignee.name}
    return write(ticket, by, now, change={"event": "assignment", "from": before, "to": after})


def set_priority(
    ticket: Ticket, priority: int, by: Person | None, now: dt.datetime, reason: str = ""
) -> Entry:
    """Let ticket and clocks follow a new priority; what was used up stays used up (R5)."""
    before, ticket.priority = ticket.priority, priority
    for clock in clocks_of(ticket):
        watch.retarget(clock, ticket.type, priority, now)
        if clock.kind == ServiceKind.RESOLUTION:
            ticket.due_at = clock.due_at
    change = {"event": "priority", "from": before, "to": priority, "reason": reason}
    return write(ticket, by, now, change=change)


def set_category(
    ticket: Ticket, category: Category, by: Person | None, now: dt.datetime, reason: str = ""
) -> Entry:
    before, ticket.category = ticket.category.name, category
    ticket.category_id = category.id
    change = {"event": "category", "from": before, "to": category.name, "reason": reason}
    return write(ticket, by, now, change=change)


def write(
    ticket: Ticket,
    by: Person | None,
    now: dt.datetime,
    *,
    body: str = "",
    internal: bool = False,
    change: dict[str, Any] | None = None,
) -> Entry:
    """Add a line to the ticket's story."""
    entry = Entry(
        municipality_id=ticket.municipality_id,
        ticket_id=ticket.id,
        at=now,
        author_id=by and by.id,
        is_internal=internal,
        body=body,
        change=change,
    )
    if ticket.updated_at != now:  # what is set, even to what it was, is gone through at the flush
        ticket.updated_at = now
    db.session.add(entry)
    db.session.flush()
    return entry


def clocks_of(ticket: Ticket) -> list[Clock]:
    """The ticket's clocks, locked: between what we read and what we write, the watch keeps off."""
    keys = [
        key for key in (ticket.response_clock_id, ticket.resolution_clock_id) if key is not None
    ]
    if not keys:
        return []
    locked = sa.select(Clock).where(Clock.id.in_(keys)).order_by(Clock.id).with_for_update()
    return list(db.session.scalars(locked, execution_options={"populate_existing": True}))


def follow_clocks(keys: Sequence[int]) -> None:
    """Repeat on open tickets the deadlines of these clocks, which may have been planned anew."""
    due = sa.select(Clock.due_at).where(Clock.id == Ticket.resolution_clock_id).scalar_subquery()
    db.session.execute(
        sa.update(Ticket)
        .where(
            Ticket.resolution_clock_id.in_(keys),
            Ticket.status.in_(OPEN),
            Ticket.due_at.is_distinct_from(due),
        )
        .values(due_at=due)
        .execution_options(synchronize_session=False)
    )


def _turn_clocks(ticket: Ticket, reopened: bool, now: dt.datetime) -> None:
    """Let the clocks follow the ticket's new state; leaving "new" is the response."""
    for clock in clocks_of(ticket):
        if ticket.status == Status.CANCELLED:
            watch.cancel(clock, now)
        elif clock.kind == ServiceKind.RESPONSE:
            if ticket.status != Status.NEW:
                watch.stop(clock, now)
        elif not ticket.status.is_open:
            watch.stop(clock, now)
        else:
            _run_or_pause(ticket, clock, reopened, now)
        if clock.kind == ServiceKind.RESOLUTION:
            ticket.due_at = clock.due_at


def _run_or_pause(ticket: Ticket, clock: Clock, reopened: bool, now: dt.datetime) -> None:
    if reopened:
        watch.reopen(clock, now)
    if ticket.is_waiting and ticket.waiting_for in clock.target.agreement_version.paused_while:
        watch.pause(clock, now)
    else:
        watch.resume(clock, now)


# Put together once: that takes longer than the answer.
_NEXT = (
    sa.update(NumberSeries)
    .where(NumberSeries.prefix == sa.bindparam("series"))
    .values(last=NumberSeries.last + 1)
    .returning(NumberSeries.last)
    .execution_options(synchronize_session=False)
)


def _next_number(now: dt.datetime) -> str:
    """The next of the month: M2611-0482."""
    prefix = f"M{local(now):%y%m}-"
    taken = db.session.scalar(_NEXT, {"series": prefix})
    if taken is None:
        taken = _first_of_month(prefix)
    return f"{prefix}{taken:04d}"


def _first_of_month(prefix: str) -> int:
    """Start the series; when somebody else did so meanwhile, take the next of theirs."""
    try:
        with db.session.begin_nested():
            db.session.add(NumberSeries(prefix=prefix, last=1))
    except sa.exc.IntegrityError:
        return db.session.scalar(_NEXT, {"series": prefix})
    return 1
