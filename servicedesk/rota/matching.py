"""The cheapest way to give the seats of one day to people. Costs are whole numbers.

`costs[seat]` tells what the seat costs with each person who can have it; `open_costs[seat]` is the
price of leaving it empty. Among equals the first in the order of the costs is taken.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from servicedesk.rota.facts import Key

# A day with more seats than this is packed in blocks: the work doubles with each seat.
BLOCK = 10


def cheapest_matching(
    costs: Sequence[Mapping[Key, int]], open_costs: Sequence[int]
) -> list[Key | None]:
    """One seat at most for a person: the holder of each seat, None where it stays open.

    Shortest augmenting paths with prices (the Hungarian method): exact. Each seat has a column of
    its own, `(seat,)`, for staying open.
    """
    rows = [{**row, (n,): open_costs[n]} for n, row in enumerate(costs)]
    price_of_seat, price_of_column = [0] * len(rows), defaultdict(int)
    seat_in: dict = {}
    for start, row in enumerate(rows):
        prices = {column: cost - price_of_column[column] for column, cost in row.items()}
        column = min(prices, key=prices.get)
        price_of_seat[start] = prices[column]
        if column not in seat_in:
            seat_in[column] = start
        else:
            _augment(rows, start, price_of_seat, price_of_column, seat_in)
    holder = {seat: column for column, seat in seat_in.items()}
    return [None if holder[n] == (n,) else holder[n] for n in range(len(rows))]


def _augment(rows, start, price_of_seat, price_of_column, seat_in) -> None:
    """Make room for the seat `start` along the shortest path of columns that give way."""
    distance, came_from, passed = {}, {}, {}
    seat, column, length = start, None, 0
    while seat is not None:
        base = price_of_seat[seat] - length
        for candidate, cost in rows[seat].items():
            if candidate not in passed:
                reach = cost - base - price_of_column[candidate]
                if candidate not in distance or reach < distance[candidate]:
                    distance[candidate], came_from[candidate] = reach, column
        column = min(distance, key=distance.get)
        length = passed[column] = distance.pop(column)
        seat = seat_in.get(column)
    price_of_seat[start] += length
    for gone, reach in passed.items():
        if gone in seat_in:
            price_of_seat[seat_in[gone]] += length - reach
            price_of_column[gone] -= length - reach
    while came_from[column] is not None:
        seat_in[column] = seat_in[came_from[column]]
        column = came_from[column]
    seat_in[column] = start


def cheapest_packing(
    costs: Sequence[Mapping[Key, int]],
    open_costs: Sequence[int],
    fits: Callable[[Key, tuple[int, ...]], bool],
) -> list[Key | None]:
    """As `cheapest_matching`, but one person may have several seats: those that `fits` allows.

    `fits(person, seats)` must hold for a part of what it holds for. Exact up to BLOCK seats: one
    person after another takes some, and for each set of seats taken the cheapest way is kept.
    """
    answer: list[Key | None] = [None] * len(costs)
    everybody = dict.fromkeys(person for row in costs for person in row)
    for first in range(0, len(costs), BLOCK):
        block = range(first, min(first + BLOCK, len(costs)))
        # The seats taken so far, as bits -> what that saves over leaving them open, and by whom.
        ways = {0: (0, ())}
        for person in everybody:
            held = tuple(seat for seat in range(first) if answer[seat] == person)
            offers = _offers(costs, open_costs, block, person, held, fits)
            taken = dict(ways)
            for mask, (saved, who) in ways.items():
                for offer, saving, seats in offers:
                    if not mask & offer:
                        better = taken.get(mask | offer)
                        if better is None or saved + saving > better[0]:
                            taken[mask | offer] = (saved + saving, (*who, (person, seats)))
            ways = taken
        _, best = max(ways.values(), key=lambda way: way[0])
        for person, seats in best:
            for seat in seats:
                answer[seat] = person
    return answer


def _offers(costs, open_costs, block, person, held, fits) -> list[tuple[int, int, tuple]]:
    """The sets of seats that `person` can have: as bits, what each saves, and its seats."""
    offers = [(0, 0, ())]
    for seat in block:
        if person not in costs[seat]:
            continue
        gain = open_costs[seat] - costs[seat][person]
        for mask, saving, seats in list(offers):
            if fits(person, (*held, *seats, seat)):
                offers.append((mask | 1 << (seat - block.start), saving + gain, (*seats, seat)))
    return offers[1:]
