"""Who hears of what happens to a ticket, and by which message."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa

from cmdb.database import db
from cmdb.people import Membership, Person
from cmdb.permissions import Role
from servicedesk.notify import outbox
from servicedesk.tickets.models import Entry, Ticket
from sla.models import Clock, ClockEvent, Target
from sla.watch import Passed


def filed(ticket: Ticket, now: dt.datetime) -> None:
    outbox.write(
        _person(ticket.requester_id),
        "filed",
        dedup_key=f"filed:{ticket.id}",
        municipality_id=ticket.municipality_id,
        now=now,
        ticket=ticket,
    )


def replied(ticket: Ticket, entry: Entry, by: Person, now: dt.datetime) -> None:
    """A reply of the requester goes to who works on it, a reply of the centre to the requester."""
    if by.id == ticket.requester_id:
        _tell(_workers(ticket), "requester-replied", ticket, entry, now)
    else:
        _tell([_person(ticket.requester_id)], "replied", ticket, entry, now)


def assigned(ticket: Ticket, entry: Entry, by: Person | None, now: dt.datetime) -> None:
    if ticket.assignee_id not in (None, by and by.id):
        _tell([_person(ticket.assignee_id)], "assigned", ticket, entry, now)


def waiting_for_requester(ticket: Ticket, entry: Entry, now: dt.datetime) -> None:
    _tell([_person(ticket.requester_id)], "question", ticket, entry, now)


def resolved(ticket: Ticket, entry: Entry, now: dt.datetime) -> None:
    _tell([_person(ticket.requester_id)], "resolved", ticket, entry, now)


def reopened(ticket: Ticket, entry: Entry, by: Person, now: dt.datetime) -> None:
    _tell([p for p in _workers(ticket) if p.id != by.id], "reopened", ticket, entry, now)


def cancelled(ticket: Ticket, entry: Entry, by: Person, now: dt.datetime) -> None:
    others = [_person(ticket.requester_id)] if by.id != ticket.requester_id else _workers(ticket)
    _tell(others, "cancelled", ticket, entry, now)


def deadlines_passed(ticket: Ticket, now: dt.datetime) -> None:
    """Tell of what a change at `now` found passed on the ticket's clocks."""
    keys = (ticket.response_clock_id, ticket.resolution_clock_id)
    found = db.session.execute(
        sa.select(Clock, ClockEvent)
        .join(ClockEvent, ClockEvent.clock_id == Clock.id)
        .where(Clock.id.in_(keys), ClockEvent.noticed_at == now)
        .order_by(ClockEvent.at)
    )
    for clock, event in found:
        threshold_passed(ticket, Passed(clock, event.threshold, event.at), now)


def threshold_passed(ticket: Ticket, passed: Passed, now: dt.datetime) -> None:
    """Warn of a deadline, or tell of a breach, to those whom the target names."""
    target: Target = passed.clock.target
    named = target.notify["breach" if passed.is_breach else "warning"]
    for person in _audience(ticket, named):
        outbox.enqueue(
            person,
            "breached" if passed.is_breach else "deadline-near",
            dedup_key=f"clock:{passed.clock.id}:{passed.threshold}",
            municipality_id=ticket.municipality_id,
            now=now,
            ticket=ticket,
            passed=passed,
        )


def _tell(
    people: Iterable[Person], template: str, ticket: Ticket, entry: Entry, now: dt.datetime
) -> None:
    """The entry is new, so nobody told of it before."""
    for person in people:
        outbox.write(
            person,
            template,
            dedup_key=f"{template}:{ticket.id}:{entry.id}",
            municipality_id=ticket.municipality_id,
            now=now,
            ticket=ticket,
            entry=entry,
        )


def _person(key: int) -> Person:
    return db.session.get(Person, key)


def _workers(ticket: Ticket) -> list[Person]:
    """The assignee, or the whole team while nobody took it."""
    if ticket.assignee_id:
        return [_person(ticket.assignee_id)]
    return _team(ticket)


def _team(ticket: Ticket) -> list[Person]:
    if ticket.team_id is None:
        return []
    return list(
        db.session.scalars(
            sa.select(Person)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.team_id == ticket.team_id, Person.is_active)
            .order_by(Person.id)
        )
    )


def _audience(ticket: Ticket, named: list[str]) -> list[Person]:
    groups = {"assignee": _workers, "team": _team, "manager": lambda _: _managers()}
    people = {person.id: person for name in named for person in groups[name](ticket)}
    return list(people.values())


def _managers() -> list[Person]:
    return list(
        db.session.scalars(
            sa.select(Person)
            .where(Person.role == Role.CENTRE_MANAGER, Person.is_active)
            .order_by(Person.id)
        )
    )
