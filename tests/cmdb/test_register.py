"""The register of items: what was true on any day can be read back."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from cmdb import register
from cmdb.database import db
from cmdb.items import Item, ItemClass, ItemConsumer, ItemStatus, ItemVersion
from tests.makers import NOW, make_item

DAY = dt.timedelta(days=1)


def change(item, when, by=None, reason="", **values):
    register.change(item, register.begin(by, "test", when, reason), **values)


def state_as_of(item, moment):
    return db.session.scalar(
        sa.select(ItemVersion.state).where(
            ItemVersion.item_id == item.id,
            ItemVersion.valid_from <= moment,
            sa.or_(ItemVersion.valid_to.is_(None), ItemVersion.valid_to > moment),
        )
    )


def consumers(item, day):
    chosen = sa.select(ItemConsumer.municipality_id, ItemConsumer.share).where(
        ItemConsumer.item_id == item.id, register.is_consumer(day)
    )
    return dict(db.session.execute(chosen).all())


@pytest.fixture
def item(cast):
    return make_item("Belastingen")


def test_an_item_is_known_as_it_was_on_any_moment(item):
    change(item, NOW + DAY, name="Belastingen 2")
    change(item, NOW + 2 * DAY, status=ItemStatus.RETIRED)
    assert state_as_of(item, NOW - DAY) is None
    assert state_as_of(item, NOW)["name"] == "Belastingen"
    assert state_as_of(item, NOW + DAY)["name"] == "Belastingen 2"
    assert state_as_of(item, NOW + DAY)["status"] == "in-use"
    assert state_as_of(item, NOW + 9 * DAY)["status"] == "retired"


def test_its_versions_follow_one_another_without_a_gap(item):
    for number in range(1, 4):
        change(item, NOW + number * DAY, name=f"naam {number}")
    spans = db.session.execute(
        sa.select(ItemVersion.valid_from, ItemVersion.valid_to)
        .where(ItemVersion.item_id == item.id)
        .order_by(ItemVersion.id)
    ).all()
    assert [end for _, end in spans] == [*(begin for begin, _ in spans[1:]), None]


def test_who_changed_it_and_why_is_kept(item, cast):
    change(item, NOW + DAY, by=cast.ada, reason="Nieuw contract", name="Belastingen 2")
    last = db.session.scalars(sa.select(ItemVersion).order_by(ItemVersion.id.desc())).first()
    assert (last.change_set.actor, last.change_set.reason) == (cast.ada, "Nieuw contract")


def test_a_change_that_changes_nothing_leaves_no_version(item):
    change(item, NOW + DAY, name=item.name, hosting=item.hosting)
    assert item.version == 1 and state_as_of(item, NOW + DAY) == register.state_at_version(item, 1)


def test_the_state_of_each_version_can_be_read(item):
    change(item, NOW + DAY, name="Belastingen 2")
    assert item.version == 2
    assert [register.state_at_version(item, number).get("name") for number in (1, 2, 3)] == [
        "Belastingen", "Belastingen 2", None,
    ]  # fmt: skip


def test_of_two_writers_the_second_is_refused(item):
    db.session.execute(sa.text("UPDATE item SET version = 7"))
    with pytest.raises(StaleDataError):
        change(item, NOW + DAY, name="Te laat")


def test_shares_of_another_day_stay_on_record(item, cast):
    today, later = NOW.date(), NOW.date() + 30 * DAY
    register.share_among(item, {cast.oosterveen.id: 600, cast.lindhoven.id: 400}, today)
    register.share_among(item, {cast.oosterveen.id: 1000}, later)
    assert consumers(item, today) == {cast.oosterveen.id: 600, cast.lindhoven.id: 400}
    assert consumers(item, later) == {cast.oosterveen.id: 1000}
    assert consumers(item, today - DAY) == {}


def test_shares_of_the_same_day_are_corrected(item, cast):
    today = NOW.date()
    register.share_among(item, {cast.oosterveen.id: None, cast.lindhoven.id: 400}, today)
    register.share_among(item, {cast.oosterveen.id: 500, cast.lindhoven.id: 400}, today)
    assert consumers(item, today) == {cast.oosterveen.id: 500, cast.lindhoven.id: 400}
    assert db.session.scalar(sa.select(sa.func.count()).where(ItemConsumer.item_id == item.id)) == 2
    register.share_among(item, {}, today)
    assert consumers(item, today) == {}


def test_identifiers_count_on_after_ten_thousand(cast):
    item_class = db.session.get(ItemClass, "application")
    for uid in ("APP-9999", "APP-10000"):
        make_item("Oud", uid=uid)
    assert register.next_uid(item_class) == "APP-10001"
    assert db.session.scalar(sa.select(Item.uid).where(Item.id == make_item("Nieuw").id)) == "APP-10001"


def test_a_relation_has_a_version_from_its_first_day(item, cast):
    relation = register.relate(cast.application, item, "runs-on", register.begin(None, "test", NOW))
    assert (relation.source_id, relation.target_id) == (cast.application.id, item.id)
