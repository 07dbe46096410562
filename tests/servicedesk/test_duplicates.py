"""Duplicates: what makes a pair, what is remembered of it, and a merge with its undo."""

import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db
from cmdb.item_parts import Duty, IdentifierKind, ItemIdentifier, ItemRole
from cmdb.items import Item, ItemConsumer, ItemStatus, Relation
from cmdb.undo import UndoRefused
from servicedesk.quality import duplicates, merging
from servicedesk.quality.models import Pair, Verdict
from servicedesk.tickets import outages
from tests.makers import NOW, make_item, make_ticket


def found() -> dict[tuple[str, str], list[str]]:
    """The open pairs by name, with the kinds of their evidence."""
    duplicates.find(NOW)
    pairs = db.session.scalars(sa.select(Pair).where(Pair.verdict == Verdict.OPEN))
    return {
        (pair.first.name, pair.second.name): [kind for kind, _value in pair.evidence]
        for pair in pairs
    }


def make(name, town=None, known_as=(), **values):
    return make_item(
        name, town, class_key=values.pop("class_key", "server"),
        identifiers=[(IdentifierKind(kind), value) for kind, value in known_as], **values,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("mine", "theirs", "kinds"),
    [
        ({"serial": "SRV X1"}, {"serial": "srv  x1"}, ["serial"]),
        ({"asset_tag": "VL-1"}, {"asset_tag": "vl-1"}, ["asset_tag"]),
        ({"known_as": [("uuid", "4c4c4544-0034-3010-8048-b6c04f503732")]},
         {"known_as": [("uuid", "4C4C4544-0034-3010-8048-B6C04F503732")]}, ["uuid"]),
        ({"known_as": [("mac", "B0:5A:DA:10:10:80")]}, {"attributes": {"mac": "b0:5a:da:10:10:80"}},
         ["mac"]),
        ({"known_as": [("fqdn", "db1.vl.nl")]}, {"known_as": [("fqdn", "DB1.vl.nl.")]}, ["fqdn"]),
        ({"serial": "A1", "asset_tag": "T1"}, {"serial": "A1", "asset_tag": "T1"},
         ["serial", "asset_tag"]),
        ({"serial": "To be filled by O.E.M."}, {"serial": "To be filled by O.E.M."}, None),
        ({"asset_tag": "0000000"}, {"asset_tag": "0000000"}, None),
        ({"serial": "A1"}, {"serial": "A2"}, None),
        ({"serial": "A1", "status": ItemStatus.RETIRED}, {"serial": "A1"}, None),
    ],
)  # fmt: skip
def test_what_identifies_a_thing(cast, mine, theirs, kinds):
    make("kast een", cast.oosterveen, **mine)
    make("iets anders", cast.lindhoven, **theirs)
    expected = {} if kinds is None else {("kast een", "iets anders"): kinds}
    assert found() == expected


def test_a_network_name_may_be_of_a_host_and_of_what_runs_on_it(cast):
    known = [("fqdn", "db1.vl.nl")]
    make("host", known_as=known)
    make("instantie", known_as=known, class_key="dbms-instance")
    assert found() == {}
    make("werkplek", known_as=known, class_key="workstation")
    assert found() == {("host", "werkplek"): ["fqdn"]}


def test_names_within_a_class_and_owner_unless_they_surely_differ(cast):
    make("Opnameserver", cast.oosterveen)
    make("opname-server", cast.oosterveen)
    make("Opnameserver", cast.lindhoven)
    make("Opnameserver", cast.oosterveen, class_key="router")
    assert found() == {("Opnameserver", "opname-server"): ["name"]}
    for name, serial in (("Telserver", "S1"), ("Telserver", "S2")):
        make(name, cast.oosterveen, serial=serial)
    assert len(found()) == 1


def test_what_many_have_tells_nothing(cast):
    for number in range(11):
        make(f"srv {number}", serial="COPYPASTE")
    assert found() == {}


def test_what_was_told_apart_stays_so_and_what_no_longer_agrees_is_forgotten(cast):
    make("een", serial="A1")
    other = make("twee", serial="A1")
    make("drie", asset_tag="T1")
    last = make("vier", asset_tag="T1")
    assert len(found()) == 2
    duplicates.tell_apart(db.session.scalars(sa.select(Pair)).first(), cast.daan, NOW)
    assert list(found()) == [("drie", "vier")]
    register.change(last, register.begin(None, "test", NOW), asset_tag="T2")
    register.change(other, register.begin(None, "test", NOW), asset_tag="T9")
    assert found() == {}
    [kept] = db.session.scalars(sa.select(Pair))
    assert (kept.verdict, kept.judged_by) == (Verdict.DISTINCT, cast.daan)


@pytest.fixture
def twins(cast):
    """A server of the centre, and another record of it at Lindhoven that knows other things."""
    kept = make("srv-1", serial="A1", manager_id=cast.daan.id, attributes={"memory": 64},
                known_as=[("fqdn", "srv1.vl.nl")])  # fmt: skip
    gone = make("srv-een", cast.lindhoven, serial="A1", asset_tag="T1", manager_id=cast.femke.id,
                deputy_id=cast.daan.id, attributes={"memory": 32, "make": "Dijk"}, tags=["oud"],
                known_as=[("mac", "b0:5a:da:10:10:80")], consumers=[cast.oosterveen])  # fmt: skip
    change_set = register.begin(None, "test", NOW)
    rack, other = make("Rack 1", class_key="rack"), make("Rack 2", class_key="rack")
    register.relate(kept, rack, "placed-in", change_set)
    register.relate(gone, other, "placed-in", change_set)
    register.relate(cast.application, kept, "runs-on", change_set)
    register.relate(cast.application, gone, "runs-on", change_set)
    lone = make_item("Losse applicatie")
    register.change(lone, change_set, groups=[{"label": "Servers", "rule": {"kind": "all"}}])
    register.relate(lone, gone, "runs-on", change_set, group="Servers")
    register.set_role(gone, Duty.BUDGET_HOLDER, change_set, contact="Inkoop")
    both = make_ticket(cast.anna, items=[kept, gone])
    one = make_ticket(cast.carla, items=[gone])
    duplicates.find(NOW)
    [pair] = db.session.scalars(sa.select(Pair))
    db.session.commit()
    return pair, kept, gone, lone, both, one


def picture() -> dict[str, object]:
    """All of the register that a merge touches."""
    db.session.expire_all()
    rows = sa.select(Item.name, Item.serial, Item.asset_tag, Item.status, Item.attributes,
                     Item.manager_id, Item.deputy_id, Item.tags).order_by(Item.id)  # fmt: skip
    ties = sa.select(Relation.source_id, Relation.target_id, Relation.kind, Relation.group)
    return {
        "items": db.session.execute(rows).all(),
        "ties": sorted(db.session.execute(ties).all()),
        "identifiers": sorted(
            db.session.execute(sa.select(ItemIdentifier.item_id, ItemIdentifier.value)).all()
        ),
        "roles": sorted(db.session.execute(sa.select(ItemRole.item_id, ItemRole.contact)).all()),
        "users": sorted(
            db.session.execute(sa.select(ItemConsumer.item_id, ItemConsumer.municipality_id)).all()
        ),
        "tickets": sorted(
            db.session.execute(sa.select(merging.TicketItem.ticket_id, merging.TicketItem.item_id)).all()
        ),
    }  # fmt: skip


def test_a_merge_takes_over_what_the_other_had(cast, twins):
    pair, kept, gone, lone, both, one = twins
    merging.merge(pair, kept, gone, cast.ada, NOW)
    assert (kept.asset_tag, kept.deputy_id, kept.manager_id) == ("T1", None, cast.daan.id)
    assert kept.attributes == {"memory": 64, "make": "Dijk"} and kept.tags == ["oud"]
    assert gone.status == ItemStatus.RETIRED and (gone.serial, gone.asset_tag) == ("", "")
    assert gone.name == "srv-een (samengevoegd met " + kept.uid + ")"
    seen = picture()
    assert {pair for pair in seen["identifiers"]} == {
        (kept.id, "srv1.vl.nl"), (kept.id, "b0:5a:da:10:10:80")}  # fmt: skip
    assert not [tie for tie in seen["ties"] if gone.id in tie[:2]]
    assert (lone.id, kept.id, "runs-on", "Servers") in seen["ties"]
    assert len([tie for tie in seen["ties"] if tie[0] == kept.id]) == 1, "in one rack, its own"
    assert (kept.id, "Inkoop") in seen["roles"]
    assert {town for item, town in seen["users"] if item == kept.id} == {
        cast.oosterveen.id, cast.lindhoven.id}  # fmt: skip
    assert seen["tickets"] == [(both.id, kept.id), (one.id, kept.id)]
    assert (pair.verdict, duplicates.find(NOW)) == (Verdict.MERGED, 0)


def test_the_undo_of_a_merge_leaves_all_as_it_was(cast, twins):
    pair, kept, gone, *_ = twins
    before = picture()
    done = merging.merge(pair, kept, gone, cast.ada, NOW)
    assert picture() != before
    merging.take_back(done, cast.ada, NOW)
    assert picture() == before
    assert (pair.verdict, pair.change_set_id) == (Verdict.OPEN, None)


def test_the_undo_is_refused_when_something_later_touched_the_same(cast, twins):
    pair, kept, gone, *_ = twins
    done = merging.merge(pair, kept, gone, cast.ada, NOW)
    register.change(kept, register.begin(None, "test", NOW), asset_tag="T2")
    with pytest.raises(UndoRefused, match=kept.uid):
        merging.take_back(done, cast.ada, NOW)


def test_no_merge_while_an_outage_runs_on_the_other(cast, twins):
    pair, kept, gone, *_ = twins
    outages.start(gone, "Stuk", NOW)
    with pytest.raises(ValueError, match="loopt een storing"):
        merging.merge(pair, kept, gone, cast.ada, NOW)
