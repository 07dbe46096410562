"""What the planner is told: people, duties, turns, absences, moves and hand-made choices.

Dates are local; weekdays are ISO (1 = Monday); a time of day is minutes since local midnight, and
a span of them is half open. Where a key may be a number or a text, one roster uses one kind.
"""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

Key = int | str

NOON = 12 * 60 + 30
MIDNIGHT = 24 * 60
EVER = dt.date.max
NEVER = dt.date.min


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """A stretch of one day, [starts, ends) in minutes since midnight."""

    starts: int
    ends: int

    def overlaps(self, other: "Span") -> bool:
        return self.starts < other.ends and other.starts < self.ends

    def contains(self, other: "Span") -> bool:
        return self.starts <= other.starts and other.ends <= self.ends

    @property
    def hours(self) -> float:
        return (self.ends - self.starts) / 60


class Part(enum.StrEnum):
    """The part of a day that somebody works, or is away."""

    DAY = "day"
    MORNING = "am"
    AFTERNOON = "pm"

    @property
    def span(self) -> Span:
        return _SPANS[self]


_SPANS = {
    Part.DAY: Span(0, MIDNIGHT),
    Part.MORNING: Span(0, NOON),
    Part.AFTERNOON: Span(NOON, MIDNIGHT),
}


class Kind(enum.StrEnum):
    """A shift at the desk, or a day at a municipality."""

    DESK = "desk"
    SITE = "site"


class Origin(enum.StrEnum):
    """Why somebody has a seat."""

    TURN = "turn"
    FACE = "face"
    FAIR = "fair"
    SUBSTITUTE = "substitute"
    SWAP = "swap"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Pattern:
    """The days that somebody works, while it holds: weekday -> part of that day."""

    works: Mapping[int, Part]
    starts: dt.date = NEVER
    ends: dt.date = EVER


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can have a seat; `hours` are a week's by contract.

    The first pattern that holds on a day counts.
    """

    id: Key
    hours: float
    patterns: tuple[Pattern, ...]
    skills: frozenset[str] = frozenset()
    starts: dt.date = NEVER
    ends: dt.date = EVER
    desk: bool = True

    def part(self, day: dt.date) -> Part | None:
        """The part of `day` that this person works by contract; None when not at all."""
        if not self.starts <= day <= self.ends:
            return None
        for pattern in self.patterns:
            if pattern.starts <= day <= pattern.ends:
                return pattern.works.get(day.isoweekday())
        return None


@dataclass(frozen=True, slots=True)
class Faces:
    """Who a municipality knows on a weekday: the fixed face, and who stands in."""

    primary: Key | None = None
    deputy: Key | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """Recurring demand for people; nothing else makes seats.

    `need` says how many of the seats ask for a skill. `every` N weeks counts whole weeks of seven
    days from `anchor`. Who may come to a site is in `authorised`; at the desk that is everybody.
    """

    id: Key
    kind: Kind
    span: Span
    weekdays: frozenset[int]
    seats: int = 1
    need: Mapping[str, int] = field(default_factory=dict)
    every: int = 1
    anchor: dt.date | None = None
    starts: dt.date = NEVER
    ends: dt.date = EVER
    closed: frozenset[dt.date] = frozenset()
    faces: Mapping[int, Faces] = field(default_factory=dict)
    authorised: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Turn:
    """An order in which people take a duty, from a day on; a place may hold several people.

    The turn is counted from `anchor`, never from who was next: an absence touches its own seats.
    """

    duty: Key
    order: tuple[tuple[Key, ...], ...]
    unit: str  # "week" (Monday to Monday) or "workday" (a day on which the duty is due)
    length: int
    anchor: dt.date
    starts: dt.date


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away from `first` to `last`, both included. The reason is not told here."""

    person: Key
    first: dt.date
    last: dt.date
    part: Part = Part.DAY


@dataclass(frozen=True, slots=True)
class Move:
    """One visit is taken from one day to another."""

    duty: Key
    away: dt.date
    to: dt.date


@dataclass(frozen=True, slots=True)
class Booking:
    """Somebody on a duty on a day: published, chosen or planned; `nr` tells seats apart."""

    date: dt.date
    duty: Key
    person: Key
    nr: int = 0
    origin: Origin = Origin.FAIR


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits that hold for everybody; None is no limit."""

    one_duty_per_day: bool = True
    max_desk_per_week: int | None = None
    max_desk_days_in_row: int | None = None
    respect_hours: bool = False
    visit_before_desk: bool = True

    @property
    def reach_across_days(self) -> bool:
        return bool(self.max_desk_per_week or self.max_desk_days_in_row or self.respect_hours)


@dataclass(frozen=True)
class Facts:
    """All that a plan follows from. The order of the rows means nothing.

    `carried` is what somebody did above (or below) a fair share before the days that are planned.
    """

    people: tuple[Person, ...]
    duties: tuple[Duty, ...]
    turns: tuple[Turn, ...] = ()
    absences: tuple[Absence, ...] = ()
    closed: frozenset[dt.date] = frozenset()
    moves: tuple[Move, ...] = ()
    overrides: tuple[Booking, ...] = ()
    rules: Rules = Rules()
    carried: Mapping[Key, float] = field(default_factory=dict)
