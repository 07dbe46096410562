"""Single points of failure and fake redundancy, against trying every item."""

import pytest
from hypothesis import given, settings

from cmdb.graph import Graph
from cmdb.impact import Effect, Group, Rule, RuleKind, State
from cmdb.weak_points import shared_upstream, single_points
from tests.cmdb.naive_impact import graphs, naive

ONE_IS_ENOUGH = Rule(RuleKind.AT_LEAST, 1)
DEGRADED, DOWN = State.DEGRADED, State.DOWN

pytestmark = pytest.mark.no_database


def hall_with_two_lines(*extra):
    """Two lines to a town hall that lie in one duct."""
    return [
        Group("hall", ("line-1", "line-2"), ONE_IS_ENOUGH),
        Group("line-1", ("duct",)),
        Group("line-2", ("duct",)),
        *extra,
    ]


@settings(max_examples=300, deadline=None)
@given(graphs(said=False))
def test_single_points_are_those_whose_loss_alone_is_felt(case):
    items, groups, _ = case
    graph = Graph(groups)
    sound, _ = naive(items, groups, {})
    tried = {}
    for item in graph.upstream(0):
        state = naive(items, groups, {item: DOWN})[0][0]
        if item != 0 and state >= DEGRADED and state > sound[0]:
            tried[item] = state
    assert single_points(graph, 0) == tried


@settings(max_examples=100, deadline=None)
@given(graphs(said=False))
def test_what_breaks_a_group_by_itself_is_the_same_for_many_as_for_one(case):
    items, groups, _ = case
    graph = Graph(groups)
    wanted = {}
    for group in groups:
        alone = Group("group", group.members, group.rule, capacities=group.capacities)
        everything = ([*items, "group"], [*groups, alone])
        sound = max(naive(*everything, {})[0]["group"], State.AT_RISK)
        broken = {}
        for item in graph.upstream(group.dependent):
            state = naive(*everything, {item: DOWN})[0]["group"]
            if group.has_spare and state > sound:
                broken[item] = state
        if broken:
            wanted[group] = broken
    assert shared_upstream(graph, groups) == wanted


def test_many_groups_take_as_many_tries_as_there_are_items(monkeypatch):
    tries = []
    spread = Graph.spread
    monkeypatch.setattr(
        Graph, "spread", lambda graph, said: tries.append(said) or spread(graph, said)
    )
    halls = [Group(f"hall-{n}", ("line-1", "line-2"), ONE_IS_ENOUGH) for n in range(30)]
    found = shared_upstream(Graph([*hall_with_two_lines(), *halls]), halls)
    assert found == {hall: {"duct": DOWN} for hall in halls}
    assert len(tries) <= len(["line-1", "line-2", "duct", "nothing"])


def test_a_service_with_a_pair_of_servers_and_one_database():
    groups = [
        Group("app", ("web-1", "web-2"), ONE_IS_ENOUGH),
        Group("app", ("database",)),
        Group("app", ("print",), effect=Effect.SOFT),
        Group("database", ("storage",)),
    ]
    points = single_points(Graph(groups), "app")
    assert points == {"database": DOWN, "print": DEGRADED, "storage": DOWN}
    assert list(points) == ["database", "print", "storage"]


def test_two_lines_in_one_duct_are_one():
    groups = hall_with_two_lines()
    assert shared_upstream(Graph(groups), [groups[0]]) == {groups[0]: {"duct": DOWN}}


def test_a_line_that_hangs_on_the_other_is_no_spare():
    groups = [
        Group("hall", ("line-1", "line-2"), ONE_IS_ENOUGH),
        Group("line-2", ("line-1",)),
    ]
    assert shared_upstream(Graph(groups), [groups[0]]) == {groups[0]: {"line-1": DOWN}}


def test_a_shared_help_that_only_slows_both_is_told_as_such():
    groups = [
        Group("hall", ("line-1", "line-2"), ONE_IS_ENOUGH, Effect.SOFT),
        Group("line-1", ("meter",), effect=Effect.SOFT),
        Group("line-2", ("meter",), effect=Effect.SOFT),
    ]
    assert shared_upstream(Graph(groups), [groups[0]]) == {groups[0]: {"meter": DEGRADED}}


def test_a_group_without_redundancy_has_no_fake_one():
    groups = hall_with_two_lines(Group("hall", ("router",)))
    assert shared_upstream(Graph(groups), [groups[3]]) == {}


def test_a_farm_that_may_lose_a_node_but_not_the_rack_of_two():
    farm = Group("farm", ("n1", "n2", "n3"), Rule(RuleKind.CAPACITY, 20), capacities=(10, 10, 10))
    graph = Graph([farm, Group("n1", ("rack",)), Group("n2", ("rack",)), Group("n3", ("own",))])
    assert shared_upstream(graph, [farm]) == {farm: {"rack": DEGRADED}}


def test_what_a_harmless_loss_only_slows_down_may_still_be_a_single_point():
    groups = [
        Group("app", ("x", "b"), ONE_IS_ENOUGH),
        Group("app", ("y",), effect=Effect.SOFT),
        Group("y", ("x",), effect=Effect.SOFT),
    ]
    assert single_points(Graph(groups), "app") == {"y": DEGRADED}
