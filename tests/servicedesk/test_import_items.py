"""`servicedesk import items`: what is new, changed, the same and refused, as one change set."""

import datetime as dt
import io
import json

import openpyxl
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from cmdb import authority, register
from cmdb.database import db
from cmdb.items import ChangeSet, Hosting, Item, ItemStatus, ItemVersion
from servicedesk.commands import cmdb as cmdb_command
from servicedesk.commands import imports
from tests.conftest import NOW
from tests.makers import make_item, make_municipality

HEADER = (
    "Naam;Serienummer;Geheugen (MiB);Status;Aankoopprijs;Garantie tot;Schijf versleuteld;Vorm\n"
)
ROW = "PC-1;ABC123;16.384;op voorraad;€ 1.234,56;31-12-2027;ja;Laptop\n"


@pytest.fixture
def town(session):
    return make_municipality("Proefstad")


@pytest.fixture
def take(town, tmp_path):
    """Import a text or bytes as a file of that name; the JSON that the command writes."""

    def run(content, *options, name="lijst.csv", class_key="workstation", status=0):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        arguments = ["items", path, "--class", class_key, "--municipality", town.code, *options]
        done = CliRunner().invoke(imports.group, [str(one) for one in arguments])
        assert done.exit_code == status, done.output
        run.told = done.stderr
        return json.loads(done.stdout) if status == 0 else done.stderr

    return run


def the_item(name="PC-1") -> Item:
    return db.session.scalars(sa.select(Item).where(Item.name == name)).one()


def counts(summary) -> tuple[int, int, int]:
    return summary["new"], summary["changed"], summary["same"]


def reasons(summary) -> list[tuple[int, str | None]]:
    return [(refusal["row"], refusal["field"]) for refusal in summary["refused"]]


def test_dutch_cells_become_typed_values(take, town):
    summary = take(HEADER + ROW)
    assert counts(summary) == (1, 0, 0)
    item = the_item()
    assert item.municipality_id == town.id
    assert item.attributes == {"memory": 16384, "encrypted": True, "form": "laptop"}
    assert (item.serial, item.status) == ("ABC123", ItemStatus.IN_STOCK)
    assert item.hosting == Hosting.AT_MUNICIPALITY
    assert item.purchase_cents == 123456
    assert item.warranty_until == dt.date(2027, 12, 31)
    change_set = db.session.get(ChangeSet, summary["change_set"])
    assert change_set.source == "import lijst.csv"


def test_the_same_file_again_changes_nothing(take):
    take(HEADER + ROW)
    before = db.session.scalar(sa.select(sa.func.count(ItemVersion.id)))
    assert take(HEADER + ROW) == {
        "new": 0, "changed": 0, "same": 1, "refused": [], "missing_from_file": [], "change_set": None,
    }  # fmt: skip
    assert db.session.scalar(sa.select(sa.func.count(ItemVersion.id))) == before


def test_a_dry_run_writes_nothing(take):
    summary = take(HEADER + ROW, "--dry-run")
    assert (counts(summary), summary["change_set"]) == ((1, 0, 0), None)
    assert not db.session.scalars(sa.select(Item).where(Item.name == "PC-1")).all()


def test_columns_come_in_any_order_by_key_label_or_synonym(take):
    take("  SERIE nummer ;memory;naam;asset-tag\nABC123;8192;PC-1;L-9\n")
    item = the_item()
    assert (item.serial, item.attributes["memory"], item.asset_tag) == ("ABC123", 8192, "L-9")


def test_a_column_that_is_no_field_is_named(take):
    take("naam;Kleur van de kast;\nPC-1;grijs;x\n")
    assert "'Kleur van de kast' is not a field" in take.told
    assert "column 3 is not a field" in take.told


def test_a_blank_cell_leaves_alone_and_a_dash_clears(take):
    take(HEADER + ROW)
    again = take("naam;serienummer;garantie tot;geheugen;vorm;labels\nPC-1;ABC123;;-;(leeg);a, b\n")
    assert counts(again) == (0, 1, 0)
    item = the_item()
    assert item.attributes == {"encrypted": True}
    assert (item.warranty_until, item.tags) == (dt.date(2027, 12, 31), ["a", "b"])


def test_a_bad_cell_refuses_its_row_and_no_other(take):
    summary = take(
        HEADER
        + ROW
        + "PC-2;X2;veel;In gebruik;duur;31-02-2027;misschien;rond\n"
        + f"PC-3;X3;;;;;;{'x' * 10_001}\n"
        + ";X4;;;;;;\n"
        + "=1+1;X5;;;;;;\n"
        + "PC-6;X6;;-;;;;\n"
        + "PC-7;X7;;;;;;;;te veel\n"
    )
    assert counts(summary) == (1, 0, 0)
    assert reasons(summary) == [
        (3, "memory"), (3, "purchase_cents"), (3, "warranty_until"), (3, "encrypted"), (3, "form"),
        (4, "form"), (5, "name"), (6, "name"), (7, "status"), (8, None),
    ]  # fmt: skip
    assert all(refusal["reason"].endswith(".") for refusal in summary["refused"])


def test_text_that_only_looks_like_a_formula_is_text(take):
    take(
        "naam;telefoonnummer;omschrijving\nTel-1;+31 (0)251 25 62 56;-5 dBm\n",
        class_key="smartphone",
    )
    item = the_item("Tel-1")
    assert item.attributes["phone_number"] == "+31 (0)251 25 62 56"
    assert item.description == "-5 dBm"


@pytest.mark.parametrize(
    "cell", ["=cmd|'/C calc'!A0", "@SUM(1;2)", "+cmd|' /C calc'!A0", "-HYPERLINK(1)"]
)
def test_what_a_spreadsheet_would_run_is_refused(take, cell):
    summary = take(f'naam,omschrijving\nPC-1,"{cell}"\n')
    assert reasons(summary) == [(2, "description")]


def test_our_own_export_comes_back_as_it_was(take):
    take("naam,omschrijving\nPC-1,'+31 6\n")
    assert the_item().description == "+31 6"


def test_the_number_the_serial_and_the_name_tell_an_item(take):
    take("naam;serienummer\nPC-1;S1A\nPC-2;\n")
    uid = the_item().uid
    assert counts(take(f"objectnummer;naam\n{uid.lower()};Nieuw\n")) == (0, 1, 0)
    assert counts(take("serienummer;naam\ns1a;Nieuwer\n")) == (0, 1, 0)
    assert counts(take("naam;serienummer\npc-2;S2B\n")) == (0, 1, 0)
    assert the_item("Nieuwer").uid == uid
    assert the_item("pc-2").serial == "S2B"


def test_a_forgotten_serial_number_tells_nothing(take):
    junk = "To be filled by O.E.M."
    assert counts(take(f"naam;serienummer\nPC-1;{junk}\nPC-2;{junk}\n")) == (2, 0, 0)
    assert counts(take(f"naam;serienummer\nPC-1;{junk}\nPC-2;{junk}\n")) == (0, 0, 2)


def test_rows_in_doubt_are_refused(take):
    summary = take("naam;serienummer\nPC-1;S1A\nPC-9;S1A\nPC-3;S3C\n")
    assert (counts(summary), reasons(summary)) == ((1, 0, 0), [(2, None), (3, None)])
    take("naam;serienummer\nDubbel;S1A\nDubbel;S2B\n")
    summary = take("naam;geheugen\nDubbel;4096\n")
    assert (counts(summary), reasons(summary)) == ((0, 0, 0), [(2, None)])
    assert "WST-" in summary["refused"][0]["reason"]


def test_chosen_keys_tell_an_item_together(take):
    take("naam;hostnaam\nA;pc1\nB;pc1\n")
    summary = take("naam;hostnaam;geheugen\nB;PC1;4096\n;pc1;1\n", "--key", "hostname, name")
    assert (counts(summary), reasons(summary)) == ((0, 1, 0), [(3, "name")])
    assert the_item("B").attributes["memory"] == 4096


def test_what_the_file_does_not_name_is_told_and_kept(take, town):
    take("naam\nPC-1\nPC-2\nPC-3\n")
    register.add("server", register.begin(None, "test", NOW), name="S", hosting=Hosting.CENTRAL)
    summary = take("naam;geheugen\nPC-1;\nPC-2;veel\n")
    assert summary["missing_from_file"] == [the_item("PC-3").uid]


def test_a_number_of_another_class_or_owner_is_refused(take):
    theirs = make_item("Elders", make_municipality("Elders"), class_key="workstation")
    assert reasons(take(f"uid;naam\n{theirs.uid};X\nSRV-0001;Y\n")) == [(2, "uid"), (3, "uid")]
    assert the_item("Elders").name == "Elders"


def test_a_number_that_nobody_has_is_given_to_the_new_item(take):
    assert counts(take("uid;naam\nWST-7777;PC-7\n")) == (1, 0, 0)
    assert the_item("PC-7").uid == "WST-7777"


def test_a_file_of_another_class_or_town_is_refused_row_by_row(take, town):
    summary = take(
        f"naam;soort;gemeente\nA;Printer;{town.name}\nB;Werkstation;Elders\nC;werkstation;{town.code}\n"
    )
    assert (counts(summary), reasons(summary)) == ((1, 0, 0), [(2, "class"), (3, "owner")])


def test_people_and_places_are_looked_up_at_the_owner(take, town):
    summary = take("naam;locatie;gebruiker\nPC-1;Nergens;niemand\n")
    assert reasons(summary) == [(2, "location"), (2, "user")]


def test_what_a_person_confirmed_is_not_overwritten(take):
    take("naam;geheugen;hostnaam\nPC-1;4096;oud\n")
    register.note_source(the_item(), ["memory"], authority.CONFIRMED, NOW)
    summary = take("naam;geheugen;hostnaam\nPC-1;8192;nieuw\n")
    assert (counts(summary), reasons(summary)) == ((0, 1, 0), [(2, "memory")])
    assert the_item().attributes == {"memory": 4096, "hostname": "nieuw"}


def test_who_told_a_field_is_kept(take):
    take("naam;geheugen\nPC-1;4096\n")
    take("naam;geheugen\nPC-1;8192\n", name="later.csv")
    assert authority.sources([the_item().id])[the_item().id] == {
        "name": "import lijst.csv",
        "memory": "import later.csv",
        "hosting": "import lijst.csv",
    }


def test_a_workbook_says_the_same(take):
    book = openpyxl.Workbook()
    book.active.append(["Naam", "Geheugen", "Garantie tot", "Schijf versleuteld", "Aankoopprijs"])
    book.active.append(["PC-1", 8192, dt.date(2027, 12, 31), True, 12.5])
    data = io.BytesIO()
    book.save(data)
    assert counts(take(data.getvalue(), name="lijst.xlsx")) == (1, 0, 0)
    item = the_item()
    assert (item.attributes, item.purchase_cents) == ({"memory": 8192, "encrypted": True}, 1250)
    assert counts(take(data.getvalue(), name="lijst.xlsx")) == (0, 0, 1)


def test_what_cannot_be_read_at_all_ends_with_one_line(take, tmp_path, town):
    for content, options in (
        ("", {}),
        ("naam\n", {}),
        ("x;y\n1;2\n", {}),
        ("naam;Name\nA;B\n", {}),
        ("naam\nA\n", {"class_key": "ruimteschip"}),
        ("naam\nA\n", {"class_key": "hardware"}),
    ):
        assert take(content, **options, status=2).strip().count("\n") <= 2
    assert "sleutel" in take("naam\nA\n", "--key", "serial", status=2)
    assert "geen veld" in take("naam\nA\n", "--key", "raar", status=2)
    there = ["items", str(tmp_path), "--class", "workstation", "--municipality", town.code]
    for arguments in (
        there,
        ["items", str(tmp_path / "weg.csv"), *there[2:]],
        [*there[:4], "--municipality", "9"],
    ):
        done = CliRunner().invoke(imports.group, arguments)
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def undo(change_set: object):
    return CliRunner().invoke(cmdb_command.group, ["undo", str(change_set)])


def test_an_import_is_taken_back(take):
    take("naam;geheugen\nPC-1;4096\n")
    summary = take("naam;geheugen\nPC-1;8192\nPC-2;1024\n")
    done = undo(summary["change_set"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["undone"] == summary["change_set"] and told["change_set"] > told["undone"]
    assert the_item().attributes == {"memory": 4096}
    assert not db.session.scalars(sa.select(Item).where(Item.name == "PC-2")).all()
    assert counts(take("naam;geheugen\nPC-1;8192\nPC-2;1024\n")) == (1, 1, 0)


def test_what_was_touched_later_stays_and_is_named(take):
    first = take("naam;geheugen\nPC-1;4096\n")
    take("naam;geheugen\nPC-1;8192\n")
    done = undo(first["change_set"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert the_item().uid in done.stderr
    assert the_item().attributes == {"memory": 8192}


@pytest.mark.parametrize("change_set", [999_999, 0, -1, "x", 10**30])
def test_an_unknown_change_set_is_refused(session, change_set):
    assert undo(change_set).exit_code == 2


@pytest.mark.parametrize("day", ["31 december 2027", "31 dec. 2027", "31-12-2027", "2027-12-31"])
def test_a_date_may_name_its_month(take, day):
    take(f"naam;garantie tot\nPC-1;{day}\n")
    assert the_item().warranty_until == dt.date(2027, 12, 31)


def test_what_excel_could_not_work_out_and_what_could_not_be_read_is_refused_by_row(take):
    summary = take(b"naam;serienummer\n#REF!;S1\nPC-2;#N/B\nBr\x81g;S3\nPC#4;S4\n")
    assert reasons(summary) == [(2, "name"), (3, "serial"), (4, "name")]
    assert counts(summary) == (1, 0, 0)
