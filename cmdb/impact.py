"""What fails when something fails: rules I1-I5 over dependency groups, and why.

Knows no database. An item is any hashable key; a result names only the items that are not OK.
"""

import enum
import functools
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

Item = Hashable
Amount = int | Fraction


class State(enum.IntEnum):
    """How an item is, from good to bad (I1)."""

    OK = 0
    AT_RISK = 1
    DEGRADED = 2
    DOWN = 3


class Effect(enum.StrEnum):
    """What the loss of what is needed does to the dependent: it fails, it gets worse, or nothing."""

    HARD = "hard"
    SOFT = "soft"
    NONE = "none"


class RuleKind(enum.StrEnum):
    ALL = "all"
    AT_LEAST = "at_least"
    PERCENT = "percent"
    CAPACITY = "capacity"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a group needs; `amount` is a count, percentage or capacity, exact and never a float."""

    kind: RuleKind = RuleKind.ALL
    amount: Amount = 0

    def need(self, size: int) -> Amount:
        """What must work of a group of `size` members: a capacity, or else a number of members."""
        if self.kind is RuleKind.ALL:
            return size
        if self.kind is RuleKind.PERCENT:
            return -(-self.amount * size // 100)
        return self.amount


@dataclass(slots=True, eq=False)
class Group:
    """What `dependent` needs together (I2). No member occurs twice.

    A group of rule `all` says the same as a group of one for each of its members. `capacities` go
    with the members, for a rule of capacity only; `total` and `need` are then capacities, for
    another rule numbers of members.
    """

    dependent: Item
    members: tuple[Item, ...]
    rule: Rule = Rule()
    effect: Effect = Effect.HARD
    label: str = ""
    capacities: tuple[Amount, ...] = ()
    total: Amount = field(init=False)
    need: Amount = field(init=False)

    def __post_init__(self):
        self.need = self.rule.need(len(self.members))
        self.total = sum(self.capacities) if self.by_capacity else len(self.members)

    @property
    def by_capacity(self) -> bool:
        return self.rule.kind is RuleKind.CAPACITY

    @property
    def weights(self) -> tuple[Amount, ...]:
        """What each member counts for."""
        return self.capacities if self.by_capacity else (1,) * len(self.members)

    @property
    def has_spare(self) -> bool:
        """Whether it stands the loss of any one member."""
        return self.total - max(self.weights, default=0) >= self.need

    def gives(self, lost: Amount, level: State) -> State:
        """What the dependent gets (I3) when members worth `lost` are at `level` or worse."""
        if lost <= self.total - self.need or level is State.AT_RISK:
            given = State.AT_RISK
        elif self.by_capacity and lost < self.total:
            given = State.DEGRADED
        else:
            given = level
        return _softened(given, self.effect)

    def lacks_spare(self, lost: Amount, down: Collection[Item]) -> bool:
        """Whether one more failure breaks the rule (I5), with members `down` worth `lost`."""
        if not self.by_capacity:
            return self.need < self.total and lost == self.total - self.need
        pairs = zip(self.members, self.capacities, strict=True)
        largest = max((capacity for member, capacity in pairs if member not in down), default=0)
        return self.total - lost >= self.need > self.total - lost - largest


def _softened(state: State, effect: Effect) -> State:
    if effect is Effect.HARD:
        return state
    if effect is Effect.NONE:
        return State.OK
    return State.AT_RISK if state is not State.DOWN else State.DEGRADED


@dataclass(frozen=True)
class Why:
    """The group that made an item's state, and its members that were bad enough before that."""

    group: Group
    members: tuple[Item, ...]


@dataclass(frozen=True)
class Impact:
    """The items that are not OK, worst first and then nearest to what failed; who lacks a spare."""

    states: dict[Item, State]
    no_spare: frozenset[Item]
    # By item the group, or the member of a plain dependency; nothing of what was said.
    _made_by: dict[Item, Group | Item]
    _softly: set[Item]

    def state(self, item: Item) -> State:
        return self.states.get(item, State.OK)

    def why(self, item: Item) -> Why | None:
        """Why the item is not OK; None when it is, or when that was said of the item itself.

        A member that is named settled before the item did: who follows them comes to an end.
        """
        if item not in self._made_by:
            return None
        group = self._made_by[item]
        if not isinstance(group, Group):
            effect = Effect.SOFT if item in self._softly else Effect.HARD
            return Why(Group(item, (group,), effect=effect), (group,))
        return Why(group, tuple(sorted(self._blamed(item, group), key=self._place.__getitem__)))

    def _blamed(self, item: Item, group: Group) -> list[Item]:
        least = self.states[item]
        if least is State.DEGRADED and group.effect is Effect.SOFT:
            least = State.DOWN
        return [
            member for member in group.members
            if self.state(member) >= least and self._place[member] < self._place[item]
        ]  # fmt: skip

    def causes(self) -> Iterator[tuple[Item, Item | None]]:
        """Each item that is not OK, in their order, with the first member to blame.

        That is None for what was said, or can never be met.
        """
        for item in self.states:
            cause = self._made_by.get(item)
            if isinstance(cause, Group):
                blamed = self._blamed(item, cause)
                cause = min(blamed, key=self._place.__getitem__, default=None)
            yield item, cause

    def chain(self, item: Item) -> list[tuple[Item, Why | None]]:
        """From the item down to what failed, by the first cause each time; no item occurs twice."""
        steps = []
        while True:
            why = self.why(item)
            steps.append((item, why))
            if why is None or not why.members:
                return steps
            item = why.members[0]

    @functools.cached_property
    def _place(self) -> dict[Item, int]:
        return {item: place for place, item in enumerate(self.states)}


class Graph:
    """Who depends on whom, ready for one question or for many."""

    def __init__(
        self,
        groups: Iterable[Group] = (),
        ties: Mapping[Effect, dict[Item, list[Item]]] = MappingProxyType({}),
    ):
        """`ties` are groups of one without a label: by effect, HARD or SOFT, who needs each item.

        They are quicker than as groups; their lists become part of the graph.
        """
        self._groups: list[Group] = []
        self._never_met: list[Group] = []
        self._uses: dict[Item, list[tuple[Group, Amount]]] = {}
        self._ties = {effect: ties.get(effect, {}) for effect in (Effect.HARD, Effect.SOFT)}
        for group in groups:
            self.add(group)

    def add(self, group: Group) -> None:
        if group.rule.kind is RuleKind.ALL and not group.label and group.effect in self._ties:
            ties = self._ties[group.effect]
            for member in group.members:
                ties.setdefault(member, []).append(group.dependent)
            return
        self._groups.append(group)
        if group.total < group.need:
            self._never_met.append(group)
        for member, weight in zip(group.members, group.weights, strict=True):
            self._uses.setdefault(member, []).append((group, weight))

    def impact(self, said: Mapping[Item, State]) -> Impact:
        """The least states by I1-I4 when `said` tells of some items how bad they are, and I5.

        Takes a time that grows with the items and relations that are touched, not with all.
        """
        spread = self.spread(said)
        down = set(spread.settle(State.DOWN))
        no_spare = {
            group.dependent for group, lost in spread.lost.items()
            if group.dependent not in down and group.lacks_spare(lost, down)
        }  # fmt: skip
        for level in (State.DEGRADED, State.AT_RISK):
            for _ in spread.settle(level):
                pass
        return Impact(spread.states, frozenset(no_spare), spread.made_by, spread.softly)

    def spread(self, said: Mapping[Item, State]) -> "Spread":
        return Spread(self._ties, self._uses, self._never_met, said)

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
        ties = {
            effect: {
                upstream: [dependent for dependent in ties[upstream] if dependent in inside]
                for upstream in inside & ties.keys()
            }
            for effect, ties in self._ties.items()
        }
        return Graph((group for group in self._groups if group.dependent in inside), ties)

    def groups(self, dependents: Collection[Item]) -> list[Group]:
        """The groups of those items, without the groups of one that have no label."""
        return [group for group in self._groups if group.dependent in dependents]

    @functools.cached_property
    def _members(self) -> dict[Item, list[Item]]:
        """What each item depends on directly."""
        found: dict[Item, list[Item]] = {}
        for group in self._groups:
            found.setdefault(group.dependent, []).extend(group.members)
        for ties in self._ties.values():
            for upstream, dependents in ties.items():
                for dependent in dependents:
                    found.setdefault(dependent, []).append(upstream)
        return found


class Spread:
    """A failure under way through a graph, to be settled level by level: DOWN, DEGRADED, AT_RISK.

    No group gives worse than its worst member. So whoever waits at the worst level that is left
    is there for good, and an item is looked at once, a relation once for each end.
    """

    def __init__(self, ties, uses, never_met: Iterable[Group], said: Mapping[Item, State]):
        self._hard, self._soft = ties[Effect.HARD], ties[Effect.SOFT]
        self._uses, self._said = uses, said
        # Per level what may bring it: groups, and members of soft dependencies.
        self._waiting: dict[State, list[Group | Item]] = {level: [] for level in State}
        self.states: dict[Item, State] = {}
        self.made_by: dict[Item, Group | Item] = {}
        self.softly: set[Item] = set()
        self.lost: dict[Group, Amount] = {}
        for group in never_met:
            self._waiting[group.gives(0, State.DOWN)].append(group)

    def settle(self, level: State) -> Iterator[Item]:
        """Give each item that comes to `level` and no worse, and pass it on to its dependents."""
        states, made_by, lost, waiting = self.states, self.made_by, self.lost, self._waiting
        hard, soft, uses = self._hard, self._soft, self._uses
        found = self._arrived(level)
        softened = _softened(level, Effect.SOFT)
        for item in found:  # it grows meanwhile
            yield item
            for each in hard.get(item, ()):
                if each not in states:
                    states[each], made_by[each] = level, item
                    found.append(each)
            if item in soft:
                if softened is level:
                    self._soften(item, level, found)
                else:
                    waiting[softened].append(item)
            for group, weight in uses.get(item, ()):
                each = group.dependent
                if each not in states:
                    lost[group] = gone = lost.get(group, 0) + weight
                    given = group.gives(gone, level)
                    if given is level:
                        states[each], made_by[each] = level, group
                        found.append(each)
                    else:
                        waiting[given].append(group)

    def _arrived(self, level: State) -> list[Item]:
        """Who is at `level` by what was said, or by what waited."""
        states = self.states
        found = [item for item, at in self._said.items() if at is level and item not in states]
        states |= dict.fromkeys(found, level)
        for cause in self._waiting[level]:
            if not isinstance(cause, Group):
                self._soften(cause, level, found)
            elif cause.dependent not in states:
                states[cause.dependent], self.made_by[cause.dependent] = level, cause
                found.append(cause.dependent)
        return found

    def _soften(self, item: Item, level: State, found: list[Item]) -> None:
        """Bring to `level`, and add to `found`, who needs `item` softly."""
        states = self.states
        for each in self._soft[item]:
            if each not in states:
                states[each], self.made_by[each] = level, item
                self.softly.add(each)
                found.append(each)
