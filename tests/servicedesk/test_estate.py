"""The estate of the demo is as large and as tangled as that of a centre for six municipalities."""

import datetime as dt
import random
from collections import Counter, defaultdict

import sqlalchemy as sa

from cmdb.item_parts import Observation
from cmdb.items import Item, ItemConsumer, ItemVersion, Relation
from servicedesk.demo import inventory, organisation
from servicedesk.tickets.failure import weak_points

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)


def test_a_believable_estate(session):
    who = organisation.build(random.Random(2004))
    found = inventory.build(who, random.Random(2004), NOW - dt.timedelta(days=400), NOW)
    sizes = Counter({key: len(items) for key, items in found.items()})
    items = {item.name: item for several in found.values() for item in several}

    assert sizes["server"] + sizes["virtual-machine"] == 60
    assert sizes["dbms-instance"] == 25
    assert sizes["application"] == 80
    assert sizes["workstation"] == 900
    assert sizes["room"] == 2 and sizes["rack"] == 8 and sizes["cluster"] == 2
    assert sizes["switch"] >= 20 and sizes["firewall"] == 6 + 2
    assert sizes["wan-line"] == 11 + 2, "two to the internet, and Veenakker has no spare one"
    assert {items["Zaaksysteem"].uid, items["pg-zaken-01"].uid} == {"APP-0031", "DBI-0017"}
    _assert_shares_are_whole(session)
    _assert_groups_have_members(session, items)
    _assert_both_lines_of_rietwold_lie_in_one_duct(session, items)
    _assert_the_page_of_fake_redundancy_finds_it(items)
    _assert_the_past_was_otherwise(session, items["Zaaksysteem"])
    days = {
        (item.support_until - NOW.date()).days
        for item in found["dbms-instance"]
        if item.support_until
    }
    assert min(days) < 0 < max(days)


def _assert_shares_are_whole(session):
    today = [
        consumer for consumer in session.scalars(sa.select(ItemConsumer)) if not consumer.valid_to
    ]
    sums = Counter()
    for consumer in today:
        sums[consumer.item_id] += consumer.share
    assert len(sums) > 100 and set(sums.values()) == {1000}


def _assert_groups_have_members(session, items):
    """Each group names relations, each named relation a group; every kind of rule occurs."""
    members = defaultdict(set)
    for relation in session.scalars(sa.select(Relation).where(Relation.group != "")):
        members[relation.source_id].add(relation.group)
    rules = set()
    for item in items.values():
        assert {group["label"] for group in item.groups} == members[item.id], item.name
        rules |= {group["rule"]["kind"] for group in item.groups}
    assert rules == {"at_least", "capacity"}


def _assert_both_lines_of_rietwold_lie_in_one_duct(session, items):
    lines = [items["Glasvezel Rietwold"].id, items["Reservelijn Rietwold"].id]
    needed = sa.select(Relation.source_id).where(
        Relation.target_id == items["Kabeltracé Dijkweg"].id
    )
    assert sorted(session.scalars(needed)) == sorted(lines)


def _assert_the_page_of_fake_redundancy_finds_it(items):
    """At Rietwold the duct breaks the pair of lines; elsewhere no pair hangs on it."""
    duct = items["Kabeltracé Dijkweg"].id
    keys = {name: items[name].id for name in ("fw-rietwold", "fw-lindhoven")}
    hangs = {}
    for name, key in keys.items():
        shared = weak_points(key, NOW).shared
        hangs[name] = {point for points in shared.values() for point in points}
    assert duct in hangs["fw-rietwold"] and duct not in hangs["fw-lindhoven"]


def _assert_the_past_was_otherwise(session, item: Item):
    versions = sa.select(ItemVersion).where(ItemVersion.item_id == item.id).order_by(ItemVersion.id)
    seen = [one.state["attributes"]["product_version"] for one in session.scalars(versions)]
    assert list(dict.fromkeys(seen)) == ["6.1", "6.2", "6.3", "6.4"]


def test_the_same_every_time(session):
    """Two builds register the same, down to the relations, the shares and what an inventory saw."""
    pictures = []
    for _ in range(2):
        around = session.begin_nested()
        who = organisation.build(random.Random(2004))
        inventory.build(who, random.Random(2004), NOW - dt.timedelta(days=400), NOW)
        pictures.append(_picture(session))
        around.rollback()
        session.expunge_all()
    assert pictures[0] == pictures[1]


def _picture(session) -> list[object]:
    uids = dict(session.execute(sa.select(Item.id, Item.uid)).all())
    columns = (Item.uid, Item.name, Item.serial, Item.asset_tag, Item.attributes, Item.yearly_cents,
               Item.confirmed_on, Item.groups, Item.status)  # fmt: skip
    items = session.execute(sa.select(*columns).order_by(Item.uid)).all()
    ties = session.execute(sa.select(Relation.source_id, Relation.target_id, Relation.kind)).all()
    shares = session.execute(sa.select(ItemConsumer.item_id, ItemConsumer.share)).all()
    seen = session.execute(sa.select(Observation.item_id, Observation.field, Observation.value))
    return [
        items,
        sorted((uids[source], uids[target], kind) for source, target, kind in ties),
        sorted((uids[key], share or 0) for key, share in shares),
        sorted((uids[key], field, str(value)) for key, field, value in seen),
    ]
