"""T: one municipality learns nothing of another. alfa is Oosterveen, beta is Lindhoven."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db, utc_now
from servicedesk.inventory import fields
from servicedesk.notify import delivery
from servicedesk.notify.models import Message
from servicedesk.tickets import actions
from sla import watch
from tests.makers import NOW, make_item, make_person, make_ticket
from tests.servicedesk.web.test_query_counts import counted

FRIDAY = dt.datetime(2026, 10, 30, 9, 0, tzinfo=dt.UTC)
NOVEMBER = "period=2026-11"


def body(answer) -> str:
    return re.sub(
        r'name="(csrf_token|next)" value="[^"]*"|data-session-seconds="\d+"', "", answer.text
    )


def test_t5_an_order_tells_nothing_of_what_is_not_shown(cast, sign_in):
    """What a shared item hangs on is not hers: asking for it by name, order or relation is no answer."""
    hidden = make_item("srv-geheim", cast.lindhoven, class_key="server")
    register.relate(cast.application, hidden, "runs-on", register.begin(None, "test", NOW))
    db.session.commit()
    anna = sign_in(cast.anna)
    for value in ("srv-geheim", hidden.uid, "srv-niets", "SRV-9999"):
        for end in ("relation", "reverse"):
            asked = f"/items?class=application&{end}.runs-on={value}"
            page = anna.get(asked).text
            assert "Zaaksysteem</a>" not in page, asked
    orders = [anna.get(f"/items?sort={name}&dir={way}").text
              for name in [*fields.of_list(""), "used_by", "municipality_id"]
              for way in ("asc", "desc")]  # fmt: skip
    assert not [page for page in orders if "geheim" in page]


@pytest.fixture
def late(cast):
    """One solution too late at each municipality."""
    for person, title in ((cast.anna, "Van alfa"), (cast.carla, "Geheim van beta")):
        make_ticket(person, now=FRIDAY, title=title)
    watch.settle_due(NOW)
    db.session.commit()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_t10_no_spelling_of_the_municipality_widens_a_file(cast, sign_in, late, kind):
    mia, beta = sign_in(cast.mia), cast.lindhoven
    for spelled in (
        beta.code, "*", "", "%", "all", f"{cast.oosterveen.code},{beta.code}", str(beta.id), beta.name,
        f"{cast.oosterveen.code}&municipality={beta.code}", f"{beta.code}&municipality=", f"{beta.code}%00",
    ):  # fmt: skip
        answer = mia.get(f"/reports/sla.{kind}?{NOVEMBER}&municipality={spelled}")
        assert b"beta" not in answer.data and b"Lindhoven" not in answer.data, spelled
    if kind == "csv":
        assert b"Oosterveen" in mia.get(f"/reports/sla.csv?{NOVEMBER}").data


def test_t11_what_beta_files_meanwhile_moves_no_figure_of_alfa(cast, sign_in, late):
    mia, anna = sign_in(cast.mia), sign_in(cast.anna)
    addresses = (f"/reports/sla?{NOVEMBER}", "/my/tickets", "/items", "/item-reports/uniformity")
    seen = [body(browser.get(address)) for browser in (mia, anna) for address in addresses]
    for number in range(3):
        make_ticket(cast.carla, now=FRIDAY, title=f"Nog {number}")
        make_item(f"Laptop {number}", cast.lindhoven, class_key="workstation")
    watch.settle_due(NOW)
    db.session.commit()
    again = [body(browser.get(address)) for browser in (mia, anna) for address in addresses]
    assert again == seen


def test_t12_no_message_or_file_tells_an_internal_note(cast, sign_in):
    ticket = make_ticket(cast.anna, items=[cast.application])
    actions.note(ticket, cast.daan, "geheime notitie", NOW)
    actions.reply(ticket, cast.daan, "Wij kijken ernaar.", NOW)
    actions.resolve(ticket, "Gemaakt.", cast.daan, NOW)
    db.session.commit()
    told = db.session.scalars(sa.select(Message).where(Message.recipient_id != cast.daan.id)).all()
    assert told and not [one for one in told if "geheime notitie" in one.subject + one.body]
    for person in (cast.anna, cast.mia):
        browser = sign_in(person)
        for address in (f"/my/tickets/{ticket.number}", "/my/tickets?q=geheime", "/search?q=geheime",
                        f"/items/{cast.application.uid}"):  # fmt: skip
            assert "geheime notitie" not in browser.get(address).text, address
    assert "geheime notitie" in sign_in(cast.daan).get(f"/desk/tickets/{ticket.number}").text


class NoPost:
    """A mail server that must not be called."""

    sender, sender_name = "desk@example.org", "Servicepunt"

    def hand_over(self, mail):
        raise AssertionError(f"sent to {mail['To']}")


@pytest.mark.parametrize("change", ["left", "moved"])
def test_t14_mail_that_waits_is_not_sent_to_who_left(cast, change):
    bram = cast.bram
    db.session.add(waiting_for(bram))
    if change == "left":
        bram.is_active = False
    else:
        bram.municipality_id = cast.lindhoven.id
    db.session.commit()
    message = delivery.claim(utc_now())
    assert message.recipient_id == bram.id and delivery.send(message, NoPost(), utc_now())
    assert (message.sent_at, message.error) == (None, delivery.LEFT) and message.failed_at


def waiting_for(person) -> Message:
    return Message(
        dedup_key="x", municipality_id=person.municipality_id, recipient_id=person.id, subject="Nieuws",
        body="Van uw gemeente", created_at=NOW, not_before=NOW,
    )  # fmt: skip


def test_t15_who_moved_leaves_her_tickets_behind_and_stays_their_author(cast, sign_in):
    """She starts anew at the other municipality: the database moves nobody who filed something."""
    ticket = make_ticket(cast.anna)
    with pytest.raises(sa.exc.IntegrityError), db.session.begin_nested():
        cast.anna.municipality_id = cast.lindhoven.id
        db.session.flush()
    db.session.refresh(cast.anna)
    moved = sign_in(make_person("Anna Bakker", cast.lindhoven))
    assert moved.get(f"/my/tickets/{ticket.number}").status_code == 404
    assert ticket.number not in moved.get("/my/tickets").text
    assert moved.post(f"/my/tickets/{ticket.number}/reply", data={"body": "x"}).status_code == 404
    for reader, address in ((cast.mia, "my"), (cast.daan, "desk")):
        page = sign_in(reader).get(f"/{address}/tickets/{ticket.number}")
        assert page.status_code == 200 and "Anna Bakker" in page.text


def test_t17_forbidden_and_unknown_take_the_same_statements(cast, sign_in):
    """As many statements take as long; what comes back is compared at every door elsewhere."""
    ticket = make_ticket(cast.anna)
    item = make_item("Laptop 12", cast.oosterveen)
    carla = sign_in(cast.carla)
    for there, nowhere in (
        (f"/my/tickets/{ticket.number}", "/my/tickets/M9912-9999"),
        (f"/items/{item.uid}", "/items/APP-9999"),
        (f"/items/{item.uid}/impact", "/items/APP-9999/impact"),
    ):
        carla.get(nowhere)
        with counted() as forbidden:
            assert carla.get(there).status_code == 404
        with counted() as unknown:
            assert carla.get(nowhere).status_code == 404
        assert len(forbidden) == len(unknown), there
