"""The only writers of tickets: a verb each, with everything that follows from it, in order.

They flush and never commit. `by` is who does it, `now` when. A ticket that was taken with
`find(..., lock=True)` cannot change underneath; `version` is what the writer saw (see
`check_version`).
"""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item
from cmdb.people import Person, Team
from servicedesk.tickets import lifecycle, news
from servicedesk.tickets.attachments import File, attach
from servicedesk.tickets.lifecycle import WrongStep
from servicedesk.tickets.models import Category, Draft, Entry, Ticket, TicketItem
from servicedesk.tickets.workflow import Channel, Status, TicketType, WaitingFor
from sla.priority import Impact, Urgency, priority

REOPEN_WITHIN = dt.timedelta(days=14)
CLOSE_AFTER = dt.timedelta(days=7)


class StaleTicket(Exception):
    """Somebody else changed the ticket since the writer saw it."""


def check_version(ticket: Ticket, version: int | None) -> None:
    """Refuse a change by somebody who saw an older ticket.

    Raises:
        StaleTicket: the version differs.
    """
    if version is not None and version != ticket.version:
        raise StaleTicket


def file_ticket(
    requester: Person,
    by: Person,
    now: dt.datetime,
    *,
    type: TicketType,
    category: Category,
    title: str,
    body: str,
    impact: Impact,
    urgency: Urgency,
    channel: Channel = Channel.PORTAL,
    items: Sequence[Item] = (),
    phone: str = "",
    location_id: int | None = None,
    files: Sequence[File] = (),
    form_token: str | None = None,
) -> Ticket:
    """File a ticket for `requester`; it goes to the team of its category.

    Raises:
        sqlalchemy.exc.IntegrityError: the requester's form with this token was filed before.
    """
    ticket = Ticket(
        municipality_id=requester.municipality_id,
        type=type,
        title=title,
        impact=impact,
        urgency=urgency,
        priority=priority(impact, urgency),
        channel=channel,
        phone=phone,
        category_id=category.id,
        requester_id=requester.id,
        location_id=location_id,
        form_token=form_token,
        team_id=category.team_id,
        handoffs=0,
        reopenings=0,
    )
    lifecycle.open_ticket(ticket, now)
    for item in items:
        db.session.add(
            TicketItem(ticket_id=ticket.id, item_id=item.id, municipality_id=ticket.municipality_id)
        )
    author = requester if channel in (Channel.PORTAL, Channel.PHONE, Channel.WALK_IN) else by
    news.filed(ticket, now)
    entry = lifecycle.write(
        ticket, author, now, body=body, change={"event": "filed", "by": by.name}
    )
    for file in files:
        attach(entry, file)
    return ticket


def take(ticket: Ticket, by: Person, now: dt.datetime) -> None:
    """Take the ticket to work on it; a new one is in progress from now.

    Out of the queue of a team that the taker is not in, this is a hand-off.
    """
    if ticket.assignee is None and ticket.team and ticket.team not in by.teams:
        ticket.handoffs += 1
    lifecycle.hand_to(ticket, ticket.team, by, by, now)
    if ticket.status == Status.NEW:
        _move(ticket, Status.IN_PROGRESS, by, now)


def assign(
    ticket: Ticket, team: Team | None, assignee: Person | None, by: Person, now: dt.datetime
) -> None:
    """Pass the ticket to a team, or to a person."""
    entry = lifecycle.hand_to(ticket, team, assignee, by, now)
    news.assigned(ticket, entry, by, now)


def start_work(ticket: Ticket, by: Person, now: dt.datetime) -> None:
    """Go on with a ticket that was new or waiting."""
    _move(ticket, Status.IN_PROGRESS, by, now)


def reply(
    ticket: Ticket, by: Person, body: str, now: dt.datetime, files: Sequence[File] = ()
) -> Entry:
    """Write to the other side. The centre's first reply is its response; the requester's answer
    ends the wait for it."""
    entry = lifecycle.write(ticket, by, now, body=body)
    for file in files:
        attach(entry, file)
    if by.role.serves_everyone:
        if ticket.status == Status.NEW:
            _move(ticket, Status.IN_PROGRESS, by, now)
    elif ticket.is_waiting and ticket.waiting_for == WaitingFor.REQUESTER:
        _move(ticket, Status.IN_PROGRESS, by, now)
    news.replied(ticket, entry, by, now)
    drop_draft(ticket, by)
    return entry


def note(
    ticket: Ticket, by: Person, body: str, now: dt.datetime, files: Sequence[File] = ()
) -> Entry:
    """Write to colleagues of the centre only."""
    entry = lifecycle.write(ticket, by, now, body=body, internal=True)
    for file in files:
        attach(entry, file)
    drop_draft(ticket, by)
    return entry


def wait(
    ticket: Ticket,
    waiting_for: WaitingFor,
    by: Person,
    now: dt.datetime,
    *,
    question: str = "",
    until: dt.datetime | None = None,
) -> None:
    """Let the ticket wait; `question` is what the requester reads."""
    entry = _move(
        ticket, Status.WAITING, by, now, waiting_for=waiting_for, until=until, body=question
    )
    if waiting_for == WaitingFor.REQUESTER:
        news.waiting_for_requester(ticket, entry, now)


def resolve(ticket: Ticket, solution: str, by: Person, now: dt.datetime) -> None:
    """Say that it works again; the requester may accept or reopen."""
    if ticket.assignee_id is None:
        ticket.assignee_id = by.id
    entry = _move(ticket, Status.RESOLVED, by, now, body=solution)
    drop_draft(ticket, by)
    news.resolved(ticket, entry, now)


def accept(ticket: Ticket, by: Person, now: dt.datetime) -> None:
    """The requester says that it works."""
    _move(ticket, Status.CLOSED, by, now)


def may_reopen(ticket: Ticket, now: dt.datetime) -> bool:
    """A resolved ticket always, a closed one for two weeks."""
    if ticket.status == Status.RESOLVED:
        return True
    return ticket.status == Status.CLOSED and now - ticket.closed_at <= REOPEN_WITHIN


def reopen(
    ticket: Ticket, reason: str, by: Person, now: dt.datetime, files: Sequence[File] = ()
) -> None:
    """Say that it does not work after all.

    Raises:
        WrongStep: it is too late, or was never resolved.
    """
    if not by.role.serves_everyone and not may_reopen(ticket, now):
        raise WrongStep(f"{ticket.number} can no longer be reopened")
    entry = _move(ticket, Status.IN_PROGRESS, by, now, body=reason)
    for file in files:
        attach(entry, file)
    news.reopened(ticket, entry, by, now)


def cancel(ticket: Ticket, reason: str, by: Person, now: dt.datetime) -> None:
    """Withdraw the ticket: it needs no work."""
    entry = _move(ticket, Status.CANCELLED, by, now, reason=reason)
    news.cancelled(ticket, entry, by, now)


def change_priority(
    ticket: Ticket, impact: Impact, urgency: Urgency, reason: str, by: Person, now: dt.datetime
) -> None:
    ticket.impact, ticket.urgency = impact, urgency
    following = priority(impact, urgency)
    if following != ticket.priority:
        lifecycle.set_priority(ticket, following, by, now, reason)
        news.deadlines_passed(ticket, now)


def change_category(
    ticket: Ticket, category: Category, reason: str, by: Person, now: dt.datetime
) -> None:
    if category.id != ticket.category_id:
        lifecycle.set_category(ticket, category, by, now, reason)


def close_resolved(now: dt.datetime, limit: int = 200) -> int:
    """Close what was resolved a week ago and not contradicted; how many were."""
    silent = db.session.scalars(
        sa.select(Ticket)
        .where(Ticket.status == Status.RESOLVED, Ticket.resolved_at <= now - CLOSE_AFTER)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for ticket in silent:
        _move(ticket, Status.CLOSED, None, now)
    return len(silent)


def _move(ticket: Ticket, status: Status, by: Person | None, now: dt.datetime, **how) -> Entry:
    """Move the ticket, and tell of the deadlines that had passed before the watch saw them."""
    entry = lifecycle.move(ticket, status, by, now, **how)
    news.deadlines_passed(ticket, now)
    return entry


def save_draft(ticket: Ticket, by: Person, body: str, internal: bool, now: dt.datetime) -> None:
    """Keep a half-written reply; an empty one is forgotten."""
    if not body.strip():
        drop_draft(ticket, by)
        return
    draft = db.session.get(Draft, (ticket.id, by.id)) or Draft(
        ticket_id=ticket.id, person_id=by.id, municipality_id=ticket.municipality_id
    )
    draft.body, draft.is_internal, draft.saved_at = body, internal, now
    db.session.add(draft)
    db.session.flush()


def drop_draft(ticket: Ticket, by: Person) -> None:
    if draft := ticket.draft_of(by):
        db.session.delete(draft)


def warn(passed, now: dt.datetime) -> None:
    """Tell of a threshold that a clock of a ticket passed."""
    ticket = db.session.scalar(
        sa.select(Ticket).where(
            sa.or_(
                Ticket.response_clock_id == passed.clock.id,
                Ticket.resolution_clock_id == passed.clock.id,
            )
        )
    )
    if ticket:
        news.threshold_passed(ticket, passed, now)
