"""Costs in whole cents, divided over municipalities and months so that the parts add up exactly.

Each divider gives every part its share rounded down, and the cents that are left to the largest
remainders (Hamilton's method); of equal remainders the earlier part comes first.
"""

import calendar
import datetime as dt
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

WHOLE = 1000
"""A whole item, in thousandths."""


@dataclass(frozen=True)
class Share:
    """What a municipality takes of an item, in thousandths, from a date until before another."""

    municipality_id: int
    thousandths: int
    valid_from: dt.date
    valid_to: dt.date | None = None

    def days(self, first: dt.date, following: dt.date) -> int:
        """On how many days of a span it holds; the span ends before `following`."""
        ends = min(self.valid_to or following, following)
        return max(0, (ends - max(self.valid_from, first)).days)


def apportion(cents: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount by weights, none below zero; the parts add up to it.

    Raises:
        ValueError: no weight is above zero.
    """
    total = sum(weights)
    if total <= 0:
        raise ValueError("an amount needs a weight to be divided by")
    parts = [cents * weight // total for weight in weights]
    remainders = [cents * weight % total for weight in weights]
    order = sorted(range(len(weights)), key=lambda at: -remainders[at])
    for at in order[: cents - sum(parts)]:
        parts[at] += 1
    return parts


def of_month(yearly_cents: int, month: int) -> int:
    """What falls in a month (1-12) of a yearly amount; twelve months add up to the year."""
    return yearly_cents * month // 12 - yearly_cents * (month - 1) // 12


def month_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """The first day of its month, and that of the next."""
    first = day.replace(day=1)
    return first, first + dt.timedelta(days=calendar.monthrange(day.year, day.month)[1])


def divided(
    cents: int, owner_id: int | None, shares: Iterable[Share], span: tuple[dt.date, dt.date]
) -> Mapping[int | None, int]:
    """What each municipality pays of an amount over a span of days; None is the centre.

    A share counts for the days it holds. What no share takes is for the owner. Shares of more than
    a whole divide it in proportion.
    """
    first, following = span
    days = (following - first).days
    weights: dict[Hashable, int] = {}
    for share in shares:
        taken = share.thousandths * share.days(first, following)
        weights[share.municipality_id] = weights.get(share.municipality_id, 0) + taken
    rest = max(0, WHOLE * days - sum(weights.values()))
    weights[owner_id] = weights.get(owner_id, 0) + rest
    payers = sorted(weights, key=lambda key: (key is None, key or 0))
    parts = apportion(cents, [weights[payer] for payer in payers])
    return dict(zip(payers, parts, strict=True))
