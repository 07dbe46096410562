"""What changed lately near some items, against the same told step by step."""

import datetime as dt
import random

import pytest
import sqlalchemy as sa

from cmdb import recent, register
from cmdb.database import db
from cmdb.impact import Effect
from cmdb.items import Item, ItemVersion, Relation, RelationVersion
from cmdb.tenancy import Scope, enter
from tests.makers import NOW, make_item

HOUR = dt.timedelta(hours=1)
LIMIT = 1000


def act(hours, person=None):
    return register.begin(person, "test", NOW + hours * HOUR, reason=f"uur {hours}")


def told(*items, limit=LIMIT):
    return [
        (row.steps, row.name, row.reason, row.who)
        for row in recent.changes([item.id for item in items], NOW, limit)
    ]


def tie_of(source):
    return db.session.scalars(sa.select(Relation).filter_by(source_id=source.id)).one()


def near(start):
    """By item how many steps above those of `start` it is."""
    found = dict.fromkeys(start, 0)
    for steps in range(1, 4):
        last = [key for key, at in found.items() if at == steps - 1]
        above = sa.select(Relation.target_id).where(
            Relation.source_id.in_(last), Relation.effect != Effect.NONE
        )
        for key in db.session.scalars(above):
            found.setdefault(key, steps)
    return found


def step_by_step(start):
    """The rows by `steps`, key of the item and act."""
    found = set()
    for key, steps in near(start).items():
        for version in db.session.scalars(sa.select(ItemVersion).filter_by(item_id=key)):
            if version.valid_from > NOW:
                found.add((steps, key, version.change_set_id))
        for version in db.session.scalars(sa.select(RelationVersion).filter_by(source_id=key)):
            if version.valid_from > NOW:
                found.add((steps, key, version.change_set_id))
            if version.valid_to and version.valid_to > NOW:
                found.add((steps, key, version.ended_by_id))
    return found


@pytest.fixture
def line(cast):
    """Five servers, each on the next; the last was changed last."""
    items = [make_item(f"server {number}", class_key="server") for number in range(5)]
    made = act(0)
    for source, target in zip(items, items[1:], strict=False):
        register.relate(source, target, "needs", made)
    for number, item in enumerate(items):
        register.change(item, act(1 + number, cast.ada), description="x")
    return items


def test_the_nearest_come_first_and_three_steps_are_the_most(line, cast):
    names = [(steps, name) for steps, name, _, _ in told(line[0])]
    assert names == [(number, f"server {number}") for number in range(4)]
    assert told(line[0], limit=2) == told(line[0])[:2]
    assert told(line[0])[0][2:] == ("uur 1", cast.ada.name)


def test_the_shortest_way_counts_and_a_circle_ends(line):
    register.relate(line[0], line[3], "needs", act(0))
    register.relate(line[4], line[0], "needs", act(0))
    steps = {name: at for at, name, _, _ in told(line[0])}
    assert steps == {"server 0": 0, "server 1": 1, "server 2": 2, "server 3": 1, "server 4": 2}
    assert {at for at, _, _, _ in told(*line)} == {0}


def test_what_does_nothing_when_it_fails_is_not_above(line):
    register.change_relation(tie_of(line[0]), act(0), effect=Effect.NONE)
    assert [name for _, name, _, _ in told(line[0])] == ["server 0"]


def test_of_an_item_the_newest_come_first_and_old_acts_are_not_told(line):
    register.change(line[0], act(6), description="y")
    register.unrelate([tie_of(line[0])], act(7))
    assert [why for _, _, why, _ in told(line[0])] == ["uur 7", "uur 6", "uur 1"]
    assert told(make_item("elders")) == []


@pytest.mark.parametrize("seed", range(3))
def test_it_tells_what_is_found_step_by_step(cast, seed):
    chance = random.Random(seed)
    items = [make_item(f"item {number}") for number in range(25)]
    for source in items:
        for target in chance.sample(items, 3):
            if target is not source:
                register.relate(
                    source, target, "needs", act(chance.randrange(-20, 20)),
                    effect=chance.choice(list(Effect)),
                )  # fmt: skip
    for item in chance.sample(items, 15):
        register.change(item, act(chance.randrange(-20, 20)), description="x")
    ties = db.session.scalars(sa.select(Relation).order_by(Relation.id)).all()
    register.unrelate(chance.sample(ties, 10), act(20))
    keys = {item.uid: item.id for item in items}
    for some in ([items[0].id], [items[1].id, items[2].id]):
        rows = recent.changes(some, NOW, LIMIT)
        assert {(row.steps, keys[row.uid], row.id) for row in rows} == step_by_step(some)
        order = [(row.steps, -row.at.timestamp(), keys[row.uid]) for row in rows]
        assert order == sorted(order) and len(rows) > 10


def test_a_municipality_is_told_of_what_it_sees_and_reaches_by_that(cast, line):
    first, last = (make_item(name, municipality=cast.oosterveen) for name in ("eerste", "laatste"))
    for source, target in [(first, line[0]), (line[0], last)]:
        register.relate(source, target, "needs", act(0))
    register.change(first, act(1), description="x")
    register.change(last, act(1), description="x")
    reached = {(steps, name) for steps, name, _, _ in told(first)}
    assert {(0, "eerste"), (1, "server 0"), (2, "laatste")} < reached
    enter(Scope(frozenset({cast.oosterveen.id})))
    assert [(steps, name) for steps, name, _, _ in told(first)] == [(0, "eerste")]
