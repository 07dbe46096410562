"""The outage radar: reports from several municipalities that point at one thing behind them.

Two reports point at the same item when what they are about is that item, or hangs on it within a
few steps. When reports from at least two municipalities do so within minutes of each other, the
nearest such item is suspected. Knows no database: any hashable is a key.
"""

import datetime as dt
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

WITHIN = dt.timedelta(minutes=30)
FAR = 3
"""Steps up from what a report is about; farther away everything hangs on everything."""

Item = Hashable
Path = tuple[Item, ...]


@dataclass(frozen=True)
class Sighting:
    """A report: its ticket, municipality, moment, and the items that it is about."""

    ticket: Hashable
    municipality: Hashable
    at: dt.datetime
    items: frozenset[Item]


@dataclass(frozen=True)
class Suspicion:
    """An item that may be out, the reports that point at it, and the way from each to the item."""

    item: Item
    sightings: Sequence[Sighting]
    paths: Sequence[Path]

    @property
    def steps(self) -> int:
        """How far the reports are from it, together."""
        return sum(len(path) - 1 for path in self.paths)


def suspicions(
    sightings: Iterable[Sighting],
    needs: Mapping[Item, Collection[Item]],
    within: dt.timedelta = WITHIN,
    far: int = FAR,
) -> list[Suspicion]:
    """What may be out: what most reports point at first; a report points at one thing only.

    `needs` gives by item what it needs directly.
    """
    pointing: dict[Item, dict[Sighting, Path]] = {}
    for sighting in sightings:
        for item, path in _paths(sighting.items, needs, far).items():
            pointing.setdefault(item, {})[sighting] = path
    found: list[Suspicion] = []
    explained: set[Sighting] = set()
    while True:
        left = [
            one
            for item, paths in pointing.items()
            if (one := _suspected(item, paths, explained, within))
        ]
        if not left:
            return found
        best = min(left, key=lambda one: (-len(one.sightings), one.steps, str(one.item)))
        found.append(best)
        explained.update(best.sightings)


def _paths(
    items: Iterable[Item], needs: Mapping[Item, Collection[Item]], far: int
) -> dict[Item, Path]:
    """The shortest way from one of the items to each that it hangs on."""
    found: dict[Item, Path] = {item: (item,) for item in items}
    step = list(found.values())
    for _turn in range(far):
        following = []
        for path in step:
            for item in needs.get(path[-1], ()):
                if item not in found:
                    found[item] = (*path, item)
                    following.append(found[item])
        step = following
    return found


def _suspected(
    item: Item,
    paths: Mapping[Sighting, Path],
    explained: Collection[Sighting],
    within: dt.timedelta,
) -> Suspicion | None:
    """The largest group of reports within the span, of at least two municipalities."""
    left = sorted((one for one in paths if one not in explained), key=lambda one: one.at)
    best: list[Sighting] = []
    start = 0
    for end, last in enumerate(left):
        while last.at - left[start].at > within:
            start += 1
        group = left[start : end + 1]
        if len(group) > len(best) and len({one.municipality for one in group}) > 1:
            best = group
    return Suspicion(item, best, [paths[one] for one in best]) if best else None
