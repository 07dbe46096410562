"""Chains of moves that the limits across days make necessary.

A seat may be open because who could have it has used up the week. Then somebody takes it and gives
up another seat, which a third takes, and so on: the augmenting paths of a matching, over days.
"""

from collections.abc import Iterator
from itertools import combinations

from servicedesk.rota.demand import Seat
from servicedesk.rota.facts import Key, Person

_LONGEST = 5  # moves in a chain
_EFFORT = 2000  # steps that the search for one chain may take


def mend(planner) -> None:
    """Fill open seats by chains, then bring people to their own turn or visit where that pays."""
    for seat, holder in list(planner.holder.items()):
        if holder is None and planner.holder[seat] is None:
            for length in range(1, _LONGEST + 1):
                if _Search(planner).fill(seat, length):
                    break
    for day in planner.days:
        for seat in planner.days[day]:
            if seat not in planner.pinned and planner.holder[seat] is not None:
                _improve(planner, seat)


def _improve(planner, seat: Seat) -> None:
    """Give `seat` to whom it belongs, when the chain that this takes makes the whole cheaper."""
    costs, now = planner.costs[seat.date][seat], planner.holder[seat]
    better = [key for key in costs if key is not None and costs[key] < costs[now]]
    for key in sorted(better, key=lambda key: (costs[key], key)):
        search = _Search(planner)
        search.place(seat, None)
        search.used.add(seat)
        if search.move(planner.roster.people[key], seat, 3) and search.saved() > 0:
            return
        search.undo(0)


class _Search:
    """One search for a chain; it remembers its moves, to take them back."""

    def __init__(self, planner):
        self.planner, self.roster = planner, planner.roster
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
        for key in sorted((key for key in costs if key is not None), key=lambda k: (costs[k], k)):
            if self.move(self.roster.people[key], seat, length):
                return True
        self.used.discard(seat)
        return False

    def move(self, person: Person, seat: Seat, length: int) -> bool:
        """Let `person` take `seat`, and others what they give up for it."""
        self.effort -= 1
        if self.effort < 0:
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
