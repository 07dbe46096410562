"""New tickets whose category goes to who is on duty: at the desk now, or on site today."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.localtime import local
from cmdb.people import Person
from servicedesk.rota import reading
from servicedesk.rota.facts import Kind
from servicedesk.rota.models import PersonSkill, Seat
from servicedesk.tickets import handover, lifecycle, news, queue
from servicedesk.tickets.models import Category, Ticket
from servicedesk.tickets.workflow import Route, Status

BATCH = 100


def hand_out(now: dt.datetime) -> int:
    """Give what came in and nobody touched to who is on duty, evenly; how many were given.

    What finds nobody stays with the team of its category, and is looked at again.
    """
    waiting = db.session.scalars(
        sa.select(Ticket)
        .join(Ticket.category)
        .where(
            Ticket.status == Status.NEW,
            Ticket.assignee_id.is_(None),
            Ticket.updated_at == Ticket.created_at,
            Category.route.is_not(None),
        )
        .options(joinedload(Ticket.category), joinedload(Ticket.team))
        .order_by(Ticket.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=Ticket)
    ).all()
    if not waiting:
        return 0
    today = local(now).date()
    seats = [seat for seat in reading.seats(today, today) if seat.person_id is not None]
    skills, load = _skills(seats), _load(seats)
    given = 0
    for ticket in waiting:
        people = _on_duty(ticket, seats, now)
        if ticket.category.skill:
            people = [one for one in people if (one.id, ticket.category.skill) in skills]
        if not people:
            continue
        person = min(people, key=lambda one: (load[one.id], one.id))
        load[person.id] += 1
        entry = lifecycle.hand_to(ticket, ticket.team, person, None, now)
        if ticket.category.route == Route.SITE:
            # Who is at the desk sees what comes in; who is elsewhere is told.
            news.assigned(ticket, entry, None, now)
        given += 1
    db.session.flush()
    return given


def _on_duty(ticket: Ticket, seats: Sequence[Seat], now: dt.datetime) -> list[Person]:
    if ticket.category.route == Route.DESK:
        return [seat.person for seat in handover.at_desk(seats, now)]
    return [
        seat.person
        for seat in seats
        if seat.duty.kind == Kind.SITE and seat.municipality_id == ticket.municipality_id
    ]


def _skills(seats: Sequence[Seat]) -> set[tuple[int, str]]:
    holders = {seat.person_id for seat in seats}
    known = sa.select(PersonSkill.person_id, PersonSkill.skill).where(
        PersonSkill.person_id.in_(holders)
    )
    return {(person_id, skill) for person_id, skill in db.session.execute(known)}


def _load(seats: Sequence[Seat]) -> dict[int, int]:
    """How many open tickets each of these people has."""
    load = {seat.person_id: 0 for seat in seats}
    counted = (
        sa.select(Ticket.assignee_id, sa.func.count())
        .where(queue.IS_OPEN, Ticket.assignee_id.in_(load))
        .group_by(Ticket.assignee_id)
    )
    return load | {key: number for key, number in db.session.execute(counted)}
