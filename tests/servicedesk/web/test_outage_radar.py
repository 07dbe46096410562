"""Daan sees that reports have one cause; Anna hears that what she needs is out."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db, utc_now
from cmdb.items import Relation
from servicedesk.tickets import outages
from servicedesk.tickets.models import Outage, OutageReport, OutageTicket, Ticket
from servicedesk.tickets.workflow import Severity, Status
from tests.makers import make_item, make_ticket


@pytest.fixture
def behind(cast):
    """Two applications of different municipalities on the cluster of the centre."""
    cluster = make_item("vl-cluster-b", class_key="cluster")
    ours, theirs = make_item("Parkeren", cast.oosterveen), make_item("Afval", cast.lindhoven)
    change_set = register.begin(None, "test", utc_now())
    for item in (ours, theirs):
        register.relate(item, cluster, "runs-on", change_set)
    db.session.commit()
    return cluster, ours, theirs


def file_both(cast, behind, minutes=10):
    _cluster, ours, theirs = behind
    now = utc_now()
    anna = make_ticket(
        cast.anna, now=now - dt.timedelta(minutes=minutes), items=[ours], title="Traag"
    )
    carla = make_ticket(cast.carla, now=now, items=[theirs], title="Alles hangt")
    return anna, carla


def test_the_radar_says_who_which_and_why(cast, behind, sign_in):
    anna, carla = file_both(cast, behind)
    page = sign_in(cast.daan).get("/outages").text
    assert "Mogelijk een grote storing" in page and "vl-cluster-b" in page
    for part in (anna.number, carla.number, "Oosterveen", "Lindhoven", "Parkeren → vl-cluster-b"):
        assert part in page
    assert f"/outages?item={behind[0].uid}&amp;ticket={anna.number}" in page
    assert (
        f'value="{behind[0].uid}"'
        in sign_in(cast.daan).get(f"/outages?item={behind[0].uid}").text
    )


def test_one_click_makes_the_outage_with_the_tickets(cast, behind, sign_in):
    anna, carla = file_both(cast, behind)
    browser = sign_in(cast.daan)
    button = browser.get("/outages").text.partition("Grote storing met deze 2 meldingen")[0]
    form = button.rpartition("<form")[2]
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    for _clicked_twice in range(2):
        assert browser.post("/outages", data=sent).status_code == 303
    started = db.session.scalars(sa.select(Outage)).one()
    assert (started.item_id, started.severity) == (behind[0].id, Severity.DOWN)
    assert "vl-cluster-b" in started.message
    links = db.session.scalars(sa.select(OutageTicket).order_by(OutageTicket.ticket_id)).all()
    assert [(link.ticket_id, link.outage_id) for link in links] == [
        (anna.id, started.id), (carla.id, started.id),
    ]  # fmt: skip
    said = {report.person_id for report in db.session.scalars(sa.select(OutageReport))}
    assert said == {cast.anna.id, cast.carla.id}
    page = browser.get("/outages").text
    assert "Mogelijk een grote" not in page and anna.number in page
    assert "Gekoppeld aan de storing in vl-cluster-b" in browser.get(f"/desk/tickets/{anna.number}").text
    assert "vl-cluster-b" not in sign_in(cast.anna).get(f"/my/tickets/{anna.number}").text


def test_the_end_of_the_outage_resolves_its_tickets_when_asked(cast, behind, sign_in):
    tickets = file_both(cast, behind)
    outage = outages.start(behind[0], "Wij zijn bezig", utc_now())
    outages.link(outage, tickets, cast.daan, utc_now())
    db.session.commit()
    answer = sign_in(cast.daan).post(
        f"/outages/{outage.id}/end", data={"message": "Een host was stuk.", "resolve": "y"}
    )
    assert answer.status_code == 303
    db.session.expire_all()
    assert {ticket.status for ticket in db.session.scalars(sa.select(Ticket))} == {Status.RESOLVED}
    assert "Een host was stuk." in sign_in(cast.anna).get(f"/my/tickets/{tickets[0].number}").text


def test_a_number_that_no_ticket_has_is_named(cast, sign_in):
    data = {"item": cast.application.uid, "message": "Stuk", "tickets": "m2611-9999, zomaar"}
    answer = sign_in(cast.daan).post("/outages", data=data)
    assert answer.status_code == 422 and "geen melding M2611-9999, ZOMAAR" in answer.text
    assert not db.session.scalars(sa.select(Outage)).all()


def test_the_radar_is_silent_without_a_link_in_place_or_time(cast, behind, sign_in):
    file_both(cast, behind, minutes=45)
    assert "Mogelijk" not in sign_in(cast.daan).get("/outages").text
    make_ticket(cast.anna, now=utc_now(), items=[make_item("Printer", cast.oosterveen)])
    assert "Mogelijk" not in sign_in(cast.daan).get("/outages").text


def test_what_hung_together_until_yesterday_is_not_suspected(cast, behind, sign_in):
    file_both(cast, behind)
    relation = db.session.scalars(sa.select(Relation).order_by(Relation.id)).first()
    relation.valid_until = utc_now().date() - dt.timedelta(days=2)
    db.session.commit()
    assert "Mogelijk een grote" not in sign_in(cast.daan).get("/outages").text


def test_what_is_known_is_not_suspected(cast, behind, sign_in):
    file_both(cast, behind)
    outages.start(behind[0], "Wij zijn bezig", utc_now())
    db.session.commit()
    assert "Mogelijk een grote" not in sign_in(cast.daan).get("/outages").text


def test_anna_hears_of_the_outage_of_what_her_application_hangs_on(cast, sign_in):
    parking = make_item("Parkeren", cast.oosterveen)
    change_set = register.begin(None, "test", utc_now())
    register.relate(parking, cast.application, "needs", change_set)
    outages.start(cast.application, "Wij zoeken de oorzaak.", utc_now())
    db.session.commit()
    for address in (f"/my/report?item={parking.uid}", f"/my/outage?item={parking.uid}"):
        page = sign_in(cast.anna).get(address).text
        assert "Bekende storing in Zaaksysteem" in page and "Parkeren hangt daarvan af." in page
    assert db.session.query(Relation).count() == 1


def test_anna_is_not_told_of_what_she_may_not_see(cast, behind, sign_in):
    outages.start(behind[0], "Geheim van het centrum", utc_now())
    db.session.commit()
    page = sign_in(cast.anna).get(f"/my/report?item={behind[1].uid}").text
    assert "Geheim" not in page and "vl-cluster" not in page
