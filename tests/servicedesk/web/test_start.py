"""The start page of the desk and the hand-over: who is where, what needs me, who took over."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.localtime import local
from servicedesk.rota import actions as rota
from servicedesk.tickets import actions, handover, outages, site_days
from servicedesk.tickets.handover_models import HandoverLine
from servicedesk.web import start
from sla.models import Clock
from tests.makers import make_desk_seat as at_desk
from tests.makers import make_ticket, make_visit
from tests.servicedesk.web.test_query_counts import counted

MOST = 12


@pytest.fixture
def today():
    return local(utc_now()).date()


def test_the_desk_starts_here(cast, sign_in):
    browser = sign_in(cast.daan)
    assert browser.get("/").location == "/start"
    page = browser.get("/start").text
    assert ", Daan</h1>" in page
    first = page.index('aria-current="page"')
    assert "Start" in page[first : first + 400]
    assert "Er zit nu niemand aan de balie." in page and "niemand oproepbaar" in page


def test_what_is_due_first_is_shown_of_what_is_mine(cast, sign_in):
    now = utc_now()
    for index in range(7):
        ticket = make_ticket(cast.anna, now=now, title=f"Mijn melding {index}")
        actions.take(ticket, cast.daan, now)
    make_ticket(cast.carla, now=now, title="Van niemand")
    db.session.commit()
    page = sign_in(cast.daan).get("/start").text
    assert page.count("Mijn melding ") == 5 and "Van niemand" not in page
    assert "5 van 7" in page


def test_who_is_at_the_desk_owns_what_comes_in(cast, sign_in, today):
    make_ticket(cast.carla, now=utc_now(), title="Net binnen")
    at_desk(cast.daan, today)
    on_desk, other = sign_in(cast.daan).get("/start").text, sign_in(cast.femke).get("/start").text
    assert "Nieuw binnen, voor u aan de balie" in on_desk and "Net binnen" in on_desk
    assert "U zit nu aan de balie, tot 24:00." in on_desk
    assert "Net binnen" not in other and "Daan Mulder" in other


def test_the_next_desk_and_who_is_on_call(cast, sign_in, today):
    tomorrow = today + dt.timedelta(days=1)
    at_desk(cast.daan, tomorrow, 450, 750)
    now = utc_now()
    rota.call_on(cast.femke, now - dt.timedelta(hours=1), now + dt.timedelta(hours=1), "0299-1")
    db.session.commit()
    page = sign_in(cast.daan).get("/start").text
    assert "Uw volgende balie: morgen 07:30." in page
    assert "Daarna, morgen 07:30: Daan Mulder." in page
    assert "Bereikbaar: Femke Dijkstra" in page and "0299-1" in page


def test_who_is_on_site_today_and_what_waits_there(cast, sign_in, today):
    make_visit(cast.oosterveen, cast.femke, today)
    site_days.ask(make_ticket(cast.anna), cast.daan, utc_now(), task="Kijken", not_before=today)
    site_days.ask(make_ticket(cast.bram), cast.daan, utc_now(), task="Kijken", not_before=today)
    site_days.tick(make_done(cast), cast.femke, utc_now())
    db.session.commit()
    page = sign_in(cast.daan).get("/start").text
    assert "Femke Dijkstra in Oosterveen" in page and "kamer 1.12" in page
    assert "3 op de lijst" in page and "waarvan 1 gedaan" in page


def make_done(cast):
    ticket = make_ticket(cast.anna)
    site_days.ask(ticket, cast.daan, utc_now(), task="Kijken")
    return ticket


def test_my_applications_and_how_they_are(cast, sign_in):
    cast.application.manager_id = cast.daan.id
    db.session.commit()
    browser = sign_in(cast.daan)
    assert "In orde" in browser.get("/start").text
    outages.start(cast.application, "Wij zoeken", utc_now())
    db.session.commit()
    page = browser.get("/start").text
    assert "Storing in Zaaksysteem" in page and "Uitgevallen" in page


def test_the_page_asks_no_more_as_more_happens(cast, sign_in, today):
    browser = sign_in(cast.daan)
    cast.application.manager_id = cast.daan.id
    at_desk(cast.daan, today)
    make_visit(cast.oosterveen, cast.femke, today)
    db.session.commit()
    browser.get("/start")
    counts = []
    for _round in range(2):
        for _n in range(8):
            ticket = make_ticket(cast.anna, now=utc_now())
            actions.take(ticket, cast.daan, utc_now())
            site_days.ask(make_ticket(cast.anna), cast.daan, utc_now(), task="Kijken")
            handover.write(cast.daan, "Bel terug", utc_now())
        db.session.commit()
        with counted() as seen:
            assert browser.get("/start").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= MOST, counts


def test_a_line_is_written_linked_ticked_and_opened_again(cast, sign_in):
    ticket = make_ticket(cast.anna)
    daan, femke = sign_in(cast.daan), sign_in(cast.femke)
    text = f"<b>Bel</b> terug over {ticket.number}"
    assert daan.post("/desk/handover/lines", data={"text": text}).status_code == 303
    page = femke.get("/start").text
    assert f'href="/desk/tickets/{ticket.number}"' in page and "&lt;b&gt;Bel&lt;/b&gt;" in page
    line = db.session.scalars(sa.select(HandoverLine)).one()
    femke.post(f"/desk/handover/lines/{line.id}", data={"done": "1"})
    assert "gedaan door Femke Dijkstra" in daan.get("/start").text
    femke.post(f"/desk/handover/lines/{line.id}")
    assert "gedaan door" not in daan.get("/start").text


def test_what_was_done_yesterday_is_gone_and_what_is_open_stays(cast):
    now = utc_now()
    old, kept = (handover.write(cast.daan, text, now) for text in ("oud", "open"))
    handover.tick(old, cast.daan, now - dt.timedelta(days=2))
    assert handover.lines(now) == [kept]


@pytest.mark.parametrize("text", ["", "  ", "x" * 301])
def test_a_line_that_says_nothing_or_too_much_comes_back(cast, sign_in, text):
    answer = sign_in(cast.daan).post("/desk/handover/lines", data={"text": text})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert text.strip() in answer.text


def test_the_next_shift_takes_over_and_who_did_not_is_seen(cast, sign_in, today):
    for person in (cast.daan, cast.femke):
        at_desk(person, today, name=person.name)
    daan, els = sign_in(cast.daan), sign_in(cast.els)
    assert "Ik neem over" in daan.get("/start").text
    both = els.get("/start").text
    assert "Nog niet overgenomen door Daan Mulder, Femke Dijkstra." in both
    assert "Ik neem over" not in both
    assert daan.post("/desk/handover/accept").status_code == 303
    assert "Ik neem over" not in daan.get("/start").text
    page = els.get("/start").text
    assert "Nog niet overgenomen door Femke Dijkstra." in page
    assert "Overgenomen door Daan Mulder." in page
    els.post("/desk/handover/accept")
    assert "U hebt nu geen dienst" in els.get("/desk/handover").text


def test_a_seat_that_changes_hands_is_to_be_taken_over_again(cast, today):
    seat, now = at_desk(cast.daan, today), utc_now()
    assert handover.accept([seat], cast.daan, now) == 1 == len(handover.accepted([seat]))
    assert handover.accept([seat], cast.daan, now) == 0
    seat.person_id = cast.femke.id
    db.session.flush()
    assert not handover.accepted([seat])
    assert handover.accept([seat], cast.femke, now) == 1


def test_the_sheet_shows_what_is_at_risk_waits_and_was_promised(cast, sign_in, monkeypatch):
    now = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    tickets = {
        name: make_ticket(cast.anna, now=now, title=name) for name in ("laat", "vandaag", "later")
    }
    tickets["laat"].due_at = now + dt.timedelta(minutes=30)
    tickets["vandaag"].due_at = now + dt.timedelta(hours=5)
    tickets["later"].due_at = now + dt.timedelta(days=3)
    waits = make_ticket(cast.anna, now=now, title="wachtte")
    actions.take(waits, cast.daan, now)
    waits.waiting_until = now
    waits.status, waits.due_at = "waiting", None
    db.session.commit()
    found = {
        name: [row.title for row in db.session.execute(start.queue.rows([rule(now)], start.queue.Order()))]
        for name, rule in (
            ("risk", handover.at_risk), ("today", handover.promised_today), ("wait", handover.waiting),
        )
    }  # fmt: skip
    assert found == {"risk": ["laat"], "today": ["vandaag"], "wait": ["wachtte"]}
    assert sign_in(cast.daan).get("/desk/handover").status_code == 200


def test_no_clock_stops_for_a_hand_over(cast, sign_in, today):
    make_ticket(cast.anna, now=utc_now())
    at_desk(cast.daan, today)
    before = db.session.execute(sa.select(Clock.state, Clock.due_at, Clock.elapsed_seconds)).all()
    browser = sign_in(cast.daan)
    browser.post("/desk/handover/lines", data={"text": "Let op"})
    browser.post("/desk/handover/accept")
    after = db.session.execute(sa.select(Clock.state, Clock.due_at, Clock.elapsed_seconds)).all()
    assert before == after
