"""Anna reports and asks: what comes of it, and what she is told when something is wrong."""

import datetime as dt
import io

import pytest
import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import ItemStatus
from cmdb.organisation import Location
from servicedesk.notify.models import Message
from servicedesk.tickets import outages
from servicedesk.tickets.models import Attachment, OutageReport, Ticket
from servicedesk.tickets.workflow import TicketType
from tests.makers import make_item, make_municipality, make_person

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


def answers(**changed):
    return {
        "token": "form-1",
        "category": "application",
        "title": "Besluit opslaan lukt niet",
        "body": "Ik zie: sessie verlopen.",
        "affected": "team",
        "can_work": "medium",
        "phone": "0299 550123",
    } | changed


@pytest.fixture
def anna(cast, sign_in):
    return sign_in(cast.anna)


def tickets():
    db.session.expire_all()
    return db.session.scalars(sa.select(Ticket).order_by(Ticket.id)).all()


def test_a_report_becomes_a_ticket_and_she_sees_its_page(cast, anna):
    answer = anna.post("/my/report", data=answers(item=cast.application.uid))
    (ticket,) = tickets()
    assert answer.status_code == 303 and answer.location == f"/my/tickets/{ticket.number}"
    assert (ticket.type, ticket.priority, ticket.requester_id) == (
        TicketType.INCIDENT,
        2,
        cast.anna.id,
    )
    assert ticket.items == [cast.application] and ticket.phone == "0299 550123"
    page = anna.get(answer.location).text
    assert (
        ticket.number in page and "De melding ligt bij team" in page and "sessie verlopen" in page
    )


def test_the_form_starts_with_her_phone_and_what_the_link_says(cast, anna):
    page = anna.get(f"/my/report?category=application&item={cast.application.uid}").text
    assert 'value="0612345678"' in page
    assert f'<option value="{cast.application.uid}" selected>' in page
    assert 'value="application" checked' in page


def test_a_report_without_answers_comes_back_with_every_fault_named(anna):
    answer = anna.post("/my/report", data={"phone": "123", "body": "Wel tekst", "title": " "})
    assert answer.status_code == 422 and not tickets()
    for words in (
        "Fout:",
        "Kies waar het over gaat",
        "Geef een korte titel",
        "Kies hoeveel mensen",
        "Wel tekst",
    ):
        assert words in answer.text


def test_a_form_sent_twice_files_one_ticket(anna):
    first = anna.post("/my/report", data=answers())
    second = anna.post("/my/report", data=answers())
    assert second.status_code == 303 and second.location == first.location and len(tickets()) == 1
    assert anna.post("/my/report", data=answers(token="form-2")).location != first.location


def test_the_same_token_of_another_person_is_another_form(cast, anna, sign_in):
    anna.post("/my/report", data=answers())
    sign_in(cast.bram).post("/my/report", data=answers())
    assert len(tickets()) == 2


def test_a_request_has_no_question_about_others(anna):
    assert "Hoeveel mensen" not in anna.get("/my/request").text
    anna.post("/my/request", data=answers(haste="low", title="Extra beeldscherm"))
    (ticket,) = tickets()
    assert (ticket.type, ticket.priority) == (TicketType.SERVICE_REQUEST, 4)


def test_she_points_only_at_what_she_may_see(cast, anna):
    strange = make_item("Belastingen", cast.lindhoven)
    retired = make_item("Oud systeem", consumers=[cast.oosterveen], status=ItemStatus.RETIRED)
    page = anna.get("/my/report").text
    assert "Zaaksysteem" in page and "Belastingen" not in page and "Oud systeem" not in page
    for item in (strange, retired):
        anna.post("/my/report", data=answers(token=item.uid, item=item.uid))
    assert [ticket.items for ticket in tickets()] == [[], []]


def test_her_own_device_comes_first(cast, anna):
    make_item("Aardbei", cast.oosterveen)
    make_item("Laptop van Anna", cast.oosterveen, user_id=cast.anna.id)
    page = anna.get("/my/report").text
    assert page.index("Uw apparaten") < page.index("Laptop van Anna") < page.index("Aardbei")


def test_a_location_of_another_municipality_is_dropped(cast, anna):
    strange = db.session.scalar(
        sa.select(Location.id).where(Location.municipality_id == cast.lindhoven.id)
    )
    own = db.session.scalar(
        sa.select(Location.id).where(Location.municipality_id == cast.oosterveen.id)
    )
    for token, chosen in (("a", strange), ("b", own), ("c", "home"), ("d", "9" * 30)):
        assert (
            anna.post("/my/report", data=answers(token=token, location=chosen)).status_code == 303
        )
    assert [ticket.location_id for ticket in tickets()] == [None, own, None, None]


def test_files_are_kept_with_the_report(anna):
    upload = [(io.BytesIO(b"een"), "een.txt"), (io.BytesIO(b"twee"), "twee.txt")]
    anna.post("/my/report", data=answers(files=upload))
    assert [file.name for file in db.session.scalars(sa.select(Attachment))] == [
        "een.txt",
        "twee.txt",
    ]


def test_a_file_that_is_too_large_is_named_and_the_text_is_kept(anna, monkeypatch):
    monkeypatch.setattr("servicedesk.web.portal_forms.MAX_ATTACHMENT_BYTES", 10)
    answer = anna.post("/my/report", data=answers(files=(io.BytesIO(b"x" * 11), "scherm.png")))
    assert answer.status_code == 422 and not tickets()
    assert "scherm.png is te groot" in answer.text and "sessie verlopen" in answer.text
    assert "Kies uw bestanden opnieuw" in answer.text


def test_a_burgerservicenummer_is_asked_about_before_anything_is_stored(anna):
    text = "Van 111222333 lukt het niet"
    answer = anna.post("/my/report", data=answers(body=text))
    assert answer.status_code == 422 and not tickets()
    assert "•••••••33" in answer.text and text in answer.text and "Toch versturen" in answer.text
    anna.post("/my/report", data=answers(body=text, bsn="remove"))
    anna.post("/my/report", data=answers(body=text, bsn="keep", token="form-2"))
    bodies = [ticket.entries[0].body for ticket in tickets()]
    assert bodies == ["Van ••••••••• lukt het niet", text]


def test_the_expectation_is_that_of_the_agreement(anna):
    card = anna.get("/my/expectation?type=incident&affected=public&can_work=high").text
    assert "Kritiek" in card and "<html" not in card
    assert "Kies hoeveel mensen" in anna.get("/my/expectation?affected=nobody").text
    assert "Laag" in anna.get("/my/expectation?type=service-request&haste=low").text


def test_without_an_agreement_nothing_is_promised(sign_in, cast):
    browser = sign_in(make_person("Gijs Wit", make_municipality("Zonder", agreement=None)))
    card = browser.get("/my/expectation?affected=public&can_work=high").text
    assert card.count("niets afgesproken") == 2


def test_a_known_outage_is_told_and_one_click_reports_it(cast, anna):
    outage = outages.start(cast.application, "Wij werken eraan.", NOW)
    db.session.commit()
    address = f"/my/outages/{outage.id}/affected"
    assert "Wij werken eraan." in anna.get(f"/my/outage?item={cast.application.uid}").text
    answer = anna.post(address, data=answers(item=cast.application.uid, type="incident"))
    assert answer.status_code == 200 and "U staat op de lijst" in answer.text
    assert "sessie verlopen" in answer.text and 'action="/my/report"' in answer.text
    part = anna.post(address, headers={"HX-Request-Type": "partial"}).text
    assert "U staat op de lijst" in part and "<html" not in part
    assert len(db.session.scalars(sa.select(OutageReport)).all()) == 1 and not tickets()


def test_nobody_reports_an_outage_of_what_she_does_not_see(cast, anna):
    outage = outages.start(make_item("Belastingen", cast.lindhoven), "Stuk", NOW)
    db.session.commit()
    assert anna.post(f"/my/outages/{outage.id}/affected").status_code == 404
    assert "Stuk" not in anna.get(f"/my/outage?item={outage.item.uid}").text


def test_an_outage_that_is_over_takes_no_reports(cast, anna):
    outage = outages.start(cast.application, "Stuk", NOW)
    outages.end(outage, "Klaar", NOW)
    db.session.commit()
    page = anna.post(f"/my/outages/{outage.id}/affected", follow_redirects=True).text
    assert (
        "Deze storing is voorbij" in page and not db.session.scalars(sa.select(OutageReport)).all()
    )


def test_the_mail_tells_number_promise_and_address(anna):
    anna.post("/my/report", data=answers())
    (ticket,) = tickets()
    (message,) = db.session.scalars(sa.select(Message))
    assert message.subject == f"[{ticket.number}] Ontvangen: Besluit opslaan lukt niet"
    assert (
        f"/my/tickets/{ticket.number}\n" in message.body and "U hoort van ons vóór" in message.body
    )


def test_agents_have_no_forms_of_the_portal(cast, sign_in):
    daan = sign_in(cast.daan)
    for address in ("/my/report", "/my/request", "/my/tickets"):
        assert daan.get(address).status_code == 404


@pytest.mark.parametrize("path", ["/my/report", "/my/request"])
def test_a_text_that_goes_by_the_name_of_a_file_is_none(anna, path):
    sent = answers(files=["tekst", (io.BytesIO(b"inhoud"), "foto.png")], haste="low")
    for files in (sent["files"], "tekst"):
        answer = anna.post(path, data=sent | {"files": files, "token": str(files)})
        assert answer.status_code == 303
