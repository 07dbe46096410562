"""What depends on what now, kept by the process: a few megabytes for 500,000 relations.

Each question first asks which acts were committed since; the rows of what these touched are read
again. Who acted in this transaction sees what may never be, and asks the database itself.
"""

import datetime as dt
import threading
from array import array
from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from cmdb import acts
from cmdb.adjacency import Adjacency
from cmdb.database import db
from cmdb.impact import Amount, Dependents, Effect, Group, Needed
from cmdb.items import Item, ItemVersion, Relation, RelationVersion
from cmdb.key_lists import among, packed
from cmdb.recorded_groups import Recorded
from cmdb.tenancy import EVERYTHING, current_scope

_PART, _MOST = 10_000, 20_000

_Ends = tuple[set[int], set[int]]

_GROUPED = Relation.group != ""
_WAYS = (
    sa.and_(Relation.group == "", Relation.effect == Effect.HARD),
    sa.and_(Relation.group == "", Relation.effect == Effect.SOFT),
    _GROUPED,
)


@dataclass(frozen=True)
class Kept:
    """The graph of a day as it was when `seen` was seen. It never changes.

    A row of `ties` tells who needs an item: how many by itself hard, and soft, then who these are,
    then who in a group. A row of `groups` tells the groups of an item: each as the number of a
    pattern that is alike, and its members. `unmet` have a group that fails by itself.
    """

    day: dt.date
    seen: acts.Seen
    ties: Adjacency
    groups: Adjacency
    patterns: tuple[Group, ...]
    unmet: frozenset[int]

    def below(self, keys: Collection[int]) -> Dependents:
        """All that depends on those items; of what fails by itself only what lies below them."""
        asked = _Asked(self)
        return Dependents(asked.needed, asked.never_met(keys) if self.unmet else ())


class _Asked:
    """A question under way; it makes the groups that it comes across, each once."""

    def __init__(self, kept: Kept):
        self._kept = kept
        self._made: dict[int, list[Group]] = {}

    def needed(self, item: int, told: Container[int]) -> Needed | None:
        row = self._kept.ties.get(item)
        if not row:
            return None
        soft = row[0] + 2
        grouped = row[1] + soft
        uses = self._uses(item, row[grouped:], told) if grouped < len(row) else ()
        return row[2:soft], row[soft:grouped], uses

    def never_met(self, keys: Collection[int]) -> list[Group]:
        """The groups that fail by themselves among all that depends on those items."""
        queue, met = list(keys), set(keys)
        for key in queue:  # it grows meanwhile
            for each in self._kept.ties.get(key)[2:]:
                if each not in met:
                    met.add(each)
                    queue.append(each)
        groups = chain.from_iterable(map(self._groups, self._kept.unmet & met))
        return [group for group in groups if group.total < group.need]

    def _uses(
        self, item: int, dependents: Sequence[int], told: Container[int]
    ) -> list[tuple[Group, Amount]]:
        return [
            (group, group.capacities[group.members.index(item)] if group.by_capacity else 1)
            for dependent in dependents
            if dependent not in told
            for group in self._made.get(dependent) or self._groups(dependent)
            if item in group.members
        ]

    def _groups(self, dependent: int) -> list[Group]:
        row, place = self._kept.groups.get(dependent), 0
        made = self._made[dependent] = []
        while place < len(row):
            pattern = self._kept.patterns[row[place]]
            end = place + 1 + len(pattern.members)
            made.append(pattern.alike(dependent, tuple(row[place + 1 : end])))
            place = end
        return made


class _Keeper:
    """Keeps the graph of one database; threads take turns."""

    def __init__(self):
        self._turn = threading.Lock()
        self._kept: Kept | None = None

    def current(self, day: dt.date) -> Kept | None:
        with self._turn:
            kept = self._kept
            while told := acts.since(kept and kept.seen):
                seen, fresh = told
                if kept is None or kept.seen.place != seen.place:
                    kept = _loaded(day, seen)
                elif fresh or kept.day != day:
                    kept = _followed(kept, day, seen, fresh)
                else:  # so nothing came while it was read
                    self._kept = replace(kept, seen=seen)
                    return self._kept
            return None


_keepers: WeakKeyDictionary[Any, _Keeper] = WeakKeyDictionary()


def current(day: dt.date) -> Kept | None:
    """The graph of that day as it stands now.

    None when the transaction sees something else, as it acted itself, or sees only a part.
    """
    if acts.is_acting() or current_scope() != EVERYTHING:
        return None
    return _keepers.setdefault(db.session.get_bind(), _Keeper()).current(day)


def _loaded(day: dt.date, seen: acts.Seen) -> Kept:
    """The whole graph, read in parts: what a part takes beside it is soon given back."""
    read = _Reader(day)
    last = db.session.scalar(sa.select(sa.func.max(Item.id))) or 0
    parts = [(start, start + _PART) for start in range(0, last + 1, _PART)]
    ties, groups = (
        Adjacency(chain.from_iterable(rows(part) for part in parts))
        for rows in (read.ties_of_part, read.groups_of_part)
    )
    return Kept(day, seen, ties, groups, tuple(read.patterns), frozenset(read.unmet))


def _followed(kept: Kept, day: dt.date, seen: acts.Seen, fresh: Collection[int]) -> Kept:
    """The graph after those acts, on that day."""
    targets, sources = _touched(fresh)
    if day != kept.day:
        turned = _turned(*sorted((kept.day, day)))
        targets, sources = targets | turned[0], sources | turned[1]
    replaced = kept.ties.replacements + kept.groups.replacements
    if len(targets) + len(sources) + replaced > _MOST:
        return _loaded(day, seen)
    read = _Reader(day, kept.patterns)
    ties = dict.fromkeys(targets, ()) | dict(read.ties(among(Relation.target_id, targets)))
    groups = dict(read.groups(sources))
    return Kept(
        day, seen, kept.ties.replace(ties), kept.groups.replace(groups),
        tuple(read.patterns), kept.unmet.difference(sources) | read.unmet,
    )  # fmt: skip


class _Reader:
    """Reads rows of the graph of a day; `unmet` have a group among these that fails by itself."""

    def __init__(self, day: dt.date, patterns: Iterable[Group] = ()):
        self._recorded = Recorded(day)
        self.patterns = list(patterns)
        self._numbers = {_pattern(group): place for place, group in enumerate(self.patterns)}
        self.unmet: set[int] = set()

    def ties_of_part(self, part: tuple[int, int]) -> Iterator[tuple[int, array]]:
        return self.ties(_within(Relation.target_id, part))

    def groups_of_part(self, part: tuple[int, int]) -> Iterator[tuple[int, array]]:
        every = sa.select(packed(Relation.source_id)).where(
            _within(Relation.source_id, part), _GROUPED
        )
        return self.groups(sorted(set(db.session.scalar(every))))

    def ties(self, of: sa.ColumnElement[bool]) -> Iterator[tuple[int, array]]:
        """By item, in ascending order, the row that tells who needs it."""
        targets, sources = zip(*(self._ends(way, of) for way in _WAYS), strict=True)
        counts = [Counter(some) for some in targets]
        places = [0] * len(_WAYS)
        for target in sorted(set().union(*counts)):
            row = array("i", (counts[0][target], counts[1][target]))
            for way, count in enumerate(counts):
                end = places[way] + count[target]
                row.extend(sources[way][places[way] : end])
                places[way] = end
            yield target, row

    def groups(self, dependents: Collection[int]) -> Iterator[tuple[int, array]]:
        """By item, in their order, the row that tells its groups."""
        rows = {dependent: array("i") for dependent in dependents}
        for group in self._recorded.groups(dependents):
            number = self._numbers.setdefault(_pattern(group), len(self.patterns))
            if number == len(self.patterns):
                self.patterns.append(group)
            rows[group.dependent].extend((number, *group.members))
            if group.total < group.need:
                self.unmet.add(group.dependent)
        yield from rows.items()

    def _ends(self, *conditions: sa.ColumnElement[bool]) -> tuple[array, array]:
        """Either end of relations that hold, by target."""
        ends = sa.select(Relation.target_id, Relation.source_id)
        held = ends.where(*conditions, *self._recorded.holds).distinct()
        tie = held.order_by(Relation.target_id).subquery().c
        return db.session.execute(sa.select(packed(tie.target_id), packed(tie.source_id))).one()


def _within(column: Any, part: tuple[int, int]) -> sa.ColumnElement[bool]:
    return sa.and_(column >= part[0], column < part[1])


def _pattern(group: Group) -> tuple:
    """What groups that are alike have in common."""
    return group.rule, group.effect, group.label, group.capacities, len(group.members)


def _touched(fresh: Collection[int]) -> _Ends:
    """The items at either end of what those acts changed."""
    began, ended = (
        among(column, fresh) for column in (RelationVersion.change_set_id, RelationVersion.ended_by_id)
    )
    targets, sources = _ends(RelationVersion, sa.or_(began, ended))
    changed = sa.select(packed(ItemVersion.item_id)).where(among(ItemVersion.change_set_id, fresh))
    return targets, sources.union(db.session.scalar(changed))


def _turned(first: dt.date, last: dt.date) -> _Ends:
    """The items at either end of what holds on the one day and not on the other."""
    begins = sa.and_(Relation.valid_on > first, Relation.valid_on <= last)
    ends = sa.and_(Relation.valid_until >= first, Relation.valid_until < last)
    return _ends(Relation, sa.or_(begins, ends))


def _ends(tie, condition: sa.ColumnElement[bool]) -> _Ends:
    ends = sa.select(packed(tie.target_id), packed(tie.source_id)).where(condition)
    targets, sources = db.session.execute(ends).one()
    return set(targets), set(sources)
