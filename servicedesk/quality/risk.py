"""Which items to ask about first: the rule. Pure.

The score is a product, so that each sign counts for more where the others are bad too:
criticality (1 low to 3 high) x months since somebody confirmed the item (1 to 24; never is 24)
x (1 + incidents of the last ninety days, at most 5) x (1 + conflicts, at most 5). A conflict is
something that an inventory saw otherwise, or another item that may be the same.
"""

import datetime as dt
from dataclasses import dataclass

MIDDLE = 2  # the criticality of what nobody classified
_MONTH = 30  # days
_LONGEST = 24  # months
_MOST = 5
_INTERVALS = {3: 182, 2: 365, 1: 730}  # days until the next confirmation, by criticality


@dataclass(frozen=True)
class Signs:
    """What is known of an item; `age` is the days since it was confirmed, None when never."""

    criticality: int
    age: int | None
    incidents: int = 0
    conflicts: int = 0


@dataclass(frozen=True)
class Risk:
    """The score, and why: pairs of a word and a number, the heaviest first.

    The words are `never`, `age` (months), `critical` (level), `incidents` and `conflicts`.
    """

    score: int
    reasons: tuple[tuple[str, int], ...]


def risk(signs: Signs) -> Risk:
    months = _LONGEST if signs.age is None else min(_LONGEST, max(1, signs.age // _MONTH))
    incidents, conflicts = min(_MOST, signs.incidents), min(_MOST, signs.conflicts)
    age = ("never", 0) if signs.age is None else ("age", signs.age // _MONTH)
    weighed = [
        (months, age),
        (signs.criticality, ("critical", signs.criticality)),
        (1 + incidents, ("incidents", signs.incidents)),
        (1 + conflicts, ("conflicts", signs.conflicts)),
    ]
    score = 1
    for factor, _reason in weighed:
        score *= factor
    told = [pair for pair in weighed if pair[0] > 1 and not _is_plain(pair[1])]
    told.sort(key=lambda pair: -pair[0])
    return Risk(score, tuple(reason for _factor, reason in told))


def _is_plain(reason: tuple[str, int]) -> bool:
    return reason[0] == "critical" and reason[1] < 3


def criticality(*levels: int | None) -> int:
    """The highest of the levels of a BIV classification."""
    return max((level for level in levels if level), default=MIDDLE)


def next_check(confirmed_on: dt.date, level: int) -> dt.date:
    """When what was confirmed on a day is asked about again."""
    return confirmed_on + dt.timedelta(days=_INTERVALS[level])


def is_due(
    today: dt.date, planned: dt.date | None, confirmed_on: dt.date | None, signs: Signs
) -> bool:
    """Whether to ask about an item: its day has come, or something contradicts it."""
    if signs.conflicts:
        return True
    if planned is None and confirmed_on is not None:
        planned = next_check(confirmed_on, signs.criticality)
    return planned is None or planned <= today
