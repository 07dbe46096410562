"""Known outages: the centre starts, updates and ends them, people say that they have it too.

The writers flush and never commit.
"""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from cmdb.database import db
from cmdb.items import Item, ItemConsumer
from cmdb.people import Person
from cmdb.permissions import Permission, visible
from servicedesk.notify import outbox
from servicedesk.tickets import actions, lifecycle
from servicedesk.tickets.models import Outage, OutageReport, OutageTicket, Ticket, TicketItem
from servicedesk.tickets.workflow import OPEN, Severity


class AlreadyEnded(Exception):
    """The outage is over: it can be neither changed nor reported."""


def start(
    item: Item,
    message: str,
    now: dt.datetime,
    next_update_at: dt.datetime | None = None,
    severity: Severity = Severity.DOWN,
) -> Outage:
    """Tell of an outage of `item`; those who reach the item see it from now."""
    outage = Outage(
        item=item,
        message=message,
        started_at=now,
        next_update_at=next_update_at,
        severity=severity,
    )
    db.session.add(outage)
    db.session.flush()
    return outage


def link(outage: Outage, tickets: Sequence[Ticket], by: Person, now: dt.datetime) -> None:
    """Say that the outage explains the tickets; their requesters hear how it goes on.

    A ticket that another outage explains stays with that one.

    Raises:
        AlreadyEnded: it is over.
    """
    _check_running(outage)
    taken = sa.select(OutageTicket.ticket_id).where(
        OutageTicket.ticket_id.in_([ticket.id for ticket in tickets])
    )
    known = set(db.session.scalars(taken))
    for ticket in tickets:
        if ticket.id in known:
            continue
        db.session.add(
            OutageTicket(
                ticket_id=ticket.id, outage_id=outage.id, municipality_id=ticket.municipality_id
            )
        )
        report(outage, ticket.requester, now)
        change = {"event": "outage", "to": outage.item.name}
        lifecycle.write(ticket, by, now, change=change, internal=True)
    db.session.flush()


def tickets_of(outages: Sequence[Outage]) -> dict[int, list[Ticket]]:
    """By outage, the tickets that it explains and that are open still, oldest first."""
    rows = db.session.execute(
        sa.select(OutageTicket.outage_id, Ticket)
        .join(Ticket, Ticket.id == OutageTicket.ticket_id)
        .where(
            OutageTicket.outage_id.in_([outage.id for outage in outages]), Ticket.status.in_(OPEN)
        )
        .options(joinedload(Ticket.municipality))
        .order_by(Ticket.id)
    )
    found: dict[int, list[Ticket]] = {}
    for outage_id, ticket in rows:
        found.setdefault(outage_id, []).append(ticket)
    return found


def update(
    outage: Outage, message: str, now: dt.datetime, next_update_at: dt.datetime | None = None
) -> None:
    """Tell how it stands, to everybody who has it too.

    Raises:
        AlreadyEnded: it is over.
    """
    _check_running(outage)
    outage.message, outage.next_update_at = message, next_update_at
    _tell(outage, "outage-updated", now)
    db.session.flush()


def end(outage: Outage, message: str, now: dt.datetime, resolved_by: Person | None = None) -> None:
    """Tell that it works again, and what it was.

    With `resolved_by` the tickets that it explains are resolved with the same words, by that person.

    Raises:
        AlreadyEnded: it is over.
    """
    _check_running(outage)
    outage.message, outage.next_update_at, outage.ended_at = message, None, now
    _tell(outage, "outage-ended", now)
    if resolved_by:
        for ticket in tickets_of([outage]).get(outage.id, ()):
            actions.resolve(ticket, message, resolved_by, now)
    db.session.flush()


def report(outage: Outage, person: Person, now: dt.datetime) -> bool:
    """Note that `person` has it too; False when that was known.

    Raises:
        AlreadyEnded: it is over.
    """
    _check_running(outage)
    if db.session.get(OutageReport, (outage.id, person.id)):
        return False
    db.session.add(
        OutageReport(
            outage_id=outage.id, person_id=person.id, municipality_id=person.municipality_id, at=now
        )
    )
    db.session.flush()
    return True


def seen_by(person: Person) -> sa.Select:
    """The select of outages of items that `person` may reach, each with its item."""
    reached = visible(Item, person, Permission.OUTAGE_READ).with_only_columns(Item.id)
    return (
        sa.select(Outage)
        .join(Outage.item)
        .options(contains_eager(Outage.item))
        .where(Outage.item_id.in_(reached))
    )


def running_for(person: Person, item_id: int) -> Outage | None:
    """The outage of an item that runs now, the newest if there are more."""
    return db.session.scalar(
        seen_by(person)
        .where(Outage.item_id == item_id, Outage.ended_at.is_(None))
        .order_by(Outage.started_at.desc(), Outage.id.desc())
        .limit(1)
    )


def has_reported(person: Person, outage: Outage) -> bool:
    return db.session.get(OutageReport, (outage.id, person.id)) is not None


def affected(outages: Sequence[Outage]) -> dict[int, tuple[int, int]]:
    """By outage, how many people said to have it and of how many municipalities."""
    counted = db.session.execute(
        sa.select(
            OutageReport.outage_id,
            sa.func.count(),
            sa.func.count(sa.distinct(OutageReport.municipality_id)),
        )
        .where(OutageReport.outage_id.in_([outage.id for outage in outages]))
        .group_by(OutageReport.outage_id)
    )
    return {outage_id: (people, homes) for outage_id, people, homes in counted}


def _check_running(outage: Outage) -> None:
    if outage.ended_at is not None:
        raise AlreadyEnded


def _tell(outage: Outage, template: str, now: dt.datetime) -> None:
    """Write to who said to have it too and to who waits for a ticket about the item, once each."""
    said = sa.select(OutageReport.person_id).where(OutageReport.outage_id == outage.id)
    wait = (
        sa.select(Ticket.requester_id)
        .join(TicketItem, TicketItem.ticket_id == Ticket.id)
        .where(TicketItem.item_id == outage.item_id, Ticket.status.in_(OPEN))
    )
    people = db.session.scalars(
        sa.select(Person)
        .where(sa.or_(Person.id.in_(said), Person.id.in_(wait)), Person.is_active)
        .order_by(Person.id)
    )
    seeing = _homes_that_see(outage.item)
    for person in people.all():
        outbox.enqueue(
            person,
            template,
            dedup_key=f"{template}:{outage.id}:{now:%Y%m%dT%H%M%S}",
            municipality_id=person.municipality_id,
            now=now,
            outage=outage,
            name=outage.item.name if person.municipality_id in seeing else None,
        )


def _homes_that_see(item: Item) -> set[int | None]:
    """The municipalities that may hear the name of the item; None for who works at the centre."""
    used = sa.select(ItemConsumer.municipality_id).where(ItemConsumer.item_id == item.id)
    return {None, item.municipality_id, *db.session.scalars(used)}
