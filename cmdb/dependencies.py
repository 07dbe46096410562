"""What hangs on some items of the register, or what they hang on, as a graph for rules I1-I5.

Keys of items go in and come out. Everything counts, whosever it is: ask in scope `EVERYTHING`, and
show of the answer what the reader may see.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from cmdb.database import db
from cmdb.impact import Effect, Graph, Group, Rule, RuleKind
from cmdb.impact_input import read_amount, read_effect, read_rule
from cmdb.items import Item, ItemVersion, Relation, RelationVersion
from cmdb.key_lists import among, gathered, packed

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
        ties = {effect: defaultdict(list) for effect in (Effect.HARD, Effect.SOFT)}
        in_groups = self._walk(start, end, set(keys), ties)
        return Graph(self._groups(in_groups, ties) if in_groups else (), ties)

    def _walk(self, start, end, step: set[int], ties: Mapping[Effect, Ties]) -> set[int]:
        """Add the relations on the way from `start` to `end` to `ties`; a statement a step.

        Gives the items that need some of it in groups. Steps beat a recursive query, which sends
        each relation as a row of its own.
        """
        tie = self._tie
        way = sa.case((tie.group != "", _GROUPED), (tie.effect == Effect.SOFT, _SOFT), else_=_HARD)
        asked = (
            sa.select(way.label("way"), packed(tie.target_id), packed(tie.source_id))
            .where(sa.or_(tie.group != "", tie.effect != Effect.NONE), *self._holds)
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

    def _groups(self, dependents: set[int], ties: Mapping[Effect, Ties]) -> list[Group]:
        """The groups of those items; what has a label without a group is added to `ties`."""
        rules, groups = self._rules(dependents), []
        for (source, label), members in self._members(dependents).items():
            rule, effect = rules.get(source, {}).get(label, (None, None))
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
        told = (gathered(column) for column in (tie.group, tie.capacity, tie.effect))
        lists = db.session.execute(
            sa.select(packed(tie.source_id), packed(tie.target_id), *told).where(
                among(tie.source_id, dependents), tie.group != "", *self._holds
            )
        ).one()
        found: dict[tuple[int, str], Members] = defaultdict(dict)
        told = (each or () for each in lists)
        for source, target, label, capacity, effect in zip(*told, strict=True):
            found[source, label][target] = capacity, effect
        return found

    def _rules(self, dependents: set[int]) -> dict[int, Mapping[str, tuple[Rule, Effect]]]:
        """What the groups of each of those items ask, by their labels."""
        if self._at is None:
            key, groups, was = Item.id, Item.groups, []
        else:
            key, groups = ItemVersion.item_id, ItemVersion.state["groups"]
            was = self._was(ItemVersion)
        kept = sa.select(groups, packed(key)).where(among(key, dependents), *was).group_by(groups)
        found = {}
        for listed, keys in db.session.execute(kept):  # there are thousands of items, a few rules
            rules = {
                group["label"]: (
                    read_rule(group["rule"]), read_effect(group.get("effect", Effect.HARD))
                )
                for group in listed or ()
            }  # fmt: skip
            found |= dict.fromkeys(keys, rules)
        return found


def _group(source: int, label: str, members: Members, rule: Rule, effect: Effect) -> Group:
    capacities = ()
    if rule.kind is RuleKind.CAPACITY:
        held = (capacity or 0 for capacity, _ in members.values())
        capacities = tuple(read_amount(each, "capacity") for each in held)
    return Group(source, tuple(members), rule, effect, label, capacities)
