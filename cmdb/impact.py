"""What fails when something fails: rules I1-I5 over dependency groups, and why.

Knows no database. An item is any hashable key; a result names only the items that are not OK.
"""

import enum
import functools
from collections.abc import (
    Callable,
    Collection,
    Container,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

Item = Hashable
Amount = int | Fraction


class State(enum.IntEnum):
    """How an item is, from good to bad (I1)."""

    __hash__ = int.__hash__  # that of an enumeration takes ten times as long

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
    by_capacity: bool = field(init=False)
    total: Amount = field(init=False)
    need: Amount = field(init=False)

    def __post_init__(self):
        self.by_capacity = self.rule.kind is RuleKind.CAPACITY
        self.need = self.rule.need(len(self.members))
        self.total = sum(self.capacities) if self.by_capacity else len(self.members)

    def alike(self, dependent: Item, members: tuple[Item, ...]) -> "Group":
        """A group that asks the same of as many members; quicker than a new one."""
        group = object.__new__(Group)
        group.dependent, group.members = dependent, members
        group.rule, group.effect, group.label = self.rule, self.effect, self.label
        group.capacities, group.by_capacity = self.capacities, self.by_capacity
        group.total, group.need = self.total, self.need
        return group

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
        if lost <= self.total - self.need:
            given = State.AT_RISK
        elif self.by_capacity and lost < self.total:
            given = min(level, State.DEGRADED)
        else:
            given = level
        return given if self.effect is Effect.HARD else _softened(given, self.effect)

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


class Needed(NamedTuple):
    """Who needs an item by itself, hard or soft, and the groups that it is a member of.

    With each group goes what the item counts for there.
    """

    hard: Sequence[Item]
    soft: Sequence[Item]
    uses: Sequence[tuple[Group, Amount]]


Needs = Callable[[Item, Container[Item]], Needed | None]


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
    # By item the member of a plain dependency; None for what was said, or made by a group.
    _causes: dict[Item, Item | None]
    _groups: dict[Item, Group]
    _softly: set[Item]

    def state(self, item: Item) -> State:
        return self.states.get(item, State.OK)

    def why(self, item: Item) -> Why | None:
        """Why the item is not OK; None when it is, or when that was said of the item itself."""
        group, blamed = self._groups.get(item), self.blamed(item)
        if group is None and blamed:
            effect = Effect.SOFT if item in self._softly else Effect.HARD
            group = Group(item, blamed, effect=effect)
        return group and Why(group, blamed)

    def blamed(self, item: Item) -> tuple[Item, ...]:
        """What made the item's state, first things first: empty when that was said of itself.

        All of it settled before the item did: who follows them comes to an end.
        """
        if item not in self._groups:
            cause = self._causes.get(item)
            return () if cause is None else (cause,)
        group, states, place = self._groups[item], self.states, self._place
        least, here = states[item], place[item]
        if least is State.DEGRADED and group.effect is Effect.SOFT:
            least = State.DOWN
        blamed = [
            member for member in group.members
            if member in states and states[member] >= least and place[member] < here
        ]  # fmt: skip
        return tuple(sorted(blamed, key=place.__getitem__))

    @functools.cached_property
    def causes(self) -> dict[Item, Item | None]:
        """By each item that is not OK, in their order, the first member to blame.

        That is None for what was said, or can never be met.
        """
        return self._causes | {item: next(iter(self.blamed(item)), None) for item in self._groups}

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


class Dependents:
    """Who needs what: all that a question about a failure asks."""

    def __init__(self, needed: Needs, never_met: Collection[Group] = ()):
        """`needed` tells of an item who needs it, `never_met` fail by themselves.

        It may leave out groups of the dependents in its second argument: these are told already.
        """
        self._needed, self._never_met = needed, never_met

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
        return Impact(
            spread.states, frozenset(no_spare), spread.causes, spread.groups, spread.softly
        )

    def spread(self, said: Mapping[Item, State]) -> "Spread":
        return Spread(self._needed, self._never_met, said)


class Spread:
    """A failure under way through a graph, to be settled level by level: DOWN, DEGRADED, AT_RISK.

    No group gives worse than its worst member. So whoever waits at the worst level that is left
    is there for good, and an item is looked at once, a relation once for each end.
    """

    def __init__(self, needed: Needs, never_met: Iterable[Group], said: Mapping[Item, State]):
        self._needed, self._said = needed, said
        # Per level what may bring it: groups, and items with who needs them softly.
        self._waiting: dict[State, list[Group | tuple[Item, Sequence[Item]]]] = {
            level: [] for level in State
        }
        self.states: dict[Item, State] = {}
        self.causes: dict[Item, Item | None] = {}
        self.groups: dict[Item, Group] = {}
        self.softly: set[Item] = set()
        self.lost: dict[Group, Amount] = {}
        for group in never_met:
            self._waiting[group.gives(0, State.DOWN)].append(group)

    def settle(self, level: State) -> Iterator[Item]:
        """Give each item that comes to `level` and no worse, and pass it on to its dependents.

        Who takes all finds them in `states`.
        """
        causes, groups, lost, waiting = self.causes, self.groups, self.lost, self._waiting
        needed, softened = self._needed, _softened(level, Effect.SOFT)
        found = self._arrived(level)
        for item in found:  # it grows meanwhile
            yield item
            row = needed(item, causes)
            if row is None:
                continue
            hard, soft, uses = row
            for each in hard:
                if each not in causes:
                    causes[each] = item
                    found.append(each)
            if soft:
                if softened is level:
                    self._soften(item, soft, found)
                else:
                    waiting[softened].append((item, soft))
            for group, weight in uses:
                each = group.dependent
                if each not in causes:
                    lost[group] = gone = lost.get(group, 0) + weight
                    given = group.gives(gone, level)
                    if given is level:
                        causes[each], groups[each] = None, group
                        found.append(each)
                    else:
                        waiting[given].append(group)
        self.states |= dict.fromkeys(found, level)

    def _arrived(self, level: State) -> list[Item]:
        """Who is at `level` by what was said, or by what waited."""
        causes, groups = self.causes, self.groups
        found = [item for item, at in self._said.items() if at is level and item not in causes]
        causes |= dict.fromkeys(found)
        for cause in self._waiting[level]:
            if not isinstance(cause, Group):
                self._soften(*cause, found)
            elif cause.dependent not in causes:
                causes[cause.dependent], groups[cause.dependent] = None, cause
                found.append(cause.dependent)
        return found

    def _soften(self, item: Item, dependents: Sequence[Item], found: list[Item]) -> None:
        """Add to `found` who needs `item` softly."""
        causes = self.causes
        for each in dependents:
            if each not in causes:
                causes[each] = item
                self.softly.add(each)
                found.append(each)
