"""Attachments leave as files, and only to whom may read the entry they hang on."""

import pytest
import sqlalchemy as sa

from cmdb.database import db
from servicedesk.tickets import actions
from servicedesk.tickets.attachments import File
from servicedesk.tickets.models import Attachment
from tests.makers import NOW, make_ticket

HTML = b"<html><script>alert(1)</script></html>"


@pytest.fixture
def address(cast):
    make_ticket(cast.anna, files=[File("café ✓.html", HTML)])
    return f"/attachments/{db.session.scalar(sa.select(Attachment.id))}"


def test_a_file_goes_out_to_be_kept_never_to_be_shown(cast, sign_in, address):
    answer = sign_in(cast.anna).get(address)
    assert answer.data == HTML
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"cafe .html\"; filename*=UTF-8''caf%C3%A9%20%E2%9C%93.html"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer.headers["Cache-Control"]


def test_its_type_is_what_the_content_tells(cast, sign_in):
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + b"\0" * 40
    make_ticket(cast.anna, files=[File("rekening.pdf", png)])
    key = db.session.scalar(sa.select(Attachment.id))
    assert sign_in(cast.anna).get(f"/attachments/{key}").mimetype == "image/png"


def test_colleague_and_stranger_get_nothing_manager_and_agent_do(cast, sign_in, address):
    for person, status in ((cast.bram, 404), (cast.carla, 404), (cast.mia, 200), (cast.daan, 200)):
        assert sign_in(person).get(address).status_code == status


def test_a_file_on_an_internal_note_stays_inside(cast, sign_in):
    ticket = make_ticket(cast.anna)
    actions.note(ticket, cast.daan, "Log", NOW, [File("log.txt", b"geheim")])
    db.session.commit()
    key = db.session.scalar(sa.select(Attachment.id))
    assert sign_in(cast.anna).get(f"/attachments/{key}").status_code == 404
    assert sign_in(cast.mia).get(f"/attachments/{key}").status_code == 404
    assert sign_in(cast.femke).get(f"/attachments/{key}").data == b"geheim"


@pytest.mark.parametrize("key", ["0", "999999999", "99999999999999999999", "-1", "x"])
def test_a_file_that_is_not_there(cast, sign_in, key):
    assert sign_in(cast.anna).get(f"/attachments/{key}").status_code == 404
