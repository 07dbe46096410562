"""Relations, dependency groups and roles on the pages of an item."""

import html

import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db
from cmdb.items import Relation
from tests.makers import NOW, make_item


@pytest.fixture
def server(cast):
    return make_item("srv-1", class_key="server")


def text_of(answer) -> str:
    return html.unescape(answer.text)


def test_ada_ties_items_both_ways_and_the_page_says_it_from_either_end(sign_in, cast, server):
    browser, application = sign_in(cast.ada), cast.application
    sent = {
        "kind": "runs-on",
        "other": server.uid,
        "valid_until": "31-12-2027",
        "reason": "Verhuisd",
    }
    assert browser.post(f"/items/{application.uid}/relations", data=sent).status_code == 303
    assert "draait op" in browser.get(f"/items/{application.uid}").text
    other = text_of(browser.get(f"/items/{server.uid}"))
    assert "draagt" in other and "Zaaksysteem" in other and "tot 31-12-2027" in other
    assert "draagt</span>" in other and "Verhuisd" in other  # in the history too
    back = make_item("Website", class_key="website")
    sent = {"kind": "-runs-on", "other": f"{back.uid.lower()} Website"}
    assert browser.post(f"/items/{server.uid}/relations", data=sent).status_code == 303
    tied = db.session.execute(sa.select(Relation.source_id, Relation.target_id)).all()
    assert sorted(tied) == sorted([(application.id, server.id), (back.id, server.id)])


def test_ada_changes_and_removes_a_relation(sign_in, cast, server):
    relation = register.relate(cast.application, server, "needs", register.begin(None, "test", NOW))
    db.session.commit()
    browser, address = sign_in(cast.ada), f"/items/{server.uid}/relations/{relation.id}"
    sent = {"effect": "soft", "capacity": "12,5"}
    assert browser.post(address, data=sent).status_code == 303
    db.session.expire_all()
    assert (relation.effect, relation.capacity) == ("soft", 12.5)
    assert browser.post(address, data={"remove": "1"}).status_code == 303
    assert db.session.scalar(sa.select(sa.func.count(Relation.id))) == 0
    assert browser.post(address, data={"remove": "1"}).status_code == 404


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"kind": "runs-on", "other": "SRV-9999"}, "nummer van een bestaand object"),
        ({"kind": "nonsense", "other": "{server}"}, "geen soort relatie"),
        ({"kind": "in-instance", "other": "{server}"}, "kan niet aan het"),
        ({"kind": "needs", "other": "{self}"}, "geen relatie met zichzelf"),
        ({"kind": "needs", "other": "{server}", "group": "bestaat niet"}, "Maak eerst een groep"),
        ({"kind": "needs", "other": "{server}", "effect": "boem"}, "Kies wat er gebeurt"),
        ({"kind": "needs", "other": "{server}", "valid_on": "ooit"}, "Vul een datum in"),
        ({"kind": "needs", "other": "{server}", "capacity": "veel"}, "Vul een getal in"),
    ],
)
def test_a_relation_that_cannot_be_is_refused_with_what_was_typed(
    sign_in, cast, server, sent, sentence
):
    names = {"{server}": server.uid, "{self}": cast.application.uid}
    sent = {key: names.get(value, value) for key, value in sent.items()} | {"reason": "Mijn reden"}
    answer = sign_in(cast.ada).post(f"/items/{cast.application.uid}/relations", data=sent)
    assert answer.status_code == 422
    assert sentence in text_of(answer) and "Mijn reden" in answer.text
    assert db.session.scalar(sa.select(sa.func.count(Relation.id))) == 0


def test_a_group_says_how_many_are_needed(sign_in, cast, server):
    browser, uid = sign_in(cast.ada), cast.application.uid
    group = {"label": "Servers", "rule": "at_least", "amount": "1", "failover_minutes": "5"}
    assert browser.post(f"/items/{uid}/groups", data=group).status_code == 303
    for item in (server, make_item("srv-2", class_key="server")):
        sent = {"kind": "runs-on", "other": item.uid, "group": "Servers"}
        assert browser.post(f"/items/{uid}/relations", data=sent).status_code == 303
    assert "1 van 2 nodig, neemt over in 5 minuten" in browser.get(f"/items/{uid}").text
    assert (
        browser.post(f"/items/{uid}/groups", data={"label": "Servers", "remove": "1"}).status_code
        == 303
    )
    db.session.expire_all()
    assert cast.application.groups == []
    for wrong in (
        {"label": ""},
        {"rule": "soms"},
        {"amount": ""},
        {"amount": "-1"},
        {"effect": "x"},
    ):
        assert browser.post(f"/items/{uid}/groups", data=group | wrong).status_code == 422, wrong
