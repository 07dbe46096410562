"""Shares, roles, steps and documents: dated, in the history of the item, and taken back with it."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb import history, lifecycle, register
from cmdb.database import db
from cmdb.item_parts import Duty, ItemDocument, ItemRole, ItemStep
from cmdb.items import ChangeSet, ItemConsumer, ItemStatus
from cmdb.undo import UndoRefused, undo
from tests.makers import NOW, make_item

DAY = dt.timedelta(days=1)
TODAY = NOW.date()


def begin(days=0):
    return register.begin(None, "test", NOW + days * DAY)


def shares_of(item):
    rows = sa.select(ItemConsumer).where(ItemConsumer.item_id == item.id)
    ordered = rows.order_by(ItemConsumer.municipality_id, ItemConsumer.valid_from)
    return [
        (one.municipality_id, one.share, one.valid_from, one.valid_to)
        for one in db.session.scalars(ordered)
    ]


def steps_of(item):
    rows = sa.select(ItemStep.status, ItemStep.planned_on, ItemStep.done_on)
    found = db.session.execute(rows.where(ItemStep.item_id == item.id).order_by(ItemStep.id))
    return [tuple(row) for row in found]


@pytest.fixture
def item(cast):
    return make_item("Belastingen")


def test_shares_of_a_span_leave_those_around_it(item, cast):
    town, other = cast.oosterveen.id, cast.lindhoven.id
    register.share_among(item, {town: 600, other: 400}, begin())
    since, until = TODAY + 10 * DAY, TODAY + 20 * DAY
    register.share_among(item, {town: 1000}, begin(1), since, until)
    assert shares_of(item) == [
        (town, 600, TODAY, since), (town, 1000, since, until), (town, 600, until, None),
        (other, 400, TODAY, since), (other, 400, until, None),
    ]  # fmt: skip
    register.share_among(item, {town: 600, other: 400}, begin(2), since, until)
    assert shares_of(item) == [(town, 600, TODAY, None), (other, 400, TODAY, None)]
    version = item.version
    register.share_among(item, {town: 600, other: 400}, begin(3))
    assert item.version == version
    for shares in ({town: 1001}, {town: -1}):
        with pytest.raises(ValueError, match="tussen 0 en 100"):
            register.share_among(item, shares, begin(3))
    with pytest.raises(ValueError, match="einddatum"):
        register.share_among(item, {}, begin(3), since, since)


def test_shares_are_in_the_history_and_taken_back(item, cast):
    register.share_among(item, {cast.oosterveen.id: 600}, begin())
    change_set = begin(1)
    register.share_among(item, {cast.oosterveen.id: 500, cast.lindhoven.id: 500}, change_set)
    (told,) = history.diff(NOW, NOW + DAY)
    assert told.fields == ["shares"] and len(told.after["shares"]) == 3
    undo(change_set, cast.ada, NOW + 2 * DAY)
    assert shares_of(item) == [(cast.oosterveen.id, 600, TODAY, None)]


def test_a_later_share_holds_up_the_undo_of_an_earlier(item, cast):
    register.share_among(item, {cast.oosterveen.id: 600}, change_set := begin(1))
    register.share_among(item, {cast.oosterveen.id: 700}, begin(2))
    with pytest.raises(UndoRefused, match="Belastingen"):
        undo(change_set, cast.ada, NOW + 3 * DAY)


def test_a_new_item_has_its_shares_in_its_first_version(cast):
    item = make_item("Zuiver", consumers=[cast.oosterveen])
    assert item.version == 1
    assert history.state_at(item.id, NOW)["shares"] == [
        {
            "municipality_id": cast.oosterveen.id,
            "share": None,
            "valid_from": "2026-11-23",
            "valid_to": None,
        }
    ]


def test_who_stands_in_for_a_while_gives_the_role_back(item, cast):
    register.set_role(item, Duty.FUNCTIONAL_MANAGER, begin(), person=cast.daan)
    since, until = TODAY + 10 * DAY, TODAY + 20 * DAY
    register.set_role(
        item, Duty.FUNCTIONAL_MANAGER, begin(1), person=cast.femke, since=since, until=until
    )
    rows = sa.select(ItemRole).where(ItemRole.item_id == item.id).order_by(ItemRole.valid_from)
    held = [(one.person_id, one.valid_from, one.valid_to) for one in db.session.scalars(rows)]
    assert held == [
        (cast.daan.id, TODAY, since), (cast.femke.id, since, until), (cast.daan.id, until, None),
    ]  # fmt: skip
    change_set = begin(2)
    register.drop_role(item, db.session.scalars(rows).all()[1], change_set)
    undo(change_set, cast.ada, NOW + 3 * DAY)
    assert [one.person_id for one in db.session.scalars(rows)] == [
        cast.daan.id, cast.femke.id, cast.daan.id,
    ]  # fmt: skip


def test_a_change_of_status_is_a_step_with_its_day(item):
    register.change(item, begin(3), status=ItemStatus.IN_REPAIR)
    register.record_step(item, ItemStatus.IN_STOCK, TODAY - 30 * DAY, begin(4))
    assert steps_of(item) == [
        (ItemStatus.IN_REPAIR, None, TODAY + 3 * DAY),
        (ItemStatus.IN_STOCK, None, TODAY - 30 * DAY),
    ]
    with pytest.raises(ValueError, match="moet nog komen"):
        register.record_step(item, ItemStatus.RETIRED, TODAY + 9 * DAY, begin(4))
    with pytest.raises(ValueError, match="na vandaag"):
        register.plan_step(item, ItemStatus.RETIRED, TODAY, begin())


def test_a_planned_step_is_taken_on_its_day_by_one_worker(item):
    register.plan_step(item, ItemStatus.RETIRED, TODAY + 5 * DAY, begin())
    assert lifecycle.due(NOW + 4 * DAY) == []
    (key,) = lifecycle.due(NOW + 5 * DAY)
    assert lifecycle.take(key, NOW + 6 * DAY)
    assert item.status == ItemStatus.RETIRED
    assert steps_of(item) == [(ItemStatus.RETIRED, TODAY + 5 * DAY, TODAY + 6 * DAY)]
    assert not lifecycle.take(key, NOW + 6 * DAY) and lifecycle.due(NOW + 9 * DAY) == []
    assert history.state_at(item.id, NOW + 5 * DAY)["status"] == "in-use"
    assert history.state_at(item.id, NOW + 6 * DAY)["status"] == "retired"


def test_a_step_that_was_taken_by_hand_is_not_taken_again(item):
    register.plan_step(item, ItemStatus.RETIRED, TODAY + 5 * DAY, begin())
    register.change(item, begin(2), status=ItemStatus.RETIRED)
    assert lifecycle.due(NOW + 9 * DAY) == []
    register.plan_step(item, ItemStatus.RETIRED, TODAY + 20 * DAY, begin(10))
    (key,) = lifecycle.due(NOW + 20 * DAY)
    assert lifecycle.take(key, NOW + 20 * DAY) and lifecycle.due(NOW + 30 * DAY) == []


def test_what_a_planned_step_did_is_taken_back_and_not_done_again(item, cast):
    register.plan_step(item, ItemStatus.RETIRED, TODAY + 5 * DAY, begin())
    register.plan_step(item, ItemStatus.IN_STOCK, TODAY + 50 * DAY, begin())
    (key,) = lifecycle.due(NOW + 5 * DAY)
    lifecycle.take(key, NOW + 5 * DAY)
    taken = db.session.scalar(sa.select(ChangeSet).where(ChangeSet.source == lifecycle.SOURCE))
    assert taken.reason == "Gepland voor 28-11-2026"
    undo(taken, cast.ada, NOW + 6 * DAY)
    assert item.status == ItemStatus.IN_USE and lifecycle.due(NOW + 9 * DAY) == []
    assert steps_of(item) == [(ItemStatus.IN_STOCK, TODAY + 50 * DAY, None)]
    assert history.state_at(item.id, NOW + 6 * DAY)["steps"] == [
        {"status": "in-stock", "planned_on": "2027-01-12", "done_on": None}
    ]


def test_a_document_that_is_removed_stays_with_what_the_item_was(item, cast):
    document = register.attach(item, "plan.pdf", "application/pdf", b"%PDF", "ab" * 32, begin(1))
    register.detach(item, document, change_set := begin(2))
    (held,) = history.state_at(item.id, NOW + DAY)["documents"]
    assert held["name"] == "plan.pdf"
    assert history.state_at(item.id, NOW + 2 * DAY)["documents"] == []
    assert db.session.get(ItemDocument, document.id).data == b"%PDF"
    undo(change_set, cast.ada, NOW + 3 * DAY)
    db.session.refresh(document)
    assert not document.is_removed
