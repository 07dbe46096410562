"""Items written by programs: all errors together, nobody's change lost, and each act with its why."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb import register, registry
from cmdb.catalogue import Attribute
from cmdb.database import db
from cmdb.items import ChangeSet, Item, Relation
from cmdb.kinds import Kind
from tests.makers import NOW, make_item
from tests.servicedesk.web.test_query_counts import counted

SERVER = {"class": "server", "name": "vl-db-01", "hosting": "central"}


@pytest.fixture
def ada(cast, program):
    return program(cast.ada)


@pytest.fixture
def server(cast):
    return make_item("vl-db-01", cast.oosterveen, class_key="server", attributes={"memory": 64})


def sent(program, method, path, body, status=200, **headers):
    answer = program.send(method, path, body, headers=headers)
    assert answer.status_code == status, answer.json
    return answer


def pointers(answer):
    return {error["pointer"] for error in answer.json["errors"]}


def test_an_item_is_registered_with_all_that_it_holds(cast, ada):
    supplier = make_item("Leverancier BV", class_key="supplier")
    body = SERVER | {
        "owner": cast.oosterveen.code, "location": "Gemeentehuis Oosterveen",
        "user": cast.anna.login, "manager": cast.daan.login, "deputy": cast.els.login,
        "supplier": supplier.uid, "warrantyUntilDate": "2028-01-31", "purchaseCents": 125050,
        "integrity": 2, "tags": ["b", "a"], "environment": "production", "status": "in-stock",
        "attributes": {"memory": 64, "personal_data": True},
        "identifiers": [{"kind": "mac", "value": "00-1A-2B-3C-4D-5E"}],
        "groups": [{"label": "voeding", "rule": {"kind": "percent", "percent": 50}}],
        "consumers": [{"municipality": cast.lindhoven.code, "share": 250}],
        "reason": "Uit het magazijn",
    }  # fmt: skip
    answer = sent(ada, "POST", "/items", body, 201)
    told = answer.json
    assert answer.headers["Location"] == f"/api/v1/items/{told['number']}"
    assert answer.headers["ETag"] == '"1"' and told["number"].startswith("SRV-")
    assert told["warrantyUntilDate"] == "2028-01-31" and told["purchaseCents"] == 125050
    assert told["user"]["name"] == "Anna Bakker" and told["supplier"]["number"] == supplier.uid
    assert told["location"] == {"name": "Gemeentehuis Oosterveen"}
    assert told["identifiers"] == [{"kind": "mac", "value": "00:1a:2b:3c:4d:5e"}]
    assert told["groups"][0]["effect"] == "hard" and told["consumers"][0]["share"] == 250
    assert {one["source"] for one in told["sources"]} == {"hand"}
    act = db.session.scalars(sa.select(ChangeSet).order_by(ChangeSet.id.desc())).first()
    assert (act.source, act.reason, act.actor_id) == ("api", "Uit het magazijn", cast.ada.id)


def test_everything_that_does_not_fit_is_told_together(cast, ada):
    body = SERVER | {
        "name": " ", "owner": cast.lindhoven.code, "location": "Gemeentehuis Oosterveen",
        "user": cast.anna.login, "manager": cast.anna.login, "supplier": "SUP-9999",
        "description": "a\u0001b", "tags": ["x" * 40] * 2 + ["\u0002"],
        "attributes": {"memory": "veel", "wat": 1, "bbn": "9", "a/b~": [{}]},
        "identifiers": [{"kind": "mac", "value": "geen"}],
        "groups": [{"label": "x", "rule": {"kind": "at_least", "percent": 5}}],
        "consumers": [{"municipality": "0000"}],
    }  # fmt: skip
    answer = sent(ada, "POST", "/items", body, 400)
    assert pointers(answer) == {
        "/name", "/location", "/user", "/manager", "/supplier", "/description", "/tags",
        "/attributes/memory", "/attributes/wat", "/attributes/bbn", "/attributes/a~1b~0",
        "/identifiers", "/groups", "/consumers/0/municipality",
    }  # fmt: skip
    assert db.session.scalar(sa.select(sa.func.count(Item.id))) == 1


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"class": "wat"}, "/class"), ({"class": "hardware"}, "/class"), ({"hosting": "maan"}, "/hosting"),
        ({"wat": 1}, "/wat"), ({"name": None}, "/name"), ({"purchaseCents": 1.5}, "/purchaseCents"),
        ({"purchaseCents": 10**30}, "/purchaseCents"), ({"integrity": 4}, "/integrity"),
        ({"warrantyUntilDate": "2026-02-30"}, "/warrantyUntilDate"), ({"tags": "x"}, "/tags"),
        ({"attributes": []}, "/attributes"), ({"reason": "a\u0001"}, "/reason"),
        ({"attributes": {"memory": 10**40}}, "/attributes/memory"),
        ({"attributes": {"memory": True}}, "/attributes/memory"),
    ],
)  # fmt: skip
def test_what_is_no_item_is_refused_by_its_field(ada, wrong, pointer):
    assert pointers(sent(ada, "POST", "/items", SERVER | wrong, 400)) == {pointer}


def test_a_refusal_is_told_in_the_language_of_the_person(cast, program):
    cast.ada.locale = "en"
    db.session.commit()
    answer = sent(program(cast.ada), "POST", "/items", SERVER | {"attributes": {"memory": "x"}}, 400)
    assert answer.json["errors"][0]["detail"].endswith("This value is of the wrong kind.")


def test_a_patch_changes_what_it_names_and_no_more(ada, server):
    read = ada.get(f"/items/{server.uid}")
    body = {"serial": "S1", "attributes": {"bbn": "2+"}, "reason": "Gezien"}
    answer = sent(ada, "PATCH", f"/items/{server.uid}", body, **{"If-Match": read.headers["ETag"]})
    assert answer.json["serial"] == "S1" and answer.json["name"] == "vl-db-01"
    assert answer.json["attributes"] == {"memory": 64, "bbn": "2+"}
    body = {"serial": None, "attributes": {"memory": None}, "version": answer.json["version"]}
    answer = sent(ada, "PATCH", f"/items/{server.uid}", body)
    assert answer.json["serial"] == "" and answer.json["attributes"] == {"bbn": "2+"}
    assert answer.headers["ETag"] == f'"{answer.json["version"]}"'


def test_a_change_of_somebody_else_is_never_lost(cast, ada, server):
    path = f"/items/{server.uid}"
    assert sent(ada, "PATCH", path, {"name": "x"}, 428).json["title"] == "Precondition Required"
    register.change(server, register.begin(cast.els, "test", NOW), serial="S9")
    db.session.commit()
    sent(ada, "PATCH", path, {"name": "x", "version": 1}, 412)
    sent(ada, "PATCH", path, {"name": "x"}, 412, **{"If-Match": '"1"'})
    sent(ada, "PATCH", path, {"name": "x"}, 412, **{"If-Match": '"wat"'})
    assert ada.get(path).json["name"] == "vl-db-01"
    sent(ada, "PATCH", path, {"name": "x"}, 200, **{"If-Match": '"2"'})


def test_what_does_not_go_together_is_told_by_what_was_changed(cast, ada, server):
    register.change(server, register.begin(None, "t", NOW), user_id=cast.anna.id, manager_id=cast.daan.id)
    db.session.commit()
    body = {"owner": cast.lindhoven.code, "deputy": cast.daan.login, "version": 2}
    answer = sent(ada, "PATCH", f"/items/{server.uid}", body, 400)
    assert pointers(answer) == {"/user", "/deputy"}
    sent(ada, "PATCH", f"/items/{server.uid}", body | {"user": None, "deputy": None})


def test_who_left_stays_the_manager_but_becomes_none(cast, ada, server):
    register.change(server, register.begin(None, "t", NOW), manager_id=cast.daan.id)
    cast.daan.is_active = False
    db.session.commit()
    sent(ada, "PATCH", f"/items/{server.uid}", {"manager": cast.daan.login, "version": 2})
    answer = sent(ada, "PATCH", f"/items/{server.uid}", {"deputy": cast.daan.login, "version": 2}, 400)
    assert pointers(answer) == {"/deputy"}


def test_a_group_that_goes_leaves_its_relations(ada, server, cast):
    path = f"/items/{server.uid}"
    groups = [{"label": "voeding", "rule": {"kind": "all"}, "failoverMinutes": 2}]
    sent(ada, "PATCH", path, {"groups": groups, "version": 1})
    tie = {"kind": "needs", "other": cast.application.uid, "group": "voeding"}
    assert sent(ada, "POST", f"{path}/relations", tie, 201).json["group"] == "voeding"
    answer = sent(ada, "PATCH", path, {"groups": [], "version": 2})
    assert [one["group"] for one in answer.json["relations"]] == [""]


def test_a_relation_is_made_changed_and_ended(cast, ada, server):
    path = f"/items/{server.uid}/relations"
    body = {"kind": "runs-on", "other": cast.application.uid, "isReverse": True, "reason": "Verhuisd"}
    made = sent(ada, "POST", path, body, 201).json
    assert made["isReverse"] and made["other"]["name"] == "Zaaksysteem" and made["effect"] == "hard"
    assert "draait" not in made["label"]
    one = f"{path}/{made['id']}"
    body = {"effect": "soft", "capacity": 2.5, "validUntilDate": "2027-01-01"}
    changed = sent(ada, "PATCH", one, body).json
    assert (changed["effect"], changed["capacity"], changed["validUntilDate"]) == ("soft", 2.5, "2027-01-01")
    assert [each["id"] for each in ada.get(path).json["items"]] == [made["id"]]
    sent(ada, "PATCH", one, {"validFromDate": "2028-01-01"}, 400)
    assert sent(ada, "DELETE", f"{one}?reason=Weg", None).json["relationCount"] == 0
    sent(ada, "DELETE", one, None, 404)
    assert not db.session.scalar(sa.select(sa.func.count(Relation.id)))


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "wat"}, {"other": "SRV-9999"}, {"group": "geen"}, {"isReverse": False}, {"port": "a\u0001"}],
)
def test_a_relation_that_cannot_be_is_refused(cast, ada, server, wrong):
    body = {"kind": "runs-on", "other": cast.application.uid, "isReverse": True} | wrong
    sent(ada, "POST", f"/items/{server.uid}/relations", body, 400)


def test_who_uses_an_item_from_when(cast, ada, server):
    path = f"/items/{server.uid}/consumers"
    body = {
        "consumers": [{"municipality": cast.lindhoven.code, "share": 400}],
        "fromDate": "2027-01-01", "untilDate": "2028-01-01",
    }  # fmt: skip
    assert sent(ada, "PUT", path, body).json["consumers"] == [
        {
            "municipality": {"code": cast.lindhoven.code, "name": "Lindhoven"}, "share": 400,
            "fromDate": "2027-01-01", "untilDate": "2028-01-01",
        }
    ]  # fmt: skip
    sent(ada, "PUT", path, body | {"untilDate": "2026-01-01"}, 400)
    assert pointers(sent(ada, "PUT", path, {"consumers": body["consumers"] * 2}, 400)) == {
        "/consumers/1/municipality"
    }


def test_who_does_what_for_an_item(cast, ada, server):
    path = f"/items/{server.uid}/roles"
    told = sent(ada, "POST", path, {"duty": "process-owner", "person": cast.anna.login}).json
    assert told["roles"][0]["person"]["name"] == "Anna Bakker"
    told = sent(ada, "POST", path, {"duty": "process-owner", "team": "Werkplek"}).json
    assert [one["team"] for one in told["roles"]] == ["Werkplek"]
    sent(ada, "POST", path, {"duty": "process-owner", "team": "Wat"}, 400)
    sent(ada, "POST", path, {"duty": "process-owner", "team": "Werkplek", "contact": "x"}, 400)
    assert sent(ada, "POST", path, {"duty": "process-owner"}).json["roles"] == []


def test_a_step_is_planned_or_recorded(ada, server):
    path = f"/items/{server.uid}/lifecycle-steps"
    sent(ada, "POST", path, {"status": "retired", "stepDate": "2190-01-01"})
    told = sent(ada, "POST", path, {"status": "in-use", "stepDate": "2020-01-01"}).json
    assert [(one["plannedDate"], one["doneDate"]) for one in told["lifecycleSteps"]] == [
        ("2190-01-01", None), (None, "2020-01-01"),
    ]  # fmt: skip


def test_a_class_made_in_the_browser_is_as_good_as_a_built_in_one(cast, ada, sign_in):
    browser = sign_in(cast.ada)
    made = {"name": "Camera", "prefix": "CAM", "parent": "hardware"}
    assert browser.post("/items/classes", data=made).status_code == 303
    key = next(key for key, spec in registry.classes().items() if spec.name == "Camera")
    registry.add_attribute(key, Attribute("range", "Bereik", Kind.NUMBER, "m"))
    db.session.commit()
    body = {"class": key, "name": "cam-1", "hosting": "at-municipality", "attributes": {"range": 12.5}}
    number = sent(ada, "POST", "/items", body, 201).json["number"]
    assert number.startswith("CAM-")
    body = {"attributes": {"range": 30}, "version": 1}
    sent(ada, "PATCH", f"/items/{number}", body)
    found = ada.get("/items", query_string={"class": key, "filter": "range.gt=29"}).json["items"]
    assert [one["number"] for one in found] == [number]
    changes = ada.get(f"/items/{number}/history").json["items"][0]["deeds"][0]["changes"]
    assert changes == [{"field": "Bereik", "before": "12,5 m", "after": "30 m"}]
    told = ada.get(f"/item-classes/{key}").json
    assert told["isOwn"] and "range" in told["attributesSchema"]["properties"]


def test_who_may_not_write_cannot(cast, program, server):
    reader = program(cast.ada, may_write=False)
    body = {"name": "x", "version": 1}
    sent(reader, "PATCH", f"/items/{server.uid}", body, 403)
    sent(reader, "POST", "/items", SERVER, 403)
    for person in (cast.anna, cast.mia, cast.daan, cast.els):
        sent(program(person), "PATCH", f"/items/{server.uid}", body, 404)
        sent(program(person), "POST", "/items", SERVER, 404)


def test_the_same_request_twice_registers_one_item(ada):
    key = {"Idempotency-Key": "k-1"}
    first = sent(ada, "POST", "/items", SERVER, 201, **key)
    assert sent(ada, "POST", "/items", SERVER, 201, **key).data == first.data
    assert db.session.scalar(sa.select(sa.func.count(Item.id)).where(Item.name == "vl-db-01")) == 1


def test_what_the_register_refuses_as_a_whole_is_told(ada):
    subnet = {"class": "subnet", "name": "a", "hosting": "central", "attributes": {"network": "10.0.0.0/24"}}
    sent(ada, "POST", "/items", subnet, 201)
    answer = sent(ada, "POST", "/items", subnet | {"name": "b"}, 400)
    assert "10.0.0.0/24" in answer.json["detail"]


def test_history_is_told_act_by_act_and_taken_back(cast, ada, server, program):
    later = dt.timedelta(days=1)
    change = register.begin(cast.els, "test", NOW + later, "Meer geheugen")
    register.change(server, change, attributes={"memory": 128}, serial="S1")
    register.relate(server, cast.application, "needs", change)
    db.session.commit()
    first, second = ada.get(f"/items/{server.uid}/history").json["items"]
    assert (first["actor"], first["source"], first["reason"]) == ("Els Verhoeven", "test", "Meer geheugen")
    told = {one["field"]: (one["before"], one["after"]) for one in first["deeds"][0]["changes"]}
    assert told["Serienummer"] == ("", "S1") and ("", "Zaaksysteem") in told.values()
    assert second["deeds"][0]["became"] == "added"
    page = ada.get(f"/items/{server.uid}/history?pageSize=1").json
    assert len(page["items"]) == 1 and ada.get(page["next"]).json["items"] == [second]
    listed = ada.get("/change-sets?pageSize=1").json["items"][0]
    assert listed["id"] == change.id and listed["itemCount"] == 1
    assert ada.get(f"/change-sets/{change.id}").json == listed
    (deed,) = ada.get(f"/change-sets/{change.id}/items").json["items"]
    assert deed["number"] == server.uid
    done = sent(ada, "POST", f"/change-sets/{change.id}/reversals", None, 201).json
    assert done["source"] == "undo"
    assert ada.get(f"/items/{server.uid}").json["attributes"] == {"memory": 64}
    assert program(cast.daan).get("/change-sets").status_code == 200
    assert program(cast.mia).get(f"/items/{server.uid}/history").status_code == 404
    sent(program(cast.daan), "POST", f"/change-sets/{change.id}/reversals", None, 404)


def test_what_something_later_touched_is_not_taken_back(cast, ada, server):
    for day, size in ((1, 128), (2, 256)):
        act = register.begin(cast.els, "test", NOW + dt.timedelta(days=day))
        register.change(server, act, attributes={"memory": size})
        db.session.commit()
    answer = sent(ada, "POST", f"/change-sets/{act.id - 1}/reversals", None, 409)
    assert [error["detail"] for error in answer.json["errors"]] == [f"{server.uid} vl-db-01"]
    assert ada.get(f"/items/{server.uid}").json["attributes"] == {"memory": 256}


@pytest.mark.parametrize("many", [2, 25])
def test_an_item_and_its_history_take_as_many_statements_whatever_they_hold(cast, ada, server, many):
    for number in range(many):
        act = register.begin(cast.els, "test", NOW + dt.timedelta(days=number + 1))
        register.change(server, act, serial=f"S{number}", user_id=(cast.anna, cast.bram)[number % 2].id)
        register.relate(server, make_item(f"app-{number}"), "needs", act)
        register.identify(server, [("other", f"x{each}") for each in range(number + 1)], act)
        db.session.commit()
    counts = []
    for path in ("", "/relations", "/history"):
        ada.get(f"/items/{server.uid}{path}")
        with counted() as seen:
            assert ada.get(f"/items/{server.uid}{path}").status_code == 200
        counts.append(len(seen))
    for path in ("/change-sets", f"/change-sets/{act.id}/items"):
        ada.get(path)
        with counted() as seen:
            assert ada.get(path).status_code == 200
        counts.append(len(seen))
    assert counts == [17, 5, 13, 3, 12]
