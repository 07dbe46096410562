"""The graph that a process keeps tells at each question what the register itself would tell."""

import datetime as dt
import random

import pytest
import sqlalchemy as sa

from cmdb import kept_graph, register, undo
from cmdb.database import db, read_only
from cmdb.dependencies import Register
from cmdb.impact import Effect, State
from cmdb.items import ChangeSet, Item, Relation
from cmdb.tenancy import everything
from servicedesk.app import create_app
from tests.makers import NOW, make_item

pytestmark = pytest.mark.no_database

TODAY = NOW.date()
DAYS = [None, *(TODAY + dt.timedelta(days=number) for number in range(-2, 4))]
RULES = [
    {"kind": "at_least", "count": 1}, {"kind": "at_least", "count": 3}, {"kind": "all"},
    {"kind": "percent", "percent": 60}, {"kind": "capacity", "need": 5},
]  # fmt: skip


@pytest.fixture
def app(fresh_database, tmp_path):
    """An application with a database of its own, in which acts are committed."""
    application_url, owner_url = fresh_database()
    app = create_app(
        SQLALCHEMY_DATABASE_URI=application_url,
        OWNER_DATABASE_URI=owner_url,
        INSTANCE=tmp_path,
        SECRET_KEY="for the test",
        TESTING=True,
    )
    with app.app_context(), everything():
        yield app
        db.session.remove()
        db.engine.dispose()


def told(day=TODAY):
    """What fails with each item, by the graph as a question gets it."""
    keys = db.session.scalars(sa.select(Item.id)).all()
    return {key: answer(Register(day).below([key]), key) for key in keys}


def answer(graph, key):
    found = graph.impact({key: State.DOWN})
    return found.states, found.no_spare


def read(monkeypatch, day=TODAY):
    """The same, by the database alone."""
    with monkeypatch.context() as patch:
        patch.setattr(kept_graph, "current", lambda day: None)
        return told(day)


def begin():
    return register.begin(None, "test", NOW)


def act(chance):
    """Something that people do, at random."""
    items = db.session.scalars(sa.select(Item).order_by(Item.id)).all()
    ties = db.session.scalars(sa.select(Relation).order_by(Relation.id)).all()
    groups = [
        {"label": label, "rule": chance.choice(RULES), "effect": chance.choice(list(Effect))}
        for label in chance.sample("ab", chance.randrange(3))
    ]  # fmt: skip
    says = {
        "group": chance.choice(["", "", "a", "b", "c"]),
        "effect": chance.choice(list(Effect)),
        "capacity": chance.choice([None, 2, 5]),
        "valid_on": chance.choice(DAYS[:4]),
        "valid_until": chance.choice([None, *DAYS[4:]]),
    }
    match chance.choice(["relate"] * 6 + ["unrelate", "change", "change tie", "remove", "undo"]):
        case "relate":
            source, target = chance.sample(items, 2)
            if not any((t.source_id, t.target_id) == (source.id, target.id) for t in ties):
                register.relate(source, target, "needs", begin(), **says)
        case "unrelate":
            register.unrelate(ties[:1], begin())
        case "change":
            register.change(chance.choice(items), begin(), groups=groups)
        case "change tie" if ties:
            register.change_relation(chance.choice(ties), begin(), **says)
        case "remove" if len(items) > 6:
            register.remove([chance.choice(items)], begin())
        case "undo":
            last = db.session.scalars(sa.select(ChangeSet).order_by(ChangeSet.id.desc())).first()
            try:
                undo.undo(last, None, NOW)
            except ValueError:
                db.session.rollback()


@pytest.mark.parametrize("seed", range(3))
def test_after_any_act_it_tells_what_the_database_tells(app, monkeypatch, seed):
    """Acts of every sort, committed and rolled back, and questions about days around today."""
    chance = random.Random(seed)
    for number in range(8):
        make_item(f"item {number}")
    db.session.commit()
    for _ in range(25):
        act(chance)
        assert told() == read(monkeypatch), "while it acts"
        chance.choice([db.session.commit, db.session.commit, db.session.rollback])()
        for day in chance.sample(DAYS[1:], 2):
            assert told(day) == read(monkeypatch, day)
            db.session.commit()


def test_what_changed_is_read_and_no_more(app, monkeypatch):
    items = [make_item(f"item {number}") for number in range(4)]
    register.relate(items[0], items[1], "needs", begin())
    db.session.commit()
    first = kept_graph.current(TODAY)
    assert kept_graph.current(TODAY).ties is first.ties
    register.relate(items[2], items[3], "needs", begin())
    db.session.commit()
    monkeypatch.setattr(kept_graph, "_loaded", None)
    assert kept_graph.current(TODAY).ties.replacements == 1
    assert set(told()[items[3].id][0]) == {items[2].id, items[3].id}


def test_who_is_committed_late_is_not_missed(cluster, app, monkeypatch):
    """The first of two acts got the lower number, and is committed after the other was seen."""
    items = [make_item(f"item {number}") for number in range(4)]
    db.session.commit()
    told()
    register.relate(items[0], items[1], "needs", begin())
    with app.app_context(), everything():
        mine = [db.session.get_one(Item, item.id) for item in items]
        register.relate(mine[2], mine[3], "needs", begin())
        db.session.commit()
        assert set(told()[items[3].id][0]) == {items[2].id, items[3].id}
        assert set(told()[items[1].id][0]) == {items[1].id}
    db.session.commit()
    assert set(told()[items[1].id][0]) == {items[0].id, items[1].id}
    assert told() == read(monkeypatch)


def test_what_is_not_committed_is_kept_from_others(cluster, app):
    items = [make_item(f"item {number}") for number in range(2)]
    db.session.commit()
    register.relate(*items, "needs", begin())
    assert set(told()[items[1].id][0]) == {item.id for item in items}
    with app.app_context(), everything():
        assert set(told()[items[1].id][0]) == {items[1].id}
    db.session.rollback()
    assert set(told()[items[1].id][0]) == {items[1].id}


def test_the_acts_of_a_dump_from_another_server_are_no_news(cluster, app):
    """Their transactions have numbers that are still to come here."""
    made = make_item("one")
    db.session.commit()
    db.session.execute(sa.text("UPDATE change_set SET xid = 1000000000000"))
    db.session.commit()
    assert set(told()[made.id][0]) == {made.id}


def test_a_reader_is_told_what_its_statements_see(app):
    first, second = make_item("one"), make_item("two")
    db.session.commit()
    begun = read_only.set(True)
    assert set(told()[second.id][0]) == {second.id}
    read_only.reset(begun)
    with app.app_context(), everything():
        mine = [db.session.get_one(Item, item.id) for item in (first, second)]
        register.relate(*mine, "needs", begin())
        db.session.commit()
        assert set(told()[second.id][0]) == {first.id, second.id}
    # SQLite shows a reader what was there when it began, PostgreSQL what was before each statement.
    seen = {second.id} if db.engine.dialect.name == "sqlite" else {first.id, second.id}
    assert set(told()[second.id][0]) == seen
    db.session.commit()
    assert set(told()[second.id][0]) == {first.id, second.id}
