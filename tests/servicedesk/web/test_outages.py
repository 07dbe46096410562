"""Daan starts, updates and ends an outage; who said to have it hears of it."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.database import db
from servicedesk.notify.models import Message
from servicedesk.tickets import actions, outages
from servicedesk.tickets.models import Outage
from tests.makers import make_item, make_person, make_ticket

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


@pytest.fixture
def daan(cast, sign_in):
    return sign_in(cast.daan)


@pytest.fixture
def outage(cast):
    outage = outages.start(cast.application, "Wij zoeken de oorzaak.", NOW)
    for person in (cast.anna, cast.bram, cast.carla):
        outages.report(outage, person, NOW)
    db.session.commit()
    return outage


def messages():
    return db.session.scalars(sa.select(Message).order_by(Message.recipient_id)).all()


def test_an_outage_starts_by_number_or_name(cast, daan):
    for written in (cast.application.uid.lower(), "zaaksysteem", "Zaaksys"):
        answer = daan.post("/outages", data={"item": written, "message": "Ligt eruit"})
        assert answer.status_code == 303
    started = db.session.scalars(sa.select(Outage)).all()
    assert [each.item_id for each in started] == [cast.application.id] * 3
    assert "Ligt eruit" in daan.get("/outages").text


def test_a_name_that_is_not_clear_asks_which(daan):
    make_item("Zaaksysteem archief")
    make_item("Zaaksysteem proef")
    answer = daan.post("/outages", data={"item": "systeem ", "message": "Ligt eruit"})
    assert (
        answer.status_code == 422
        and "Er zijn er meer" in answer.text
        and "Ligt eruit" in answer.text
    )
    assert "geen object" in daan.post("/outages", data={"item": "%", "message": "x"}).text
    assert not db.session.scalars(sa.select(Outage)).all()


def test_the_page_counts_people_and_municipalities(daan, outage):
    page = daan.get("/outages").text
    assert "3 personen" in page and "2 gemeenten" in page and "Er loopt 1 storing." in page


def test_one_person_counts_once(cast, outage):
    assert outages.report(outage, cast.anna, NOW) is False
    assert outages.affected([outage]) == {outage.id: (3, 2)}


def test_who_waits_for_a_ticket_about_the_item_hears_of_it_too_and_once(cast, outage):
    tess = make_person("Tess de Boer", cast.oosterveen)
    for requester in (cast.anna, cast.mia, cast.mia):
        make_ticket(requester, items=[cast.application])
    solved = make_ticket(tess, items=[cast.application])
    actions.resolve(solved, "Het werkt weer.", cast.daan, NOW)
    make_ticket(tess)
    db.session.query(Message).delete()
    outages.update(outage, "Vandaag weer open", NOW)
    outages.end(outage, "Het werkt weer.", NOW)
    told = sorted(message.recipient_id for message in messages())
    have_it = (cast.anna, cast.bram, cast.carla, cast.mia)
    assert told == sorted(person.id for person in have_it for _twice in range(2))


def test_an_update_goes_to_everybody_who_has_it(cast, daan, outage):
    data = {"message": "Vandaag weer open", "next_update": "2199-01-01T16:00"}
    assert daan.post(f"/outages/{outage.id}/update", data=data).status_code == 303
    assert [message.recipient_id for message in messages()] == [
        cast.anna.id,
        cast.bram.id,
        cast.carla.id,
    ]
    assert "Vandaag weer open" in messages()[0].body
    db.session.expire_all()
    assert db.session.get(Outage, outage.id).next_update_at == dt.datetime(
        2199, 1, 1, 15, tzinfo=dt.UTC
    )


def test_an_end_is_told_and_shown(daan, outage):
    daan.post(f"/outages/{outage.id}/end", data={"message": "Een schijf was vol."})
    assert "is voorbij" in messages()[0].subject and "Een schijf was vol." in messages()[0].body
    page = daan.get("/outages").text
    assert "Er loopt geen storing." in page and "Een schijf was vol." in page


def test_what_a_colleague_ended_is_not_updated_and_the_words_are_shown(daan, outage):
    outages.end(outage, "Klaar", NOW)
    db.session.commit()
    told = len(messages())
    for deed in ("update", "end"):
        answer = daan.post(f"/outages/{outage.id}/{deed}", data={"message": "Mijn woorden"})
        assert answer.status_code == 409 and "Mijn woorden" in answer.text
    assert len(messages()) == told


@pytest.mark.parametrize("deed", ["update", "end"])
def test_a_message_is_asked_for(daan, outage, deed):
    answer = daan.post(f"/outages/{outage.id}/{deed}", data={"message": " "})
    assert answer.status_code == 422 and "Schrijf wat mensen moeten weten" in answer.text


def test_the_next_message_lies_ahead(daan, outage):
    data = {"message": "x", "next_update": "2001-01-01T10:00"}
    assert "dat nog komt" in daan.post(f"/outages/{outage.id}/update", data=data).text


def test_people_of_municipalities_have_no_such_page(cast, sign_in, outage):
    for person in (cast.anna, cast.mia):
        browser = sign_in(person)
        assert browser.get("/outages").status_code == 404
        for address in ("/outages", f"/outages/{outage.id}/update", f"/outages/{outage.id}/end"):
            assert browser.post(address, data={"item": "x", "message": "x"}).status_code == 404
