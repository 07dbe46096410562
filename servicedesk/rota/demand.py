"""Which seats a day asks for."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from servicedesk.rota.facts import Duty, Faces, Facts, Key, Kind, Span


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """One person needed on a duty on a day; only somebody with `skill` fits when it asks for one.

    A seat is itself and equals no other: one `Demand` makes each seat once.
    """

    date: dt.date
    duty: Duty
    nr: int
    skill: str | None
    faces: Faces

    @property
    def span(self) -> Span:
        return self.duty.span

    @property
    def is_desk(self) -> bool:
        return self.duty.kind == Kind.DESK


class Demand:
    """The seats of `facts`, day by day, always in the same order."""

    def __init__(self, facts: Facts):
        self.facts = facts
        self.duties = sorted(facts.duties, key=lambda duty: duty.id)
        self._moved_away = {(move.duty, move.away) for move in facts.moves}
        self._days: dict[dt.date, list[Seat]] = {}

    @cached_property
    def _moved_to(self) -> dict[dt.date, dict[Key, dt.date]]:
        """Day -> duty -> the day that its visit was taken from."""
        moved = defaultdict(dict)
        for move in sorted(self.facts.moves, key=lambda move: move.away):
            moved[move.to][move.duty] = move.away
        return moved

    def on(self, day: dt.date) -> list[Seat]:
        """The seats of `day`, by duty and number."""
        if day not in self._days:
            self._days[day] = self._make(day)
        return self._days[day]

    def _make(self, day: dt.date) -> list[Seat]:
        moved, seats = self._moved_to.get(day, {}), []
        for duty in self.duties:
            if duty.id in moved:
                seats += seats_of(duty, day, moved[duty.id].isoweekday())
            elif self.is_due(duty, day):
                seats += seats_of(duty, day, day.isoweekday())
        return seats

    def is_due(self, duty: Duty, day: dt.date) -> bool:
        """Whether `duty` falls on `day` by its own rhythm."""
        return (
            is_needed(duty, day)
            and day not in self.facts.closed
            and (duty.id, day) not in self._moved_away
        )


def is_needed(duty: Duty, day: dt.date) -> bool:
    """Whether `duty` is due on `day`, before closed days of the centre and moves."""
    if day.isoweekday() not in duty.weekdays or not duty.starts <= day <= duty.ends:
        return False
    if duty.every > 1 and (day - duty.anchor).days // 7 % duty.every:
        return False
    return day not in duty.closed


def seats_of(duty: Duty, day: dt.date, weekday: int) -> list[Seat]:
    """The seats of a duty that is due: first those that ask for a skill."""
    skills = [skill for skill, count in sorted(duty.need.items()) for _ in range(count)]
    skills = (skills + [None] * duty.seats)[: duty.seats]
    faces = duty.faces.get(weekday, Faces())
    return [Seat(day, duty, nr, skill, faces) for nr, skill in enumerate(skills)]


def days_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Every day from `first` to `last`, both included."""
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
