"""Many keys in and out of one statement."""

from array import array

import sqlalchemy as sa

from cmdb.items import Item
from cmdb.key_lists import among, packed
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
