"""Fairness between people who never can have the same seat: a seat goes from hand to hand.

Planning one day again evens out two people who are both free on it. Somebody of Monday and somebody
of Friday are evened out through a third, who gives a seat on the one day and gets one on the other.
"""

from collections import deque

from servicedesk.rota.demand import Seat
from servicedesk.rota.facts import Key

# Only a gain of more than this is one: the figures are fractions.
_LEAST = 1e-6


def level(planner) -> bool:
    """Pass seats on as long as that brings two people closer to a fair share; whether it did."""
    moved = False
    while chain := _chain(planner):
        for seat, person in reversed(chain):
            planner.place(seat, person)
        moved = True
    return moved


def _chain(planner) -> list[tuple[Seat, Key]]:
    """The seats to pass on, from who has most to who has least: each with its next holder."""
    above = {key: planner.above_share(key) for key in planner.free if planner.free[key]}
    if not above:
        return []
    lowest = min(above.values())
    held: dict[Key, list[Seat]] = {}
    for seats in planner.days.values():
        for seat in seats:
            if seat.is_desk and seat not in planner.pinned:
                held.setdefault(planner.holder[seat], []).append(seat)
    for start in sorted(above, key=lambda key: (-above[key], key)):
        if above[start] - lowest <= 1 + _LEAST:
            break
        chain = _reach(planner, start, above, held)
        if chain:
            return chain
    return []


def _reach(planner, start: Key, above: dict, held: dict) -> list[tuple[Seat, Key]]:
    """The shortest way on which a seat of `start` reaches somebody with more than one fewer."""
    came_by: dict[Key, tuple[Key, Seat] | None] = {start: None}
    queue = deque([start])
    while queue:
        giver = queue.popleft()
        for seat in held.get(giver, ()):
            costs = planner.costs[seat.date][seat]
            for taker in above:
                if (
                    taker not in came_by
                    and costs.get(taker, costs[giver] + 1) <= costs[giver]
                    and planner.fits(taker, [seat])
                ):
                    came_by[taker] = giver, seat
                    if above[start] - above[taker] > 1 + _LEAST:
                        return _walk_back(came_by, taker)
                    queue.append(taker)
    return []


def _walk_back(came_by: dict, taker: Key) -> list[tuple[Seat, Key]]:
    chain = []
    while came_by[taker]:
        giver, seat = came_by[taker]
        chain.append((seat, taker))
        taker = giver
    return chain[::-1]
