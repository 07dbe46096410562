"""Rules I1-I5 written down a second time, slow and plain; and graphs to try them on."""

import math
from fractions import Fraction

from hypothesis import strategies as st

from cmdb.impact import Effect, Group, Rule, RuleKind, State

OK, AT_RISK, DEGRADED, DOWN = State


def naive(items, groups, said):
    """All states by going round until nothing changes, and who lacks a spare."""
    states = {item: said.get(item, OK) for item in items}
    changed = True
    while changed:
        changed = False
        for group in groups:
            worse = max(states[group.dependent], given(group, states))
            changed |= worse != states[group.dependent]
            states[group.dependent] = worse
    return states, {
        group.dependent for group in groups
        if states[group.dependent] != DOWN and next_hurts(group, states)
    }  # fmt: skip


def given(group, states):
    raw = by_capacity(group, states) if is_capacity(group) else by_count(group, states)
    if group.effect == Effect.NONE:
        return OK
    if group.effect == Effect.SOFT:
        return {DOWN: DEGRADED, DEGRADED: AT_RISK}.get(raw, raw)
    return raw


def is_capacity(group):
    return group.rule.kind == RuleKind.CAPACITY


def needed(group):
    size = len(group.members)
    if group.rule.kind == RuleKind.ALL:
        return size
    if group.rule.kind == RuleKind.PERCENT:
        return math.ceil(Fraction(group.rule.amount) * size / 100)
    return group.rule.amount


def by_count(group, states):
    members = [states[member] for member in group.members]
    if sum(state != DOWN for state in members) < needed(group):
        return DOWN
    if sum(state <= AT_RISK for state in members) < needed(group):
        return DEGRADED
    return AT_RISK if any(state != OK for state in members) else OK


def by_capacity(group, states):
    need = group.rule.amount
    pairs = [(states[m], c) for m, c in zip(group.members, group.capacities, strict=True)]
    standing = sum(c for state, c in pairs if state != DOWN)
    sound = sum(c for state, c in pairs if state <= AT_RISK)
    if standing == 0 and need > 0:
        return DOWN
    if standing < need or sound < need:
        return DEGRADED
    return AT_RISK if any(state != OK for state, _ in pairs) else OK


def next_hurts(group, states):
    if not is_capacity(group):
        standing = sum(states[member] != DOWN for member in group.members)
        return needed(group) < len(group.members) and standing == needed(group)
    left = [c for m, c in zip(group.members, group.capacities, strict=True) if states[m] != DOWN]
    need = group.rule.amount
    lost = len(left) < len(group.members)
    return lost and sum(left) >= need and bool(left) and sum(left) - max(left) < need


AMOUNTS = st.sampled_from([0, 1, 2, 5, Fraction(1, 10), Fraction(2, 10), Fraction(3, 10), 10])
RULES = st.one_of(
    st.just(Rule()),
    st.builds(Rule, st.just(RuleKind.AT_LEAST), st.integers(0, 5)),
    st.builds(
        Rule, st.just(RuleKind.PERCENT), st.sampled_from([0, 1, 33, Fraction(333, 10), 50, 67, 100])
    ),
    st.builds(Rule, st.just(RuleKind.CAPACITY), AMOUNTS),
)


@st.composite
def graphs(draw, said=True):
    """Items, groups and what is said; rings, empty groups and rules that are never met included."""
    items = range(draw(st.integers(1, 9)))
    groups = [draw(group_among(items)) for _ in range(draw(st.integers(0, 14)))]
    told = st.dictionaries(st.sampled_from(items), st.sampled_from(State), max_size=3)
    return items, groups, draw(told) if said else {}


@st.composite
def group_among(draw, items):
    members = draw(st.lists(st.sampled_from(items), max_size=5, unique=True))
    rule = draw(RULES)
    capacities = ()
    if rule.kind is RuleKind.CAPACITY:
        capacities = tuple(draw(AMOUNTS) for _ in members)
    effect = draw(st.sampled_from(Effect))
    return Group(
        draw(st.sampled_from(items)), tuple(members), rule, effect, capacities=capacities
    )
