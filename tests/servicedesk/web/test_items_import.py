"""Import of items in the browser: nothing is written before Ada has seen what it would be."""

import io
import re

import openpyxl
import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db
from cmdb.items import ChangeSet, Item
from servicedesk.intake.models import ImportBatch, ImportRow
from tests.conftest import NOW

LIST = "naam;serienummer;geheugen;Kleur\nPC-1;S1A;4096;grijs\nPC-2;S2B;veel;\nPC-3;S3C;8192;\n"


@pytest.fixture
def ada(cast, sign_in):
    return sign_in(cast.ada)


@pytest.fixture
def send(ada, cast):
    """Send a file in the form; the answer."""

    def sending(content=LIST, name="lijst.csv", class_key="workstation", owner=None):
        data = content if isinstance(content, bytes) else content.encode()
        form = {
            "class": class_key,
            "owner": cast.oosterveen.code if owner is None else owner,
            "file": (io.BytesIO(data), name),
        }
        return ada.post("/items/import", data=form)

    return sending


def the_batch() -> ImportBatch:
    return db.session.scalars(sa.select(ImportBatch).order_by(ImportBatch.id.desc())).first()


def names() -> list[str]:
    found = sa.select(Item.name).where(Item.class_key == "workstation").order_by(Item.name)
    return list(db.session.scalars(found))


def test_a_file_is_shown_before_anything_is_written(send, ada):
    answer = send()
    assert answer.status_code == 303
    page = ada.get(answer.location).text
    assert names() == []
    assert "Nieuw" in page and "Vul een getal in" in page and "Kleur" in page
    assert the_batch().counts == {"new": 2, "changed": 0, "same": 0, "refused": 1}
    assert "PC-2" in ada.get(answer.location + "?kind=refused").text
    assert "PC-2" not in ada.get(answer.location + "?kind=new").text


def test_it_is_applied_as_one_act_and_once(send, ada, cast):
    address = send().location
    answer = ada.post(f"{address}/apply")
    assert answer.status_code == 303
    assert names() == ["PC-1", "PC-3"]
    change_set = db.session.get(ChangeSet, the_batch().change_set_id)
    assert (change_set.source, change_set.actor_id) == ("import lijst.csv", cast.ada.id)
    again = ada.post(f"{address}/apply")
    assert again.status_code == 422 and "al verwerkt" in again.text
    assert names() == ["PC-1", "PC-3"]
    assert ada.post(f"{address}/columns").status_code == 409


def test_it_is_taken_back_as_a_whole_and_once(send, ada):
    address = send().location
    assert ada.post(f"{address}/undo").status_code == 422  # nothing was done yet
    ada.post(f"{address}/apply")
    assert ada.post(f"{address}/undo").status_code == 303
    assert names() == []
    assert "ongedaan gemaakt" in ada.get(address).text
    assert ada.post(f"{address}/undo").status_code == 422


def test_what_was_touched_later_is_not_taken_back(send, ada):
    address = send("naam;geheugen\nPC-1;4096\n").location
    ada.post(f"{address}/apply")
    item = db.session.scalars(sa.select(Item).where(Item.name == "PC-1")).one()
    register.change(item, register.begin(None, "test", NOW), name="PC-1b")
    db.session.commit()
    answer = ada.post(f"{address}/undo")
    assert answer.status_code == 422 and item.uid in answer.text
    assert names() == ["PC-1b"]


def test_a_change_shows_old_and_new(send, ada):
    ada.post(send("naam;geheugen\nPC-1;4096\n").location + "/apply")
    page = ada.get(send("naam;geheugen\nPC-1;8192\n").location).text
    assert re.search(r"4096</del> → <ins>8192</ins>", page)


def test_what_changed_since_the_preview_is_shown_again_first(send, ada):
    ada.post(send("naam;geheugen\nPC-1;4096\n").location + "/apply")
    address = send("naam;geheugen\nPC-1;8192\n").location
    item = db.session.scalars(sa.select(Item).where(Item.name == "PC-1")).one()
    register.change(item, register.begin(None, "test", NOW), attributes={"memory": 1024})
    db.session.commit()
    answer = ada.post(f"{address}/apply")
    assert answer.status_code == 422 and "intussen gewijzigd" in answer.text
    assert "1024</del>" in answer.text
    assert ada.post(f"{address}/apply").status_code == 303


def test_columns_can_be_chosen_and_are_remembered(send, ada):
    content = "Apparaat;Nr\nPC-1;S1A\n"
    address = send(content).location
    assert the_batch().counts["refused"] == 1
    chosen = {"column-0": "name", "column-1": "serial", "key": "serial"}
    assert ada.post(f"{address}/columns", data=chosen).status_code == 303
    assert the_batch().counts["new"] == 1
    send(content)
    assert (the_batch().mapping, the_batch().keys) == (
        {"Apparaat": "name", "Nr": "serial"},
        ["serial"],
    )


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"column-0": "name", "column-1": "name"}, "hetzelfde"),
        ({"column-0": "raar", "column-1": ""}, "Geen enkele kolom"),
        ({"column-0": "name", "key": "serial"}, "sleutel"),
    ],
)
def test_a_bad_choice_of_columns_is_said(send, ada, chosen, says):
    answer = ada.post(send("Apparaat;Nr\nPC-1;S1A\n").location + "/columns", data=chosen)
    assert answer.status_code == 422 and says in answer.text


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"content": b""}, "Het bestand is leeg"),
        ({"content": b"PK\x03\x04kapot"}, "geen Excelbestand"),
        ({"content": b"naam\n"}, "alleen een rij met koppen"),
        ({"class_key": "raar"}, "geen soort object"),
        ({"owner": "0000"}, "Kies een eigenaar"),
        ({"name": ""}, "Kies een bestand"),
    ],
)
def test_a_file_that_will_not_do_is_refused_with_the_form_filled_in(send, cast, changed, says):
    answer = send(**changed)
    assert answer.status_code == 422 and says in answer.text
    if "owner" not in changed:
        assert f'value="{cast.oosterveen.code}" selected' in answer.text
    assert the_batch() is None


def test_the_refused_rows_come_back_as_a_workbook(send, ada):
    data = ada.get(send().location + "/refused.xlsx").data
    rows = list(openpyxl.load_workbook(io.BytesIO(data)).active.values)
    assert rows[0] == ("naam", "serienummer", "geheugen", "Kleur", "Waarom geweigerd")
    assert rows[1][:3] == ("PC-2", "S2B", "veel") and "getal" in rows[1][4]
    assert len(rows) == 2


def test_a_template_has_every_field_and_its_choices(send, ada):
    data = ada.get("/items/import/template/workstation.xlsx").data
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    assert heads[:2] == ["Objectnummer", "Naam"] and "Geheugen (MiB)" in heads
    assert sheet.data_validations.dataValidation
    filled = openpyxl.load_workbook(io.BytesIO(data))
    for head, value in {"Naam": "PC-9", "Geheugen (MiB)": 2048, "Vorm": "laptop"}.items():
        filled.worksheets[0].cell(2, heads.index(head) + 1, value)
    stream = io.BytesIO()
    filled.save(stream)
    ada.post(send(stream.getvalue(), "sjabloon.xlsx").location + "/apply")
    assert names() == ["PC-9"]


def test_many_rows_come_in_pages(send, ada):
    rows = "".join(f"PC-{at:03d};S{at}X\n" for at in range(120))
    address = send("naam;serienummer\n" + rows).location
    page, seen = ada.get(address).text, set()
    while True:
        seen |= set(re.findall(r"PC-\d{3}", page))
        following = re.search(r'href="([^"]*after=\d+)" rel="next"', page)
        if not following:
            break
        page = ada.get(following[1].replace("&amp;", "&")).text
    assert len(seen) == 120


def test_rows_of_long_ago_are_forgotten(send, ada):
    send()
    former = the_batch()
    former.created_at = NOW.replace(year=2020)
    db.session.commit()
    send("naam\nPC-9\n")
    assert not db.session.scalars(sa.select(ImportRow).where(ImportRow.batch_id == former.id)).all()
    answer = ada.post(f"/items/import/{former.id}/apply")
    assert answer.status_code == 422 and "te oud" in answer.text
