"""Inventories in the browser do as the command does; and a long comparison tells how far it is."""

import io
import json

import pytest
import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import ChangeSet, Item, Relation
from servicedesk.intake.models import ImportBatch
from tests.servicedesk.test_import_inventory import FACTS, NMAP, SERVER


@pytest.fixture
def send(cast, sign_in):
    """Ada sends a file; the answer."""
    browser = sign_in(cast.ada)

    def sending(content, form="glpi", name="inventaris.json", **headers):
        text = content if isinstance(content, str) else json.dumps(content)
        data = {"form": form, "class": "workstation", "owner": cast.oosterveen.code,
                "file": (io.BytesIO(text.encode()), name)}  # fmt: skip
        return browser.post("/items/import", data=data, headers=headers)

    sending.browser = browser
    return sending


def the_batch() -> ImportBatch:
    return db.session.scalars(sa.select(ImportBatch).order_by(ImportBatch.id.desc())).first()


def count(model) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_an_inventory_is_looked_at_applied_with_its_relations_and_taken_back(send):
    before = count(Item)
    address = send(SERVER).location
    page = send.browser.get(address).text
    assert "SRV-DB1" in page and "Inventaris van GLPI" in page and "DBMS" in page
    assert the_batch().counts == {"new": 5, "changed": 0, "same": 0, "refused": 0}
    assert count(Item) == before
    assert send.browser.post(f"{address}/apply").status_code == 303
    assert (count(Item), count(Relation)) == (before + 5, 4)
    assert db.session.get(ChangeSet, the_batch().change_set_id).source == "glpi inventaris.json"
    again = send(SERVER).location
    assert the_batch().counts == {"new": 0, "changed": 0, "same": 5, "refused": 0}
    assert send.browser.post(f"{again}/apply").status_code == 303
    assert the_batch().change_set_id is None
    assert send.browser.post(f"{address}/undo").status_code == 303
    assert (count(Item), count(Relation)) == (before, 0)


@pytest.mark.parametrize(("content", "form", "new"), [(NMAP, "nmap", 2), (FACTS, "ansible", 1)])
def test_scans_and_facts_too(send, content, form, new):
    address = send(content, form).location
    assert the_batch().counts["new"] == new
    assert send.browser.get(address).status_code == 200
    assert send.browser.get(f"{address}/refused.xlsx").status_code == 200
    assert send.browser.post(f"{address}/columns").status_code == 409


@pytest.mark.parametrize(
    ("content", "form", "sentence"),
    [
        ("naam;serienummer\nPC;1\n", "glpi", "geen JSON"),
        ("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "nmap", "verwijst naar"),
        ("{}", "ansible", "geen feiten"),
        ("{}", "nonsense", "Kies wat voor bestand"),
        ("", "glpi", "geen JSON"),
    ],
)
def test_what_is_no_inventory_is_refused_in_one_sentence(send, content, form, sentence):
    for headers in ({}, {"Accept": "application/x-ndjson"}):
        answer = send(content, form, **headers)
        assert answer.status_code == 422 and sentence in answer.text
    assert count(ImportBatch) == 0


def test_a_browser_that_asks_hears_how_far_it_is_and_at_last_where_to_look(send):
    rows = "".join(f"PC-{n};S{n:05}\n" for n in range(1000))
    answer = send("naam;serienummer\n" + rows, "", "lijst.csv", Accept="application/x-ndjson")
    told = [json.loads(line) for line in answer.text.splitlines()]
    done = [each["done"] for each in told[:-1]]
    assert len(done) > 10 and done == sorted(done) and {each["total"] for each in told[:-1]} == {1000}
    assert 0 <= done[0] < 100 and done[-1] >= 950
    assert told[-1] == {"url": f"/items/import/{the_batch().id}"}
    assert the_batch().counts["new"] == 1000


def test_an_item_is_sought_by_several_fields_together(send):
    table = "naam;serienummer;geheugen\nPC-1;S1A;4096\nPC-1;S2B;8192\n"
    first = send(table, "", "lijst.csv").location
    send.browser.post(f"{first}/apply")
    address = send(table.replace("4096", "2048"), "", "lijst.csv").location
    mapping = {"column-0": "name", "column-1": "serial", "column-2": "memory"}
    answer = send.browser.post(f"{address}/columns", data=mapping | {"key": ["name", "serial"]})
    assert answer.status_code == 303
    assert the_batch().keys == ["name", "serial"]
    assert the_batch().counts == {"new": 0, "changed": 1, "same": 1, "refused": 0}
