"""Many keys in and out of one statement."""

import json
from array import array

import sqlalchemy as sa

from cmdb.items import Item
from cmdb.key_lists import among, among_chosen, packed
from tests.makers import make_item


def test_keys_come_back_as_numbers_of_four_bytes(session):
    keys = [make_item(f"item {number}").id for number in range(300)]
    found = session.scalar(sa.select(packed(Item.id)).where(among(Item.id, keys[1:])))
    assert isinstance(found, array) and found.itemsize == 4
    assert sorted(found) == keys[1:]


def test_a_large_key_comes_back_whole(session):
    largest = 2**31 - 1
    assert list(session.scalar(sa.select(packed(sa.literal(largest, sa.Integer))))) == [largest]


def test_of_nothing_comes_nothing(session):
    assert list(session.scalar(sa.select(packed(Item.id)).where(among(Item.id, [])))) == []


def test_an_index_finds_the_keys_on_both_databases(session):
    """SQLAlchemy wrote "= 1" after it for SQLite, which then read the whole table."""
    keys = [make_item(f"item {number}").id for number in range(3)]
    statement = sa.select(Item.id).where(among(Item.id, keys[:2])).order_by(Item.id)
    assert "= 1" not in str(statement.compile(session.get_bind()))
    assert session.scalars(statement).all() == keys[:2]
    others = sa.select(Item.id).where(~among(Item.id, keys[:2]), Item.id.in_(keys))
    assert session.scalars(others).all() == keys[2:]


def test_a_long_list_is_read_once_and_not_at_each_row(session):
    """Forty thousand keys against a table without an index took PostgreSQL minutes."""
    keys = range(1, 40_001)
    numbers = sa.func.generate_series(20_001, 60_000).column_valued("n")
    if session.get_bind().dialect.name == "sqlite":
        numbers = sa.func.json_each(json.dumps(list(range(20_001, 60_001)))).table_valued("value")
        numbers = numbers.c.value
    else:
        session.execute(sa.text("SET LOCAL statement_timeout = '5s'"))
    found = sa.select(sa.func.count()).where(among(numbers, keys))
    assert session.scalar(found) == 20_000


def test_keys_that_a_select_chooses_are_looked_up(session):
    keys = [make_item(f"item {number}").id for number in range(3)]
    chosen = among_chosen(Item.id, sa.select(Item.id).where(Item.name != "item 1"))
    statement = sa.select(Item.id).where(chosen, Item.id.in_(keys)).order_by(Item.id)
    assert session.scalars(statement).all() == [keys[0], keys[2]]
    nothing = among_chosen(Item.id, sa.select(Item.id).where(sa.false()))
    assert session.scalars(sa.select(Item.id).where(nothing)).all() == []
