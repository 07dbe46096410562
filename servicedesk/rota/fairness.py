"""A fair share of the desk: seats in proportion to the days that somebody can have one.

A free day is a day with desk seats on which somebody works (any part), is not away all day, and
has no visit of their own as the fixed face. Leave and part-time work make no debt that way.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from servicedesk.rota.demand import Seat
from servicedesk.rota.facts import Key
from servicedesk.rota.roster import Roster


def free_days(roster: Roster, days: Mapping[dt.date, Sequence[Seat]]) -> dict[Key, int]:
    """How many free days each person who works the desk has among `days`."""
    free = {key: 0 for key, person in sorted(roster.people.items()) if person.desk}
    for day, seats in days.items():
        if not any(seat.is_desk for seat in seats):
            continue
        visiting = {seat.faces.primary for seat in seats if not seat.is_desk}
        for key in free:
            person = roster.people[key]
            if key not in visiting and roster.presence.has_free_part(person, day):
                free[key] += 1
    return free


def deviations(
    free: Mapping[Key, int], holders: Iterable[Key], carried: Mapping[Key, float]
) -> dict[Key, float]:
    """Seats above (+) or below (-) a fair share, of everybody who has a free day.

    `holders` names the holder of every filled desk seat. The shares are of all those seats.
    """
    held = Counter(holders)
    counted = [key for key in free if free[key]]
    all_free, all_held = sum(free[key] for key in counted), sum(held[key] for key in counted)
    return {
        key: held[key] - all_held * free[key] / all_free + carried.get(key, 0) for key in counted
    }


def spread(deviation: Mapping[Key, float]) -> float:
    """The distance between who did most and who did least, in seats."""
    return max(deviation.values(), default=0) - min(deviation.values(), default=0)
