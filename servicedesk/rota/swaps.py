"""Whether a swap may be, judged again at each step; it names seats, never spans of time."""

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from servicedesk.rota.facts import Booking, Facts, Key, Origin
from servicedesk.rota.roster import Obstacle, Roster


class Refusal(enum.StrEnum):
    """Why a swap may not be."""

    NOT_OWNER = "not_owner"
    IN_PAST = "in_past"
    ABSENT = "absent"
    NOT_QUALIFIED = "not_qualified"
    SKILL = "skill"
    DOUBLE_BOOKED = "double_booked"
    HOURS = "hours"


OF_OBSTACLE = {
    Obstacle.OFF: Refusal.ABSENT,
    Obstacle.ABSENT: Refusal.ABSENT,
    Obstacle.NOT_QUALIFIED: Refusal.NOT_QUALIFIED,
    Obstacle.SKILL: Refusal.SKILL,
    Obstacle.DOUBLE_BOOKED: Refusal.DOUBLE_BOOKED,
    Obstacle.DESK_IN_WEEK: Refusal.HOURS,
    Obstacle.DESK_IN_ROW: Refusal.HOURS,
    Obstacle.HOURS: Refusal.HOURS,
}


@dataclass(frozen=True, slots=True)
class Swap:
    """`by` gives a seat to `to`, and takes one of theirs when `take` is told."""

    by: Key
    to: Key
    give: Booking | None
    take: Booking | None = None

    @property
    def given(self) -> list[tuple[Booking, Key, Key]]:
        """What changes hands: the booking, from whom, to whom."""
        ways = ((self.give, self.by, self.to), (self.take, self.to, self.by))
        return [way for way in ways if way[0] is not None]


def refusal(
    facts: Facts,
    bookings: Iterable[Booking],
    swap: Swap,
    begun: Callable[[Booking], bool],
) -> Refusal | None:
    """Why `swap` may not be, given all `bookings` of the weeks around it; None when it may.

    `begun` tells whether a seat has begun: the past does not change.
    """
    bookings = list(bookings)
    if not swap.given or swap.by == swap.to:
        return Refusal.NOT_OWNER
    for booking, owner, _ in swap.given:
        if booking.person != owner or find(bookings, booking) is None:
            return Refusal.NOT_OWNER
    if any(begun(booking) for booking, _, _ in swap.given):
        return Refusal.IN_PAST
    after = exchanged(bookings, swap)
    return next(
        (
            OF_OBSTACLE[obstacle]
            for booking, _, receiver in swap.given
            if (obstacle := _obstacle(facts, after, booking, receiver))
        ),
        None,
    )


def find(bookings: Iterable[Booking], wanted: Booking) -> Booking | None:
    """The booking of the same person on the same duty and day."""
    key = wanted.date, wanted.duty, wanted.person
    return next((b for b in bookings if (b.date, b.duty, b.person) == key), None)


def exchanged(bookings: Iterable[Booking], swap: Swap) -> list[Booking]:
    """The bookings when the seats have changed hands."""
    receivers = {find(bookings, given): to for given, _, to in swap.given}
    return [
        replace(booking, person=receivers[booking], origin=Origin.SWAP)
        if booking in receivers
        else booking
        for booking in bookings
    ]


def _obstacle(facts: Facts, after: list[Booking], given: Booking, receiver: Key) -> Obstacle | None:
    """What keeps `receiver` from the seat, with everybody else where they are `after`."""
    mine = find(after, replace(given, person=receiver))
    roster = Roster(facts)
    roster.book(booking for booking in after if booking is not mine)
    return roster.obstacle_on(given.date, given.duty, receiver)
