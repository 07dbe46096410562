"""Reading CSV and XLSX of unknown make: the same table whatever wrote it, and no harm from any."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from servicedesk.intake import tables
from servicedesk.intake.tables import read_table

pytestmark = pytest.mark.no_database

CSV = "Naam;Plaats\r\nCafé;Hengelo\r\n\r\nBrug;Ens\r\n"


def workbook(*rows, sheets=()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title in sheets:
        book.create_sheet(title)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def cells(data: bytes):
    return [row.cells for row in read_table(data).rows]


def refusal(data: bytes) -> str:
    with pytest.raises(ValueError) as raised:
        read_table(data)
    return str(raised.value)


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode("utf-8"),
        CSV.encode("utf-8-sig"),
        CSV.encode("cp1252"),
        CSV.encode("utf-16"),
        CSV.encode("utf-16-le"),
        CSV.encode("utf-16-be"),
        CSV.replace(";", "\t").encode(),
        CSV.replace(";", ",").encode(),
        CSV.replace(";", "|").encode(),
        CSV.replace("\r\n", "\n").encode(),
        b"sep=;\r\n" + CSV.encode("cp1252"),
        workbook(["Naam", "Plaats"], ["Café", "Hengelo"], [], ["Brug", "Ens"]),
    ],
)
def test_every_make_of_table_reads_the_same(data):
    table = read_table(data)
    assert table.headings == ("Naam", "Plaats")
    assert [(row.number, row.cells) for row in table.rows] == [
        (2, ("Café", "Hengelo")),
        (4, ("Brug", "Ens")),
    ]


def test_quotes_keep_separators_and_line_ends():
    assert cells(b'a;b\n"x;1";"een\ntwee"\n') == [("x;1", "een\ntwee")]


def test_values_of_a_workbook_are_dutch_text():
    row = [
        True,
        3,
        2.5,
        2.0,
        dt.date(2026, 11, 24),
        dt.datetime(2026, 1, 2, 3, 4),
        1e15,
        None,
        "-5",
    ]
    (read,) = cells(workbook([f"k{at}" for at in range(9)], row))
    assert read == (
        "ja",
        "3",
        "2,5",
        "2",
        "24-11-2026",
        "02-01-2026 03:04",
        "1000000000000000",
        "",
        "-5",
    )


def test_a_formula_of_a_workbook_is_text():
    assert cells(workbook(["a"], ["=1+1"])) == [("=1+1",)]


def test_other_sheets_are_named():
    assert read_table(workbook(["a"], ["x"], sheets=["Blad2"])).unread == ("Blad2",)


def test_a_row_may_be_longer_than_the_headings():
    assert cells(b"a;b\n1;2;\n1;2;3\n4\n") == [("1", "2"), ("1", "2", "3"), ("4", "")]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "leeg"),
        (b" \n\n", "leeg"),
        (b"a;b\n", "alleen een rij met koppen"),
        (b"a;b\n;\n", "alleen een rij met koppen"),
        (b";;\n1;2;3\n", "Rij 1 is leeg"),
        (b"a;b;A\n1;2;3\n", "twee keer"),
        (b'a;b\n"1;2\n', "aanhalingsteken"),
        (bytes(range(256)) * 20, "geen tabel"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "vergrendeld"),
        (b"PK\x03\x04" + bytes(600), "geen Excelbestand"),
        (workbook(["a"], ["x"])[:-300], "geen Excelbestand"),
        (b"a\n" + b"x\n" * (tables.MOST_ROWS + 1), "20.000 rijen"),
        (b"a\n" + b"\n" * tables.MOST_LINES + b"x\n", "100.000 regels"),
        (b"a\n" + b"x\n" * 1_000_000, "20.000 rijen"),
        (b";".join([b"k"] * 400) + b"\nx\n", "Rij 1 bevat geen koppen"),
        (b"\xff\xfea\x00;\x00b\x00\n\x00\x00\xd8", "beschadigd"),
        (bytes(tables.LARGEST_FILE + 1), "groter dan 25 MB"),
    ],
)
def test_what_is_no_table_is_refused(data, says):
    assert says in refusal(data)


def parts(**contents) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name.replace("__", "/"), content)
    return data.getvalue()


def replaced(path: str, content: str) -> bytes:
    """A workbook with one part of it exchanged."""
    former, data = zipfile.ZipFile(io.BytesIO(workbook(["a"], ["x"]))), io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in former.namelist():
            archive.writestr(name, content if name == path else former.read(name))
    return data.getvalue()


def test_a_bomb_is_not_unpacked():
    assert "te groot bij het uitpakken" in refusal(parts(bomb="0" * 50_000_000))
    many = parts(**{f"part{at}": "x" for at in range(3000)})
    assert "te groot bij het uitpakken" in refusal(many)


def test_an_archive_that_is_no_workbook_is_refused():
    assert "geen Excelbestand" in refusal(parts(readme="hallo"))


@pytest.mark.parametrize(
    "path", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"]
)
def test_entities_are_refused(path):
    hostile = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    )
    assert "geen Excelbestand" in refusal(replaced(path, hostile))


def test_a_far_cell_costs_nothing():
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert "100.000 regels" in refusal(replaced("xl/worksheets/sheet1.xml", sheet))


def test_merged_cells_are_refused_with_their_place():
    book = openpyxl.Workbook()
    for row in (["Naam", "Ruimte"], ["PC-1", "B12"], ["PC-2", None]):
        book.active.append(row)
    book.active.merge_cells("B2:B3")
    data = io.BytesIO()
    book.save(data)
    assert "B2:B3" in refusal(data.getvalue())


def test_a_quote_that_does_not_fit_is_named_by_its_line():
    assert "Regel 3" in refusal(b'Naam;Plaats\nBrug;Ens\n"Brug;Ens\n')


def test_a_few_bad_bytes_among_utf_8_spoil_no_other_letters():
    data = "Naam;Plaats\nCafé;Hengelo\nZoë;Ens\n".encode() + b"Br\xc3g;Ens\n"
    assert cells(data) == [("Café", "Hengelo"), ("Zoë", "Ens"), ("Br\ufffdg", "Ens")]


def test_one_odd_sign_in_a_cell_is_left_to_its_row():
    rows = "".join(f"Brug {n};Ens\n" for n in range(50))
    assert cells(f"Naam;Plaats\n{rows}Br\x01ug;Ens\n".encode())[-1] == ("Br\x01ug", "Ens")
