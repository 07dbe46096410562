"""Whose turn it is, counted from an anchor."""

import datetime as dt
from collections import defaultdict

from servicedesk.rota.facts import Duty, Facts, Key, Turn


class Turns:
    """The turns of `facts`: for a duty the version that started last holds."""

    def __init__(self, facts: Facts):
        self.closed = facts.closed
        self._versions = defaultdict(list)
        for turn in facts.turns:
            self._versions[turn.duty].append(turn)

    def holders(self, duty: Duty, day: dt.date) -> frozenset[Key]:
        """Everybody whose turn it is on a day that `duty` is due; empty when nobody takes turns."""
        begun = [turn for turn in self._versions[duty.id] if turn.starts <= day]
        if not begun:
            return frozenset()
        latest = max(turn.starts for turn in begun)
        return frozenset(
            person
            for turn in begun
            if turn.starts == latest and turn.order
            for person in turn.order[self._count(turn, duty, day) // turn.length % len(turn.order)]
        )

    def _count(self, turn: Turn, duty: Duty, day: dt.date) -> int:
        if turn.unit == "week":
            return (_monday(day) - _monday(turn.anchor)).days // 7
        if day < turn.anchor:
            return -self._days_due(duty, day, turn.anchor)
        return self._days_due(duty, turn.anchor, day)

    def _days_due(self, duty: Duty, first: dt.date, end: dt.date) -> int:
        """How many days in [first, end) ask for `duty` by weekday, closed days left out."""
        weeks, rest = divmod((end - first).days, 7)
        days = weeks * len(duty.weekdays) + sum(
            (first + dt.timedelta(days=n)).isoweekday() in duty.weekdays for n in range(rest)
        )
        return days - sum(
            first <= day < end and day.isoweekday() in duty.weekdays
            for day in self.closed | duty.closed
        )


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())
