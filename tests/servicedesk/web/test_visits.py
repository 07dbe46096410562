"""Site days and tickets: the list of a visit, its clock, and who may see who comes."""

import copy
import datetime as dt

import pytest

from cmdb.database import db, utc_now
from cmdb.localtime import local
from servicedesk.tickets import actions, site_days
from servicedesk.tickets.models import SiteTask
from servicedesk.tickets.workflow import Status, WaitingFor
from sla import agreements
from sla.clock import PAUSED, RUNNING
from tests.makers import AGREEMENT, make_municipality, make_person, make_ticket, make_visit

DAY = dt.timedelta(days=1)


@pytest.fixture
def soon():
    return local(utc_now()).date() + 2 * DAY


def put(browser, ticket, **fields):
    """The deed of the desk, as its form sends it."""
    values = {"task": "Scanner nakijken", "room": "2.04", "wait": "y"} | fields
    data = {f"presence-{name}": value for name, value in values.items()}
    return browser.post(
        f"/desk/tickets/{ticket.number}/presence", data=data, follow_redirects=True
    )


def test_a_ticket_joins_the_next_visit_of_its_municipality_and_waits(cast, sign_in, soon):
    make_visit(cast.oosterveen, cast.femke, soon + 7 * DAY)
    make_visit(cast.oosterveen, cast.femke, soon)
    make_visit(cast.lindhoven, cast.els, soon - DAY)
    ticket, daan = make_ticket(cast.anna, now=utc_now()), sign_in(cast.daan)
    page = put(daan, ticket).text
    assert "Van de lijst halen" in page and "(Femke Dijkstra)" in page
    db.session.refresh(ticket)
    assert (ticket.status, ticket.waiting_for) == (Status.WAITING, WaitingFor.SITE_DAY)
    assert local(ticket.waiting_until).date() == soon
    route = daan.get(f"/visits/{soon}/{cast.oosterveen.id}").text
    assert ticket.title in route and "2.04" in route and "Scanner nakijken" in route
    assert ticket.title not in daan.get(f"/visits/{soon - DAY}/{cast.lindhoven.id}").text
    daan.post(f"/desk/tickets/{ticket.number}/unplan")
    db.session.refresh(ticket)
    assert ticket.status == Status.IN_PROGRESS and not db.session.get(SiteTask, ticket.id)


def test_words_that_are_missing_come_back_with_the_form(cast, sign_in, soon):
    ticket = make_ticket(cast.anna)
    answer = put(sign_in(cast.daan), ticket, task="", room="2.04")
    assert answer.status_code == 422 and 'value="2.04"' in answer.text
    assert "Schrijf wat er moet gebeuren" in answer.text


def test_a_clock_that_runs_on_asks_for_an_extra_visit(cast, sign_in, soon):
    make_visit(cast.oosterveen, cast.femke, soon + 20 * DAY)
    ticket = make_ticket(cast.anna, now=utc_now())
    page = put(sign_in(cast.daan), ticket).text
    db.session.refresh(ticket)
    assert ticket.resolution_clock.state == RUNNING
    assert "er is een extra bezoek nodig" in page
    route = sign_in(cast.daan).get(f"/visits/{soon + 20 * DAY}/{cast.oosterveen.id}").text
    assert "1 melding is te laat als u op dit bezoek wacht." in route


def test_a_clock_stands_still_only_where_the_agreement_says_so(cast, sign_in, soon):
    agreement = copy.deepcopy(AGREEMENT) | {"paused_while_waiting_for": ["site-day"]}
    town = make_municipality("Maasbrugge", agreement)
    make_visit(town, cast.femke, soon + 20 * DAY)
    ticket = make_ticket(make_person("Piet Prins", town), now=utc_now())
    page = put(sign_in(cast.daan), ticket).text
    db.session.refresh(ticket)
    assert ticket.resolution_clock.state == PAUSED
    assert "extra bezoek" not in page
    assert agreements is not None


def test_without_a_visit_in_the_roster_the_desk_is_told(cast, sign_in):
    page = put(sign_in(cast.daan), make_ticket(cast.anna, now=utc_now())).text
    assert "nog geen bezoek in het rooster" in page


def test_what_is_not_done_is_on_the_list_of_the_next_visit_too(cast, soon):
    ticket = make_ticket(cast.anna)
    site_days.ask(ticket, cast.daan, utc_now(), task="Kijken", not_before=soon)
    for day in (soon, soon + 7 * DAY):
        assert [task.ticket_id for task in site_days.route(cast.oosterveen.id, day)] == [ticket.id]
    assert not site_days.route(cast.oosterveen.id, soon - DAY)
    assert not site_days.route(cast.lindhoven.id, soon)
    actions.resolve(ticket, "Klaar", cast.daan, utc_now())
    assert not site_days.route(cast.oosterveen.id, soon)


def test_a_list_is_in_the_order_of_a_walk(cast, soon):
    asked = [("2.04", "pm"), ("1.01", None), ("2.04", "am"), ("0.12", None)]
    for room, part in asked:
        ticket = make_ticket(cast.anna)
        site_days.ask(ticket, cast.daan, utc_now(), room=room, task="x", not_before=soon, part=part)
    rows = site_days.route(cast.oosterveen.id, soon)
    assert [(row.room, row.part) for row in rows] == [
        ("0.12", None), ("1.01", None), ("2.04", "am"), ("2.04", "pm"),
    ]  # fmt: skip


def test_a_tick_is_kept_told_and_taken_back(cast, sign_in):
    today = local(utc_now()).date()
    make_visit(cast.oosterveen, cast.femke, today)
    ticket, femke = make_ticket(cast.anna, now=utc_now()), sign_in(cast.femke)
    put(femke, ticket)
    task = db.session.get(SiteTask, ticket.id)
    task.not_before = today
    db.session.commit()
    path = f"/visits/{today}/{cast.oosterveen.id}"
    femke.post(path, data={"ticket": ticket.number, "done": "1"})
    assert "waarvan 1 gedaan" in femke.get(path).text
    db.session.refresh(ticket)
    assert ticket.status == Status.IN_PROGRESS, "what waited for the visit goes on"
    assert "Ter plaatse gedaan" in femke.get(f"/desk/tickets/{ticket.number}").text
    femke.post(path, data={"ticket": ticket.number})
    assert "waarvan" not in femke.get(path).text


def test_a_list_ticks_only_what_is_of_its_own_municipality(cast, sign_in, soon):
    make_visit(cast.oosterveen, cast.femke, soon)
    theirs, unasked = make_ticket(cast.carla), make_ticket(cast.anna)
    site_days.ask(theirs, cast.daan, utc_now(), task="x")
    db.session.commit()
    for number in (theirs.number, unasked.number, "M2611-9999", ""):
        answer = sign_in(cast.daan).post(
            f"/visits/{soon}/{cast.oosterveen.id}", data={"ticket": number, "done": "1"}
        )
        assert answer.status_code == 404
    for odd in ("2026-13-01", "morgen", "0001-01-01"):
        assert sign_in(cast.daan).get(f"/visits/{odd}/{cast.oosterveen.id}").status_code == 404


def test_who_is_there_on_a_day_is_answered(cast, sign_in, soon):
    make_visit(cast.oosterveen, cast.femke, soon)
    make_visit(cast.lindhoven, cast.els, soon)
    daan = sign_in(cast.daan)
    both = daan.get(f"/visits?on={soon}").text
    assert "Femke Dijkstra in Oosterveen; Els Verhoeven in Lindhoven" in both
    one = daan.get(f"/visits?on={soon}&municipality={cast.lindhoven.id}").text
    assert "Els Verhoeven in Lindhoven." in one and "Femke" not in one
    none = daan.get(f"/visits?on={soon + DAY}&municipality={cast.lindhoven.id}").text
    assert "er komt niemand in Lindhoven" in none
    assert daan.get("/visits?on=gisteren&municipality=x").status_code == 200


def test_a_municipality_sees_who_comes_to_it_and_nothing_else(cast, sign_in, soon):
    make_visit(cast.oosterveen, cast.femke, soon)
    make_visit(cast.lindhoven, cast.els, soon)
    site_days.ask(make_ticket(cast.bram, title="Van Bram"), cast.daan, utc_now(), task="x")
    db.session.commit()
    for query in ("", f"?on={soon}", f"?municipality={cast.lindhoven.id}&on={soon}"):
        page = sign_in(cast.anna).get(f"/visits{query}").text
        assert "Femke Dijkstra" in page and "1.12" in page
        assert "Els" not in page and "Lindhoven" not in page and "Van Bram" not in page
        assert "op de lijst" not in page.replace("staat u op de lijst", "")
