"""X: what people write stays text: on every page, in files, and in the head of a mail."""

import email
import email.policy

import pytest
import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item
from cmdb.organisation import Department, Location, Municipality
from cmdb.people import Person, Team
from servicedesk.notify import delivery
from servicedesk.notify.models import Message
from servicedesk.tickets.models import Attachment, Category, Entry, Outage, PlannedWork, Ticket
from tests.makers import make_ticket
from tests.servicedesk.web.doors import ACCESS, ALL, BESIDES
from tests.servicedesk.web.test_routes import address_of, routes, world

__all__ = ["routes", "world"]  # fixtures

# Markup, what a template would compute, what SQL would run, what a format would fill in.
PRODUCT = str(7919 * 7919)
EVIL = "<img src=x onerror=alert(1)>'); DROP TABLE ticket;-- %s %(x)s {0} {{7919*7919}} ${7919*7919}\" "
WRITTEN = {
    Person: ("name", "phone"), Municipality: ("name",), Department: ("name",), Location: ("name",),
    Team: ("name",), Category: ("name",), Item: ("name", "serial", "description"), Ticket: ("title", "phone"),
    Entry: ("body",), Attachment: ("name",), Outage: ("message",), PlannedWork: ("message",),
}  # fmt: skip


@pytest.fixture
def evil(world, cast, sign_in):
    """Everything that somebody can write says the same, with its own number behind it."""
    for model, columns in WRITTEN.items():
        for record in db.session.scalars(sa.select(model)):
            for column in columns:
                if hasattr(record, column):
                    setattr(record, column, f"{EVIL}{record.id}")
    db.session.commit()
    return world


def test_x3_x6_q3_what_people_write_is_text_on_every_page(evil, cast, sign_in, app, routes):
    shown = 0
    for who in sorted(ALL):
        browser = sign_in(getattr(cast, who))
        for name, rule in routes[0].items():
            if "GET" not in rule.methods or who not in ACCESS[name]:
                continue
            with app.test_request_context():
                address = address_of(app, rule, evil.values(rule))
            answer = browser.get(address, buffered=True)
            assert answer.status_code < 500 or name in BESIDES, f"{who} {address}"
            if answer.mimetype != "text/html":
                continue
            assert "<img src=x" not in answer.text, f"{who} {address}"
            assert PRODUCT not in answer.text, f"{who} {address}"
            shown += "&lt;img src=x" in answer.text
    assert shown > 100
    assert db.session.scalar(sa.select(sa.func.count(Ticket.id)))


def test_m7_a_subject_and_a_name_stay_in_one_header(cast):
    cast.anna.name = 'Anna\r\nBcc: evil@example.org "<'
    make_ticket(cast.anna, title="Printer\r\nBcc: evil@example.org\r\n\r\nTekst")
    message = db.session.scalars(sa.select(Message)).first()
    message.subject += "\r\nBcc: evil@example.org"
    raw = delivery.compose(message, "desk@example.org", "Servicepunt\r\nBcc: evil@example.org").as_bytes()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert "Bcc" not in mail and [address.addr_spec for address in mail["To"].addresses] == [
        cast.anna.email
    ]
    assert mail["Subject"].startswith(f"[{db.session.scalar(sa.select(Ticket.number))}]")
