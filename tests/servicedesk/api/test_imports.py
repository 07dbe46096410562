"""A file of items by a program: what it would do, applied as told, and taken back."""

import datetime as dt

import pytest

from cmdb import register
from cmdb.database import db
from tests.makers import NOW, make_item

FILE = "naam;geheugen\nsrv-1;128\nsrv-2;veel\n".encode()


@pytest.fixture
def ada(cast, program):
    return program(cast.ada)


def bring(program, data=FILE, status=201, kind="text/csv", **query):
    asked = {"class": "server", "fileName": "lijst.csv"} | query
    answer = program.open("POST", "/imports", query_string=asked, data=data, content_type=kind)
    assert answer.status_code == status, answer.json
    return answer.json


def test_a_file_is_brought_in_looked_at_applied_and_taken_back(cast, ada):
    told = bring(ada, owner=cast.oosterveen.code)
    assert (told["new"], told["refused"], told["changeSet"]) == (1, 1, None)
    assert {one["heading"]: one["field"] for one in told["columns"]}["Geheugen".lower()] == "memory"
    path = f"/imports/{told['id']}"
    (refused,) = ada.get(f"{path}/rows?verdict=refused").json["items"]
    assert refused["row"] == 3 and any(cell["reason"] for cell in refused["cells"])
    page = ada.get(f"{path}/rows?pageSize=1").json
    assert len(page["items"]) == 1 and ada.get(page["next"]).json["items"] == [refused]
    assert ada.get("/items?class=server").json["items"] == []
    done = ada.post(f"{path}/applications")
    assert done.status_code == 201 and done.json["changeSet"]
    (item,) = ada.get("/items?class=server").json["items"]
    assert item["attributes"] == {"memory": 128} and item["owner"]["name"] == "Oosterveen"
    assert ada.post(f"{path}/applications").status_code == 409
    assert ada.post(f"{path}/reversals").json["reversal"]
    assert ada.get("/items?class=server").json["items"] == []
    assert ada.get(path).json["reversal"] and ada.post(f"{path}/reversals").status_code == 409


def test_what_changed_meanwhile_is_not_overwritten_and_told_anew(cast, ada):
    server = make_item("srv-1", class_key="server", serial="S1")
    path = f"/imports/{bring(ada, b'serienummer;naam' + chr(10).encode() + b'S1;srv-9')['id']}"
    act = register.begin(cast.els, "test", NOW + dt.timedelta(days=1))
    register.change(server, act, name="srv-8")
    db.session.commit()
    key = {"Idempotency-Key": "k"}
    for _ in range(2):
        assert ada.post(f"{path}/applications", headers=key).status_code == 409
    assert ada.get(f"/items/{server.uid}").json["name"] == "srv-8"
    assert ada.post(f"{path}/applications").json["changeSet"]
    assert ada.get(f"/items/{server.uid}").json["name"] == "srv-9"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"class": "wat"}, 400), ({"owner": "0000"}, 400), ({"data": b""}, 400), ({"fileName": ""}, 400),
        ({"data": b"PK\x03\x04" + b"\0" * 40}, 400), ({"kind": "application/json"}, 415),
        ({"data": b"naam\n" + b"x" * (26 * 1024 * 1024)}, 413),
    ],
)  # fmt: skip
def test_what_is_no_file_is_refused(ada, changes, status):
    bring(ada, **{"status": status} | changes)


def test_who_may_not_write_brings_in_nothing(cast, program):
    for person in (cast.anna, cast.mia, cast.daan, cast.els):
        bring(program(person), status=404)
    bring(program(cast.ada, may_write=False), status=403)
