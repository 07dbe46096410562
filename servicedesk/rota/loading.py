"""From rows to what the rules are told, in a number of queries that never grows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db
from cmdb.localtime import ZONE
from servicedesk.rota import candidates, facts, models
from servicedesk.rota.facts import EVER, Booking, Facts
from servicedesk.rota.presence import interval, moment
from servicedesk.rota.roster import Roster
from servicedesk.rota.words import AbsenceState
from sla.holidays import dutch_holidays

# The stretch before a plan whose shares are carried into it: a quarter.
QUARTER = dt.timedelta(weeks=13)


def setting(lock: bool = False) -> models.RotaSetting:
    """The rules of the roster; whoever writes the roster locks them, so that writers take turns."""
    chosen = sa.select(models.RotaSetting)
    return db.session.scalars(chosen.with_for_update() if lock else chosen).one()


def load_facts(first: dt.date, last: dt.date) -> Facts:
    """All that a plan of these days follows from."""
    rules = setting()
    turns = _turns()
    start = min([first, *(turn.anchor for turn in turns)])
    closed, closed_at = _closed_days(rules, start, last)
    return Facts(
        people=_people(),
        duties=_duties(first, last, closed_at),
        turns=turns,
        absences=tuple(
            facts.Absence(row.person_id, row.first, row.last, row.part)
            for row in db.session.scalars(
                sa.select(models.Absence).where(
                    models.Absence.state == AbsenceState.REGISTERED,
                    models.Absence.last >= first,
                    models.Absence.first <= last,
                )
            )
        ),
        closed=closed,
        moves=tuple(
            facts.Move(row.duty_id, row.away, row.to)
            for row in db.session.scalars(sa.select(models.Move))
        ),
        overrides=tuple(
            Booking(row.date, row.duty_id, row.person_id)
            for row in db.session.scalars(
                sa.select(models.HandChoice).where(models.HandChoice.date.between(first, last))
            )
        ),
        rules=facts.Rules(
            one_duty_per_day=rules.one_duty_per_day,
            max_desk_per_week=rules.max_desk_per_week,
            max_desk_days_in_row=rules.max_desk_days_in_row,
            respect_hours=rules.respect_hours,
            visit_before_desk=rules.visit_before_desk,
        ),
    )


def load_bookings(first: dt.date, last: dt.date) -> list[Booking]:
    """What is published for these days: the seats that somebody has."""
    return [booking(row) for row in seats(first, last) if row.person_id is not None]


@dataclass(frozen=True)
class Known:
    """The facts and the published bookings of a stretch of days, read once for all who ask.

    What is asked of it must lie within those days; other days of it change no answer.
    """

    facts: Facts
    bookings: list[Booking]

    def booked(self, first: dt.date, last: dt.date) -> list[Booking]:
        """The published bookings of these days."""
        return [one for one in self.bookings if first <= one.date <= last]


def know(first: dt.date, last: dt.date) -> Known:
    """What the rules are told of these days, and who has which seat."""
    return Known(load_facts(first, last), load_bookings(first, last))


def seats(first: dt.date, last: dt.date) -> list[models.Seat]:
    """The published seats of these days that are needed, open ones too."""
    return list(
        db.session.scalars(
            sa.select(models.Seat)
            .where(models.Seat.date.between(first, last), models.Seat.is_needed)
            .order_by(models.Seat.date, models.Seat.duty_id, models.Seat.nr)
        )
    )


def booking(row: models.Seat) -> Booking:
    """A published seat as the rules know it."""
    return Booking(row.date, row.duty_id, row.person_id, row.nr, row.origin)


def carried(first: dt.date, known: Known | None = None) -> dict[int, float]:
    """What everybody did above or below a fair share in the quarter before `first`."""
    start, end = first - QUARTER, first - dt.timedelta(days=1)
    known = known or know(start, end)
    return candidates.loads(Roster(known.facts), known.booked(start, end), (start, end))


def is_over(now: dt.datetime):
    """Whether a seat is over at `now`: what has been does not change."""
    return lambda seat: interval(seat.date, seat.span, ZONE)[1] <= now


def row_is_over(seat: models.Seat, now: dt.datetime) -> bool:
    """Whether a published seat is over at `now`."""
    return moment(seat.date, seat.duty.ends, ZONE) <= now


def _closed_days(
    rules: models.RotaSetting, first: dt.date, last: dt.date
) -> tuple[frozenset[dt.date], dict[int, set[dt.date]]]:
    """The closed days of the centre, and those of each municipality."""
    closed, closed_at = set(), defaultdict(set)
    for row in db.session.scalars(sa.select(models.ClosedDay)):
        (closed if row.municipality_id is None else closed_at[row.municipality_id]).add(row.date)
    if rules.liberation_day:
        for year in range(first.year, last.year + 1):
            closed.update(dutch_holidays(year, rules.liberation_day))
    return frozenset(closed), closed_at


def _people() -> tuple[facts.Person, ...]:
    works: dict[int, dict[dt.date, dict]] = defaultdict(lambda: defaultdict(dict))
    for row in db.session.scalars(sa.select(models.WorkPattern)):
        works[row.person_id][row.valid_from][row.weekday] = row.part
    skill = models.PersonSkill
    known = _grouped(
        sa.select(models.Employment, skill.skill).outerjoin(
            skill, skill.person_id == models.Employment.person_id
        )
    )
    return tuple(
        facts.Person(
            row.person_id,
            row.weekly_minutes / 60,
            _patterns(works[row.person_id]),
            frozenset(skills),
            row.starts,
            row.ends or EVER,
            row.at_desk,
        )
        for row, skills in known.items()
    )


def _patterns(versions: dict[dt.date, dict]) -> tuple[facts.Pattern, ...]:
    """Each version holds until the next."""
    starts = sorted(versions)
    ends = [start - dt.timedelta(days=1) for start in starts[1:]] + [EVER]
    return tuple(
        facts.Pattern(versions[start], start, end) for start, end in zip(starts, ends, strict=True)
    )


def _duties(first: dt.date, last: dt.date, closed_at) -> tuple[facts.Duty, ...]:
    who = models.DutyPerson
    known = _grouped(sa.select(models.Duty, who).outerjoin(who, who.duty_id == models.Duty.id))
    return tuple(
        facts.Duty(
            id=row.id,
            kind=row.kind,
            span=facts.Span(row.starts, row.ends),
            weekdays=frozenset(row.weekdays),
            seats=row.seats,
            need={row.skill: row.skilled_seats} if row.skill and row.skilled_seats else {},
            every=row.every,
            anchor=row.anchor,
            starts=row.valid_from,
            ends=row.valid_to or EVER,
            closed=frozenset(closed_at[row.municipality_id])
            if row.municipality_id
            else frozenset(),
            faces=_faces(row.weekdays, people),
            authorised=frozenset(who.person_id for who in people),
        )
        for row, people in known.items()
    )


def _faces(weekdays: Iterable[int], people: list[models.DutyPerson]) -> dict[int, facts.Faces]:
    """The face and the deputy of each weekday; who is named for that day goes before the rest."""
    found = {}
    for weekday in weekdays:
        ranked = {
            who.rank: who.person_id
            for who in sorted(people, key=lambda who: who.weekday is not None)
            if who.weekday in (None, weekday)
        }
        found[weekday] = facts.Faces(ranked.get(1), ranked.get(2))
    return found


def _turns() -> tuple[facts.Turn, ...]:
    member = models.TurnMember
    known = _grouped(
        sa.select(models.Turn, member).outerjoin(member, member.turn_id == models.Turn.id)
    )
    return tuple(
        facts.Turn(
            row.duty_id,
            _in_turn(members),
            row.unit,
            row.length,
            row.anchor,
            row.valid_from,
        )
        for row, members in known.items()
    )


def _in_turn(members: Iterable[models.TurnMember]) -> tuple[tuple[int, ...], ...]:
    """The people of each position, in order."""
    places: dict[int, list[int]] = defaultdict(list)
    for member in members:
        places[member.position].append(member.person_id)
    return tuple(tuple(sorted(who)) for _, who in sorted(places.items()))


def _grouped(statement: sa.Select) -> dict:
    """Rows of an outer join, each with what hangs on it, in one statement."""
    found: dict = {}
    for row, part in db.session.execute(statement):
        parts = found.setdefault(row, [])
        if part is not None:
            parts.append(part)
    return found
