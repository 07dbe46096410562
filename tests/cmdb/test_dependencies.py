"""The graph out of the register: what is loaded, now and as it was."""

import datetime as dt
import random

import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.dependencies import Register
from cmdb.impact import Effect, Group, Rule, RuleKind, State
from cmdb.items import Relation
from cmdb.weak_points import single_points
from tests.cmdb.naive_impact import naive
from tests.makers import NOW, make_item

DOWN, DEGRADED, AT_RISK = State.DOWN, State.DEGRADED, State.AT_RISK
TODAY = NOW.date()
LATER = NOW + dt.timedelta(days=2)
ONE_IS_ENOUGH = {"kind": "at_least", "count": 1}


@pytest.fixture
def act(session):
    return register.begin(None, "test", NOW)


@pytest.fixture
def hall(act):
    """A town hall on two lines that lie in one duct, and an application on both and a database."""
    names = ("hall", "line_1", "line_2", "duct", "app", "database", "manual")
    items = {name: make_item(name) for name in names}
    register.change(items["hall"], act, groups=[{"label": "lijnen", "rule": ONE_IS_ENOUGH}])
    for line in ("line_1", "line_2"):
        register.relate(items["hall"], items[line], "needs", act, group="lijnen")
        register.relate(items[line], items["duct"], "needs", act)
    register.relate(items["app"], items["hall"], "needs", act)
    register.relate(items["app"], items["database"], "needs", act, effect=Effect.SOFT)
    register.relate(items["app"], items["manual"], "needs", act, effect=Effect.NONE)
    return items


def states(items, *down, known=None):
    keys = {items[name].id: name for name in items}
    said = {items[name].id: DOWN for name in down}
    found = (known or Register(TODAY)).below(said).impact(said)
    return {keys[key]: state for key, state in found.states.items()}


def test_what_hangs_on_a_duct(hall):
    assert states(hall, "duct") == {
        "duct": DOWN, "line_1": DOWN, "line_2": DOWN, "hall": DOWN, "app": DOWN,
    }  # fmt: skip


def test_a_group_comes_with_the_members_that_stand(hall):
    assert states(hall, "line_1") == {"line_1": DOWN, "hall": AT_RISK, "app": AT_RISK}


def test_the_effect_of_a_relation_counts(hall):
    assert states(hall, "database") == {"database": DOWN, "app": DEGRADED}
    assert states(hall, "manual") == {"manual": DOWN}


def test_a_label_without_a_group_is_a_group_of_one(hall, act):
    register.change(hall["hall"], act, groups=[])
    assert states(hall, "line_1") == {"line_1": DOWN, "hall": DOWN, "app": DOWN}


def test_what_an_item_hangs_on(hall):
    app = hall["app"].id
    points = single_points(Register(TODAY).above([app]), app)
    assert {key: points[hall[key].id] for key in ("hall", "duct", "database")} == {
        "hall": DOWN, "duct": DOWN, "database": DEGRADED,
    }  # fmt: skip
    assert len(points) == 3


def test_capacity_counts_exactly(act):
    farm, first, second = make_item("farm"), make_item("a"), make_item("b")
    rule = {"kind": "capacity", "need": 0.3}
    register.change(farm, act, groups=[{"label": "nodes", "rule": rule, "effect": "soft"}])
    register.relate(farm, first, "needs", act, group="nodes", capacity=0.1)
    register.relate(farm, second, "needs", act, group="nodes", capacity=0.2)
    items = {"farm": farm, "a": first, "b": second}
    assert states(items, "a") == {"a": DOWN, "farm": AT_RISK}
    graph = Register(TODAY).above([farm.id])
    assert graph.impact({}).states == {}


def test_two_kinds_of_relation_to_one_member_count_once(act):
    pair, first, second = make_item("pair"), make_item("a", class_key="server"), make_item("b")
    rule = {"kind": "at_least", "count": 2}
    register.change(pair, act, groups=[{"label": "x", "rule": rule}])
    register.relate(pair, first, "needs", act, group="x")
    register.relate(pair, first, "stored-on", act, group="x")
    register.relate(pair, second, "needs", act, group="x")
    assert states({"pair": pair, "a": first, "b": second}, "a") == {"a": DOWN, "pair": DOWN}


def test_a_ring_ends(act):
    ring = {name: make_item(name) for name in "abc"}
    for source, target in ("ab", "bc", "ca"):
        register.relate(ring[source], ring[target], "needs", act)
    assert states(ring, "b") == {"b": DOWN, "a": DOWN, "c": DOWN}


def test_an_agreed_end_counts(act):
    app, server = make_item("app"), make_item("server")
    yesterday = TODAY - dt.timedelta(days=1)
    register.relate(app, server, "needs", act, valid_until=yesterday)
    items = {"app": app, "server": server}
    assert states(items, "server") == {"server": DOWN}
    assert states(items, "server", known=Register(yesterday)) == {"server": DOWN, "app": DOWN}


def test_as_it_was(hall, session):
    """Two days later the second line lies in its own duct, and both lines are needed."""
    moved = register.begin(None, "test", LATER)
    own = make_item("own duct")
    into_duct = sa.select(Relation).where(Relation.source_id == hall["line_2"].id)
    register.unrelate(session.scalars(into_duct).all(), moved)
    register.relate(hall["line_2"], own, "needs", moved)
    register.change(hall["hall"], moved, groups=[{"label": "lijnen", "rule": {"kind": "all"}}])
    both = {"line_1": DOWN, "duct": DOWN, "hall": DOWN, "app": DOWN}
    assert states(hall, "duct") == both
    before = Register(TODAY, NOW + dt.timedelta(days=1))
    assert states(hall, "duct", known=before) == both | {"line_2": DOWN}
    assert states(hall, "line_1", known=before)["hall"] is AT_RISK
    assert states(hall, "line_1", known=Register(TODAY, LATER))["hall"] is DOWN


RULES = {
    "paar": ({"kind": "at_least", "count": 1}, Rule(RuleKind.AT_LEAST, 1)),
    "alle": ({"kind": "all"}, Rule()),
    "deel": ({"kind": "percent", "percent": 60}, Rule(RuleKind.PERCENT, 60)),
    "kracht": ({"kind": "capacity", "need": 5}, Rule(RuleKind.CAPACITY, 5)),
}


def random_register(chance, act):
    """Items with relations of every sort among them, rings too; their keys, and the groups."""
    items = [make_item(f"item {number}") for number in range(12)]
    groups, wanted = [], chance.sample([(a, b) for a in items for b in items if a is not b], 30)
    for item in items:
        chosen = {
            label: chance.choice(list(Effect)) for label in chance.sample(list(RULES), 2)
        }
        register.change(item, act, groups=[
            {"label": label, "rule": RULES[label][0], "effect": effect}
            for label, effect in chosen.items()
        ])  # fmt: skip
        members = {label: {} for label in chosen}
        for target in (target for source, target in wanted if source is item):
            label, effect = chance.choice(["", "", *RULES]), chance.choice(list(Effect))
            capacity = chance.choice([5, 6, 8])  # so that each group can be met
            register.relate(
                item, target, "needs", act, group=label, effect=effect, capacity=capacity
            )
            if label in chosen:
                members[label][target.id] = capacity
            else:
                groups.append(Group(item.id, (target.id,), effect=effect))
        groups += [
            Group(
                item.id, tuple(of), rule := RULES[label][1], chosen[label],
                capacities=tuple(of.values()) if rule.kind is RuleKind.CAPACITY else (),
            )
            for label, of in members.items() if of
        ]  # fmt: skip
    return [item.id for item in items], groups


@pytest.mark.parametrize("seed", range(6))
def test_what_is_loaded_is_all_that_counts(act, seed):
    """Whatever the register holds: below what fails, and above what is asked about."""
    keys, groups = random_register(random.Random(seed), act)
    for known in (Register(TODAY), Register(TODAY, LATER)):
        for down in keys:
            expected, no_spare = naive(keys, groups, {down: DOWN})
            found = known.below([down]).impact({down: DOWN})
            assert {key: found.state(key) for key in keys} == expected
            assert found.no_spare == no_spare
        for asked in keys:
            above = known.above([asked]).impact({keys[0]: DOWN})
            assert above.state(asked) == naive(keys, groups, {keys[0]: DOWN})[0][asked]
