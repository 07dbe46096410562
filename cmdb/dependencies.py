"""What hangs on some items of the register, or what they hang on, as a graph for rules I1-I5.

Keys of items go in and come out. Everything counts, whosever it is: ask in scope `EVERYTHING`, and
show of the answer what the reader may see.
"""

import datetime as dt
import functools
from collections import defaultdict
from collections.abc import Collection, Mapping

import sqlalchemy as sa

from cmdb import kept_graph
from cmdb.database import db
from cmdb.graph import Graph
from cmdb.impact import Dependents, Effect
from cmdb.key_lists import among, packed
from cmdb.recorded_groups import Recorded

_HARD, _SOFT, _GROUPED = 0, 1, 2

Ties = dict[int, list[int]]


class Register:
    """What depends on what on the day `today`; as it was known at `at`, or as it is known now."""

    def __init__(self, today: dt.date, at: dt.datetime | None = None):
        self._today, self._at = today, at

    @functools.cached_property
    def _recorded(self) -> Recorded:
        """What is asked only where the kept graph does not serve."""
        return Recorded(self._today, self._at)

    def below(self, keys: Collection[int]) -> Dependents:
        """All that depends on those items, at any distance, with all members of its groups."""
        if not keys:
            return Graph()
        kept = kept_graph.current(self._today) if self._at is None else None
        if kept is not None:
            return kept.below(keys)
        tie = self._recorded.tie
        return self._graph(tie.target_id, tie.source_id, keys)

    def above(self, keys: Collection[int]) -> Graph:
        """All that those items depend on, at any distance."""
        tie = self._recorded.tie
        return self._graph(tie.source_id, tie.target_id, keys)

    def _graph(self, start, end, keys: Collection[int]) -> Graph:
        ties = {effect: defaultdict(list) for effect in (Effect.HARD, Effect.SOFT)}
        in_groups = self._walk(start, end, set(keys), ties)
        return Graph(self._recorded.groups(in_groups) if in_groups else (), ties)

    def _walk(self, start, end, step: set[int], ties: Mapping[Effect, Ties]) -> set[int]:
        """Add the relations on the way from `start` to `end` to `ties`; a statement a step.

        Gives the items that need some of it in groups. Steps beat a recursive query, which sends
        each relation as a row of its own.
        """
        tie = self._recorded.tie
        way = sa.case((tie.group != "", _GROUPED), (tie.effect == Effect.SOFT, _SOFT), else_=_HARD)
        asked = (
            sa.select(way.label("way"), packed(tie.target_id), packed(tie.source_id))
            .where(sa.or_(tie.group != "", tie.effect != Effect.NONE), *self._recorded.holds)
            .group_by("way")
        )
        by_way = {_HARD: ties[Effect.HARD], _SOFT: ties[Effect.SOFT]}
        met, in_groups = set(step), set()
        while step:
            reached = set()
            for kind, targets, sources in db.session.execute(asked.where(among(start, step))):
                reached.update(targets if end is tie.target_id else sources)
                if kind == _GROUPED:
                    in_groups.update(sources)
                    continue
                dependents = by_way[kind]
                for target, source in zip(targets, sources, strict=True):
                    dependents[target].append(source)
            step = reached - met
            met |= step
        return in_groups
