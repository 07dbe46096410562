"""The dependency groups of items as the register holds them, now or as it did."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

import sqlalchemy as sa

from cmdb.database import db
from cmdb.impact import Effect, Group, Rule, RuleKind
from cmdb.impact_input import read_amount, read_effect, read_rule
from cmdb.items import Item, ItemVersion, Relation, RelationVersion
from cmdb.key_lists import among, gathered, packed

Members = dict[int, tuple[float | None, str]]


class Recorded:
    """What was agreed for the day `today`; as it was known at `at`, or as it is known now."""

    def __init__(self, today: dt.date, at: dt.datetime | None = None):
        self._at = at
        self.tie = Relation if at is None else RelationVersion
        self.holds = [
            sa.or_(self.tie.valid_on.is_(None), self.tie.valid_on <= today),
            sa.or_(self.tie.valid_until.is_(None), self.tie.valid_until >= today),
            *self._was(self.tie),
        ]

    def groups(self, dependents: Collection[int]) -> Iterator[Group]:
        """The groups of those items; what has a label without a group is a group of one."""
        rules = self._rules(dependents)
        for (source, label), members in self._members(dependents).items():
            rule, effect = rules.get(source, {}).get(label, (None, None))
            if rule is not None:
                yield _group(source, label, members, rule, effect)
                continue
            for target, (_, each) in members.items():
                yield Group(source, (target,), effect=read_effect(each))

    def _was(self, version) -> list[sa.ColumnElement[bool]]:
        if self._at is None:
            return []
        return [
            version.valid_from <= self._at,
            sa.or_(version.valid_to.is_(None), version.valid_to > self._at),
        ]

    def _members(self, dependents: Collection[int]) -> dict[tuple[int, str], Members]:
        """By item and label, the capacity and effect of each member."""
        tie = self.tie
        told = (gathered(column) for column in (tie.group, tie.capacity, tie.effect))
        lists = db.session.execute(
            sa.select(packed(tie.source_id), packed(tie.target_id), *told).where(
                among(tie.source_id, dependents), tie.group != "", *self.holds
            )
        ).one()
        found: dict[tuple[int, str], Members] = defaultdict(dict)
        told = (each or () for each in lists)
        for source, target, label, capacity, effect in zip(*told, strict=True):
            found[source, label][target] = capacity, effect
        return found

    def _rules(self, dependents: Collection[int]) -> dict[int, Mapping[str, tuple[Rule, Effect]]]:
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
