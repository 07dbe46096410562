"""The requester and the next visit: who comes, and asking for a time there."""

import datetime as dt

import pytest

from cmdb.database import db, utc_now
from cmdb.localtime import local
from servicedesk.rota.facts import Part
from servicedesk.tickets import actions, site_days
from servicedesk.tickets.models import SiteTask
from tests.makers import make_ticket, make_visit

DAY = dt.timedelta(days=1)


@pytest.fixture
def day():
    return local(utc_now()).date() + 2 * DAY


@pytest.fixture
def visit(cast, day):
    return make_visit(cast.oosterveen, cast.daan, day)


def ask(browser, ticket, slot, room="2.04"):
    return browser.post(f"/my/tickets/{ticket.number}/visit", data={"slot": slot, "room": room})


def page(browser, ticket):
    return browser.get(f"/my/tickets/{ticket.number}").text


def test_who_comes_is_told_with_day_and_room(cast, visit, sign_in):
    browser, ticket = sign_in(cast.anna), make_ticket(cast.anna)
    for text in (browser.get("/my/tickets").text, page(browser, ticket)):
        assert "Daan is " in text and "bij u</h2>" in text and "kamer 1.12" in text
    assert "Daan is " not in sign_in(cast.carla).get("/my/tickets").text


def test_a_visit_that_nobody_has_yet_is_told_without_a_name(cast, sign_in, day):
    make_visit(cast.oosterveen, None, day - DAY)
    assert "Iemand van ons is morgen bij u" in sign_in(cast.anna).get("/my/tickets").text


def test_a_time_is_asked_for_and_given_back(cast, visit, sign_in, day):
    ticket, anna = make_ticket(cast.anna), sign_in(cast.anna)
    assert "Zet mijn melding op de lijst" in page(anna, ticket)
    assert ask(anna, ticket, f"{day}-am").status_code == 303
    task = db.session.get(SiteTask, ticket.id)
    assert (task.not_before, task.part, task.room) == (day, Part.MORNING, "2.04")
    text = page(anna, ticket)
    assert "Uw tijd: " in text and "ochtend." in text and "Toch niet nodig" in text
    route = sign_in(cast.daan).get(f"/visits/{day}/{cast.oosterveen.id}").text
    assert ticket.number in route and "2.04" in route
    anna.post(f"/my/tickets/{ticket.number}/visit/cancel")
    db.session.expunge_all()
    assert db.session.get(SiteTask, ticket.id) is None
    assert "Zet mijn melding op de lijst" in page(anna, ticket)


def test_what_the_desk_put_there_stays_when_a_time_is_given_back(cast, visit, sign_in, day):
    ticket, anna = make_ticket(cast.anna), sign_in(cast.anna)
    site_days.ask(ticket, cast.daan, utc_now(), task="Kijken")
    db.session.commit()
    assert "Uw melding staat op de lijst van" in page(anna, ticket)
    ask(anna, ticket, f"{day}-pm")
    task = db.session.get(SiteTask, ticket.id)
    assert (task.part, task.task) == (Part.AFTERNOON, "Kijken")
    anna.post(f"/my/tickets/{ticket.number}/visit/cancel")
    db.session.refresh(task)
    assert task.part is None


def test_a_full_half_is_refused_and_the_other_is_not(cast, visit, sign_in, day):
    for _n in range(site_days.SLOTS):
        site_days.ask(
            make_ticket(cast.bram), cast.bram, utc_now(), not_before=day, part=Part.MORNING
        )
    db.session.commit()
    ticket, anna = make_ticket(cast.anna), sign_in(cast.anna)
    assert "(vol)" in page(anna, ticket)
    answer = ask(anna, ticket, f"{day}-am")
    assert answer.status_code in (409, 422) and 'value="2.04"' in answer.text
    assert db.session.get(SiteTask, ticket.id) is None
    assert ask(anna, ticket, f"{day}-pm").status_code == 303


def test_one_person_cannot_take_all_the_time(cast, visit, sign_in, day):
    anna, tickets = sign_in(cast.anna), [make_ticket(cast.anna) for _n in range(4)]
    codes = [ask(anna, ticket, f"{day}-am").status_code for ticket in tickets]
    assert codes == [303, 303, 303, 409]


@pytest.mark.parametrize("slot", ["", "2026-01-01-am", "morgen", "9999-99-99-pm"])
def test_a_time_that_is_none_comes_back(cast, visit, sign_in, slot):
    ticket = make_ticket(cast.anna)
    answer = ask(sign_in(cast.anna), ticket, slot)
    assert answer.status_code == 422 and db.session.get(SiteTask, ticket.id) is None


def test_nobody_asks_for_a_solved_ticket_or_somebody_elses(cast, visit, sign_in, day):
    ticket = make_ticket(cast.anna)
    assert ask(sign_in(cast.bram), ticket, f"{day}-am").status_code == 404
    actions.resolve(ticket, "Klaar", cast.daan, utc_now())
    db.session.commit()
    anna = sign_in(cast.anna)
    assert ask(anna, ticket, f"{day}-am").status_code == 409
    assert "bij u</h2>" not in page(anna, ticket)


def test_a_manager_of_the_municipality_reads_but_does_not_ask(cast, visit, sign_in):
    text = page(sign_in(cast.mia), make_ticket(cast.anna))
    assert "bij u</h2>" in text and "Zet mijn melding op de lijst" not in text


def test_a_visit_that_was_moved_takes_its_tickets_along(cast, visit, sign_in, day):
    ticket, anna = make_ticket(cast.anna), sign_in(cast.anna)
    ask(anna, ticket, f"{day}-am")
    visit.is_needed = False
    db.session.commit()
    make_visit(cast.oosterveen, cast.femke, day + DAY)
    assert "Femke is " in page(anna, ticket)
    assert ticket.number in sign_in(cast.daan).get(f"/visits/{day + DAY}/{cast.oosterveen.id}").text
