"""The register as of any day: one item, lists, relations, the difference of two moments, named moments."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb import history, register
from cmdb.database import db
from cmdb.items import ChangeSet, ItemVersion
from cmdb.tenancy import Scope, enter
from tests.makers import NOW, make_item

DAY = dt.timedelta(days=1)


def begin(days=0, by=None):
    return register.begin(by, "test", NOW + days * DAY)


def names_at(moment, *conditions):
    found = history.items_at(moment, *conditions).order_by(ItemVersion.name)
    return [version.name for version in db.session.scalars(found)]


@pytest.fixture
def server(cast):
    """A server that is renamed after a day, gets memory after two, and goes after three."""
    server = make_item("vl-db-01", class_key="server", attributes={"make": "HPE"})
    register.change(server, begin(1), name="vl-db-02")
    register.change(server, begin(2), attributes={"make": "HPE", "memory": 65536})
    register.remove([server], begin(3))
    return server.id


def test_a_list_of_a_day_is_what_was_there_then(server):
    of_class = ItemVersion.class_key == "server"
    assert names_at(NOW - DAY, of_class) == []
    assert names_at(NOW, of_class) == ["vl-db-01"]
    assert names_at(NOW + 2 * DAY) == ["Zaaksysteem", "vl-db-02"]
    assert names_at(NOW + 3 * DAY) == ["Zaaksysteem"]


def test_a_page_of_a_day_follows_the_one_before(cast):
    for name in ("b", "a", "c", "b"):
        make_item(name, class_key="server", attributes={"make": "HPE" if name == "b" else "Dell"})
    of_class, seen, beyond = ItemVersion.class_key == "server", [], None
    for _ in range(2):
        rows, total = history.page_at(NOW, of_class, beyond=beyond, limit=2)
        assert total == 4
        seen += rows
        beyond = rows[-1].name, rows[-1].item_id
    assert history.page_at(NOW, of_class, beyond=beyond) == ([], 4)
    assert [row.name for row in seen] == ["a", "b", "b", "c"] and len(set(seen)) == 4
    make = ItemVersion.state["attributes"]["make"].as_string() == "HPE"
    rows, total = history.page_at(NOW, of_class, make, limit=1)
    assert ([row.name for row in rows], total) == (["b"], 2)
    assert history.page_at(NOW - DAY, of_class) == ([], 0)


def test_an_item_of_a_day_is_what_it_was_then(server):
    assert history.state_at(server, NOW - DAY) is None
    assert history.state_at(server, NOW + 2 * DAY)["attributes"] == {"make": "HPE", "memory": 65536}
    assert history.state_at(server, NOW + 3 * DAY) is None


def test_two_days_differ_by_what_changed_between(server, cast):
    (change,) = history.diff(NOW, NOW + 2 * DAY)
    assert (change.item_id, change.fields) == (server, ["attributes.memory", "name"])
    (gone,) = history.diff(NOW + 2 * DAY, NOW + 3 * DAY)
    assert gone.before["name"] == "vl-db-02" and gone.after is None and "uid" in gone.fields
    come = history.diff(NOW - DAY, NOW)
    assert {one.item_id for one in come} == {server, cast.application.id}
    assert history.diff(NOW - DAY, NOW + 9 * DAY, ItemVersion.class_key == "server") == []
    assert [one.item_id for one in history.diff(NOW - DAY, NOW, limit=1)] == [cast.application.id]
    assert [one.item_id for one in history.diff(NOW - DAY, NOW, beyond=cast.application.id)] == [
        server
    ]


def test_what_an_older_state_did_not_record_is_no_difference():
    assert history.changed_fields(
        {"name": "a", "attributes": {}}, {"name": "b", "attributes": {}, "tags": []}
    ) == ["name"]


def test_relations_of_a_day(server, cast):
    items = [make_item(name) for name in ("a", "b", "c")]
    kept = register.relate(items[0], items[1], "needs", begin(1))
    gone = register.relate(items[1], items[2], "needs", begin(1))
    register.unrelate([gone], begin(2))
    register.change_relation(kept, begin(2), group="web")

    def groups(days):
        found = db.session.scalars(history.relations_at(NOW + days * DAY))
        return sorted((row.source_id, row.group) for row in found)

    a, b, _ = (item.id for item in items)
    assert groups(0) == [] and groups(1) == [(a, ""), (b, "")] and groups(2) == [(a, "web")]
    old, new = history.relation_diff(NOW + DAY, NOW + 2 * DAY)
    assert [row.source_id for row in old] == [a, b] and [row.group for row in new] == ["web"]


def test_a_moment_gets_a_name_once(cast):
    baseline = history.name_moment(" Oplevering ", NOW, cast.els)
    assert (baseline.name, baseline.at, baseline.created_by_id) == ("Oplevering", NOW, cast.els.id)
    for name in ("Oplevering", "  ", "x" * 121):
        with pytest.raises(ValueError):
            history.name_moment(name, NOW, cast.els)


def test_carla_sees_nothing_of_the_past_of_another_municipality(cast):
    own = make_item("Kassa Lindhoven", cast.lindhoven)
    foreign = make_item("Kassa Oosterveen", cast.oosterveen)
    register.change(foreign, begin(1), name="Kassa")
    register.relate(foreign, cast.application, "needs", begin(1))
    register.remove([own], begin(2))
    db.session.commit()
    enter(Scope(frozenset({cast.lindhoven.id})))
    assert names_at(NOW + DAY) == ["Kassa Lindhoven", "Zaaksysteem"]
    rows, total = history.page_at(NOW + DAY, ItemVersion.state.is_not(None))
    assert ([row.name for row in rows], total) == (["Kassa Lindhoven", "Zaaksysteem"], 2)
    assert history.state_at(foreign.id, NOW) is None
    assert [one.before["name"] for one in history.diff(NOW, NOW + 9 * DAY)] == ["Kassa Lindhoven"]
    assert db.session.scalars(history.relations_at(NOW + DAY)).all() == []
    assert "Kassa Oosterveen" not in str(
        [one.state for one in db.session.scalars(sa.select(ItemVersion))]
    )


def test_each_end_of_a_version_names_its_change_set(server):
    rows = db.session.execute(
        sa.select(ItemVersion.change_set_id, ItemVersion.ended_by_id)
        .where(ItemVersion.item_id == server)
        .order_by(ItemVersion.id)
    ).all()
    assert [end for _, end in rows[:-1]] == [begun for begun, _ in rows[1:]]
    assert db.session.get(ChangeSet, rows[-1].ended_by_id).at == NOW + 3 * DAY
