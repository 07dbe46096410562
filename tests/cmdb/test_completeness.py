"""Completeness: what a class counts, of one state and of many rows alike."""

import datetime as dt

import sqlalchemy as sa

from cmdb import completeness, item_state, registry
from cmdb.catalogue import Attribute
from cmdb.database import db
from cmdb.items import Item, ItemVersion
from cmdb.kinds import Kind
from tests.makers import make_item


def test_every_counted_field_exists():
    columns = set(sa.inspect(Item).columns.keys())
    for spec in registry.classes().values():
        unknown = [key for key in spec.counted if not spec.attribute(key) and key not in columns]
        assert not unknown, spec.key


def test_a_class_counts_what_its_ancestors_count():
    spec = registry.classes()["server"]
    assert {"make", "serial", "manager_id", "memory"} <= set(spec.counted)


def test_missing_fields_are_named_and_no_is_an_answer(cast):
    spec = registry.classes()["database"]
    state = {"manager_id": cast.daan.id, "attributes": {"personal_data": False, "size": ""}}
    assert completeness.missing(spec, state) == ["size"]
    assert completeness.percent(spec, state) == 66


def test_a_required_field_of_ones_own_counts(cast):
    registry.add_class("boat", "Boot", "BOT")
    assert completeness.percent(registry.classes()["boat"], {}) == 100
    registry.add_attribute("boat", Attribute("length", "Lengte", Kind.NUMBER, required=True))
    spec = registry.classes()["boat"]
    assert spec.counted == ("length",) and completeness.percent(spec, {"attributes": {}}) == 0


def test_the_database_counts_as_the_rule_does(cast):
    make_item("db-1", class_key="database", manager_id=cast.daan.id,
              attributes={"size": 0, "personal_data": False})  # fmt: skip
    make_item("srv-1", class_key="server", serial="S1", warranty_until=dt.date(2027, 1, 1),
              attributes={"make": "Dijk", "memory": 65536})  # fmt: skip
    make_item("Rack 1", class_key="rack")
    make_item("Leeg", class_key="router")
    for model, at in ((Item, sa.true()), (ItemVersion, ItemVersion.valid_to.is_(None))):
        rows = sa.select(model.name, completeness.expression(model)).where(at)
        counted = dict(db.session.execute(rows).all())
        for item in db.session.scalars(sa.select(Item)):
            spec = registry.classes()[item.class_key]
            assert counted[item.name] == completeness.percent(spec, item_state.written(item))
    assert counted["db-1"] == 100 and counted["Leeg"] == 0
