"""Costs per municipality add up to the cent, whatever the shares and their dates."""

import datetime as dt
import random

import pytest
import sqlalchemy as sa

from cmdb import costs, register
from cmdb.database import db
from cmdb.items import Hosting, Item, ItemStatus
from cmdb.localtime import day_start
from servicedesk.reports.holdings import holdings
from tests.makers import NOW, make_municipality

FIRST = dt.date(2026, 1, 1)


@pytest.fixture
def estate(cast):
    """Eighty items of odd amounts, shared among three towns by shares that move through the year."""
    chance = random.Random(7)
    towns = [cast.oosterveen, cast.lindhoven, make_municipality("Duinwijk", agreement=None)]
    begun = register.begin(None, "test", day_start(FIRST))
    for number in range(80):
        item = register.add(
            "server", begun, name=f"srv-{number}", hosting=chance.choice(list(Hosting)),
            municipality_id=chance.choice([None, *(town.id for town in towns)]),
            yearly_cents=chance.randrange(1, 10_000_000),
            status=ItemStatus.RETIRED if number % 17 == 16 else ItemStatus.IN_USE,
        )  # fmt: skip
        since = FIRST
        for _ in range(chance.randrange(4)):
            users = chance.sample(towns, chance.randint(1, 3))
            whole = chance.choice((1000, 999, 700, 1))
            parts = costs.apportion(whole, [chance.randint(1, 90) for _user in users])
            shares = {user.id: part for user, part in zip(users, parts, strict=True) if part}
            register.share_among(item, shares, begun, since)
            since += dt.timedelta(days=chance.randint(1, 200))
    db.session.commit()
    return towns


def test_the_parts_of_all_add_up_to_the_whole(estate):
    paid = sa.select(Item.yearly_cents).where(
        Item.status != ItemStatus.RETIRED, Item.yearly_cents > 0
    )
    amounts = list(db.session.scalars(paid))
    months = 0
    for month in range(1, 13):
        day = dt.date(2026, month, 15)
        found = holdings(day, NOW)
        assert sum(one.yearly for one in found) == sum(amounts)
        of_month = sum(costs.of_month(amount, month) for amount in amounts)
        assert sum(one.month for one in found) == of_month
        months += of_month
    assert months == sum(amounts), "twelve months are the year"


def test_what_one_municipality_reads_is_its_part_of_the_whole(estate):
    everything = holdings(FIRST, NOW)
    alone = [one for town in estate for one in holdings(FIRST, NOW, {town.id})]
    alone += holdings(FIRST, NOW, {None})
    assert sorted(alone, key=repr) == sorted(everything, key=repr)


def test_the_costs_of_a_day_before_a_price_changed(estate):
    item = db.session.scalars(sa.select(Item).where(Item.name == "srv-0")).one()
    before = sum(one.yearly for one in holdings(FIRST, NOW))
    former, later = item.yearly_cents, NOW + dt.timedelta(hours=1)
    register.change(item, register.begin(None, "test", later), yearly_cents=former + 101)
    assert sum(one.yearly for one in holdings(FIRST, NOW)) == before
    assert sum(one.yearly for one in holdings(FIRST, later)) == before + 101
