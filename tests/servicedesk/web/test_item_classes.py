"""Classes and fields of the centre's own, made in the browser, are as good as the built-in ones."""

import html
import io

import pytest
import sqlalchemy as sa

from cmdb import registry
from cmdb.database import db
from cmdb.items import Item
from cmdb.registry import ItemAttribute

FIELD = {"label": "Aantal lampen", "kind": "number", "unit": "stuks"}


@pytest.fixture
def beamer(sign_in, cast):
    """A class of beamers under hardware, with a field of its own."""
    browser = sign_in(cast.ada)
    sent = {"name": "Beamer", "prefix": "bea", "parent": "hardware"}
    assert browser.post("/items/classes", data=sent).location == "/items/classes/beamer"
    assert browser.post("/items/classes/beamer", data=FIELD).status_code == 303
    return browser


def add(browser, **values):
    sent = {"item_class": "beamer", "name": "Beamer 1", "hosting": "central", "status": "in-use",
            "owner": "", "location": "", "manager": "", "deputy": ""}  # fmt: skip
    return browser.post("/items/new", data=sent | values)


def test_an_own_class_is_first_class_in_form_list_file_and_history(beamer, sign_in, cast):
    assert "Aantal lampen (stuks)" in beamer.get("/items/new?class=beamer").text
    assert add(beamer, a_aantal_lampen="twee").status_code == 422
    address = add(beamer, a_aantal_lampen="2", a_make="Epson").location
    assert address == "/items/BEA-0001"
    assert "2 stuks" in beamer.get(address).text
    query = "class=beamer&aantal_lampen.gt=1&columns=aantal_lampen&sort=aantal_lampen"
    assert "Beamer 1" in beamer.get(f"/items?{query}").text
    assert "Aantal lampen (stuks)" in beamer.get(f"/items/export.csv?{query}").text
    assert "Beamer 1" in sign_in(cast.daan).get("/items?class=hardware").text
    tree = beamer.get("/items/classes").text
    assert "Beamer" in tree and "BEA" in tree


def test_a_field_is_renamed_moved_and_retired_when_it_is_used(beamer):
    beamer.post("/items/classes/beamer", data={"label": "Merk lamp", "kind": "text"})
    address = "/items/classes/beamer/fields/aantal_lampen"
    assert (
        beamer.post(address, data={"label": "Lampen", "unit": "st", "deed": "save"}).status_code
        == 303
    )
    assert beamer.post(address, data={"deed": "down"}).status_code == 303
    keys = [one.key for one in registry.classes()["beamer"].attributes]
    assert keys.index("aantal_lampen") == keys.index("merk_lamp") + 1
    add(beamer, a_aantal_lampen="2")
    assert beamer.post(address, data={"deed": "retire"}).status_code == 303
    assert (
        beamer.post("/items/classes/beamer/fields/merk_lamp", data={"deed": "retire"}).status_code == 303
    )
    rows = db.session.execute(sa.select(ItemAttribute.key, ItemAttribute.is_retired)).all()
    assert rows == [("aantal_lampen", True)]  # the other was never used, so it is gone
    assert "Lampen" not in beamer.get("/items/new?class=beamer").text
    item = db.session.scalars(sa.select(Item).where(Item.class_key == "beamer")).one()
    assert item.attributes == {"aantal_lampen": 2}
    assert beamer.post(address, data={"deed": "back"}).status_code == 303
    assert "Lampen (st)" in beamer.get("/items/new?class=beamer").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": ""},
        {"label": "123"},
        {"kind": "nonsense"},
        {"kind": "choice", "choices": "een"},
        {"label": "x" * 99},
    ],
)
def test_a_field_that_cannot_be_is_refused_and_stays_typed(beamer, wrong):
    answer = beamer.post("/items/classes/beamer", data=FIELD | {"unit": "eenheid"} | wrong)
    assert answer.status_code == 422 and "eenheid" in answer.text


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "Server"}, {"prefix": "SRV"}, {"prefix": "1"}, {"parent": "x"}]
)
def test_a_class_that_cannot_be_is_refused(sign_in, cast, wrong):
    sent = {"name": "Scanner", "prefix": "SCA", "parent": ""} | wrong
    answer = sign_in(cast.ada).post("/items/classes", data=sent)
    assert answer.status_code == 422 and 'role="alert"' in html.unescape(answer.text)


def test_any_class_that_items_can_be_of_is_renamed(beamer):
    address = "/items/classes/server/name"
    assert beamer.post(address, data={"label": "Fysieke server"}).status_code == 303
    assert registry.classes()["server"].name == "Fysieke server"
    assert registry.classes()["server"].is_a("hardware")
    assert beamer.post(address, data={"label": "Rekendoos"}).status_code == 303
    assert "Rekendoos" in beamer.get("/items/new").text
    for wrong in ("", "beamer", "x" * 81):
        assert beamer.post(address, data={"label": wrong}).status_code == 422
    assert beamer.post("/items/classes/hardware/name", data={"label": "Ding"}).status_code == 422


def test_an_own_class_is_removed_with_its_fields_while_nothing_was_of_it(beamer):
    assert "Soort verwijderen" in beamer.get("/items/classes/beamer").text
    assert beamer.post("/items/classes/beamer/remove").location == "/items/classes"
    assert "beamer" not in registry.classes()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ItemAttribute)) == 0
    assert beamer.get("/items/classes/beamer").status_code == 404
    assert beamer.get("/items?class=beamer").status_code < 500


def test_a_class_stays_while_something_hangs_on_it(beamer):
    def refused(name):
        answer = beamer.post(f"/items/classes/{name}/remove")
        return answer.status_code == 422 and html.unescape(answer.text)

    beamer.post("/items/classes/server/name", data={"label": "Rekendoos"})
    assert "Soort verwijderen" not in beamer.get("/items/classes/server").text
    assert "Kies een eigen soort" in refused("server")
    sent = {"name": "Minibeamer", "prefix": "mbe", "parent": "beamer"}
    beamer.post("/items/classes", data=sent)
    assert "soorten die hieronder vallen" in refused("beamer")
    sent = {"name": "schijnt op", "reverse": "wordt beschenen door", "sources": "minibeamer",
            "targets": "room", "cardinality": "n:n", "effect": "hard"}  # fmt: skip
    assert beamer.post("/items/relation-types", data=sent).status_code == 303
    assert "noemt deze soort" in refused("minibeamer")
    assert beamer.post("/items/relation-types/schijnt-op", data={"remove": "1"}).status_code == 303
    assert beamer.post("/items/classes/minibeamer/remove").status_code == 303
    add(beamer)
    assert "in de historie" in refused("beamer")


def test_a_file_that_waits_for_a_class_that_is_gone_is_still_shown(beamer):
    sent = {"class": "beamer", "owner": "centre", "file": (io.BytesIO(b"naam;opmerking\nBeamer 1;\n"), "b.csv")}
    address = beamer.post("/items/import", data=sent).location
    assert beamer.post("/items/classes/beamer/remove").status_code == 303
    assert beamer.get(address).status_code == 200
    assert beamer.post(f"{address}/apply").status_code == 422


@pytest.mark.parametrize(("locale", "words"), [("en", "Choose a prefix"), ("fy", "Kies in foar")])
def test_what_the_register_refuses_is_in_the_language_of_the_reader(sign_in, cast, locale, words):
    cast.ada.locale = locale
    sent = {"name": "Scanner", "prefix": "1", "parent": ""}
    assert words in sign_in(cast.ada).post("/items/classes", data=sent).text
