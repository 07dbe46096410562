"""By what an item is found, and that the index follows every act."""

import pytest
import sqlalchemy as sa

from cmdb import register, terms
from cmdb.database import db
from cmdb.item_parts import IdentifierKind, ItemTerm
from cmdb.items import Item
from cmdb.undo import undo
from tests.makers import NOW, make_item


def found(words: str) -> set[str]:
    chosen = sa.select(Item.name).where(Item.id.in_(terms.matching(words)))
    return set(db.session.scalars(chosen))


@pytest.fixture
def server(session):
    return make_item(
        "Oude vl-DB-02 zaal", class_key="server", serial="CN5BFP62CP", asset_tag="INV 77/2",
        attributes={"mac": "00:1a:2b:3c:4d:5e", "address": "10.20.0.15", "hostname": "vl-db-02",
                    "backup_policy": "dagelijks"},
        identifiers=[(IdentifierKind.FQDN, "vl-db-02.intern.vlietlanden.nl")],
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "vl-db-02", "VL-DB", "db-02", "02", "oude zaal", "zaal oud", "cn5bfp", "INV 77", "77/2",
        "10.20.0.15", "10.20.0", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e", "00:1a:2b", "4d:5e",
        "vl-db-02.intern", "vlietlanden.nl", "SRV-0001", "db-02 10.20",
    ],
)  # fmt: skip
def test_an_item_is_found_by_the_begin_of_every_part_of_what_it_is_known_by(server, words):
    make_item("Ander ding", class_key="printer")
    assert found(words) == {"Oude vl-DB-02 zaal"}


@pytest.mark.parametrize("words", ["", "  ", "b-02", "dagelijks", "vl-db-03", "oude kelder", "\U0010ffff"])
def test_and_by_nothing_else(server, words):
    assert found(words) == set()


def test_what_changes_is_found_by_what_it_is_now_and_an_undo_takes_that_back(server):
    act = register.begin(None, "test", NOW)
    register.change(server, act, name="nieuw-9", serial="")
    assert (found("oude"), found("cn5bfp"), found("nieuw")) == (set(), set(), {"nieuw-9"})
    assert found("vl-db-02.intern") == {"nieuw-9"}
    undo(act, None, NOW)
    assert found("oude") == found("cn5bfp") == {"Oude vl-DB-02 zaal"}
    assert found("nieuw") == set()


def test_what_an_item_was_known_by_once_is_kept_apart(server):
    register.change(server, register.begin(None, "test", NOW), name="nieuw-9", serial="")
    ever = sa.select(Item.name).where(Item.id.in_(terms.matching("oude zaal", ever=True)))
    assert found("oude zaal") == set() and list(db.session.scalars(ever)) == ["nieuw-9"]


def test_what_is_removed_leaves_no_term(server):
    register.remove([server], register.begin(None, "test", NOW))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ItemTerm)) == 0


def test_a_long_text_makes_no_endless_list_of_terms():
    many = {"uid": "A-1", "name": " ".join(f"w{n}-x{n}" for n in range(500)), "identifiers": []}
    made = terms.of_state(many, [])
    assert len(made) == 60 and "a-1" in made
    assert max(map(len, terms.of_state({"name": "x" * 900}, []))) == terms.LONGEST
