"""Rules I1-I5 against a second writing of them, and the why."""

import itertools

import pytest
from hypothesis import given, settings

from cmdb.graph import Graph
from cmdb.impact import Effect, Group, Rule, RuleKind, State
from tests.cmdb.naive_impact import graphs, naive

OK, AT_RISK, DEGRADED, DOWN = State
ONE_IS_ENOUGH = Rule(RuleKind.AT_LEAST, 1)

pytestmark = pytest.mark.no_database


def needs(dependent, *members, rule=None, effect=Effect.HARD):
    return Group(dependent, members, rule or Rule(), effect)


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_a_graph_gives_the_least_fixpoint(case):
    items, groups, said = case
    states, no_spare = naive(items, groups, said)
    found = Graph(groups).impact(said)
    assert {item: found.state(item) for item in items} == states
    assert found.no_spare == no_spare
    assert OK not in found.states.values()


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_the_order_of_groups_does_not_matter(case):
    items, groups, said = case
    forward, backward = Graph(groups).impact(said), Graph(reversed(groups)).impact(said)
    assert forward.states == backward.states
    assert forward.no_spare == backward.no_spare


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_the_causes_alone_make_the_state(case):
    """Nothing is named that takes no part, and what is named is enough."""
    items, groups, said = case
    found = Graph(groups).impact(said)
    for item, state in found.states.items():
        why = found.why(item)
        if why is None:
            assert said[item] == state
            continue
        assert why.group.dependent == item
        alone, _ = naive(items, [why.group], {m: found.state(m) for m in why.members if m != item})
        assert alone[item] >= state


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_a_chain_ends_at_what_was_said(case):
    items, groups, said = case
    found = Graph(groups).impact(said)
    for item in found.states:
        chain = found.chain(item)
        assert chain[0][0] == item
        assert len({step for step, _ in chain}) == len(chain)
        last, why = chain[-1]
        assert said.get(last) if why is None else why.group.total < why.group.need
        for (_, cause), (after, _) in itertools.pairwise(chain):
            assert after in cause.members


def test_a_chain_names_the_shortest_way():
    found = Graph([
        needs("balie", "burgerzaken"),
        needs("burgerzaken", "netwerk", "database"),
        needs("database", "opslag"),
        needs("opslag", "voeding"),
        needs("netwerk", "voeding"),
    ]).impact({"voeding": DOWN})  # fmt: skip
    assert [item for item, _ in found.chain("balie")] == [
        "balie", "burgerzaken", "netwerk", "voeding",
    ]  # fmt: skip
    assert found.why("voeding") is None


def test_why_names_both_hosts_of_a_cluster_that_is_down():
    cluster = needs("cluster", "host-1", "host-2", "host-3", rule=ONE_IS_ENOUGH)
    found = Graph([cluster]).impact({"host-1": DOWN, "host-2": DEGRADED, "host-3": DOWN})
    assert found.state("cluster") is DEGRADED
    assert set(found.why("cluster").members) == {"host-1", "host-2", "host-3"}
    assert found.no_spare == {"cluster"}


def test_a_soft_group_names_only_who_is_down():
    soft = needs("app", "print", "mail", effect=Effect.SOFT)
    found = Graph([soft]).impact({"print": DOWN, "mail": DEGRADED})
    assert found.state("app") is DEGRADED
    assert found.why("app").members == ("print",)


def test_a_ring_does_not_hold_itself_up_or_down():
    ring = Graph([needs("a", "b"), needs("b", "c"), needs("c", "a")])
    assert ring.impact({}).states == {}
    assert ring.impact({"b": DOWN}).states == {"a": DOWN, "b": DOWN, "c": DOWN}
    assert Graph([needs("a", "a")]).impact({}).states == {}


def test_a_group_that_can_never_be_met_is_down_without_a_cause():
    found = Graph([needs("app", "a", "b", rule=Rule(RuleKind.AT_LEAST, 3))]).impact({})
    assert found.states == {"app": DOWN}
    assert found.why("app").members == ()


@pytest.mark.parametrize("size, percent, need", [(3, 33, 1), (3, 34, 2), (3, 100, 3), (7, 0, 0)])
def test_a_percentage_is_rounded_up_exactly(size, percent, need):
    assert Rule(RuleKind.PERCENT, percent).need(size) == need
