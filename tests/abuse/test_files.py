"""F and Q7-Q10: files that come in, and files that go out."""

import csv
import io
import zipfile

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from cmdb.database import db, utc_now
from cmdb.items import Item
from cmdb.people import Person
from cmdb.tenancy import EVERYTHING, enter
from servicedesk.app import create_app
from servicedesk.commands.database import upgrade
from servicedesk.intake import nmap
from servicedesk.intake.tables import MOST_COLUMNS, MOST_ROWS, read_table
from servicedesk.signin import sessions
from servicedesk.signin.passwords import set_password
from servicedesk.tickets.attachments import File, safe_name
from servicedesk.tickets.models import Attachment, Blob, Entry, Ticket
from tests.makers import make_cast, make_ticket
from tests.servicedesk.web.doors import ACCESS
from tests.servicedesk.web.test_portal_filing import answers
from tests.servicedesk.web.test_routes import address_of, routes, world

__all__ = ["routes", "world"]  # fixtures

NAMES = [
    "../../etc/passwd", "C:\\Windows\\x.txt", "a\0b.txt", "x" * 300 + ".pdf", "\u202egpj.exe", "..", "",
    'a\r\nSet-Cookie: x=y".html', "con", "café ✓.html", "\u2028\u2029;filename=x", "%0d%0aX: y", "'; --",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_f1_f2_a_name_is_made_harmless_and_stays_in_its_header(cast, sign_in, name):
    make_ticket(cast.anna, files=[File(name, b"x")])
    kept = db.session.scalars(sa.select(Attachment)).one()
    assert kept.name and len(kept.name) <= 150 and kept.name.isprintable()
    assert not set(kept.name) & set("/\\") and kept.name == safe_name(kept.name)
    answer = sign_in(cast.anna).get(f"/attachments/{kept.id}")
    (said,) = answer.headers.getlist("Content-Disposition")
    assert answer.status_code == 200 and said.startswith("attachment; filename")
    assert said.isascii() and "X" not in answer.headers
    assert not [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("x=")]


def test_f3_nothing_and_what_says_no_length(cast, sign_in, app, monkeypatch):
    """An empty file is a file; a body of unknown length is read as far as is allowed, no further."""
    anna = sign_in(cast.anna)
    sent = answers() | {"files": (io.BytesIO(b""), "leeg.txt")}
    assert anna.post("/my/report", data=sent).status_code == 303
    assert db.session.scalar(sa.select(Attachment.size)) == 0
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)
    body = b"--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\n" + b"y" * 5000
    answer = anna.post(
        "/my/report", input_stream=io.BytesIO(body + b"\r\n--x--"),
        content_type="multipart/form-data; boundary=x", environ_overrides={"wsgi.input_terminated": True},
    )  # fmt: skip
    assert answer.status_code == 413


def test_f4_an_archive_is_kept_as_it_is(cast, sign_in):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 200_000_000)
    data = packed.getvalue()
    assert len(data) < 300_000
    make_ticket(cast.anna, files=[File("brief.docx", data)])
    key = db.session.scalar(sa.select(Attachment.id))
    assert sign_in(cast.anna).get(f"/attachments/{key}").data == data


def test_f7_a_full_disk_keeps_no_half_of_a_ticket(tmp_path):
    """A database that may grow no further answers as a full disk does."""
    address = f"sqlite:///{tmp_path}/full.db"
    app = create_app(
        INSTANCE=tmp_path, SECRET_KEY="x", WTF_CSRF_ENABLED=False,
        SQLALCHEMY_DATABASE_URI=address, OWNER_DATABASE_URI=address,
    )  # fmt: skip
    with app.app_context():
        upgrade()
        enter(EVERYTHING)
        anna = make_cast().anna
        set_password(anna, "")
        key = sessions.start(anna, "", "127.0.0.1", "test", utc_now())
        db.session.commit()
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie["key"] = key
        limit = room(db.session.connection(), 0) + 20
        db.session.remove()
        sa.event.listen(db.engine, "engine_connect", lambda connection: room(connection, limit))

    def send():
        report = answers() | {"files": (io.BytesIO(b"".join(data)), "foto.png")}
        return browser.post("/my/report", data=report).status_code

    data = [str(number).encode() for number in range(50_000)]
    assert send() == 503
    with app.app_context():
        enter(EVERYTHING)
        for model in (Ticket, Entry, Attachment, Blob):
            assert not db.session.scalar(sa.select(sa.func.count()).select_from(model))
        assert db.session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        db.session.remove()
        limit *= 100
    assert send() == 303
    with app.app_context():
        db.engine.dispose()


def room(connection, pages: int) -> int:
    """Let the database grow to so many pages; how many it may have then, or has when 0 are asked."""
    if not pages:
        return connection.exec_driver_sql("PRAGMA page_count").scalar()
    return connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}").scalar()


FORMULAS = ("=1+1", "+1+cmd", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1")


def test_q7_no_cell_of_a_file_is_a_formula(world, cast, sign_in, app, routes):
    """Every file that a route gives, with names that a spreadsheet would compute."""
    names = [f"{text}{number}" for number, text in enumerate(FORMULAS)]
    for model in (Item, Person, Ticket):
        column = "title" if model is Ticket else "name"
        for record, name in zip(db.session.scalars(sa.select(model)), names * 9, strict=False):
            setattr(record, column, name)
    cast.oosterveen.name, cast.lindhoven.name = "=HYPERLINK(1)", "@2"
    db.session.commit()
    browser, read = sign_in(cast.ada), 0
    for name, rule in routes[0].items():
        if "GET" not in rule.methods or "ada" not in ACCESS[name]:
            continue
        with app.test_request_context():
            address = address_of(app, rule, world.values(rule))
        answer = browser.get(address, buffered=True)
        for cell in cells(answer):
            read += 1
            assert not cell.startswith(FORMULAS[0][0]) and not cell.startswith(tuple("+@\t\r\n＝＋－＠"))
            assert not cell.startswith("-") or cell == "-", f"{address}: {cell!r}"
    assert read > 100


def cells(answer):
    if answer.mimetype == "text/csv":
        for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"):
            yield from row
    elif "spreadsheetml" in (answer.mimetype or ""):
        for sheet in load_workbook(io.BytesIO(answer.data)):
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                assert cell.data_type != "f", cell.coordinate
                if isinstance(cell.value, str):
                    yield cell.value


BILLION = (
    b'<?xml version="1.0"?><!DOCTYPE nmaprun [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b"<nmaprun><host><address addr='&b;'/></host></nmaprun>"
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE nmaprun [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    b"<nmaprun><host>&a;</host></nmaprun>"
)


@pytest.mark.parametrize("data", [BILLION, OUTSIDE])
def test_q9_a_scan_with_entities_is_refused(data):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        nmap.read(data)


def test_q10_too_many_rows_or_columns_are_refused():
    for table in (
        b"naam\n" + b"x\n" * (MOST_ROWS + 1),
        b";".join(b"k%d" % n for n in range(MOST_COLUMNS + 1)) + b"\nx\n",
    ):
        with pytest.raises(ValueError, match=r"\w+ \w+"):
            read_table(table)
