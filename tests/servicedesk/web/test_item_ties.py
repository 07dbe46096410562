"""Relations, dependency groups and roles on the pages of an item."""

import datetime as dt
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
    assert "draagt" in other and "Zaaksysteem" in other and "tot en met 31-12-2027" in other
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
    gone = {"former": "Servers", "remove": "1"}
    assert browser.post(f"/items/{uid}/groups", data=gone).status_code == 303
    db.session.expire_all()
    assert cast.application.groups == []
    assert db.session.scalars(sa.select(Relation.group)).all() == ["", ""]
    for wrong in (
        {"label": ""},
        {"rule": "soms"},
        {"amount": ""},
        {"amount": "-1"},
        {"effect": "x"},
    ):
        assert browser.post(f"/items/{uid}/groups", data=group | wrong).status_code == 422, wrong


def test_a_group_is_renamed_and_gets_other_members(sign_in, cast, server):
    change_set = register.begin(None, "test", NOW)
    other = make_item("srv-2", class_key="server")
    first = register.relate(cast.application, server, "needs", change_set)
    second = register.relate(cast.application, other, "needs", change_set)
    db.session.commit()
    browser, address = sign_in(cast.ada), f"/items/{cast.application.uid}/groups"
    made = {"label": "Paar", "rule": "passive", "failover_minutes": "15", "member": [first.id]}
    assert browser.post(address, data=made).status_code == 303
    db.session.expire_all()
    (group,) = cast.application.groups
    assert group["rule"] == {"kind": "at_least", "count": 1} and group["failover_minutes"] == 15
    assert (first.group, second.group) == ("Paar", "")
    more = {"former": "Paar", "label": "Servers", "rule": "at_least", "amount": "3",
            "member": [second.id]}  # fmt: skip
    assert browser.post(address, data=more).status_code == 303
    db.session.expire_all()
    assert [one["label"] for one in cast.application.groups] == ["Servers"]
    assert (first.group, second.group) == ("", "Servers")
    page = text_of(browser.get(f"/items/{cast.application.uid}/relations"))
    assert "Er zijn minder leden dan er nodig zijn" in page
    for wrong in ({"rule": "passive", "failover_minutes": ""}, {"label": ""}):
        again = more | {"former": "Servers", "form": "group-1"}
        refused = browser.post(address, data=again | wrong)
        assert refused.status_code == 422 and 'id="error-group-1"' in refused.text


def test_the_group_of_a_relation_is_that_of_what_needs_it_from_either_end(sign_in, cast, server):
    change_set = register.begin(None, "test", NOW)
    relation = register.relate(cast.application, server, "needs", change_set)
    group = {"label": "Web", "rule": {"kind": "all"}, "effect": "hard"}
    register.change(cast.application, change_set, groups=[group])
    db.session.commit()
    address = f"/items/{server.uid}/relations/{relation.id}"
    assert sign_in(cast.ada).post(address, data={"group": "Web"}).status_code == 303
    db.session.expire_all()
    assert relation.group == "Web"


def test_what_was_agreed_for_other_days_is_said_not_to_hold(sign_in, cast, server):
    day = dt.date(2026, 1, 31)
    register.relate(
        cast.application, server, "needs", register.begin(None, "test", NOW), valid_until=day
    )
    db.session.commit()
    page = text_of(sign_in(cast.daan).get(f"/items/{server.uid}"))
    assert "tot en met 31-01-2026" in page and "geldt nu niet" in page


def test_the_past_names_what_an_item_was_tied_to_as_it_was_then(sign_in, cast, server):
    register.relate(cast.application, server, "needs", register.begin(None, "test", NOW))
    register.change(server, register.begin(None, "test", NOW + dt.timedelta(days=2)), name="nieuw")
    db.session.commit()
    browser, address = sign_in(cast.daan), f"/items/{cast.application.uid}"
    assert "srv-1" in browser.get(f"{address}?on=24-11-2026").text
    assert "nieuw" in browser.get(address).text.partition("t-ties")[2].partition("t-documents")[0]


def test_the_ports_of_a_switch_say_what_is_connected_and_what_is_free(sign_in, cast, server):
    browser, switch = sign_in(cast.ada), make_item("sw-1", class_key="switch")
    address = f"/items/{switch.uid}/ports"
    sent = {"ports": "Gi1/0/1; 1000; 10,20; 15,4; paneel 2\nGi1/0/2", "reason": "Uitgelezen"}
    assert browser.post(address, data=sent).status_code == 303
    tied = {"kind": "connected-to", "other": switch.uid, "port": "Gi1/0/1"}
    assert browser.post(f"/items/{server.uid}/relations", data=tied).status_code == 303
    page = text_of(browser.get(f"/items/{switch.uid}"))
    assert "1 van 2 vrij" in page and "paneel 2" in page and "15,4" in page and "10, 20" in page
    assert "poort Gi1/0/1" in text_of(browser.get(f"/items/{server.uid}"))
    assert "Gi1/0/1 1000 10,20 15,4 paneel 2; Gi1/0/2" in page  # in the history
    assert "Gi1/0/1; 1000; 10,20; 15,4; paneel 2" in text_of(browser.get(address))
    refused = browser.post(address, data={"ports": "a\na"})
    assert refused.status_code == 422 and "eigen naam" in refused.text and "a\na" in refused.text
    assert browser.get(f"/items/{cast.application.uid}/ports").status_code == 404
