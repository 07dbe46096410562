"""Types of relation of the centre's own, made in the browser."""

import html

import pytest

from cmdb import register, registry
from cmdb.database import db
from tests.makers import NOW, make_item

NEW = {
    "name": "wordt gekoeld door", "reverse": "koelt", "cardinality": "n:1", "effect": "soft",
    "sources": ["server"], "targets": ["room", "rack"],
}  # fmt: skip


@pytest.fixture
def ada(sign_in, cast):
    return sign_in(cast.ada)


def test_an_own_type_joins_what_it_says_and_no_more(ada, cast):
    assert ada.post("/items/relation-types", data=NEW).status_code == 303
    kind = registry.relation_kinds()["wordt-gekoeld-door"]
    assert (kind.sources, kind.targets, kind.effect) == (("server",), ("room", "rack"), "soft")
    server = make_item("srv-1", class_key="server")
    rooms = [make_item(name, class_key="room") for name in ("zaal 1", "zaal 2")]
    address = f"/items/{server.uid}/relations"
    assert "wordt gekoeld door" in ada.get(address).text
    assert "koelt" in ada.get(f"/items/{rooms[0].uid}/relations").text
    sent = {"kind": "wordt-gekoeld-door", "other": rooms[0].uid, "valid_until": "31-12-2026"}
    assert ada.post(address, data=sent).status_code == 303
    sent = {"kind": "wordt-gekoeld-door", "other": rooms[1].uid}
    assert ada.post(address, data=sent | {"valid_on": "31-12-2026"}).status_code == 422
    assert ada.post(address, data=sent | {"valid_on": "01-01-2027"}).status_code == 303
    assert "koelt" in ada.get(f"/items/{rooms[0].uid}").text
    listed = ada.get("/items?relation.wordt-gekoeld-door=has").text
    assert "srv-1" in listed and "zaal 1" not in listed.partition("<tbody")[2]
    page = ada.get("/items/relation-types").text
    assert "wordt gekoeld door" in page


def test_an_own_type_is_renamed_and_removed_while_nothing_has_it(ada, cast):
    ada.post("/items/relation-types", data=NEW)
    address = "/items/relation-types/wordt-gekoeld-door"
    words = {"name": "krijgt koeling van", "reverse": "geeft koeling aan"}
    assert ada.post(address, data=words).status_code == 303
    assert registry.relation_kinds()["wordt-gekoeld-door"].name == "krijgt koeling van"
    server, room = make_item("srv-1", class_key="server"), make_item("zaal", class_key="room")
    relation = register.relate(
        server, room, "wordt-gekoeld-door", change_set := register.begin(None, "test", NOW)
    )
    register.unrelate([relation], change_set)
    db.session.commit()
    refused = ada.post(address, data={"remove": "1"})
    assert refused.status_code == 422 and "blijft daarom in de historie" in refused.text
    ada.post("/items/relation-types", data=NEW | {"name": "x"})
    assert ada.post("/items/relation-types/x", data={"remove": "1"}).status_code == 303
    assert "x" not in registry.relation_kinds()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": "!"}, "Geef een naam met letters"),
        ({"reverse": ""}, "Vul een naam in"),
        ({"cardinality": "veel"}, "Kies een van de mogelijkheden"),
        ({"effect": ""}, "Kies een van de mogelijkheden"),
        ({"sources": ["ding"]}, "Kies bestaande soorten"),
    ],
)
def test_a_type_that_will_not_do_is_refused_with_what_was_typed(ada, wrong, sentence):
    answer = ada.post("/items/relation-types", data=NEW | wrong)
    assert answer.status_code == 422 and sentence in html.unescape(answer.text)
    assert (wrong.get("name") or "wordt gekoeld door") in answer.text


def test_a_built_in_type_is_not_changed(ada):
    assert ada.post("/items/relation-types/needs", data={"remove": "1"}).status_code == 404
