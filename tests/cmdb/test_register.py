"""The register of items: what was true on any day can be read back."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from cmdb import item_state, register
from cmdb.database import db
from cmdb.item_parts import Duty, FieldSource, IdentifierKind, ItemIdentifier, ItemRole
from cmdb.items import (
    Environment,
    Hosting,
    Item,
    ItemConsumer,
    ItemStatus,
    ItemVersion,
    Relation,
    RelationVersion,
)
from cmdb.relations import Effect
from tests.makers import NOW, make_item, make_ticket

DAY = dt.timedelta(days=1)


def begin(days=0):
    return register.begin(None, "test", NOW + days * DAY)


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
    register.share_among(item, {cast.oosterveen.id: 600, cast.lindhoven.id: 400}, begin())
    register.share_among(item, {cast.oosterveen.id: 1000}, begin(30))
    assert consumers(item, today) == {cast.oosterveen.id: 600, cast.lindhoven.id: 400}
    assert consumers(item, later) == {cast.oosterveen.id: 1000}
    assert consumers(item, today - DAY) == {}


def test_shares_of_the_same_day_are_corrected(item, cast):
    today = NOW.date()
    register.share_among(item, {cast.oosterveen.id: None, cast.lindhoven.id: 400}, begin())
    register.share_among(item, {cast.oosterveen.id: 500, cast.lindhoven.id: 400}, begin())
    assert consumers(item, today) == {cast.oosterveen.id: 500, cast.lindhoven.id: 400}
    assert db.session.scalar(sa.select(sa.func.count()).where(ItemConsumer.item_id == item.id)) == 2
    register.share_among(item, {}, begin())
    assert consumers(item, today) == {}


def test_identifiers_count_on_after_ten_thousand(cast):
    for uid in ("APP-9999", "APP-10000"):
        make_item("Oud", uid=uid)
    assert (
        db.session.scalar(sa.select(Item.uid).where(Item.id == make_item("Nieuw").id))
        == "APP-10001"
    )


def test_a_relation_has_a_version_from_its_first_day(item, cast):
    relation = register.relate(cast.application, item, "needs", register.begin(None, "test", NOW))
    assert (relation.source_id, relation.target_id) == (cast.application.id, item.id)
    assert (relation.effect, relation.group, relation.capacity) == (Effect.HARD, "", None)
    version = db.session.scalars(sa.select(RelationVersion)).one()
    assert (version.relation_id, version.kind, version.valid_to) == (relation.id, "needs", None)


# What an item may be


@pytest.mark.parametrize(
    "values",
    [
        {"attributes": {"wheels": 4}}, {"attributes": {"users": "veel"}}, {"confidentiality": 4}, {"integrity": 0},
        {"name": " "}, {"name": "a\x00"}, {"description": "x" * 10_001}, {"purchase_cents": -1}, {"yearly_cents": 1.5},
        {"tags": "rood"}, {"tags": [1]}, {"tags": ["x" * 41]}, {"colour": "rood"}, {"id": 9}, {"version": 3},
        {"groups": [{"label": "web"}]}, {"uid": "nummer 1"}, {"class_key": "hardware"}, {"class_key": "nonsense"},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_is_written(cast, values):
    before = db.session.scalar(sa.select(sa.func.count(Item.id)))
    with pytest.raises(ValueError):
        make_item(**{"name": "Past niet", "uid": "APP-0500"} | values)
    assert db.session.scalar(sa.select(sa.func.count(Item.id))) == before


def test_attributes_are_kept_as_their_class_describes_them(item):
    change(item, NOW + DAY, attributes={"users": 120, "domain": "Belastingen", "vendor": None})
    db.session.expire_all()
    assert item.attributes == {"users": 120, "domain": "Belastingen"}
    with pytest.raises(ValueError, match="Gebruikers: "):
        change(item, NOW + 2 * DAY, attributes={"users": "120"})


def test_what_an_item_held_before_its_class_was_described_may_stay(item):
    item.attributes = {"leeftijd": "oud"}
    change(item, NOW + DAY, attributes={"leeftijd": "oud", "users": 5})
    assert item.attributes == {"leeftijd": "oud", "users": 5}
    with pytest.raises(ValueError):
        change(item, NOW + 2 * DAY, attributes={"leeftijd": "nieuw"})


def test_every_field_of_an_item_is_in_its_history(item, cast):
    supplier = make_item("Softwarehuis", class_key="supplier")
    values = {
        "environment": Environment.PRODUCTION, "confidentiality": 3, "support_until": dt.date(2027, 6, 30),
        "supplier_id": supplier.id, "yearly_cents": 1_250_000, "tags": ["kritiek", " web ", "web"],
        "groups": [{"label": "web", "rule": {"kind": "at_least", "count": 1}, "effect": "soft"}],
    }  # fmt: skip
    change(item, NOW + DAY, **values)
    db.session.expire_all()
    state = state_as_of(item, NOW + DAY)
    assert item.supplier.name == "Softwarehuis" and item.tags == ["kritiek", "web"]
    assert state["support_until"] == "2027-06-30" and state["environment"] == "production"
    assert (state["tags"], state["yearly_cents"], state["groups"]) == (
        item.tags,
        1_250_000,
        values["groups"],
    )
    fields = set(sa.inspect(Item).columns.keys()) - {"id", "version"}
    assert fields <= state.keys() and item_state.read_back(state)["support_until"] == dt.date(
        2027, 6, 30
    )
    assert state_as_of(item, NOW)["environment"] == "none"


# Many at once


def test_many_items_take_as_many_statements_as_a_few(cast, statements):
    make_item("De eerste server", class_key="server")
    counts = []
    for number in (2, 200):
        change_set = register.begin(None, "test", NOW)
        statements.clear()
        rows = [
            {"class_key": ("server", "switch")[n % 2], "name": f"{number}-{n}", "hosting": Hosting.CENTRAL,
             "attributes": {"make": "HPE"}, "identifiers": [(IdentifierKind.MAC, f"00-1A-2B-3C-00-{n:02X}")]}
            for n in range(number)
        ]  # fmt: skip
        items = register.add_many(rows, change_set)
        counts.append(len([one for one in statements if not one.startswith("INSERT INTO item (")]))
    assert counts[1] <= counts[0] <= 14  # SQLite inserts items one by one, to know their keys
    assert [item.uid for item in items][:4] == ["SRV-0003", "SWI-0002", "SRV-0004", "SWI-0003"]
    assert len({item.uid for item in items}) == 200


@pytest.fixture
def statements(session):
    seen = []

    def keep(connection, cursor, statement, *rest):
        seen.append(statement)

    sa.event.listen(db.engines[None], "before_cursor_execute", keep)
    yield seen
    sa.event.remove(db.engines[None], "before_cursor_execute", keep)


def test_many_changes_are_one_change_set_and_equal_ones_leave_no_trace(cast):
    items = [make_item(f"Laptop {n}", class_key="workstation") for n in range(3)]
    changes = [(item, {"serial": "S1" if n else ""}) for n, item in enumerate(items)]
    changed = register.change_many(changes, register.begin(None, "test", NOW + DAY))
    assert changed == items[1:]
    assert [item.version for item in items] == [1, 2, 2]
    assert [state_as_of(item, NOW + DAY)["serial"] for item in items] == ["", "S1", "S1"]


def test_a_number_is_never_given_again(cast):
    item = make_item("Tijdelijk")
    register.remove([item], register.begin(None, "test", NOW + DAY))
    assert (
        make_item("Blijvend").uid > item.uid
        and make_item("Ouder", uid="APP-0900").uid == "APP-0900"
    )
    assert make_item("Nieuwer").uid == "APP-0901"


# What stands beside the fields


def test_identifiers_are_kept_in_one_way_of_writing_and_in_the_history(item):
    known = [(IdentifierKind.MAC, "00-1A-2B-3C-4D-5E"), (IdentifierKind.FQDN, "VL-DB-01.example")]
    register.identify(item, known, register.begin(None, "test", NOW + DAY))
    change(item, NOW + 2 * DAY, name="Belastingen 2")
    register.identify(item, known[1:], register.begin(None, "test", NOW + 3 * DAY))
    found = sa.select(ItemIdentifier.value).where(ItemIdentifier.item_id == item.id)
    assert list(db.session.scalars(found)) == ["vl-db-01.example"]
    both = [["fqdn", "vl-db-01.example"], ["mac", "00:1a:2b:3c:4d:5e"]]
    assert [state_as_of(item, NOW + days * DAY)["identifiers"] for days in range(4)] == [
        [],
        both,
        both,
        both[:1],
    ]
    assert item.version == 4
    register.identify(item, known[1:], register.begin(None, "test", NOW + 4 * DAY))
    assert item.version == 4
    with pytest.raises(ValueError, match="MAC"):
        register.identify(item, [(IdentifierKind.MAC, "nee")], register.begin(None, "test", NOW))


def test_a_role_passes_on_with_its_dates(item, cast):
    for days, person in ((1, cast.daan), (2, cast.femke)):
        change_set = register.begin(cast.els, "test", NOW + days * DAY)
        register.set_role(item, Duty.FUNCTIONAL_MANAGER, change_set, person=person)
    register.set_role(item, Duty.RESOLVER_TEAM, change_set, team=cast.applications)
    register.set_role(item, Duty.RESOLVER_TEAM, change_set)
    register.set_role(
        item, Duty.SUPPLIER_CONTACT, change_set, contact="Jan, 06 12345678", is_deputy=True
    )
    rows = db.session.scalars(sa.select(ItemRole).order_by(ItemRole.id)).all()
    today = NOW.date()
    assert [(row.person_id, row.contact, row.valid_from, row.valid_to) for row in rows] == [
        (cast.daan.id, "", today + DAY, today + 2 * DAY),
        (cast.femke.id, "", today + 2 * DAY, None),
        (None, "Jan, 06 12345678", today + 2 * DAY, None),
    ]
    assert (
        len(state_as_of(item, NOW + DAY)["roles"]) == 1
        and len(state_as_of(item, NOW + 2 * DAY)["roles"]) == 3
    )


def test_the_source_of_a_field_is_the_last_that_told_it(item):
    for source in ("inventarisatie", "agent"):
        register.note_source(item, ["name", "serial"], source, NOW)
    sources = sa.select(FieldSource.source).where(FieldSource.item_id == item.id)
    assert list(db.session.scalars(sources)) == ["agent", "agent"]


# Relations


def test_a_relation_goes_and_its_history_stays(item, cast):
    relation = register.relate(
        cast.application, item, "needs", register.begin(None, "test", NOW), group="web"
    )
    register.change_relation(relation, register.begin(None, "test", NOW + DAY), capacity=0.1)
    register.change_relation(relation, register.begin(None, "test", NOW + DAY), capacity=0.1)
    register.unrelate([relation], ended := register.begin(None, "test", NOW + 2 * DAY))
    assert db.session.scalars(sa.select(Relation)).all() == []
    versions = db.session.scalars(sa.select(RelationVersion).order_by(RelationVersion.id)).all()
    assert [(one.group, one.capacity) for one in versions] == [("web", None), ("web", 0.1)]
    assert versions[0].valid_to == versions[1].valid_from and versions[1].ended_by_id == ended.id


def test_a_relation_that_its_type_does_not_allow_is_refused(item, cast):
    database = make_item("zaken", class_key="database")
    instances = [make_item(name, class_key="dbms-instance") for name in ("pg-1", "pg-2")]
    change_set = register.begin(None, "test", NOW)
    register.relate(database, instances[0], "in-instance", change_set)
    refused = [
        (database, item, "runs-on", "Database kan niet aan het begin"),
        (item, database, "nonsense", "Er is geen soort relatie"),
        (item, item, "needs", "met zichzelf"),
        (database, instances[0], "in-instance", "bestaat al"),
        (database, instances[1], "in-instance", "maar een keer"),
    ]
    for source, target, kind, words in refused:
        with pytest.raises(ValueError, match=words):
            register.relate(source, target, kind, change_set)
    twice = [{"source": item, "target": cast.application, "kind": "needs"}] * 2
    with pytest.raises(ValueError, match="bestaat al"):
        register.relate_many(twice, change_set)
    assert db.session.scalar(sa.select(sa.func.count(Relation.id))) == 1


# Removing


def test_an_item_that_goes_leaves_its_history(item, cast):
    register.identify(item, [(IdentifierKind.OTHER, "x")], register.begin(None, "test", NOW))
    register.relate(item, cast.application, "needs", register.begin(None, "test", NOW))
    register.share_among(item, {cast.oosterveen.id: None}, begin())
    register.remove([item], register.begin(None, "test", NOW + DAY))
    key = item.id
    assert db.session.scalar(sa.select(Item).where(Item.id == key)) is None
    assert db.session.scalars(sa.select(Relation)).all() == []
    assert state_as_of(item, NOW)["name"] == "Belastingen" and state_as_of(item, NOW + DAY) is None


def test_an_item_that_a_ticket_is_about_stays(item, cast):
    make_ticket(cast.anna, items=[item])
    with pytest.raises(ValueError, match=f"nog in gebruik: {item.uid} Belastingen"):
        register.remove([item], register.begin(None, "test", NOW + DAY))
    assert state_as_of(item, NOW + DAY) is not None


def test_items_that_point_at_one_another_go_together(cast):
    supplier = make_item("Softwarehuis", class_key="supplier")
    item = make_item("Pakket", supplier_id=supplier.id)
    with pytest.raises(ValueError, match="Softwarehuis"):
        register.remove([supplier], register.begin(None, "test", NOW))
    register.remove([supplier, item], register.begin(None, "test", NOW))
