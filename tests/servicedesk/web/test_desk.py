"""The desk: what Daan sees in the queue and on a ticket, and what he does there."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from servicedesk.tickets import actions
from servicedesk.tickets.models import Draft, Entry, Ticket
from servicedesk.tickets.workflow import Status, WaitingFor
from sla.priority import Impact, Urgency
from tests.makers import make_ticket

PARTIAL = {"HX-Request-Type": "partial"}


@pytest.fixture
def now():
    return utc_now()


@pytest.fixture
def ticket(cast, now):
    return make_ticket(cast.anna, title="Zaaksysteem hapert", now=now, items=[cast.application])


@pytest.fixture
def daan(cast, ticket, sign_in):
    return sign_in(cast.daan)


def entries(ticket):
    return db.session.scalars(
        sa.select(Entry).where(Entry.ticket_id == ticket.id).order_by(Entry.id)
    ).all()


def current(ticket) -> Ticket:
    return db.session.get(Ticket, ticket.id, populate_existing=True)


def do(browser, ticket, action, *, version=None, back="", follow=True, **fields):
    data = {f"{action}-{name}": value for name, value in fields.items()}
    data |= {f"{action}-version": version or current(ticket).version, f"{action}-back": back}
    return browser.post(
        f"/desk/tickets/{ticket.number}/{action}",
        data=data,
        follow_redirects=follow,
        content_type="multipart/form-data",
    )


def test_the_queue_shows_the_tickets_of_the_group(daan, ticket):
    page = daan.get("/desk").text
    assert "Zaaksysteem hapert" in page and "Oosterveen" in page and "Anna Bakker" in page
    assert "Mijn groep" in page


def test_who_has_no_group_sees_all(sign_in, cast, ticket):
    assert "Zaaksysteem hapert" in sign_in(cast.els).get("/desk").text


def test_a_requester_does_not_see_the_desk(sign_in, cast, ticket):
    for path in ("/desk", f"/desk/tickets/{ticket.number}", "/desk/tickets/new", "/desk/people"):
        assert sign_in(cast.anna).get(path).status_code == 404


@pytest.mark.parametrize("view", ["mine-group", "mine", "unassigned", "at-risk", "all"])
def test_every_view_has_a_page_when_empty(sign_in, cast, view):
    assert "Alles is weg" in sign_in(cast.daan).get(f"/desk?view={view}").text


def test_the_chosen_ticket_stands_beside_the_list_or_comes_alone(daan, ticket):
    path = f"/desk?view=all&ticket={ticket.number}"
    whole, part = daan.get(path).text, daan.get(path, headers=PARTIAL).text
    assert "<html" in whole and 'aria-current="true"' in whole
    assert "<html" not in part and "Zaaksysteem hapert" in part and "Anna Bakker" in part


def test_an_unknown_ticket_is_not_there(daan):
    assert daan.get("/desk?ticket=M0000-1").status_code == 404


def test_filters_narrow_the_list_and_can_be_removed(daan, cast, now):
    make_ticket(cast.carla, title="Van een ander", now=now)
    page = daan.get(f"/desk?view=all&municipality={cast.lindhoven.id}").text
    assert "Van een ander" in page and "Zaaksysteem hapert" not in page
    assert "filter-chip" in page


@pytest.mark.parametrize(
    "query",
    [
        "view=x&sort=x&dir=x&status=x&priority=x&municipality=999999999999",
        "after=x", "before=%2b%2b", "after=bnVsbA", "q=%22", "q=%28%3A*%26%7C%21", "q=%25", "item=x",
        "q=" + "a" * 5000, "municipality=%C2%B2",
    ],
)  # fmt: skip
def test_whatever_is_asked_has_an_answer(daan, query):
    assert daan.get(f"/desk?{query}").status_code == 200


def test_a_ticket_tells_its_story_and_marks_what_is_internal(daan, cast, ticket, now):
    actions.take(ticket, cast.daan, now)
    actions.note(ticket, cast.daan, "Ken ik nog van vorig jaar", now)
    db.session.commit()
    page = daan.get(f"/desk/tickets/{ticket.number}").text
    assert "Genomen door Daan Mulder" in page and "In behandeling genomen door Daan Mulder" in page
    assert "message-internal" in page and "APP-" in page and "DVO Basis" in page


def test_other_open_tickets_about_the_item_are_named(daan, cast, ticket, now):
    make_ticket(cast.carla, now=now - dt.timedelta(hours=23), items=[cast.application])
    page = daan.get(f"/desk/tickets/{ticket.number}").text
    assert "1 andere open melding" in page
    found = daan.get(f"/desk?view=all&item={cast.application.uid}").text
    assert found.count("row-link") == 2


def test_what_was_reported_long_ago_is_not_related(daan, cast, ticket, now):
    make_ticket(cast.carla, now=now - dt.timedelta(hours=25), items=[cast.application])
    assert "andere open melding" not in daan.get(f"/desk/tickets/{ticket.number}").text


def test_taking_is_one_click(daan, cast, ticket):
    page = do(daan, ticket, "take").text
    assert "U behandelt deze melding" in page
    assert (
        current(ticket).assignee_id == cast.daan.id and current(ticket).status == Status.IN_PROGRESS
    )


def test_assigning_can_be_undone(daan, cast, ticket):
    page = do(daan, ticket, "assign", to=f"{cast.applications.id}-{cast.femke.id}").text
    assert "Doorgezet naar Femke Dijkstra" in page and "Ongedaan maken" in page
    assert current(ticket).team_id == cast.applications.id
    do(daan, ticket, "assign", to=f"{cast.workplace.id}-")
    assert (current(ticket).team_id, current(ticket).assignee_id) == (cast.workplace.id, None)


@pytest.mark.parametrize("to", ["", "-", "x-", "99999-", "-²"])
def test_nobody_is_not_assigned(daan, ticket, to):
    assert do(daan, ticket, "assign", to=to).status_code in (404, 422)


def test_a_requester_is_not_assigned(daan, cast, ticket):
    assert do(daan, ticket, "assign", to=f"-{cast.bram.id}").status_code == 404


def test_priority_asks_for_a_reason(daan, ticket):
    refused = do(daan, ticket, "priority", impact="public", urgency="high", reason=" ")
    assert refused.status_code == 422 and "Geef een reden" in refused.text
    page = do(daan, ticket, "priority", impact="public", urgency="high", reason="Loket dicht").text
    assert (
        "De prioriteit is nu 1" in page and "Loket dicht" in page and current(ticket).priority == 1
    )


def test_the_category_follows_with_its_reason(daan, cast, ticket):
    page = do(daan, ticket, "category", category=cast.category.id, reason="Toch zo").text
    assert "De categorie is nu Programma" in page


def test_waiting_for_the_requester_needs_a_question(daan, ticket):
    assert do(daan, ticket, "wait", waiting_for="requester").status_code == 422
    do(daan, ticket, "wait", waiting_for="requester", question="Welke printer?")
    assert current(ticket).waiting_for == WaitingFor.REQUESTER
    assert entries(ticket)[-1].body == "Welke printer?"


def test_a_silent_wait_is_undone_by_going_on(daan, cast, ticket, now):
    actions.take(ticket, cast.daan, now)
    db.session.commit()
    day = (now + dt.timedelta(days=3)).date().isoformat()
    page = do(daan, ticket, "wait", waiting_for="supplier", until=day).text
    assert "Ongedaan maken" in page and "Wacht op leverancier tot" in page
    do(daan, ticket, "resume")
    assert current(ticket).status == Status.IN_PROGRESS


def test_resolving_needs_a_solution(daan, ticket):
    assert do(daan, ticket, "resolve", solution="").status_code == 422
    do(daan, ticket, "resolve", solution="Toner vervangen")
    assert current(ticket).status == Status.RESOLVED
    do(daan, ticket, "reopen", reason="Toch niet")
    assert current(ticket).reopenings == 1


def test_cancelling_needs_a_reason(daan, ticket):
    assert do(daan, ticket, "cancel", reason="").status_code == 422
    do(daan, ticket, "cancel", reason="Dubbel")
    assert current(ticket).status == Status.CANCELLED
    assert "Schrijf een interne notitie" in daan.get(f"/desk/tickets/{ticket.number}").text


def test_a_reply_goes_out_and_a_note_stays_inside(daan, ticket):
    do(daan, ticket, "reply", body="Wij kijken ernaar", kind="reply")
    do(daan, ticket, "reply", body="Zelfde als vorige week", kind="internal")
    told = [(entry.body, entry.is_internal) for entry in entries(ticket) if entry.body]
    assert told[1:] == [("Wij kijken ernaar", False), ("Zelfde als vorige week", True)]


def test_an_empty_reply_is_refused_with_the_form_kept(daan, ticket):
    answer = do(daan, ticket, "reply", body=" ", kind="internal")
    assert answer.status_code == 422 and "Schrijf eerst een bericht" in answer.text


def test_the_second_writer_sees_what_changed_and_keeps_the_text(daan, cast, ticket, now):
    version, seen = ticket.version, entries(ticket)[-1].id
    actions.take(ticket, cast.femke, now)
    db.session.commit()
    answer = do(daan, ticket, "resolve", version=version, seen=seen, solution="Mijn oplossing")
    assert answer.status_code == 409
    assert "Een collega was u voor" in answer.text and "Genomen door Femke Dijkstra" in answer.text
    assert "Mijn oplossing" in answer.text and current(ticket).status == Status.IN_PROGRESS
    do(daan, ticket, "resolve", solution="Mijn oplossing")
    assert current(ticket).status == Status.RESOLVED


def test_a_reply_does_not_conflict(daan, cast, ticket, now):
    version = ticket.version
    actions.take(ticket, cast.femke, now)
    db.session.commit()
    do(daan, ticket, "reply", version=version, body="Ook nog dit", kind="reply")
    assert entries(ticket)[-1].body == "Ook nog dit"


def test_a_step_that_is_no_longer_there_is_said(daan, cast, ticket, now):
    actions.cancel(ticket, "Dubbel", cast.femke, now)
    db.session.commit()
    assert "Dat kan niet meer" in do(daan, ticket, "resolve", solution="Klaar").text


def test_a_draft_survives_a_reload_and_a_colleague(daan, cast, ticket, now, sign_in):
    answer = do(daan, ticket, "draft", follow=False)
    path = f"/desk/tickets/{ticket.number}/draft"
    answer = daan.post(path, data={"reply-body": "Half geschr", "reply-kind": "internal"})
    assert answer.status_code == 204
    actions.take(ticket, cast.femke, now)
    db.session.commit()
    page = daan.get(f"/desk/tickets/{ticket.number}").text
    assert "Half geschr" in page
    assert "Half geschr" not in sign_in(cast.femke).get(f"/desk/tickets/{ticket.number}").text
    do(daan, ticket, "reply", body="Half geschreven", kind="internal")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0


def test_each_page_asks_its_own_questions(daan, cast, ticket, now):
    other = make_ticket(cast.carla, now=now)
    actions.change_priority(other, Impact.PUBLIC, Urgency.HIGH, "Alles ligt stil", cast.femke, now)
    db.session.commit()
    chosen = '<option selected value="public">'
    for number, is_public in ((ticket.number, False), (other.number, True), (ticket.number, False)):
        page = daan.get(f"/desk/tickets/{number}").text
        assert (chosen in page) == is_public and 'name="resolve-solution"' in page
    wrong = do(daan, ticket, "wait", waiting_for="requester", until="gisteren").text
    assert 'value="gisteren"' in wrong and "Schrijf wat u van de aanmelder wilt weten" in wrong
    assert "gisteren" not in daan.get(f"/desk/tickets/{other.number}").text


def test_a_deed_leads_back_to_the_list_that_one_came_from(daan, ticket):
    answer = do(daan, ticket, "take", back="view=unassigned&evil=1&q=x", follow=False)
    assert answer.status_code == 303
    assert answer.location == f"/desk?view=unassigned&q=x&ticket={ticket.number}"
