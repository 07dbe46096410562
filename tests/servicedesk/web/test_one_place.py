"""An attribute is added in one place, and is then everywhere: to a built-in class or an own one."""

import datetime as dt
import html
import io
from dataclasses import replace

import openpyxl
import pytest

from cmdb import register, registry
from cmdb.catalogue import Attribute
from cmdb.classes import DECLARED
from cmdb.classes_common import COMMON
from cmdb.database import db, utc_now
from cmdb.kinds import Kind
from servicedesk.intake import batches
from servicedesk.intake.tables import read_table
from tests.makers import NOW, make_item
from tests.servicedesk.api.conftest import program

__all__ = ["program"]  # a fixture

NOISE = Attribute("noise", "Geluid", Kind.NUMBER, "dB")


def declared(monkeypatch):
    """As if the declaration of the built-in server had one line more."""
    more = [
        replace(spec, attributes=(*spec.attributes, NOISE)) if spec.key == "server" else spec
        for spec in DECLARED
    ]
    monkeypatch.setattr(registry, "DECLARED", tuple(more))
    monkeypatch.setattr(registry, "BUILT_IN", registry.resolved(more, COMMON))
    registry.forget()


def made(monkeypatch):
    registry.add_attribute("server", NOISE)
    db.session.commit()


@pytest.mark.parametrize("added", [declared, made])
def test_it_is_in_form_page_list_filter_bulk_file_import_history_and_api(
    sign_in, cast, monkeypatch, added, program
):
    added(monkeypatch)
    browser = sign_in(cast.ada)
    server = make_item("srv-1", class_key="server")
    form = browser.get(f"/items/{server.uid}/edit").text
    assert "Geluid (dB)" in form and 'name="a_noise"' in form
    change_set = register.begin(cast.ada, "test", NOW + dt.timedelta(days=1))
    register.change(server, change_set, attributes={"noise": 42.5})
    db.session.commit()
    page = html.unescape(browser.get(f"/items/{server.uid}").text)
    assert "42,5 dB" in page and "Geluid</span> leeg → <strong>42,5 dB" in page
    assert "42,5 dB" not in browser.get(f"/items/{server.uid}?on=23-11-2026").text
    asked = "class=server&noise.gt=40&columns=noise&sort=noise"
    listed = browser.get(f"/items?{asked}").text
    assert "srv-1" in listed and "42,5" in listed
    assert "srv-1" not in browser.get("/items?class=server&noise.gt=43").text
    assert "srv-1" in browser.get(f"/items?{asked}&on=24-11-2026").text
    assert "42,5" in browser.get(f"/items/export.csv?{asked}").text
    assert "Geluid (dB)" in browser.get("/items/bulk?class=server").text
    book = browser.get("/items/import/template/server.xlsx").data
    heads = next(openpyxl.load_workbook(io.BytesIO(book)).worksheets[0].values)
    assert "Geluid (dB)" in heads
    table = read_table(f"objectnummer;geluid\n{server.uid};50\n".encode())
    batch = batches.stage("lijst.csv", table, "server", None, cast.ada, utc_now())
    batches.assess(batch)
    batches.carry_out(batch, cast.ada, utc_now())
    db.session.expire_all()
    assert server.attributes == {"noise": 50}
    answers_programs(program(cast.ada), server.uid)


def answers_programs(ada, uid):
    """The same attribute in the API: told, found, written and in the history."""
    assert ada.get(f"/items/{uid}").json["attributes"] == {"noise": 50}
    found = ada.get("/items?class=server&filter=noise.gt=49&sort=-noise").json["items"]
    assert [one["attributes"] for one in found] == [{"noise": 50}]
    assert ada.get(f"/items/{uid}?on=2026-11-24").json["attributes"] == {"noise": 42.5}
    told = ada.get("/item-classes/server").json
    assert told["attributesSchema"]["properties"]["noise"]["title"] == "Geluid (dB)"
    assert any(one["key"] == "noise" and one["unit"] == "dB" for one in told["fields"])
    wrong = {"attributes": {"noise": "hard"}, "version": ada.get(f"/items/{uid}").json["version"]}
    assert ada.send("PATCH", f"/items/{uid}", wrong).json["errors"][0]["pointer"] == "/attributes/noise"
    answer = ada.send("PATCH", f"/items/{uid}", wrong | {"attributes": {"noise": 60.5}})
    assert answer.json["attributes"] == {"noise": 60.5}
    latest = ada.get(f"/items/{uid}/history").json["items"][0]["deeds"][0]["changes"]
    assert {"field": "Geluid", "before": "50 dB", "after": "60,5 dB"} in latest


def test_what_all_classes_may_have_is_on_the_form_and_page_of_each(sign_in, cast):
    browser = sign_in(cast.ada)
    for key in ("server", "application", "contract", "room"):
        item = make_item(f"een {key}", class_key=key, attributes={"bbn": "2+", "recovery_time": 4})
        page = html.unescape(browser.get(f"/items/{item.uid}").text)
        assert "Hersteltijd (RTO)" in page and "4 uur" in page and "2+" in page
        form = browser.get(f"/items/{item.uid}/edit").text
        assert all(form.count(f'name="a_{one.key}"') == 1 for one in COMMON)


def test_the_page_says_who_told_a_field_and_when(sign_in, cast):
    server = make_item("srv-1", class_key="server", serial="S1", attributes={"memory": 1024})
    for fields, source in ((["serial"], "import lijst.csv"), (["memory"], "confirmed")):
        register.note_source(server, fields, source, NOW)
    db.session.commit()
    page = html.unescape(sign_in(cast.daan).get(f"/items/{server.uid}").text)
    told = page.partition("Bron en datum per veld")[2]
    assert "<dt>Serienummer</dt><dd>import lijst.csv" in told
    assert "<dt>Geheugen</dt><dd>bevestigd" in told
