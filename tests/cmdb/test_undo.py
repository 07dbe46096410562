"""A change set is taken back whole, or not at all when something later touched the same."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb import history, register
from cmdb.database import db
from cmdb.item_parts import Duty, IdentifierKind, ItemIdentifier, ItemRole
from cmdb.items import Hosting, Item, Relation
from cmdb.undo import UndoRefused, undo
from tests.makers import NOW, make_item, make_ticket

DAY = dt.timedelta(days=1)


def begin(days=0):
    return register.begin(None, "test", NOW + days * DAY)


def row(name, **more):
    return {"class_key": "server", "name": name, "hosting": Hosting.CENTRAL, **more}


def names():
    return sorted(db.session.scalars(sa.select(Item.name).where(Item.class_key != "application")))


@pytest.fixture
def imported(cast):
    """A change set that adds a server with a relation, changes another and ends a relation."""
    old = make_item("vl-db-01", class_key="server", attributes={"make": "HPE", "memory": 1024})
    ended = register.relate(old, cast.application, "needs", begin(), group="web", capacity=2)
    change_set = begin(1)
    (new,) = register.add_many(
        [row("vl-db-02", identifiers=[(IdentifierKind.OTHER, "x")])], change_set
    )
    register.relate(new, old, "needs", change_set)
    register.change(
        old, change_set, name="vl-db-1", attributes={"make": "HPE", "memory": 2048, "cpu_cores": 8}
    )
    register.identify(old, [(IdentifierKind.FQDN, "vl-db-1.example")], change_set)
    register.set_role(old, Duty.PROCESS_OWNER, change_set, person=cast.els)
    register.unrelate([ended], change_set)
    return change_set, old, new


def test_everything_is_as_before_and_the_past_stays(imported, cast):
    change_set, old, new = imported
    before = history.state_at(old.id, NOW)
    taken_back = undo(change_set, cast.ada, NOW + 2 * DAY)
    assert (taken_back.source, taken_back.actor_id) == ("undo", cast.ada.id)
    db.session.expire_all()
    assert names() == ["vl-db-01"]
    assert old.attributes == {"make": "HPE", "memory": 1024}
    assert history.state_at(old.id, NOW + 2 * DAY) == before
    (relation,) = db.session.scalars(sa.select(Relation))
    assert (relation.target_id, relation.group, relation.capacity) == (
        cast.application.id,
        "web",
        2,
    )
    for part in (ItemIdentifier, ItemRole):
        assert db.session.scalars(sa.select(part)).all() == []
    assert history.state_at(new.id, NOW + DAY)["name"] == "vl-db-02"


def test_an_undo_is_undone(imported, cast):
    change_set, old, new = imported
    uid, key, wanted = new.uid, new.id, [history.state_at(one.id, NOW + DAY) for one in (old, new)]
    undo(undo(change_set, cast.ada, NOW + 2 * DAY), cast.ada, NOW + 3 * DAY)
    db.session.expire_all()
    assert names() == ["vl-db-02", "vl-db-1"]
    assert db.session.get(Item, key).uid == uid
    known = db.session.execute(sa.select(ItemIdentifier.item_id, ItemIdentifier.value))
    assert set(known) == {(key, "x"), (old.id, "vl-db-1.example")}
    assert [history.state_at(one, NOW + 3 * DAY) for one in (old.id, key)] == wanted
    assert [(one.source_id, one.target_id) for one in db.session.scalars(sa.select(Relation))] == [
        (key, old.id)
    ]


def test_a_later_change_of_another_field_stays(imported, cast):
    change_set, old, _ = imported
    register.change(old, begin(2), serial="S1", attributes={**old.attributes, "cpu_model": "Xeon"})
    undo(change_set, cast.ada, NOW + 3 * DAY)
    assert (old.name, old.serial) == ("vl-db-01", "S1")
    assert old.attributes == {"make": "HPE", "memory": 1024, "cpu_model": "Xeon"}


def _renamed(old, new, cast):
    register.change(old, begin(2), name="anders")
    return old


def _other_memory(old, new, cast):
    register.change(old, begin(2), attributes={**old.attributes, "memory": 4096})
    return old


def _changed_the_new(old, new, cast):
    register.change(new, begin(2), serial="S1")
    return new


def _related_the_new(old, new, cast):
    register.relate(cast.application, new, "needs", begin(2))
    return new


def _ended_its_relation(old, new, cast):
    register.unrelate(db.session.scalars(sa.select(Relation)).all(), begin(2))
    return new


def _filed_a_ticket(old, new, cast):
    make_ticket(cast.anna, items=[new])
    return new


def _attached(old, new, cast):
    register.attach(new, "foto.png", "image/png", b"x", "ab" * 32, begin(2))
    return new


def _identified(old, new, cast):
    register.identify(old, [], begin(2))
    return old


def _removed(old, new, cast):
    register.remove([old], begin(2))
    return old


@pytest.mark.parametrize(
    "later",
    [_renamed, _other_memory, _changed_the_new, _related_the_new, _ended_its_relation, _filed_a_ticket, _attached,
     _identified, _removed],
)  # fmt: skip
def test_what_was_touched_later_is_named_and_nothing_is_taken_back(imported, cast, later):
    change_set, old, new = imported
    held = later(old, new, cast)
    before = names()
    with pytest.raises(UndoRefused) as refused:
        undo(change_set, cast.ada, NOW + 3 * DAY)
    assert f"{held.uid} {held.name}" in refused.value.items and "ongedaan" in str(refused.value)
    assert names() == before


def test_a_change_of_identifiers_alone_is_a_new_version_when_taken_back(cast):
    item = make_item("vl-db-01", class_key="server")
    register.identify(item, [(IdentifierKind.OTHER, "x")], change_set := begin(1))
    undo(change_set, cast.ada, NOW + 2 * DAY)
    assert item.version == 3


def test_a_relation_that_was_changed_later_is_not_changed_back(cast):
    item = make_item("vl-db-01", class_key="server")
    relation = register.relate(item, cast.application, "needs", begin())
    register.change_relation(relation, change_set := begin(1), group="web")
    register.change_relation(relation, later := begin(2), group="data")
    with pytest.raises(UndoRefused, match="vl-db-01"):
        undo(change_set, cast.ada, NOW + 3 * DAY)
    undo(later, cast.ada, NOW + 3 * DAY)
    assert relation.group == "web"


def test_a_change_set_is_taken_back_once(imported, cast):
    undo(imported[0], cast.ada, NOW + 2 * DAY)
    with pytest.raises(UndoRefused, match="vl-db-02"):
        undo(imported[0], cast.ada, NOW + 3 * DAY)


def test_items_that_point_at_one_another_go_and_come_back(cast):
    change_set = begin(1)
    item = register.add("server", change_set, name="a", hosting=Hosting.CENTRAL)
    supplier = register.add("supplier", change_set, name="Softwarehuis", hosting=Hosting.CENTRAL)
    register.change(item, change_set, supplier_id=supplier.id)
    taken_back = undo(change_set, None, NOW + 2 * DAY)
    assert names() == []
    undo(taken_back, None, NOW + 3 * DAY)
    assert names() == ["Softwarehuis", "a"]
    assert db.session.scalar(sa.select(Item.supplier_id).where(Item.name == "a")) == supplier.id
