"""Publishing a plan, planning again with the least change, and choosing by hand."""

import datetime as dt
from dataclasses import replace

import sqlalchemy as sa

from cmdb.database import db
from cmdb.localtime import local
from cmdb.people import Person
from servicedesk.rota import loading, seating, telling
from servicedesk.rota.facts import Origin
from servicedesk.rota.loading import Known
from servicedesk.rota.models import HandChoice, Publication, Seat, SeatLog
from servicedesk.rota.plan import Plan, plan
from servicedesk.rota.roster import Obstacle, Roster
from servicedesk.rota.seating import Refused

# What lies around the days counts for the limits of their weeks.
_AROUND = dt.timedelta(weeks=2)


def published_until() -> dt.date | None:
    """The last day whose seats are published; None before the first publication."""
    return db.session.scalar(sa.select(sa.func.max(Publication.last)))


def know_around(first: dt.date, last: dt.date) -> Known:
    """What a draft or a replan of days from `first` to `last` follows from, read once for both."""
    return loading.know(first - loading.QUARTER, last + _AROUND)


def draft(first: dt.date, last: dt.date, known: Known | None = None) -> Plan:
    """The plan of days that are not published yet. Nothing is stored."""
    known = known or know_around(first, last)
    around = known.booked(first - _AROUND, first - dt.timedelta(days=1))
    facts = replace(known.facts, carried=loading.carried(first, known))
    return plan(facts, first, last, around)


def publish(by: Person | None, now: dt.datetime, days: int | None = None) -> list[Seat]:
    """Publish the seats of whole weeks until `days` ahead (the setting's, when not told).

    It goes on where the last publication ended. Everybody hears of their seats. Gives the new
    seats; none when all of it is published.
    """
    rules = loading.setting(lock=True)
    today = local(now).date()
    until = published_until()
    first = max(today, until + dt.timedelta(days=1)) if until else today
    last = today + dt.timedelta(days=rules.publish_days if days is None else days)
    last += dt.timedelta(days=7 - last.isoweekday())
    if last < first:
        return []
    seating.store(draft(first, last), first, last, by, now, None)
    db.session.add(Publication(first=first, last=last, at=now, by_id=by and by.id))
    db.session.flush()
    seats = loading.seats(first, last)
    telling.of_publication(seats, last, now)
    return seats


def replanned(
    first: dt.date, last: dt.date, now: dt.datetime, known: Known | None = None
) -> Plan:
    """What planning again with the least change would give. Nothing is stored."""
    known = known or know_around(first, last)
    published = known.booked(first - _AROUND, last + _AROUND)
    facts = replace(known.facts, carried=loading.carried(first, known))
    return plan(facts, first, last, published, loading.is_over(now))


def replan(
    first: dt.date, last: dt.date, by: Person | None, now: dt.datetime, reason: str = "replan"
) -> list[SeatLog]:
    """Plan published days again with the least change; tell whom it touches. Gives the changes.

    Days before today and days that are not published are left alone.
    """
    loading.setting(lock=True)
    until = published_until()
    first = max(first, local(now).date())
    last = min(last, until) if until else first - dt.timedelta(days=1)
    if last < first:
        return []
    logs = seating.store(replanned(first, last, now), first, last, by, now, reason)
    seating.tell(logs, by, now)
    return logs


def obstacle(seat: Seat, person_id: int) -> Obstacle | None:
    """What keeps somebody from a published seat, given all other seats."""
    around = dt.timedelta(weeks=2)
    roster = Roster(loading.load_facts(seat.date - around, seat.date + around))
    roster.book(seating.held_beside(seat))
    return roster.obstacle_on(seat.date, seat.duty_id, person_id)


def assign(seat: Seat, person: Person | None, by: Person, now: dt.datetime) -> SeatLog | None:
    """A planner gives a seat to somebody, or opens it with None; the plan keeps the choice.

    Who is not authorised may be chosen by hand. Raises Refused for any other obstacle, and for a
    seat that is over.
    """
    loading.setting(lock=True)
    db.session.refresh(seat)
    if loading.row_is_over(seat, now):
        raise Refused("in_past")
    found = person and obstacle(seat, person.id)
    if found and found != Obstacle.NOT_QUALIFIED:
        raise Refused(found)
    if (person and person.id) == seat.person_id:
        return None
    log = seating.change(seat, person and person.id, Origin.HAND, by, now, "hand")
    if person:
        db.session.add(
            HandChoice(
                date=seat.date, duty_id=seat.duty_id, person_id=person.id, at=now, by_id=by.id
            )
        )
    seating.tell([log], by, now)
    return log
