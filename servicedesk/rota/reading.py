"""Questions about the published roster, each answered in a number of queries that never grows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.items import Item, ItemStatus
from cmdb.localtime import ZONE, local
from cmdb.people import Person
from servicedesk.rota import candidates, fairness, loading, presence
from servicedesk.rota.demand import days_between
from servicedesk.rota.facts import Booking, Facts, Kind, Part, Span
from servicedesk.rota.facts import Duty as FactDuty
from servicedesk.rota.loading import Known
from servicedesk.rota.models import Absence, Duty, Employment, OnCall, PersonSkill, Seat
from servicedesk.rota.roster import Presence, Roster
from servicedesk.rota.words import AbsenceState

SEAT_WITH_ALL = (
    joinedload(Seat.person),
    joinedload(Seat.duty).options(joinedload(Duty.municipality), joinedload(Duty.location)),
)
SEAT_ORDER = (Seat.date, Duty.starts, Seat.duty_id, Seat.nr)


def seats_between(first: dt.date, last: dt.date) -> sa.Select[tuple[Seat]]:
    """The select behind `seats`, in no order yet."""
    return (
        sa.select(Seat)
        .join(Seat.duty)
        .where(Seat.date.between(first, last), Seat.is_needed)
        .options(*SEAT_WITH_ALL)
    )


def seats(first: dt.date, last: dt.date) -> list[Seat]:
    """The published seats of these days that are needed, with duty, municipality and person.

    A session with the scope of a municipality gets the visits to that municipality alone.
    """
    return list(db.session.scalars(seats_between(first, last).order_by(*SEAT_ORDER)))


def seats_of(person: Person, first: dt.date, last: dt.date) -> list[Seat]:
    """The seats that somebody has on these days."""
    return [seat for seat in seats(first, last) if seat.person_id == person.id]


def people() -> list[Person]:
    """The people who are planned, by name."""
    return list(
        db.session.scalars(
            sa.select(Person)
            .join(Employment, Employment.person_id == Person.id)
            .where(Person.is_active)
            .order_by(Person.name, Person.id)
        )
    )


def absences(first: dt.date, last: dt.date) -> list[Absence]:
    """Who is away on these days. Show `kind` to who holds ROTA_PLAN, and to nobody else."""
    return list(
        db.session.scalars(
            sa.select(Absence)
            .where(
                Absence.state == AbsenceState.REGISTERED,
                Absence.last >= first,
                Absence.first <= last,
            )
            .options(joinedload(Absence.person))
            .order_by(Absence.first, Absence.id)
        )
    )


def on_duty(
    now: dt.datetime,
    kind: Kind = Kind.DESK,
    municipality_id: int | None = None,
    skill: str | None = None,
) -> list[Seat]:
    """The seats that somebody has at this moment: at the desk, or on site (at one municipality).

    With `skill` only those whose holder knows it.
    """
    minute = local(now).hour * 60 + local(now).minute
    chosen = (
        sa.select(Seat)
        .join(Seat.duty)
        .where(
            Seat.date == local(now).date(),
            Seat.is_needed,
            Seat.person_id.is_not(None),
            Duty.kind == kind,
            Duty.starts <= minute,
            Duty.ends > minute,
        )
        .options(*SEAT_WITH_ALL)
        .order_by(Duty.starts, Seat.duty_id, Seat.nr)
    )
    if municipality_id is not None:
        chosen = chosen.where(Seat.municipality_id == municipality_id)
    if skill is not None:
        chosen = chosen.join(
            PersonSkill,
            sa.and_(PersonSkill.person_id == Seat.person_id, PersonSkill.skill == skill),
        )
    return list(db.session.scalars(chosen))


def on_call(now: dt.datetime) -> list[OnCall]:
    """Who can be called at this moment, out of hours."""
    return list(
        db.session.scalars(
            sa.select(OnCall)
            .where(OnCall.starts_at <= now, OnCall.ends_at > now)
            .options(joinedload(OnCall.person))
            .order_by(OnCall.id)
        )
    )


def first_for(item: Item, now: dt.datetime) -> list[int]:
    """Who is first for an application: its manager when at work, else its deputy, else the desk."""
    day = local(now).date()
    owners = [key for key in (item.manager_id, item.deputy_id) if key is not None]
    facts, bookings = loading.load_facts(day, day), loading.load_bookings(day, day)
    return presence.first_for(facts, bookings, now, ZONE, owners)


@dataclass(frozen=True)
class LostCover:
    """An open seat, and who can take it, best first, before who cannot and why."""

    seat: Seat
    candidates: list[candidates.Candidate]


def lost_cover(
    open_seats: Sequence[Seat], leaves: int | None = None, known: Known | None = None
) -> list[LostCover]:
    """For each open seat the ranked candidates; the load is that of the quarter around them."""
    if not open_seats:
        return []
    first = min(seat.date for seat in open_seats) - loading.QUARTER / 2
    last = max(seat.date for seat in open_seats) + loading.QUARTER / 2
    known = known or loading.know(first, last)
    roster = Roster(known.facts)
    bookings = known.booked(first, last)
    roster.book(bookings)
    load = candidates.loads(roster, bookings, (first, last))
    return [
        LostCover(seat, candidates.ranked(roster, load, seat.date, seat.duty_id, leaves))
        for seat in open_seats
    ]


@dataclass(frozen=True)
class Uncovered:
    """An application of whose manager and deputy nobody is there on some working days.

    `days` are those on which somebody would work but is away: they ask for a plan. On `off_days`
    none of them ever works, so that others know what to do.
    """

    item: Item
    days: tuple[dt.date, ...]
    off_days: tuple[dt.date, ...]


def uncovered_applications(
    first: dt.date, last: dt.date, facts: Facts | None = None
) -> list[Uncovered]:
    """The applications without an owner on a working day: first those that an absence leaves so.

    Then what must be available most (3 before 1), then by name. Owners who are not planned here
    are left out: of them it is not known.
    """
    facts = facts or loading.load_facts(first, last)
    planned = {person.id: person for person in facts.people}
    items = db.session.scalars(
        sa.select(Item)
        .where(
            Item.class_key == "application",
            Item.status != ItemStatus.RETIRED,
            sa.or_(Item.manager_id.in_(planned), Item.deputy_id.in_(planned)),
        )
        .order_by(sa.func.coalesce(Item.availability, 0).desc(), Item.name, Item.id)
    )
    (gone, off), found = _missing(facts, first, last), []
    for item in items:
        owners = [key for key in (item.manager_id, item.deputy_id) if key is not None]
        if all(key in planned for key in owners):
            days = set.intersection(*(gone[key] for key in owners))
            off_days = days & set.intersection(*(off[key] for key in owners))
            if days:
                found.append(
                    Uncovered(item, tuple(sorted(days - off_days)), tuple(sorted(off_days)))
                )
    return sorted(found, key=lambda one: not one.days)


def _missing(facts: Facts, first: dt.date, last: dt.date) -> tuple[dict, dict]:
    """The working days on which each is not there at all; of those, when they never work."""
    here = Presence(facts)
    days = [
        day
        for day in days_between(first, last)
        if day.isoweekday() <= 5 and day not in facts.closed
    ]
    gone = {
        person.id: {day for day in days if not here.has_free_part(person, day)}
        for person in facts.people
    }
    off = {
        person.id: {day for day in gone[person.id] if person.part(day) is None}
        for person in facts.people
    }
    return gone, off


@dataclass(frozen=True)
class Share:
    """What somebody does of the desk in a stretch of days, against a fair share of it."""

    person: Person
    desk: int
    fair: float
    visits: int
    hours: float
    contract_hours: float
    late: int
    fridays: int

    @property
    def deviation(self) -> float:
        return self.desk - self.fair


def shares(
    first: dt.date,
    last: dt.date,
    planned: Iterable[Booking] = (),
    known: Known | None = None,
) -> list[Share]:
    """How the desk, visits, late shifts and Fridays are spread over the people, by name.

    A late shift is one that ends after 17:00. Hours are those of published seats, and of `planned`
    bookings beside them; `contract_hours` are those of the whole weeks and parts of weeks of these
    days.
    """
    known = known or loading.know(first, last)
    facts = known.facts
    roster = Roster(facts)
    days = {day: roster.demand.on(day) for day in days_between(first, last)}
    held: dict[int, list[tuple[Booking, FactDuty]]] = defaultdict(list)
    for booking in [*known.booked(first, last), *planned]:
        if booking.duty in roster.duties:
            held[booking.person].append((booking, roster.duties[booking.duty]))
    deviation = fairness.deviations(
        fairness.free_days(roster, days),
        (key for key, mine in held.items() for _, duty in mine if duty.kind == Kind.DESK),
        {},
    )
    weeks = ((last - first).days + 1) / 7
    contracts = {person.id: person.hours for person in facts.people}
    found = []
    for person in people():
        mine = held[person.id]
        desk = [(booking, duty) for booking, duty in mine if duty.kind == Kind.DESK]
        found.append(
            Share(
                person=person,
                desk=len(desk),
                fair=len(desk) - deviation.get(person.id, 0.0),
                visits=len(mine) - len(desk),
                hours=sum(duty.span.hours for _, duty in mine),
                contract_hours=contracts[person.id] * weeks,
                late=sum(duty.span.ends > _LATE for _, duty in desk),
                fridays=sum(booking.date.isoweekday() == 5 for booking, _ in desk),
            )
        )
    return found


_LATE = 17 * 60


@dataclass(frozen=True)
class DeputyClash:
    """Somebody who stands in at one site on a weekday on which they are the face of another."""

    weekday: int
    person: int
    deputy_at: int
    face_at: int


def deputy_clashes(day: dt.date) -> list[DeputyClash]:
    """The deputies who cannot stand in, by the duties that hold on `day`, in order of weekday."""
    faces = [
        (weekday, duty.id, ranked)
        for duty in loading.load_facts(day, day).duties
        if duty.kind == Kind.SITE and duty.starts <= day <= duty.ends
        for weekday, ranked in duty.faces.items()
    ]
    return sorted(
        (
            DeputyClash(weekday, ranked.deputy, duty, other)
            for weekday, duty, ranked in faces
            for their_day, other, theirs in faces
            if weekday == their_day
            and duty != other
            and ranked.deputy is not None
            and ranked.deputy == theirs.primary
        ),
        key=lambda clash: (clash.weekday, clash.deputy_at, clash.face_at),
    )


def double_booked(published: Iterable[Seat]) -> list[tuple[Seat, Seat]]:
    """Pairs of seats of one person whose hours overlap; a change of hours may make some."""
    by_person: dict[tuple, list[Seat]] = {}
    pairs = []
    for seat in published:
        if seat.person_id is None:
            continue
        earlier = by_person.setdefault((seat.person_id, seat.date), [])
        span = Span(seat.duty.starts, seat.duty.ends)
        pairs += [
            (other, seat)
            for other in earlier
            if Span(other.duty.starts, other.duty.ends).overlaps(span)
        ]
        earlier.append(seat)
    return pairs


def parts_of(seat: Seat) -> list[Part]:
    """The parts of its day that a seat takes: the morning, the afternoon, or both."""
    span = Span(seat.duty.starts, seat.duty.ends)
    return [part for part in (Part.MORNING, Part.AFTERNOON) if part.span.overlaps(span)]
