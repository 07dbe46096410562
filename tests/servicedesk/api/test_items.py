"""Items for a program: found by the filters of the pages, told with all that is known of them."""

import datetime as dt

import pytest
from jsonschema import Draft202012Validator

from cmdb import register, registry
from cmdb.catalogue import Attribute
from cmdb.database import db, utc_now
from cmdb.item_parts import Duty, IdentifierKind
from cmdb.items import Environment, ItemStatus
from cmdb.kinds import Kind
from cmdb.localtime import local
from servicedesk.api import item_fields
from tests.makers import NOW, make_item
from tests.servicedesk.web.test_query_counts import counted

DAY = dt.timedelta(days=1)


def read(program, path, **query):
    answer = program.get(path, **({"query_string": query} if query else {}))
    assert answer.status_code == 200, answer.json
    return answer.json


def names(program, **query):
    return [one["name"] for one in read(program, "/items", **query)["items"]]


@pytest.fixture
def servers(cast):
    return [
        make_item(f"srv-{size}", cast.oosterveen, class_key="server", attributes={"memory": size})
        for size in (16, 64, 128)
    ]


def test_the_values_of_an_item_have_their_own_types(cast, program):
    item = make_item(
        "vl-db-01", cast.oosterveen, class_key="server", purchase_cents=125050, tags=["b", "a"],
        warranty_until=dt.date(2027, 1, 31), confidentiality=3, manager_id=cast.daan.id,
        attributes={"memory": 64, "personal_data": True}, environment=Environment.PRODUCTION,
        serial="S1",
    )  # fmt: skip
    told = read(program(cast.daan), f"/items/{item.uid}")
    assert told["number"] == item.uid and told["class"] == {"key": "server", "name": "Server"}
    assert told["purchaseCents"] == 125050 and told["yearlyCents"] is None
    assert told["warrantyUntilDate"] == "2027-01-31" and told["confidentiality"] == 3
    assert told["attributes"] == {"memory": 64, "personal_data": True}
    assert told["owner"] == {"code": cast.oosterveen.code, "name": "Oosterveen"}
    assert told["manager"] == {"name": "Daan Mulder", "login": cast.daan.login}
    assert told["tags"] == ["a", "b"] and told["version"] == 1 and told["environment"] == "production"
    schema = read(program(cast.daan), "/item-classes/server")["attributesSchema"]
    Draft202012Validator(schema).validate(told["attributes"])


def test_all_that_stands_beside_the_fields_is_told(cast, program):
    act = register.begin(cast.ada, "test", NOW)
    item = make_item("sw-1", cast.oosterveen, class_key="switch", supplier_id=None)
    register.identify(item, [(IdentifierKind.FQDN, "sw-1.example")], act)
    register.share_among(item, {cast.oosterveen.id: 600, cast.lindhoven.id: 400}, act)
    register.set_role(item, Duty.RESOLVER_TEAM, act, team=cast.workplace)
    register.plan_step(item, ItemStatus.RETIRED, NOW.date() + 900 * DAY, act)
    register.attach(item, "plan.txt", "text/plain", b"plan", "0" * 64, act)
    register.change(
        item, act, ports=[{"name": "1", "vlans": [12]}],
        groups=[{"label": "voeding", "rule": {"kind": "at_least", "count": 1}, "failover_minutes": 2}],
    )  # fmt: skip
    register.relate(item, cast.application, "needs", act, group="voeding", capacity=2.5)
    register.note_source(item, ["name"], "import lijst.csv", NOW)
    db.session.commit()
    told = read(program(cast.daan), f"/items/{item.uid}")
    assert told["identifiers"] == [{"kind": "fqdn", "value": "sw-1.example"}]
    assert {one["municipality"]["name"]: one["share"] for one in told["consumers"]} == {
        "Oosterveen": 600, "Lindhoven": 400,
    }  # fmt: skip
    assert told["roles"][0]["duty"] == "resolver-team" and told["roles"][0]["team"] == "Werkplek"
    assert told["lifecycleSteps"][0]["status"] == "retired" and not told["lifecycleSteps"][0]["doneDate"]
    assert told["documents"] == [{"name": "plan.txt", "size": 4}]
    assert told["groups"] == [
        {"label": "voeding", "rule": {"kind": "at_least", "count": 1}, "failoverMinutes": 2}
    ]
    assert told["ports"] == [{"name": "1", "vlans": [12]}]
    (tie,) = told["relations"]
    assert tie["other"]["name"] == "Zaaksysteem" and tie["capacity"] == 2.5 and not tie["isReverse"]
    assert [(one["field"], one["source"]) for one in told["sources"]] == [("name", "import lijst.csv")]
    carla = read(program(cast.carla), f"/items/{item.uid}")
    assert [one["municipality"]["name"] for one in carla["consumers"]] == ["Lindhoven"]
    assert carla["manager"] is None


def test_as_of_a_day_it_is_what_it_was(cast, program, servers):
    later = register.begin(cast.ada, "test", NOW + 3 * DAY)
    register.change(servers[0], later, name="srv-groot", attributes={"memory": 512})
    db.session.commit()
    daan = program(cast.daan)
    before, since = str(local(NOW).date()), str(local(NOW + 3 * DAY).date())
    was = read(daan, f"/items/{servers[0].uid}", on=before)
    assert was["name"] == "srv-16" and was["version"] is None and was["onDate"] == before
    assert read(daan, f"/items/{servers[0].uid}", on=since)["attributes"] == {"memory": 512}
    assert daan.get(f"/items/{servers[0].uid}?on={local(NOW).date() - DAY}").status_code == 404
    asked = {"class": "server", "filter": "memory.lt=64"}
    assert names(daan, on=before, **asked) == ["srv-16"] and names(daan, **asked) == []
    tomorrow = local(utc_now()).date() + DAY
    for path in ("/items", f"/items/{servers[0].uid}"):
        assert daan.get(f"{path}?on={tomorrow}").status_code == 400


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"filter": "memory.gt=16"}, ["srv-128", "srv-64"]),
        ({"filter": "memory.between=16..64", "sort": "-memory"}, ["srv-64", "srv-16"]),
        ({"filter": ["memory.gt=16", "memory.lt=100"]}, ["srv-64"]),
        ({"filter": "serial.filled"}, []),
        ({"filter": "owner.is=oosterveen", "sort": "memory"}, ["srv-16", "srv-64", "srv-128"]),
        ({"filter": "relation.runs-on=none", "text": "srv-6"}, ["srv-64"]),
        ({"filter": "name.is=a=b"}, []),
        ({"status": "retired"}, []),
        ({"hosting": ["central", "saas"], "text": "128"}, ["srv-128"]),
        ({"standing": "down"}, []),
        ({"mine": "true"}, []),
    ],
)
def test_every_filter_of_the_pages(cast, program, servers, query, found):
    assert names(program(cast.ada), **{"class": "server"} | query) == found


def test_a_class_is_asked_with_those_that_refine_it(cast, program, servers):
    assert len(names(program(cast.ada), **{"class": ["hardware", "room"]})) == 3


def test_a_program_finds_what_the_page_exports(cast, program, servers, sign_in):
    """The same question of the list of the pages and of the API."""
    page = sign_in(cast.daan).get("/items/export.csv?class=server&memory.gt=16&sort=memory").text
    rows = [line.split(";")[0] for line in page.splitlines()[1:]]
    asked = {"class": "server", "filter": "memory.gt=16", "sort": "memory"}
    assert [one["number"] for one in read(program(cast.daan), "/items", **asked)["items"]] == rows
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"filter": "memory.wat=1"}, "filter"),
        ({"filter": "memory.gt=veel"}, "filter"),
        ({"filter": "wat.is=1"}, "filter"),
        ({"filter": "memory"}, "filter"),
        ({"filter": "relation.wat=none"}, "filter"),
        ({"filter": "memory.gt=" + "9" * 250}, "filter"),
        ({"class": "wat"}, "class"),
        ({"sort": "wat"}, "sort"),
        ({"sort": "-"}, "sort"),
        ({"memory.gt": "1"}, "memory.gt"),
        ({"municipality": "0000"}, "municipality"),
        ({"on": "2026-11-24", "standing": "down"}, "standing"),
        ({"cursor": "x"}, "cursor"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told(cast, program, servers, query, parameter):
    answer = program(cast.ada).get("/items", query_string=query)
    assert answer.status_code == 400
    assert [error["parameter"] for error in answer.json["errors"]] == [parameter]


def test_a_filter_that_does_not_fit_is_told_in_the_language_of_the_person(cast, program, servers):
    cast.daan.locale = "en"
    db.session.commit()
    asked = {"filter": ["status.gt=1", "status.is=wat"]}
    errors = program(cast.daan).get("/items", query_string=asked).json["errors"]
    assert len(errors) == 2 and "Choose" in errors[1]["detail"]


@pytest.mark.parametrize("sort", ["name", "-name", "memory", "-memory", "supplier", "completeness", "standing"])
def test_the_pages_of_a_list_hold_every_item_once(cast, program, servers, sort):
    for number in range(4):
        make_item(f"srv-{number % 2}", cast.oosterveen, class_key="server")
    ada, seen, pages = program(cast.ada), [], 0
    address = f"/items?class=server&pageSize=2&sort={sort}"
    while address:
        page = read(ada, address)
        seen += [one["number"] for one in page["items"]]
        address, pages = page["next"], pages + 1
    assert len(seen) == len(set(seen)) == 7 and pages == 4


def test_a_cursor_goes_on_in_its_own_order_only(cast, program, servers):
    ada = program(cast.ada)
    cursor = read(ada, "/items?class=server&pageSize=1")["next"].rpartition("cursor=")[2]
    assert ada.get(f"/items?class=server&sort=memory&cursor={cursor}").status_code == 400
    assert ada.get(f"/item-classes?cursor={cursor}").status_code == 400


def test_a_municipality_sees_its_own_and_what_it_shares(cast, program, servers):
    make_item("kassa", cast.lindhoven)
    assert set(names(program(cast.carla))) == {"kassa", "Zaaksysteem"}
    for person in (cast.anna, cast.mia):
        assert set(names(program(person))) == {"srv-128", "srv-16", "srv-64", "Zaaksysteem"}
    assert program(cast.carla).get(f"/items/{servers[0].uid}").status_code == 404
    assert program(cast.carla).get("/items/SRV-9999").status_code == 404


@pytest.mark.parametrize("many", [2, 25])
def test_a_list_takes_as_many_statements_whatever_it_holds(cast, program, many):
    supplier = make_item("Leverancier", class_key="supplier")
    for number in range(many):
        make_item(
            f"srv-{number}", (cast.oosterveen, cast.lindhoven)[number % 2], class_key="server",
            manager_id=(cast.daan, cast.els)[number % 2].id, supplier_id=supplier.id,
        )  # fmt: skip
    daan = program(cast.daan)
    daan.get("/items")
    with counted() as seen:
        assert len(names(daan, **{"class": "server"})) == many
    assert len(seen) == 7  # token, classes twice, list, and what they point at


def test_the_classes_tell_what_their_items_hold(cast, program):
    ada = program(cast.ada)
    registry.add_class("camera", "Camera", "CAM", "hardware")
    registry.add_attribute("camera", Attribute("lens", "Lens", Kind.CHOICE, choices=("wijd", "tele")))
    registry.add_attribute("server", Attribute("noise", "Geluid", Kind.NUMBER, "dB"))
    db.session.commit()
    listed, address = [], "/item-classes?pageSize=20"
    while address:
        page = read(ada, address)
        listed, address = listed + page["items"], page["next"]
    assert [one["key"] for one in listed] == sorted(registry.classes())
    assert next(one for one in listed if one["key"] == "camera")["isOwn"]
    told = read(ada, "/item-classes/server")
    by_key = {one["key"]: one for one in told["fields"]}
    assert by_key["noise"]["isOwn"] and by_key["noise"]["unit"] == "dB"
    assert not by_key["memory"]["isOwn"] and "gt" in by_key["memory"]["operators"]
    assert by_key["support_until"]["property"] == "supportUntilDate"
    assert any(one["key"] == "runs-on" and one["isReverse"] for one in told["relations"])
    schema = read(ada, "/item-classes/camera")["attributesSchema"]
    assert schema["properties"]["lens"]["enum"] == ["wijd", "tele"]
    Draft202012Validator.check_schema(schema)
    assert ada.get("/item-classes/wat").status_code == 404


def test_every_kind_of_attribute_has_a_schema():
    for kind in Kind:
        Draft202012Validator.check_schema(item_fields.of_attribute(Attribute("x", "X", kind)))
