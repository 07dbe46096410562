"""The proof for an auditor: whole, mapped to numbers that have a source, and without secrets."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from cmdb.database import db, utc_now
from servicedesk.commands import evidence as command
from servicedesk.reviews import evidence_files, log_coverage, measures
from servicedesk.signin.passwords import set_password
from tests.makers import make_review

ROOT = Path(__file__).resolve().parents[3]
# The numbers that BIO2 v1.3 is known to hold, as far as this product goes.
KNOWN = {
    "5.09.01", "5.16.01", "5.16.02", "5.17.01", "5.17.03", "5.18.01", "5.18.02", "5.20.06",
    "5.28.01", "5.33.01", "8.02.01", "8.03.02", "8.15.01", "8.15.02", "8.15.04", "8.15.05",
    "8.15.06", "8.24.04", "8.29.01", "8.31", "8.32.01", "8.32.02",
}  # fmt: skip


@pytest.fixture
def book(app, cast):
    make_review(None, cast.els, cast.ada)
    set_password(cast.ada, "correct paard batterij")
    db.session.commit()
    with app.test_request_context():
        return zipfile.ZipFile(io.BytesIO(evidence_files.as_zip(app.config, utc_now())))


def test_it_holds_a_page_all_as_json_and_each_table_as_csv(book, cast):
    told = json.loads(book.read("bewijs.json"))
    assert set(book.namelist()) == {
        "index.html", "bewijs.json", *(f"{key}.csv" for key in told["parts"]),
    }  # fmt: skip
    page = book.read("index.html").decode()
    for key, part in told["parts"].items():
        assert f'id="{key}"' in page and part["tables"], key
    assert cast.els.name in page and cast.mia.name in page
    assert cast.anna.name not in page  # an employee holds nothing special
    assert "5.18.01" in page and "geen bekend" in page  # of a backup nothing is known


def test_the_numbers_have_a_source_and_the_parts_are_there(book):
    told = json.loads(book.read("bewijs.json"))
    numbers = {number for one in told["measures"] for number in one["numbers"]}
    assert numbers == KNOWN
    for one in measures.MEASURES:
        assert set(one.parts) <= set(told["parts"]) and (one.parts or one.note)
    shown = {key for one in measures.MEASURES for key in one.parts}
    assert shown | set(measures.UNNUMBERED) == set(told["parts"])
    security = (ROOT / "docs" / "security.md").read_text()
    table = security[security.index("## For an auditor") :]
    assert set(re.findall(r"\b[58]\.\d\d\.\d\d\b", table)) <= KNOWN
    assert not re.search(r"\b[58]\.(?!31\b)\d\d(?!\.\d|\d)", table), "a number without a source"


def test_no_secret_is_in_it(book, app, cast):
    everything = b"".join(book.read(name) for name in book.namelist()).decode("utf-8-sig", "replace")
    assert app.config["SECRET_KEY"] not in everything
    assert cast.ada.password_hash not in everything and "argon2id$" not in everything
    assert app.config["SQLALCHEMY_DATABASE_URI"] not in everything


@pytest.mark.parametrize("event", log_coverage.EVENTS, ids=lambda one: one.what[:30])
def test_the_test_of_each_logged_event_is_there(event):
    path, name = event.test.split("::")
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE), event.test


def test_markup_in_a_name_is_text(app, cast):
    cast.els.name = "<script>alert(1)</script>"
    db.session.commit()
    with app.test_request_context():
        book = zipfile.ZipFile(io.BytesIO(evidence_files.as_zip(app.config, utc_now())))
    assert "<script>" not in book.read("index.html").decode()


def test_an_administrator_downloads_it(cast, sign_in):
    answer = sign_in(cast.ada).get("/access/evidence.zip")
    assert answer.status_code == 200 and answer.mimetype == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None
    assert "/access/evidence.zip" in sign_in(cast.ada).get("/access").text


def test_the_command_writes_it(app, cast, tmp_path):
    path = tmp_path / "bewijs.zip"
    runner = app.test_cli_runner()
    done = runner.invoke(command.evidence, ["--to", str(path)])
    assert done.exit_code == 0, done.output
    assert zipfile.ZipFile(path).testzip() is None and "is written" in done.output
    gone = runner.invoke(command.evidence, ["--to", str(tmp_path / "niet" / "b.zip")])
    assert gone.exit_code == 1 and "No such file" in gone.output
