"""Who can step in on a seat, the best first, and why the others cannot."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from servicedesk.rota import fairness
from servicedesk.rota.demand import days_between
from servicedesk.rota.facts import Booking, Faces, Facts, Key
from servicedesk.rota.roster import Obstacle, Roster


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who can have a seat, or cannot because of `obstacle`.

    `rank` is 0 for the fixed face, 1 for the deputy, 2 for others. `deviation` is what they do
    above (+) or below (-) a fair share of the desk, `in_week` their seats in that week.
    """

    person: Key
    obstacle: Obstacle | None
    rank: int
    deviation: float
    in_week: int


def candidates(
    facts: Facts,
    bookings: Iterable[Booking],
    day: dt.date,
    duty: Key,
    leaves: Key | None,
    window: tuple[dt.date, dt.date],
) -> list[Candidate]:
    """Everybody but `leaves` for the seat on `duty` on `day`: who can, best first, then who cannot.

    `bookings` are those of the window, first and last day, over which the load is counted.
    """
    bookings = list(bookings)
    roster = Roster(facts)
    roster.book(b for b in bookings if (b.date, b.duty, b.person) != (day, duty, leaves))
    return ranked(roster, loads(roster, bookings, window), day, duty, leaves)


def ranked(
    roster: Roster, load: Mapping[Key, float], day: dt.date, duty: Key, leaves: Key | None
) -> list[Candidate]:
    """As `candidates`, for a seat that is open in `roster`, with what `loads` gives."""
    seats = [seat for seat in roster.demand.on(day) if seat.duty.id == duty]
    faces = seats[0].faces if seats else Faces()
    found = [
        Candidate(
            key,
            roster.obstacle_on(day, duty, key),
            _rank(faces, key),
            load.get(key, 0.0),
            len(roster.week(person, day)),
        )
        for key, person in roster.people.items()
        if key != leaves
    ]
    return sorted(
        found, key=lambda c: (c.obstacle is not None, c.rank, c.deviation, c.in_week, c.person)
    )


def loads(
    roster: Roster, bookings: Iterable[Booking], window: tuple[dt.date, dt.date]
) -> dict[Key, float]:
    """What each person does above (+) or below (-) a fair share of the desk in the window."""
    free = fairness.free_days(roster, {day: roster.demand.on(day) for day in days_between(*window)})
    desk = {duty.id for duty in roster.facts.duties if duty.kind == "desk"}
    holders = [booking.person for booking in bookings if booking.duty in desk]
    return fairness.deviations(free, holders, roster.facts.carried)


def _rank(faces: Faces, person: Key) -> int:
    if person == faces.primary:
        return 0
    return 1 if person == faces.deputy else 2
