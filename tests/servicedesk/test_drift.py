"""What an inventory saw otherwise than agreed: kept beside the register, until somebody decides."""

import sqlalchemy as sa

import pytest

from cmdb import authority, drift, register
from cmdb.database import db
from cmdb.item_parts import Observation
from cmdb.undo import undo
from servicedesk.intake.inventory import Thing
from servicedesk.intake.inventory_import import known_things, note_seen, plan_things, take_over
from tests.makers import NOW, make_item


@pytest.fixture
def server(cast):
    """A server of Oosterveen whose memory somebody filled in by hand."""
    made = make_item("srv-1", cast.oosterveen, class_key="server", serial="SRVX001",
                     manager_id=cast.daan.id, attributes={"memory": 32768})  # fmt: skip
    authority.note({made.id: ["memory"]}, authority.HAND, NOW)
    return made


def look(cast, memory: int, source: str = "glpi a.json", **values) -> None:
    """An inventory sees the server."""
    thing = Thing(1, "server", "srv-1", {"memory": memory, **values}, serial="SRVX001")
    known = known_things(cast.oosterveen.id)
    planned = plan_things([thing], known, source)
    if planned.writes:
        take_over(planned, [thing], known, register.begin(None, source, NOW), source, NOW)
    else:
        note_seen(planned, source, NOW)
    db.session.flush()


def seen() -> dict[str, object]:
    return {row.field: row.value for row in db.session.scalars(sa.select(Observation))}


def test_what_a_person_filled_in_is_not_overwritten_but_kept_beside(cast, server):
    look(cast, 65536, cpu_model="Snel")
    assert server.attributes == {"memory": 32768, "cpu_model": "Snel"}
    assert seen() == {"memory": 65536}


def test_a_spreadsheet_may_overwrite_what_a_person_filled_in():
    assert authority.may_overwrite("import lijst.csv", authority.HAND)
    assert not authority.may_overwrite("nmap scan.xml", authority.HAND)
    assert not authority.may_overwrite("import lijst.csv", authority.CONFIRMED)


def test_drift_ends_when_the_same_is_seen_or_agreed(cast, server):
    look(cast, 65536)
    look(cast, 32768, "ansible")
    assert seen() == {}
    look(cast, 65536)
    register.change(server, register.begin(cast.ada, "browser", NOW), attributes={"memory": 65536})
    assert seen() == {}


def test_accepting_goes_through_the_register_and_can_be_undone(cast, server):
    look(cast, 65536)
    done = drift.accept(db.session.scalars(sa.select(Observation)), cast.daan, NOW)
    assert (server.attributes["memory"], seen()) == (65536, {})
    assert done.actor == cast.daan and done.reason == "glpi a.json"
    assert authority.sources([server.id])[server.id]["memory"] == authority.CONFIRMED
    undo(done, cast.ada, NOW)
    assert server.attributes["memory"] == 32768


def test_a_rejection_holds_until_something_else_is_seen(cast, server):
    look(cast, 65536)
    [row] = db.session.scalars(sa.select(Observation))
    drift.reject([row], cast.daan, NOW)
    look(cast, 65536, "glpi b.json")
    assert row.rejected_by == cast.daan and row.source == "glpi b.json"
    look(cast, 131072)
    assert row.rejected_at is None and row.value == 131072


def test_what_was_seen_goes_with_its_item(cast, server):
    look(cast, 65536)
    register.remove([server], register.begin(cast.ada, "test", NOW))
    assert seen() == {}
