"""What the roster does by itself, hour after hour."""

import datetime as dt

import pytest
import sqlalchemy as sa

from servicedesk import jobs
from servicedesk.notify.models import Message
from servicedesk.rota import actions, publishing, rhythm, swapping, telling
from servicedesk.rota.facts import Part
from servicedesk.rota.words import AbsenceKind, SwapState
from tests.makers import NOW
from tests.servicedesk.rota.team import TUESDAY, WEDNESDAY, make_team

WEEK = dt.timedelta(weeks=1)


@pytest.fixture
def team(cast):
    return make_team(cast)


def mails(session, template):
    return session.scalars(
        sa.select(Message).where(Message.dedup_key.startswith(template)).order_by(Message.id)
    ).all()


def test_nothing_is_published_before_a_planner_did_so(cast, session):
    make_team(cast, published=False)
    jobs.keep_roster(NOW)
    assert publishing.published_until() is None and not mails(session, "rota-")


def test_a_week_is_added_each_week(team):
    until = publishing.published_until()
    jobs.keep_roster(NOW)
    assert publishing.published_until() == until
    jobs.keep_roster(NOW + WEEK)
    jobs.keep_roster(NOW + WEEK)
    assert publishing.published_until() == until + WEEK


def test_each_hears_of_their_week_once_and_not_in_the_night(team, session):
    rhythm.keep(NOW.replace(hour=5))
    assert not mails(session, "rota-week")
    rhythm.keep(NOW)
    rhythm.keep(NOW + dt.timedelta(days=2))
    told = mails(session, "rota-week")
    assert {mail.recipient_id for mail in told} == {person.id for person in team.people}
    assert len(told) == len(team.people)
    daan = next(mail for mail in told if mail.recipient_id == team.cast.daan.id)
    assert "Dinsdag 24 november: Op locatie: Oosterveen, 08:30–16:30" in daan.body


def test_planners_hear_of_open_seats_once_and_again_when_they_change(team, session):
    seat = team.seat(WEDNESDAY, team.early)
    actions.register_absence(
        seat.person, WEDNESDAY, WEDNESDAY, Part.MORNING, AbsenceKind.ILLNESS, team.els, NOW
    )
    rhythm.keep(NOW)
    rhythm.keep(NOW)
    told = mails(session, "rota-open")
    assert {mail.recipient_id for mail in told} == {team.els.id, team.cast.ada.id}
    assert len(told) == 2 and told[0].subject == "1 plek in het rooster is open"
    publishing.assign(team.seat(TUESDAY, team.site), None, team.els, NOW)
    rhythm.keep(NOW)
    assert mails(session, "rota-open")[-1].subject == "2 plekken in het rooster zijn open"


def test_requests_that_came_too_late_end(team):
    seat = team.seat(WEDNESDAY, team.early)
    request = swapping.propose(seat.person, seat, team.free(WEDNESDAY), None, NOW)
    rhythm.keep(NOW + dt.timedelta(days=3))
    assert request.state == SwapState.EXPIRED


def test_each_mail_leads_to_what_it_tells_of(team, session):
    seat = team.seat(WEDNESDAY, team.early)
    holder = seat.person
    request = swapping.propose(holder, seat, team.free(WEDNESDAY), None, NOW)
    publishing.assign(seat, None, team.els, NOW)
    telling.of_open_seats([seat], "today", NOW)
    telling.of_week(holder, [seat], WEDNESDAY, NOW)
    for template, page in {
        "rota-swap": f"/roster/swaps#swap-{request.id}",
        "rota-changed": f"/roster/seats/{seat.id}",
        "rota-open": f"/roster/seats/{seat.id}",
        "rota-week": f"/roster?view=week&on={WEDNESDAY}",
        "rota-published": "/roster?view=week&on=2026-",
    }.items():
        told = mails(session, template)
        assert told and all(page in mail.body for mail in told)
