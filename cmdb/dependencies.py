"""What hangs on some items of the register, or what they hang on, as a graph for rules I1-I5.

Keys of items go in and come out. Everything counts, whosever it is: ask in scope `EVERYTHING`, and
show of the answer what the reader may see.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import sqlalchemy as sa

from cmdb.database import db
from cmdb.impact import Effect, Graph, Group, Rule, RuleKind
from cmdb.impact_input import read_amount, read_effect, read_rule
from cmdb.items import Item, ItemVersion, Relation, RelationVersion
from cmdb.key_lists import among, gathered

_HARD, _SOFT, _GROUPED = 0, 1, 2

Ties = dict[int, list[int]]
Members = dict[int, tuple[float | None, str]]


class Register:
    """What depends on what on the day `today`; as it was known at `at`, or as it is known now."""

    def __init__(self, today: dt.date, at: dt.datetime | None = None):
        self._at = at
        self._tie = Relation if at is None else RelationVersion
        tie = self._tie
        self._holds = [
            sa.or_(tie.valid_on.is_(None), tie.valid_on <= today),
            sa.or_(tie.valid_until.is_(None), tie.valid_until >= today),
            *self._was(tie),
        ]

    def below(self, keys: Iterable[int]) -> Graph:
        """All that depends on those items, at any distance, with all members of its groups."""
        return self._graph(self._tie.target_id, self._tie.source_id, keys)

    def above(self, keys: Iterable[int]) -> Graph:
        """All that those items depend on, at any distance."""
        return self._graph(self._tie.source_id, self._tie.target_id, keys)

    def _was(self, version) -> list[sa.ColumnElement[bool]]:
        if self._at is None:
            return []
        return [
            version.valid_from <= self._at,
            sa.or_(version.valid_to.is_(None), version.valid_to > self._at),
        ]

    def _graph(self, start, end, keys: Iterable[int]) -> Graph:
        by_kind: dict[int, Ties] = {kind: defaultdict(list) for kind in (_HARD, _SOFT, _GROUPED)}
        for target, kind, sources in self._walk(start, end, keys):
            by_kind[kind][target] += sources
        ties = {Effect.HARD: by_kind[_HARD], Effect.SOFT: by_kind[_SOFT]}
        in_groups = set().union(*by_kind[_GROUPED].values())
        return Graph(self._groups(in_groups, ties) if in_groups else (), ties)

    def _walk(self, start, end, keys: Iterable[int]) -> Iterator[tuple[int, int, list[int]]]:
        """The relations on the way from `start` to `end`: target, kind, sources; a query a step.

        Steps beat a recursive query, which sends each relation as a row of its own.
        """
        tie = self._tie
        kind = sa.case((tie.group != "", _GROUPED), (tie.effect == Effect.SOFT, _SOFT), else_=_HARD)
        met, step = set(keys), list(keys)
        while step:
            found = (
                sa.select(
                    tie.target_id, kind.label("way"), gathered(tie.source_id).label("sources")
                )
                .where(
                    among(start, step),
                    sa.or_(tie.group != "", tie.effect != Effect.NONE),
                    *self._holds,
                )
                .group_by(tie.target_id, "way")
                .subquery()
            )
            targets, kinds, sources = db.session.execute(sa.select(*map(gathered, found.c))).one()
            yield from zip(targets or (), kinds or (), sources or (), strict=True)
            reached = set(targets or ()) if end is tie.target_id else set().union(*sources or ())
            step = list(reached - met)
            met |= reached

    def _groups(self, dependents: set[int], ties: Mapping[Effect, Ties]) -> list[Group]:
        """The groups of those items; what has a label without a group is added to `ties`."""
        rules, groups = self._rules(dependents), []
        for (source, label), members in self._members(dependents).items():
            rule, effect = rules.get((source, label), (None, None))
            if rule is not None:
                groups.append(_group(source, label, members, rule, effect))
                continue
            for target, (_, each) in members.items():
                if each != Effect.NONE:
                    ties[read_effect(each)][target].append(source)
        return groups

    def _members(self, dependents: set[int]) -> dict[tuple[int, str], Members]:
        """By item and label, the capacity and effect of each member."""
        tie = self._tie
        columns = (tie.source_id, tie.group, tie.target_id, tie.capacity, tie.effect)
        lists = db.session.execute(
            sa.select(*map(gathered, columns)).where(
                among(tie.source_id, dependents), tie.group != "", *self._holds
            )
        ).one()
        found: dict[tuple[int, str], Members] = defaultdict(dict)
        for source, label, target, capacity, effect in zip(*lists, strict=True):
            found[source, label][target] = capacity, effect
        return found

    def _rules(self, dependents: set[int]) -> dict[tuple[int, str], tuple[Rule, Effect]]:
        if self._at is None:
            kept = sa.select(gathered(Item.id), gathered(Item.groups)).where(
                among(Item.id, dependents)
            )
        else:
            columns = (gathered(ItemVersion.item_id), gathered(ItemVersion.state["groups"]))
            kept = sa.select(*columns).where(
                among(ItemVersion.item_id, dependents), *self._was(ItemVersion)
            )
        keys, kept_groups = db.session.execute(kept).one()
        read: dict[str, Rule] = {}  # there are thousands of groups, and a few rules
        found = {}
        for key, groups in zip(keys or (), kept_groups or (), strict=True):
            for group in groups or ():
                rule = read.get(repr(group["rule"]))
                if rule is None:
                    rule = read[repr(group["rule"])] = read_rule(group["rule"])
                effect = read_effect(group.get("effect", Effect.HARD))
                found[key, group["label"]] = rule, effect
        return found


def _group(source: int, label: str, members: Members, rule: Rule, effect: Effect) -> Group:
    capacities = ()
    if rule.kind is RuleKind.CAPACITY:
        held = (capacity or 0 for capacity, _ in members.values())
        capacities = tuple(read_amount(each, "capacity") for each in held)
    return Group(source, tuple(members), rule, effect, label, capacities)
