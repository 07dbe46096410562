"""Categories that go to who is on duty now, and what the desk may choose from."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.database import db
from servicedesk import jobs
from servicedesk.notify.models import Message
from servicedesk.rota import actions as rota
from servicedesk.tickets import actions, queue, routing
from servicedesk.tickets.workflow import Route
from tests.makers import NOW, make_ticket, make_visit
from tests.servicedesk.rota.team import make_team

TODAY = NOW.date()
AFTERNOON = NOW + dt.timedelta(hours=4)
NIGHT = NOW + dt.timedelta(hours=12)


@pytest.fixture
def team(cast):
    return make_team(cast)


def holder(team, duty):
    return team.seat(TODAY, duty).person


def routed(cast, route, skill=None):
    cast.category.route, cast.category.skill = route, skill
    db.session.commit()
    return make_ticket(cast.anna)


def test_what_comes_in_goes_to_who_is_at_the_desk_at_that_hour(team, cast):
    morning = routed(cast, Route.DESK)
    assert routing.hand_out(NOW) == 1
    assert morning.assignee == holder(team, team.early) and morning.team == cast.workplace
    assert not morning.handoffs
    afternoon = make_ticket(cast.anna)
    routing.hand_out(AFTERNOON)
    assert afternoon.assignee == holder(team, team.late)


def test_what_comes_at_night_waits_for_the_desk(team, cast):
    ticket = routed(cast, Route.DESK)
    assert routing.hand_out(NIGHT) == 0 and ticket.assignee is None
    assert ticket.team == cast.workplace
    assert routing.hand_out(AFTERNOON) == 1


def test_a_category_without_a_route_stays_with_its_team(team, cast):
    ticket = routed(cast, None)
    jobs.hand_out(NOW)
    assert ticket.assignee is None


def test_only_who_knows_it_gets_what_asks_for_a_skill(team, cast):
    ticket = routed(cast, Route.DESK, "zaaksysteem")
    assert routing.hand_out(NOW) == 0
    rota.set_skills(holder(team, team.early), ["zaaksysteem"])
    assert routing.hand_out(NOW) == 1 and ticket.assignee == holder(team, team.early)


def test_what_needs_somebody_on_site_goes_to_who_is_there_today_and_is_told(cast):
    ticket, elsewhere = routed(cast, Route.SITE), make_ticket(cast.carla)
    make_visit(cast.oosterveen, cast.femke, TODAY)
    db.session.query(Message).delete()
    assert routing.hand_out(NOW) == 1
    assert ticket.assignee == cast.femke and elsewhere.assignee is None
    assert db.session.scalars(sa.select(Message.recipient_id)).all() == [cast.femke.id]


def test_work_is_spread_and_what_somebody_touched_is_left_alone(cast):
    make_visit(cast.oosterveen, cast.femke, TODAY)
    make_visit(cast.oosterveen, cast.daan, TODAY)
    tickets = [routed(cast, Route.SITE) for _n in range(6)]
    actions.assign(tickets[0], cast.applications, None, cast.els, NOW + dt.timedelta(minutes=1))
    assert routing.hand_out(NOW) == 5
    assert tickets[0].assignee is None
    names = [ticket.assignee.name for ticket in tickets[1:]]
    assert sorted(names.count(name) for name in set(names)) == [2, 3]
    assert routing.hand_out(NOW) == 0


def test_the_desk_may_choose_who_is_on_duty_now(team, cast, sign_in):
    who = holder(team, team.early)
    rota.set_skills(who, ["ervaren", "netwerk"])
    make_visit(cast.lindhoven, cast.els, TODAY)
    db.session.commit()
    found = queue.options(NOW)
    assert found.desk == ((who.id, who.name),)
    assert found.skill == ((who.id, "ervaren"), (who.id, "netwerk"))
    assert found.site == ((cast.els.id, "Lindhoven"),)
    assert not queue.options(NIGHT).desk and queue.options(NIGHT).site
