"""How an item is now, on its own page, on the ticket about it, on the portal and when filing."""

import datetime as dt
import html
import re

import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db, utc_now
from cmdb.impact import Effect, State
from cmdb.tenancy import everything
from servicedesk import jobs
from servicedesk.notify.models import Message
from servicedesk.tickets import actions, outages, planned_work, upstream
from servicedesk.tickets.models import OutageTicket, Ticket
from servicedesk.tickets.standing import Source, said, standing
from servicedesk.tickets.workflow import Severity
from sla.priority import Impact, Urgency
from tests.makers import NOW, make_item, make_ticket
from tests.servicedesk.web.test_impact import text_of

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def estate(cast):
    """Zaaksysteem on one of two servers of the centre, which stand on one SAN."""
    names = {"first": "vl-db-01", "second": "vl-db-02", "san": "vl-san"}
    items = {key: make_item(name, class_key="server") for key, name in names.items()}
    act = register.begin(cast.ada, "test", NOW - dt.timedelta(days=400))
    pair = [{"label": "servers", "rule": {"kind": "at_least", "count": 1}}]
    register.change(cast.application, act, groups=pair)
    for key in ("first", "second"):
        register.relate(cast.application, items[key], "needs", act, group="servers")
        register.relate(items[key], items["san"], "needs", act)
    db.session.commit()
    return items


def main_of(answer) -> str:
    return html.unescape(answer.text.partition("<main")[2].partition("</main>")[0])


def state_of(item, now=None):
    db.session.expire_all()
    now = now or utc_now()
    return standing(now).found.state(item.id)


def test_each_source_says_how_bad_it_is_and_only_while_it_lasts(cast, estate):
    now = utc_now()
    assert said(now, now) == {} and state_of(cast.application) is State.OK
    outage = outages.start(estate["san"], "Traag", now, severity=Severity.DEGRADED)
    assert state_of(cast.application, now) is State.DEGRADED
    outages.end(outage, "Weer snel", now + HOUR)
    assert state_of(cast.application, now + HOUR) is State.OK
    work = planned_work.announce(
        [estate["san"]], "Schijven", Severity.DOWN, now + 2 * HOUR, now + 3 * HOUR, cast.daan
    )
    for at, state in ((1, State.OK), (2, State.DOWN), (2.9, State.DOWN), (3, State.OK)):
        assert state_of(cast.application, now + at * HOUR) is state, at
    planned_work.call_off(work, now)
    assert state_of(cast.application, now + 2.5 * HOUR) is State.OK


def test_a_critical_incident_says_that_users_notice_until_it_is_resolved(cast, estate):
    now = utc_now()
    ticket = make_ticket(
        cast.anna, now=now, items=[estate["san"]],
        impact=Impact.DEPARTMENT, urgency=Urgency.HIGH,
    )  # fmt: skip
    make_ticket(cast.carla, now=now, items=[estate["first"]])
    assert state_of(cast.application) is State.DEGRADED
    actions.resolve(ticket, "Klaar", cast.daan, now + HOUR)
    db.session.commit()
    assert state_of(cast.application) is State.OK
    key = estate["san"].id
    with everything():
        assert key in said(now + HOUR / 2, now + 2 * HOUR), "as it was then"


def test_all_incidents_that_say_so_of_an_item_are_told_oldest_first(cast, estate, sign_in):
    first, second = (
        make_ticket(
            requester, now=utc_now(), items=[estate["san"]], title=f"Traag bij {requester.name}",
            impact=Impact.DEPARTMENT, urgency=Urgency.HIGH,
        )
        for requester in (cast.anna, cast.carla)
    )  # fmt: skip
    now = utc_now()
    with everything():
        [told] = said(now, now)[estate["san"].id]
    assert told.source is Source.TICKET and set(told.keys) == {first.id, second.id}
    text = text_of(main_of(sign_in(cast.daan).get(f"/items/{cast.application.uid}")))
    assert 0 < text.index(first.title) < text.index(second.title)


def test_of_many_incidents_about_an_item_the_first_five_are_told_and_how_many_more(cast, estate, sign_in):
    now = utc_now()
    tickets = [
        make_ticket(
            cast.anna, now=now, items=[estate["san"]], title=f"Traag {number}",
            impact=Impact.DEPARTMENT, urgency=Urgency.HIGH,
        )
        for number in range(7)
    ]  # fmt: skip
    daan = sign_in(cast.daan)
    item = text_of(main_of(daan.get(f"/items/{cast.application.uid}")))
    assert [f"Traag {number}" in item for number in range(7)] == [True] * 5 + [False] * 2
    assert "En nog 2 andere oorzaken." in item
    page = text_of(main_of(daan.get(f"/desk/tickets/{tickets[0].number}")))
    assert "Traag 4" in page and "Traag 5" not in page
    assert "En nog 2 andere oorzaken." in page


def test_the_page_of_the_item_tells_its_state_the_chain_and_where_it_began(cast, estate, sign_in):
    outages.start(estate["san"], "Controller stuk", utc_now())
    db.session.commit()
    shown = main_of(sign_in(cast.daan).get(f"/items/{cast.application.uid}"))
    text = text_of(shown)
    assert "Hoe staat het? Uitgevallen" in text
    assert "nog 0 van 2 mee" in text and "Storing sinds" in text and "Controller stuk" in text
    assert "Hangt af van" in text and "Dit object" in text
    assert '<svg class="net"' in shown and "vl-db-01: Uitgevallen" in shown
    calm = text_of(main_of(sign_in(cast.daan).get(f"/items/{make_item('Los').uid}")))
    assert "Hoe staat het? In orde" in calm


def test_anna_sees_the_resulting_state_and_no_more(cast, estate, sign_in):
    outages.start(estate["san"], "Geheim van het centrum", utc_now())
    db.session.commit()
    browser = sign_in(cast.anna)
    pages = [
        browser.get(f"/items/{cast.application.uid}").text,
        browser.get("/my/tickets").text,
        browser.get(f"/my/report?item={cast.application.uid}").text,
        browser.get(f"/my/outage?item={cast.application.uid}").text,
    ]
    for page in pages:
        assert "Uitgevallen" in page and "Zaaksysteem" in page
        for hidden in ("vl-san", "vl-db", "Geheim", "servers”nog", "van 2"):
            assert hidden not in page, hidden


def test_the_ticket_tells_state_trouble_above_and_recent_changes(cast, estate, sign_in):
    act = register.begin(cast.ada, "test", utc_now() - HOUR, reason="Nieuwe firmware")
    register.change(estate["san"], act, description="firmware 9")
    outage = outages.start(estate["san"], "Controller stuk", utc_now())
    ticket = make_ticket(cast.anna, now=utc_now(), items=[cast.application])
    browser = sign_in(cast.daan)
    text = text_of(main_of(browser.get(f"/desk/tickets/{ticket.number}")))
    assert f"{cast.application.uid} Zaaksysteem Uitgevallen" in text
    assert "Controller stuk" in text and "vl-san" in text
    assert "Nieuwe firmware" in text and "2 stappen hoger" in text and "Ada de Vries" in text
    answer = browser.post(f"/desk/tickets/{ticket.number}/outage", data={"outage": outage.id})
    assert answer.status_code == 303
    [link] = db.session.scalars(sa.select(OutageTicket))
    assert (link.ticket_id, link.outage_id) == (ticket.id, outage.id)
    again = text_of(main_of(browser.get(f"/desk/tickets/{ticket.number}")))
    assert "Storing vl-san" in again and "Koppel aan deze storing" not in again
    for odd in ("x", "999999", ""):
        answer = browser.post(f"/desk/tickets/{ticket.number}/outage", data={"outage": odd})
        assert answer.status_code == 404


def test_old_changes_and_changes_elsewhere_are_not_told(cast, estate, sign_in):
    then = utc_now() - dt.timedelta(days=8)
    register.change(estate["san"], register.begin(cast.ada, "test", then, reason="Oud"), description="x")
    other = make_item("Ver weg")
    register.change(other, register.begin(cast.ada, "test", utc_now(), reason="Elders"), description="x")
    ticket = make_ticket(cast.anna, now=utc_now(), items=[cast.application])
    text = text_of(main_of(sign_in(cast.daan).get(f"/desk/tickets/{ticket.number}")))
    assert "Oud" not in text and "Elders" not in text


def test_a_call_about_what_is_out_above_is_joined_to_that_outage(cast, estate, sign_in):
    outage = outages.start(estate["san"], "Controller stuk", utc_now())
    db.session.commit()
    browser = sign_in(cast.daan)
    asked = {"requester": "Anna Bakker, Oosterveen", "item": cast.application.uid}
    part = browser.get("/desk/items/known", query_string=asked).text
    assert "Controller stuk" in part and "checked" in part and "<html" not in part
    call = asked | {
        "channel": "phone", "type": "incident", "category": cast.category.id, "title": "Traag",
        "body": "Alles hangt", "impact": "person", "urgency": "medium",
    }  # fmt: skip
    assert browser.post("/desk/tickets/new", data=call | {"join": "y"}).status_code == 303
    assert browser.post("/desk/tickets/new", data=call).status_code == 303
    linked, loose = db.session.scalars(sa.select(Ticket).order_by(Ticket.id))
    assert linked.outage.id == outage.id and loose.outage is None


def test_a_mail_about_a_linked_outage_does_not_name_what_she_may_not_see(cast, estate):
    ticket = make_ticket(cast.anna, now=utc_now(), items=[cast.application])
    hidden = outages.start(make_item("Geheim van Lindhoven", cast.lindhoven), "Stuk", utc_now())
    outages.link(hidden, [ticket], cast.daan, utc_now())
    outages.end(hidden, "Het werkt weer.", utc_now())
    db.session.commit()
    mail = db.session.scalars(sa.select(Message).order_by(Message.id.desc())).first()
    assert mail.recipient_id == cast.anna.id and "Het werkt weer." in mail.body
    assert "Geheim" not in mail.subject + mail.body and hidden.item.uid not in mail.body


def test_managers_of_the_centre_hear_of_a_suspicion_once_a_day(app, cast, estate):
    now = utc_now()
    for requester in (cast.anna, cast.carla):
        make_ticket(requester, now=now, items=[cast.application])
    assert any(job.name == "watch_radar" for job in jobs.JOBS)
    db.session.query(Message).delete()
    for _beat in range(2):
        upstream.tell_managers(now)
    db.session.commit()
    [message] = db.session.scalars(sa.select(Message))
    assert message.recipient_id == cast.els.id
    assert "Zaaksysteem" in message.subject and "2 meldingen van 2 gemeenten" in message.body


def test_a_ticket_of_a_suspicion_says_so(cast, estate, sign_in):
    first, _second = (
        make_ticket(requester, now=utc_now(), items=[cast.application])
        for requester in (cast.anna, cast.carla)
    )
    text = text_of(main_of(sign_in(cast.daan).get(f"/desk/tickets/{first.number}")))
    assert "Mogelijk een grote storing: Zaaksysteem 2 meldingen, 2 gemeenten" in text


def test_a_closed_ticket_says_nothing_of_how_its_items_are_today(cast, estate, sign_in):
    ticket = make_ticket(cast.anna, items=[cast.application])
    outages.start(estate["san"], "Controller stuk", utc_now())
    db.session.commit()
    browser, address = sign_in(cast.daan), f"/desk/tickets/{ticket.number}"
    assert "Uitgevallen" in browser.get(address).text
    actions.cancel(ticket, "Dubbel", cast.daan, utc_now())
    db.session.commit()
    assert "Uitgevallen" not in browser.get(address).text


def test_what_another_municipality_hangs_on_it_changes_no_letter_of_her_pages(
    cast, estate, sign_in
):
    shared = register.begin(None, "test", NOW)
    register.share_among(estate["first"], {cast.oosterveen.id: None}, shared)
    outages.start(estate["san"], "Stuk", utc_now())
    db.session.commit()
    browser = sign_in(cast.anna)
    uid, first = cast.application.uid, estate["first"].uid
    addresses = [
        *(f"/items/{each}{page}" for each in (uid, first) for page in ("", "/impact", "/weak-points")),
        f"/items/{first}/impact?also={uid}&depth=9", "/items", "/my/tickets",
        f"/my/report?item={uid}", f"/my/outage?item={uid}",
    ]  # fmt: skip

    def pages():
        token = re.compile(r'csrf_token" value="[^"]*"|value="[0-9a-f]{32}"')
        return {each: token.sub("", main_of(browser.get(each))) for each in addresses}

    before = pages()
    act = register.begin(None, "test", NOW)
    for number in range(30):
        below = make_item(f"Geheim {number}", cast.lindhoven, attributes={"users": 500})
        register.relate(below, cast.application, "needs", act)
        register.relate(below, estate["first"], "needs", act)
        above = make_item(f"Verborgen {number}", cast.lindhoven, class_key="server")
        register.relate(cast.application, above, "needs", act, effect=Effect.SOFT)
    db.session.commit()
    after = pages()
    for each in addresses:
        assert "Geheim" not in after[each] and "Verborgen" not in after[each], each
        assert after[each] == before[each], each
