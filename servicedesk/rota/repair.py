"""Chains of moves that the limits across days make necessary.

A seat may be open because who could have it has used up the week. Then somebody takes it and gives
up another seat, which a third takes, and so on: the augmenting paths of a matching, over days.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from servicedesk.rota.demand import Seat
from servicedesk.rota.facts import Key, Person
from servicedesk.rota.matching import cheapest_matching

_LONGEST = 5  # moves in a chain
_EFFORT = 2000  # steps that the search for one chain may take
_TOGETHER = 20_000  # steps that all searches of one mending may take


def mend(planner, least: dict[tuple[int, int], int]) -> None:
    """Fill open seats by chains, then bring people to their own turn or visit where that pays.

    `least` is what `least_open` gives: below it no week needs a search.
    """
    budget = _Budget(_TOGETHER)
    for seat in [seat for seat, holder in planner.holder.items() if holder is None]:
        week = _week(seat.date)
        for length in range(1, _LONGEST + 1):
            if planner.holder[seat] is not None or _open_in(planner, week) <= least[week]:
                break
            _Search(planner, budget).fill(seat, length)
    for day in planner.days:
        for seat in planner.days[day]:
            if seat not in planner.pinned and planner.holder[seat] is not None:
                _improve(planner, seat, budget)


def least_open(planner) -> dict[tuple[int, int], int]:
    """For each ISO week a number of open seats that no plan goes below.

    It is what the days need at least by themselves, or what the desk asks for beyond what everybody
    may do of it in that week.
    """
    rules, open_by_day, asked, may = planner.roster.rules, Counter(), Counter(), Counter()
    for day, costs in planner.costs.items():
        week = _week(day)
        seats = [seat for seat in costs if seat not in planner.pinned]
        pinned = [seat for seat in costs if seat in planner.pinned]
        open_by_day[week] += sum(planner.holder[seat] is None for seat in pinned)
        if rules.one_duty_per_day:
            rows = [{key: 0 for key in costs[seat] if key is not None} for seat in seats]
            open_by_day[week] += cheapest_matching(rows, [1] * len(rows)).count(None)
        desk = [seat for seat in seats if seat.is_desk]
        asked[week] += len(desk)
        for key in {key for seat in desk for key in costs[seat] if key is not None}:
            may[week, key] += 1 if rules.one_duty_per_day else len(desk)
    if rules.max_desk_per_week is not None:
        for (week, _key), count in may.items():
            asked[week] -= min(count, rules.max_desk_per_week)
    else:
        asked.clear()
    return {week: max(open_by_day[week], asked[week]) for week in map(_week, planner.days)}


def _week(day: dt.date) -> tuple[int, int]:
    return day.isocalendar()[:2]


def _open_in(planner, week: tuple[int, int]) -> int:
    return sum(
        holder is None and _week(seat.date) == week for seat, holder in planner.holder.items()
    )


class _Budget:
    """How many steps are left."""

    def __init__(self, steps: int):
        self.steps = steps


def _improve(planner, seat: Seat, budget: _Budget) -> None:
    """Give `seat` to whom it belongs, when the chain that this takes makes the whole cheaper."""
    costs, now = planner.costs[seat.date][seat], planner.holder[seat]
    better = [key for key in costs if key is not None and costs[key] < costs[now]]
    for key in sorted(better, key=lambda key: (costs[key], key)):
        search = _Search(planner, budget)
        search.place(seat, None)
        search.used.add(seat)
        if search.move(planner.roster.people[key], seat, 3) and search.saved() > 0:
            return
        search.undo(0)


class _Search:
    """One search for a chain; it remembers its moves, to take them back."""

    def __init__(self, planner, budget: _Budget):
        self.planner, self.roster, self.budget = planner, planner.roster, budget
        self.used: set[Seat] = set()
        self.moves: list[tuple[Seat, Key | None]] = []
        self.effort = _EFFORT

    def place(self, seat: Seat, person: Key | None) -> None:
        self.moves.append((seat, self.planner.holder[seat]))
        self.planner.place(seat, person)

    def undo(self, count: int) -> None:
        """Take back all moves but the first `count`."""
        while len(self.moves) > count:
            self.planner.place(*self.moves.pop())

    def saved(self) -> int:
        """What the moves together save."""
        first = {}
        for seat, before in self.moves:
            first.setdefault(seat, before)
        costs = self.planner.costs
        return sum(
            costs[seat.date][seat][before] - costs[seat.date][seat][self.planner.holder[seat]]
            for seat, before in first.items()
        )

    def fill(self, seat: Seat, length: int) -> bool:
        """Find a holder for an open seat in at most `length` moves; False leaves all as it was."""
        costs = self.planner.costs[seat.date][seat]
        self.used.add(seat)
        able = [key for key in costs if key is not None]
        for key in sorted(able, key=lambda k: (costs[k], self.planner.above_share(k), k)):
            if self.move(self.roster.people[key], seat, length):
                return True
        self.used.discard(seat)
        return False

    def move(self, person: Person, seat: Seat, length: int) -> bool:
        """Let `person` take `seat`, and others what they give up for it."""
        self.effort -= 1
        self.budget.steps -= 1
        if self.effort < 0 or self.budget.steps < 0:
            return False
        before = len(self.moves)
        for given_up in self._ways(person, seat, length):
            self.place(seat, person.id)
            if all(self.fill(other, length - 1) for other in given_up):
                return True
            self.undo(before)
        return False

    def _ways(self, person: Person, seat: Seat, length: int) -> Iterator[tuple[Seat, ...]]:
        """The fewest seats that `person` can give up to have `seat`; they are open when told."""
        most = 2 if length > 1 else 0
        before, near = len(self.moves), self._near(person, seat)
        for count in range(most + 1):
            found = False
            for given_up in combinations(near, count):
                for other in given_up:
                    self.place(other, None)
                if self.roster.obstacle(person, seat) is None:
                    found = True
                    yield given_up
                self.undo(before)
            if found:
                return

    def _near(self, person: Person, seat: Seat) -> list[Seat]:
        """The seats of `person` that may stand in the way: of that day, that week, that run."""
        seats = self.roster.week(person, seat.date)
        if seat.is_desk and self.roster.rules.max_desk_days_in_row is not None:
            seats += [other for other in self.roster.run(person, seat.date) if other not in seats]
        taken = self.planner.pinned | self.used
        return [other for other in seats if other in self.planner.holder and other not in taken]
