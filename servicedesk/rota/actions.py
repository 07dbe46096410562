"""Writing what the roster is planned from: people, duties, turns, closed days, absences, moves.

A change of these touches no published seat by itself, but for an absence and a move: those open the
seats that lose their holder. `servicedesk.rota.publishing` plans again, `swapping` swaps.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from cmdb.database import db
from cmdb.localtime import ZONE, local
from cmdb.organisation import Municipality
from cmdb.people import Person
from servicedesk.rota import loading, publishing, seating
from servicedesk.rota.facts import Kind, Part, Span
from servicedesk.rota.models import (
    Absence,
    ClosedDay,
    Duty,
    DutyPerson,
    Employment,
    Move,
    OnCall,
    PersonSkill,
    Seat,
    SeatLog,
    Turn,
    TurnMember,
    WorkPattern,
)
from servicedesk.rota.presence import moment
from servicedesk.rota.seating import Refused
from servicedesk.rota.words import AbsenceKind, AbsenceState


def set_rules(
    *,
    one_duty_per_day: bool,
    max_desk_per_week: int | None,
    max_desk_days_in_row: int | None,
    respect_hours: bool,
    visit_before_desk: bool,
    swaps_need_approval: bool,
    publish_days: int,
    liberation_day: str | None,
) -> None:
    """The rules of the roster; they hold for what is planned from now on."""
    rules = loading.setting(lock=True)
    rules.one_duty_per_day = one_duty_per_day
    rules.max_desk_per_week = max_desk_per_week
    rules.max_desk_days_in_row = max_desk_days_in_row
    rules.respect_hours = respect_hours
    rules.visit_before_desk = visit_before_desk
    rules.swaps_need_approval = swaps_need_approval
    rules.publish_days = publish_days
    rules.liberation_day = liberation_day
    db.session.flush()


def employ(
    person: Person,
    weekly_minutes: int,
    works: Mapping[int, Part],
    starts: dt.date,
    ends: dt.date | None = None,
    at_desk: bool = True,
) -> Employment:
    """Plan somebody: minutes a week by contract, and the part of each weekday from `starts` on."""
    row = db.session.get(Employment, person.id)
    if row is None:
        row = Employment(person_id=person.id, starts=starts)
        db.session.add(row)
    row.weekly_minutes, row.ends, row.at_desk = weekly_minutes, ends, at_desk
    row.starts = min(row.starts, starts)
    set_pattern(person, works, starts)
    return row


def set_pattern(person: Person, works: Mapping[int, Part], valid_from: dt.date) -> None:
    """Somebody works these parts of the weekdays from a day on; what held before keeps its days."""
    db.session.execute(
        sa.delete(WorkPattern).where(
            WorkPattern.person_id == person.id, WorkPattern.valid_from == valid_from
        )
    )
    for weekday, part in sorted(works.items()):
        db.session.add(
            WorkPattern(person_id=person.id, valid_from=valid_from, weekday=weekday, part=part)
        )
    db.session.flush()


def set_skills(person: Person, skills: Iterable[str]) -> None:
    """What somebody knows, as duties ask for it."""
    db.session.execute(sa.delete(PersonSkill).where(PersonSkill.person_id == person.id))
    for skill in sorted(set(skills)):
        db.session.add(PersonSkill(person_id=person.id, skill=skill))
    db.session.flush()


def add_duty(
    kind: Kind,
    name: str,
    span: Span,
    weekdays: Iterable[int],
    valid_from: dt.date,
    *,
    municipality: Municipality | None = None,
    seats: int = 1,
    skill: str | None = None,
    skilled_seats: int = 0,
    every: int = 1,
    anchor: dt.date | None = None,
    location_id: int | None = None,
    room: str = "",
    valid_to: dt.date | None = None,
) -> Duty:
    """A shift of the desk, or site days at `municipality`; `every` N weeks counts from `anchor`."""
    anchor = anchor or valid_from
    duty = Duty(
        kind=kind,
        name=name,
        municipality_id=municipality and municipality.id,
        starts=span.starts,
        ends=span.ends,
        weekdays=sorted(set(weekdays)),
        seats=seats,
        skill=skill,
        skilled_seats=skilled_seats,
        every=every,
        anchor=anchor - dt.timedelta(days=anchor.weekday()),
        location_id=location_id,
        room=room,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    db.session.add(duty)
    db.session.flush()
    return duty


def end_duty(duty: Duty, last: dt.date, by: Person, now: dt.datetime) -> list[SeatLog]:
    """A duty falls on no day after `last`; published seats after it go."""
    duty.valid_to = last
    db.session.flush()
    return _follow(last + dt.timedelta(days=1), by, now, "duty")


def set_people(
    duty: Duty,
    authorised: Iterable[Person],
    faces: Mapping[int | None, tuple[Person | None, Person | None]],
) -> None:
    """Who may come to a site, and who is its face and deputy on a weekday (None: on each of its).

    A face and a deputy may come too.
    """
    db.session.execute(sa.delete(DutyPerson).where(DutyPerson.duty_id == duty.id))
    for weekday, ranked in faces.items():
        for rank, person in enumerate(ranked, 1):
            if person:
                _join(duty, person, weekday, rank)
    named = {person.id for ranked in faces.values() for person in ranked if person}
    for person in authorised:
        if person.id not in named:
            _join(duty, person, None, None)
    db.session.flush()


def _join(duty: Duty, person: Person, weekday: int | None, rank: int | None) -> None:
    db.session.add(DutyPerson(duty_id=duty.id, person_id=person.id, weekday=weekday, rank=rank))


def set_turn(
    duty: Duty,
    order: Sequence[Person | Sequence[Person]],
    valid_from: dt.date,
    unit: str = "week",
    length: int = 1,
    anchor: dt.date | None = None,
) -> Turn:
    """People take a duty in this order from a day on; the order before it keeps its days."""
    old = db.session.scalar(
        sa.select(Turn).where(Turn.duty_id == duty.id, Turn.valid_from == valid_from)
    )
    if old:
        db.session.execute(sa.delete(TurnMember).where(TurnMember.turn_id == old.id))
        db.session.execute(sa.delete(Turn).where(Turn.id == old.id))
    turn = Turn(
        duty_id=duty.id,
        valid_from=valid_from,
        anchor=anchor or valid_from,
        unit=unit,
        length=length,
    )
    db.session.add(turn)
    db.session.flush()
    for position, who in enumerate(order):
        for person in [who] if isinstance(who, Person) else who:
            db.session.add(TurnMember(turn_id=turn.id, position=position, person_id=person.id))
    db.session.flush()
    return turn


def close_day(
    day: dt.date, municipality: Municipality | None, name: str, by: Person, now: dt.datetime
) -> list[SeatLog]:
    """Nobody is needed on a day: of the centre, or at one municipality. Published seats go."""
    key = municipality and municipality.id
    there = sa.select(ClosedDay).where(
        ClosedDay.date == day, ClosedDay.municipality_id.is_not_distinct_from(key)
    )
    if db.session.scalar(there) is None:
        db.session.add(ClosedDay(date=day, municipality_id=key, name=name))
        db.session.flush()
    return publishing.replan(day, day, by, now, "closed")


def open_day(closed: ClosedDay, by: Person, now: dt.datetime) -> list[SeatLog]:
    """A closed day is a working day again; its seats are planned if they were published."""
    day = closed.date
    db.session.delete(closed)
    db.session.flush()
    return publishing.replan(day, day, by, now, "opened")


def register_absence(
    person: Person,
    first: dt.date,
    last: dt.date,
    part: Part,
    kind: AbsenceKind,
    by: Person | None,
    now: dt.datetime,
) -> tuple[Absence, list[Seat]]:
    """Somebody is away. Their seats of those days are open from now on; gives those seats.

    Nothing is filled by itself: see `reading.lost_cover`, `swapping.ask`, `publishing.replan`.
    """
    loading.setting(lock=True)
    absence = Absence(
        person_id=person.id,
        first=first,
        last=last,
        part=part,
        kind=kind,
        state=AbsenceState.REGISTERED,
        at=now,
        by_id=by and by.id,
    )
    db.session.add(absence)
    db.session.flush()
    mine = db.session.scalars(
        sa.select(Seat)
        .join(Seat.duty)
        .where(
            Seat.person_id == person.id,
            Seat.is_needed,
            Seat.date.between(first, last),
            Duty.starts < part.span.ends,
            Duty.ends > part.span.starts,
        )
        .order_by(Seat.date, Seat.duty_id)
    ).all()
    lost = [seat for seat in mine if not loading.row_is_over(seat, now)]
    logs = [seating.change(seat, None, seat.origin, by, now, "absence") for seat in lost]
    seating.tell(logs, by, now)
    return absence, lost


def withdraw_absence(absence: Absence, by: Person, now: dt.datetime) -> None:
    """Somebody is there after all. Who stepped in keeps the seats; a planner may swap them back."""
    absence.state, absence.by_id, absence.at = AbsenceState.WITHDRAWN, by.id, now
    db.session.flush()


def move_visit(
    duty: Duty, away: dt.date, to: dt.date, by: Person, now: dt.datetime
) -> list[SeatLog]:
    """Take one visit to another day, and its holders with it; both days are planned again.

    Raises Refused("in_past") when one of the days has begun, and Refused("double_booked") when the
    site has a visit on the other day already.
    """
    loading.setting(lock=True)
    if min(moment(day, duty.starts, ZONE) for day in (away, to)) <= now:
        raise Refused("in_past")
    taken = sa.select(Seat.id).where(Seat.duty_id == duty.id, Seat.date == to, Seat.is_needed)
    if away == to or db.session.scalar(taken):
        raise Refused("double_booked")
    earlier = db.session.scalar(
        sa.select(Move).where(Move.duty_id == duty.id, sa.or_(Move.away == away, Move.to == away))
    )
    if earlier:  # a visit that was moved before moves on
        earlier.to, earlier.at, earlier.by_id = to, now, by.id
    else:
        db.session.add(
            Move(
                duty_id=duty.id,
                municipality_id=duty.municipality_id,
                away=away,
                to=to,
                at=now,
                by_id=by.id,
            )
        )
    db.session.flush()
    logs = seating.carry_along(duty, away, to, by, now)
    logs += publishing.replan(away, away, by, now, "moved")
    return logs + publishing.replan(to, to, by, now, "moved")


def call_on(
    person: Person, starts_at: dt.datetime, ends_at: dt.datetime, phone: str = ""
) -> OnCall:
    """Somebody can be called out of hours, [starts_at, ends_at)."""
    row = OnCall(person_id=person.id, starts_at=starts_at, ends_at=ends_at, phone=phone)
    db.session.add(row)
    db.session.flush()
    return row


def call_off(row: OnCall) -> None:
    """Somebody cannot be called then after all."""
    db.session.delete(row)
    db.session.flush()


def _follow(first: dt.date, by: Person, now: dt.datetime, reason: str) -> list[SeatLog]:
    until = publishing.published_until()
    first = max(first, local(now).date())
    return publishing.replan(first, until, by, now, reason) if until and first <= until else []
