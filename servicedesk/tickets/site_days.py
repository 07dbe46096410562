"""Tickets that need somebody at the place itself: the list of a visit, and asking for a time.

A task is on the list of the first visit on or after its `not_before`, so that it follows a visit
that is moved, and waits for the next when it was not done. The writers flush and never commit.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from cmdb.database import db
from cmdb.localtime import day_start, local
from cmdb.organisation import Location
from cmdb.people import Person
from servicedesk.rota import coming, reading
from servicedesk.rota.coming import Visit
from servicedesk.rota.facts import Part
from servicedesk.rota.models import Seat
from servicedesk.tickets import actions, lifecycle
from servicedesk.tickets.models import SiteTask, Ticket
from servicedesk.tickets.workflow import OPEN, Status, WaitingFor, may_become
from sla.clock import RUNNING

# So many people may ask for one half of a visit; the rest of it is for what the desk brings.
SLOTS = 6
# So many times one person may hold.
MOST_OF_ONE = 3
AHEAD = dt.timedelta(days=35)
_MOST = 200


class NoVisit(Exception):
    """No visit is published, or none of the asked kind is free any more."""


def of(ticket: Ticket) -> SiteTask | None:
    """What the ticket asks on site, done or not."""
    return db.session.get(SiteTask, ticket.id)


def first_day(now: dt.datetime) -> dt.date:
    """The first day whose visit can still do something new: today until noon."""
    here = local(now)
    return here.date() + dt.timedelta(days=here.hour >= 12)


def next_visit(ticket: Ticket, task: SiteTask | None, now: dt.datetime) -> Visit | None:
    """The visit that does `task`, or that a new one would be for."""
    day = max(task.not_before, local(now).date()) if task else first_day(now)
    return coming.next_visit(ticket.municipality_id, day)


def ask(
    ticket: Ticket,
    by: Person,
    now: dt.datetime,
    *,
    room: str = "",
    task: str = "",
    not_before: dt.date | None = None,
    part: Part | None = None,
) -> SiteTask:
    """Put the ticket on the list of the next visit; asked again, the words and the day change."""
    found = of(ticket) or SiteTask(ticket_id=ticket.id, municipality_id=ticket.municipality_id)
    if found.asked_at is None or found.done_at:
        found.asked_by_id, found.asked_at = by.id, now
    found.room, found.task = room or found.room or "", task or found.task or ""
    found.not_before, found.part = not_before or first_day(now), part
    found.done_at = found.done_by_id = None
    db.session.add(found)
    visit = coming.next_visit(ticket.municipality_id, found.not_before)
    change = {"event": "site-day", "to": "asked"}
    if visit:
        change["on"] = visit.date.isoformat()
    lifecycle.write(ticket, by, now, change=change)
    return found


def wait_for(ticket: Ticket, visit: Visit | None, by: Person, now: dt.datetime) -> None:
    """Let the ticket wait for the visit, where the workflow allows it."""
    if may_become(ticket.status, Status.WAITING):
        until = visit and day_start(visit.date)
        actions.wait(ticket, WaitingFor.SITE_DAY, by, now, until=until)


def drop(ticket: Ticket, by: Person, now: dt.datetime) -> None:
    """Take the ticket off the list; what waited for the visit is worked on again."""
    found = of(ticket)
    if found is None or found.done_at:
        return
    db.session.delete(found)
    lifecycle.write(ticket, by, now, change={"event": "site-day", "to": "dropped"})
    _go_on(ticket, by, now)


def tick(ticket: Ticket, by: Person, now: dt.datetime) -> None:
    """Say that it was done on site; what waited for it is worked on again."""
    found = of(ticket)
    if found is None or found.done_at:
        return
    found.done_at, found.done_by_id = now, by.id
    lifecycle.write(ticket, by, now, change={"event": "site-day", "to": "done"})
    _go_on(ticket, by, now)


def untick(ticket: Ticket) -> None:
    """It was not done after all."""
    found = of(ticket)
    if found:
        found.done_at = found.done_by_id = None
        db.session.flush()


def _go_on(ticket: Ticket, by: Person, now: dt.datetime) -> None:
    if ticket.is_waiting and ticket.waiting_for == WaitingFor.SITE_DAY:
        actions.start_work(ticket, by, now)


def needs_extra_visit(ticket: Ticket, over: dt.datetime | None) -> bool:
    """Whether the promise ends before the visit is `over`, which is None when nobody comes.

    The clock runs on while the ticket waits. Of one that stands still, for the agreement allows it,
    no deadline is known: it needs no extra visit.
    """
    clock = ticket.resolution_clock
    if not ticket.status.is_open or clock is None or clock.state != RUNNING or clock.due_at is None:
        return False
    return over is None or clock.due_at < over


def route(municipality_id: int, date: dt.date) -> list[SiteTask]:
    """The list of a visit: by building, room and time; what was done that day comes last."""
    ends = day_start(date + dt.timedelta(days=1))
    done_today = sa.and_(SiteTask.done_at >= day_start(date), SiteTask.done_at < ends)
    asked = sa.and_(
        SiteTask.done_at.is_(None), SiteTask.not_before <= date, Ticket.status.in_(OPEN)
    )
    return list(
        db.session.scalars(
            sa.select(SiteTask)
            .join(SiteTask.ticket)
            .outerjoin(Ticket.location)
            .where(SiteTask.municipality_id == municipality_id, sa.or_(asked, done_today))
            .options(
                contains_eager(SiteTask.ticket).options(
                    contains_eager(Ticket.location),
                    joinedload(Ticket.requester),
                    joinedload(Ticket.resolution_clock),
                ),
                joinedload(SiteTask.done_by),
            )
            .order_by(
                SiteTask.done_at.is_not(None),
                sa.func.coalesce(Location.name, ""),
                SiteTask.room,
                sa.func.coalesce(SiteTask.part, "zz"),
                SiteTask.ticket_id,
            )
            .limit(_MOST)
        )
    )


@dataclass(frozen=True)
class Load:
    """How much is on the list of a visit, and how much of it is done."""

    count: int
    done: int


def loads(visits: Collection[Seat]) -> dict[tuple[int, dt.date], Load]:
    """By municipality and day, how long the lists of these visits are; in one statement.

    What is not done yet is counted at the first of the visits to its municipality that suits.
    """
    if not visits:
        return {}
    days: dict[int, list[dt.date]] = {}
    for visit in sorted(visits, key=lambda seat: seat.date):
        days.setdefault(visit.municipality_id, []).append(visit.date)
    counts = {(home, day): [0, 0] for home, some in days.items() for day in some}
    first = min(day for some in days.values() for day in some)
    rows = db.session.execute(
        sa.select(SiteTask.municipality_id, SiteTask.not_before, SiteTask.done_at)
        .join(SiteTask.ticket)
        .where(
            SiteTask.municipality_id.in_(days),
            sa.or_(
                sa.and_(SiteTask.done_at.is_(None), Ticket.status.in_(OPEN)),
                SiteTask.done_at >= day_start(first),
            ),
        )
    )
    for home, not_before, done_at in rows:
        if done_at is not None:
            day = local(done_at).date()
        else:
            day = next((day for day in days[home] if day >= not_before), None)
        if (home, day) in counts:
            counts[home, day][0] += 1
            counts[home, day][1] += done_at is not None
    return {key: Load(*pair) for key, pair in counts.items()}


@dataclass(frozen=True)
class Slot:
    """A half of a visit that can be asked for; `left` places are free."""

    visit: Seat
    part: Part
    left: int

    @property
    def key(self) -> str:
        return f"{self.visit.date.isoformat()}-{self.part.value}"


def slots(municipality_id: int, now: dt.datetime) -> list[Slot]:
    """The halves of the next two visits to a municipality, full ones too."""
    first = first_day(now)
    visits = [seat for seat in coming.site_seats(municipality_id, first, first + AHEAD)]
    days = sorted({seat.date for seat in visits})[:2]
    taken: dict[tuple[dt.date, Part], int] = {}
    for day, part in db.session.execute(
        sa.select(SiteTask.not_before, SiteTask.part)
        .join(SiteTask.ticket)
        .where(
            SiteTask.municipality_id == municipality_id,
            SiteTask.done_at.is_(None),
            SiteTask.part.is_not(None),
            SiteTask.not_before.in_(days),
            Ticket.status.in_(OPEN),
        )
    ):
        taken[day, part] = taken.get((day, part), 0) + 1
    return [
        Slot(visit, part, max(0, SLOTS - taken.get((visit.date, part), 0)))
        for visit in _first_of_days(visits, days)
        for part in reading.parts_of(visit)
    ]


def _first_of_days(visits: Sequence[Seat], days: Sequence[dt.date]) -> list[Seat]:
    return [next(seat for seat in visits if seat.date == day) for day in days]


def book(ticket: Ticket, key: str, by: Person, now: dt.datetime, room: str = "") -> Slot:
    """Let the requester have a half of a visit.

    Raises:
        NoVisit: it is full, past, or none; or the requester holds too many already.
    """
    held = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(SiteTask)
        .join(SiteTask.ticket)
        .where(
            Ticket.requester_id == by.id,
            Ticket.id != ticket.id,
            Ticket.status.in_(OPEN),
            SiteTask.part.is_not(None),
            SiteTask.done_at.is_(None),
        )
    )
    slot = next((slot for slot in slots(ticket.municipality_id, now) if slot.key == key), None)
    if slot is None or not slot.left or held >= MOST_OF_ONE or not ticket.status.is_open:
        raise NoVisit
    ask(ticket, by, now, room=room, not_before=slot.visit.date, part=slot.part)
    return slot


def release(ticket: Ticket, by: Person, now: dt.datetime) -> None:
    """Give the time back. What the desk put on the list stays there, at no special time."""
    found = of(ticket)
    if found is None or found.done_at:
        return
    if found.asked_by_id == by.id:
        drop(ticket, by, now)
    else:
        found.part = None
        db.session.flush()
