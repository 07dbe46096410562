"""Who depends on whom, both ways, as it is read from a file or from the register."""

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from cmdb.impact import Dependents, Effect, Group, Item, Needed, RuleKind


class Graph(Dependents):
    """Who depends on whom, ready for one question or for many."""

    def __init__(
        self,
        groups: Iterable[Group] = (),
        ties: Mapping[Effect, Mapping[Item, Sequence[Item]]] = MappingProxyType({}),
    ):
        """`ties` are groups of one without a label: by effect, HARD or SOFT, who needs each item.

        They are quicker than as groups.
        """
        hard, soft = (ties.get(effect, {}) for effect in (Effect.HARD, Effect.SOFT))
        self._rows: dict[Item, Needed] = {
            member: Needed([*hard.get(member, ())], [*soft.get(member, ())], [])
            for member in {**hard, **soft}
        }
        super().__init__(lambda item, told: self._rows.get(item), [])
        self._groups: list[Group] = []
        for group in groups:
            self.add(group)

    def add(self, group: Group) -> None:
        if group.rule.kind is RuleKind.ALL and not group.label and group.effect is not Effect.NONE:
            for member in group.members:
                self._tied(member, group.effect).append(group.dependent)
            return
        self._groups.append(group)
        if group.total < group.need:
            self._never_met.append(group)
        for member, weight in zip(group.members, group.weights, strict=True):
            self._row(member).uses.append((group, weight))

    def _row(self, item: Item) -> Needed:
        if item not in self._rows:
            self._rows[item] = Needed([], [], [])
        return self._rows[item]

    def _tied(self, item: Item, effect: Effect) -> list[Item]:
        return self._row(item).soft if effect is Effect.SOFT else self._row(item).hard

    def upstream(self, *items: Item) -> list[Item]:
        """All that `items` depend on, at any distance, nearest first; not the items themselves."""
        queue, found = [*items], {*items}
        for each in queue:
            for member in self._members.get(each, ()):
                if member not in found:
                    found.add(member)
                    queue.append(member)
        return queue[len(items) :]

    def above(self, *items: Item) -> "Graph":
        """The part of the graph that `items` depend on."""
        inside = {*items, *self.upstream(*items)}
        part = Graph(group for group in self._groups if group.dependent in inside)
        for upstream, row in self._rows.items():
            if upstream in inside:
                own = part._row(upstream)
                own.hard.extend(each for each in row.hard if each in inside)
                own.soft.extend(each for each in row.soft if each in inside)
        return part

    def groups(self, dependents: Collection[Item]) -> list[Group]:
        """The groups of those items, without the groups of one that have no label."""
        return [group for group in self._groups if group.dependent in dependents]

    @functools.cached_property
    def _members(self) -> dict[Item, list[Item]]:
        """What each item depends on directly."""
        found: dict[Item, list[Item]] = {}
        for group in self._groups:
            found.setdefault(group.dependent, []).extend(group.members)
        for effect in (Effect.HARD, Effect.SOFT):
            for upstream in self._rows:
                for dependent in self._tied(upstream, effect):
                    found.setdefault(dependent, []).append(upstream)
        return found
