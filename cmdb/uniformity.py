"""How alike municipalities have arranged one thing, such as the make of their switches.

Of every municipality it is counted how many items have each value. The usual value is the one that
the largest part of the municipalities has; one with several values counts for each in proportion.
The score is that part, in percent: 100 when all have the usual value for everything, and the same
whatever the number of items that each has. With one municipality there is nothing to compare.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Uniformity:
    """What is usual, how usual (0 to 1), and who does otherwise with what else they have."""

    usual: str
    score: Fraction
    outliers: Mapping[Hashable, Counts]
    municipalities: int

    @property
    def percent(self) -> int:
        """The score in whole percents, rounded down: only where all are alike it is 100."""
        return int(self.score * 100)


def compare(found: Mapping[Hashable, Counts]) -> Uniformity | None:
    """Compare what municipalities have; None with fewer than two of them that have anything.

    `found` gives by municipality the number of items of each value. Of values that are as usual,
    the first of the alphabet is taken.
    """
    present = {who: counts for who, counts in found.items() if sum(counts.values())}
    if len(present) < 2:
        return None
    support: dict[str, Fraction] = defaultdict(Fraction)
    for counts in present.values():
        for value, number in counts.items():
            support[value] += Fraction(number, sum(counts.values()))
    usual = min(support, key=lambda value: (-support[value], value))
    outliers = {
        who: others
        for who, counts in present.items()
        if (others := {value: n for value, n in counts.items() if value != usual and n})
    }
    return Uniformity(usual, support[usual] / len(present), outliers, len(present))


def overall(several: list[Uniformity]) -> int | None:
    """The mean of scores in whole percents, each counting once; None without any."""
    if not several:
        return None
    return int(sum(one.score for one in several) * 100 / len(several))
