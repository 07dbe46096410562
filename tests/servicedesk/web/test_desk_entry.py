"""A call comes in: Daan finds who it is and what it is about, and files it once."""

import pytest
import sqlalchemy as sa

from cmdb.database import db
from servicedesk.tickets.models import Ticket
from sla.priority import Impact, Urgency
from tests.makers import make_item

ANNA = "Anna Bakker, Oosterveen"
BSN = "Het gaat om 111222333 van de balie"


@pytest.fixture
def daan(cast, sign_in):
    return sign_in(cast.daan)


@pytest.fixture
def laptop(cast):
    laptops = [
        make_item(
            f"Laptop van {person.name.split()[0]}",
            cast.oosterveen,
            class_key="workstation",
            user_id=person.id,
        )
        for person in (cast.bram, cast.anna)
    ]
    return laptops[1]


def test_somebody_who_calls_is_picked_by_name(daan, cast):
    options = daan.get("/desk/people?requester=bak").text
    assert "Anna Bakker, Oosterveen" in options and "Daan" not in options
    answer = daan.post("/desk/tickets/new", data=call(cast, requester=ANNA))
    assert answer.status_code == 303
    filed = db.session.scalars(sa.select(Ticket).order_by(Ticket.id.desc())).first()
    assert filed.requester_id == cast.anna.id and filed.channel == "phone"
    assert filed.priority == 3 and filed.title == "Belt over de printer"


def test_a_call_that_is_sent_twice_is_one_ticket(daan, cast):
    data = call(cast, requester=ANNA, token="abc")
    first, second = (daan.post("/desk/tickets/new", data=data) for _attempt in range(2))
    assert first.status_code == 303 and first.location == second.location
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 1


def test_what_a_call_is_about_is_asked(daan, cast):
    refused = daan.post("/desk/tickets/new", data=call(cast, requester="Anna Bakker", category=""))
    assert refused.status_code == 422 and "Kies waar het over gaat" in refused.text


def test_who_is_meant_is_asked_when_several_have_the_name(daan, cast):
    refused = daan.post("/desk/tickets/new", data=call(cast, requester="a"))
    assert refused.status_code == 422
    refused = daan.post("/desk/tickets/new", data=call(cast, requester="er"))
    assert refused.status_code == 422 and "Wie bedoelt u?" in refused.text
    chosen = call(cast, requester="er", person=cast.anna.id)
    assert daan.post("/desk/tickets/new", data=chosen).status_code == 303


def test_an_unknown_caller_is_said_with_the_form_kept(daan, cast):
    refused = daan.post("/desk/tickets/new", data=call(cast, requester="Zzz"))
    assert refused.status_code == 422 and "Niemand gevonden" in refused.text
    assert "Belt over de printer" in refused.text


def call(cast, **values):
    return {
        "category": cast.category.id,
        "channel": "phone",
        "type": "incident",
        "title": "Belt over de printer",
        "body": "Hij doet niets",
        "impact": Impact.PERSON,
        "urgency": Urgency.MEDIUM,
    } | values


def filed() -> Ticket:
    return db.session.scalars(sa.select(Ticket).order_by(Ticket.id.desc())).first()


def test_once_the_requester_is_known_her_items_can_be_picked(daan, cast, laptop):
    page = daan.get("/desk/tickets/new").text
    assert "Kies eerst wie het meldt" in page and "Laptop" not in page
    look = call(cast, requester=ANNA, look="1", title="", body="")
    answer = daan.post("/desk/tickets/new", data=look)
    assert answer.status_code == 200 and "error-summary" not in answer.text
    assert "Laptop van Anna" in answer.text and "Zaaksysteem" in answer.text
    assert "Laptop van Bram" not in answer.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 0
    assert (
        "Laptop van Anna" in daan.get("/desk/people/items", query_string={"requester": ANNA}).text
    )
    assert "Kies eerst" in daan.get("/desk/people/items?requester=er").text


def test_the_call_is_about_the_item_that_was_picked(daan, cast, laptop):
    daan.post("/desk/tickets/new", data=call(cast, requester=ANNA, item=laptop.uid))
    assert filed().items == [laptop]


def test_an_item_of_somebody_else_is_not_taken_along(daan, cast, laptop):
    data = call(cast, requester="Carla Smit, Lindhoven", item=laptop.uid)
    refused = daan.post("/desk/tickets/new", data=data)
    assert (
        refused.status_code == 422 and "Kies het apparaat of de applicatie opnieuw" in refused.text
    )
    assert "Zaaksysteem" in refused.text and "Laptop van Anna" not in refused.text
    assert filed() is None


def test_a_burgerservicenummer_is_not_stored_by_accident(daan, cast):
    data = call(cast, requester=ANNA, body=BSN)
    warned = daan.post("/desk/tickets/new", data=data)
    assert warned.status_code == 422 and "•••••••33" in warned.text and filed() is None
    daan.post("/desk/tickets/new", data=data | {"bsn": "remove"})
    assert filed().entries[0].body == "Het gaat om ••••••••• van de balie"
    daan.post("/desk/tickets/new", data=data | {"bsn": "keep", "token": "second"})
    assert filed().entries[0].body == BSN
