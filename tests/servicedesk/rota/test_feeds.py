"""Calendars behind secret addresses: who reads what, what changes, and what ends."""

import datetime as dt

import icalendar
import pytest

from cmdb.tenancy import Scope, enter
from servicedesk.rota import actions, feeds, publishing, reading
from servicedesk.rota.facts import Part
from servicedesk.rota.models import Duty, FeedToken
from servicedesk.rota.words import AbsenceKind, FeedScope
from tests.makers import NOW
from tests.servicedesk.rota.team import MONDAY, TUESDAY, make_team

FAR = MONDAY + dt.timedelta(weeks=8)


@pytest.fixture
def team(cast):
    return make_team(cast)


def events(secret, now=NOW):
    text = feeds.read(secret, now).text
    return {str(e["uid"]): e for e in icalendar.Calendar.from_ical(text).walk("VEVENT")}


def link(person, scope=FeedScope.PERSON, municipality=None):
    return feeds.create_token(person, scope, municipality, "Telefoon", NOW)[1]


def live(found):
    return [event for event in found.values() if str(event["status"]) == "CONFIRMED"]


def test_a_person_reads_their_own_seats(team):
    daan = team.cast.daan
    found = live(events(link(daan)))
    seats = reading.seats_of(daan, MONDAY, FAR)
    assert len(found) == len(seats)
    visit = next(e for e in found if "locatie" in e["summary"])
    assert visit["location"] == "Oosterveen, 1.12"
    assert visit.start == dt.datetime(2026, 11, 24, 7, 30, tzinfo=dt.UTC)


def test_a_lost_seat_is_told_as_cancelled_and_later_forgotten(team):
    daan = team.cast.daan
    secret = link(daan)
    before = events(secret)
    actions.register_absence(daan, TUESDAY, TUESDAY, Part.DAY, AbsenceKind.ILLNESS, team.els, NOW)
    after = events(secret)
    assert before.keys() == after.keys()
    gone = [e for e in after.values() if str(e["status"]) == "CANCELLED"]
    assert len(gone) == len(reading.seats(TUESDAY, TUESDAY)) - 2
    assert all(e["sequence"] > before[str(e["uid"])]["sequence"] for e in gone)
    assert "ill" not in feeds.read(secret, NOW).text.lower()
    later = events(secret, NOW + dt.timedelta(days=31))
    assert not [e for e in later.values() if str(e["status"]) == "CANCELLED"]


def test_a_seat_that_comes_back_is_there_once(team):
    seat = team.seat(TUESDAY, team.site)
    secret = link(team.cast.daan)
    publishing.assign(seat, None, team.els, NOW)
    publishing.assign(seat, team.cast.daan, team.els, NOW)
    (event,) = [e for e in events(secret).values() if e.start.date() == TUESDAY]
    assert str(event["status"]) == "CONFIRMED" and event["sequence"] == 2


def test_a_municipality_reads_who_comes_to_it_and_nothing_else(team):
    cast = team.cast
    secret = link(cast.anna, FeedScope.MUNICIPALITY, cast.oosterveen)
    found = live(events(secret))
    assert {str(e["summary"]) for e in found} == {"Op locatie: Oosterveen: Daan Mulder"}
    assert not events(link(cast.carla, FeedScope.MUNICIPALITY, cast.lindhoven))
    actions.move_visit(team.site, TUESDAY, TUESDAY + dt.timedelta(days=1), team.els, NOW)
    assert len(events(secret)) == len(found) + 1
    assert len(live(events(secret))) == len(found)


@pytest.mark.parametrize("scope", [FeedScope.PERSON, FeedScope.TEAM])
def test_somebody_of_a_municipality_reads_no_roster_of_the_centre(team, scope):
    assert feeds.read(link(team.cast.anna, scope), NOW) is None


def test_somebody_of_another_municipality_reads_nothing(team):
    secret = link(team.cast.carla, FeedScope.MUNICIPALITY, team.cast.oosterveen)
    assert feeds.read(secret, NOW) is None


def test_the_team_reads_everything(team):
    found = events(link(team.gijs, FeedScope.TEAM))
    assert len(found) == len(reading.seats(MONDAY, FAR))


def test_one_address_ends_alone(team, session):
    token, secret = feeds.create_token(team.gijs, FeedScope.PERSON, None, "Laptop", NOW)
    other = link(team.gijs)
    assert secret not in token.token_hash
    assert events(secret) and token.used_at == NOW
    feeds.revoke(token, NOW)
    session.flush()
    assert feeds.read(secret, NOW) is None and feeds.read(other, NOW)
    assert feeds.read("guessed", NOW) is None
    team.gijs.is_active = False
    session.flush()
    assert feeds.read(other, NOW) is None


def test_a_municipality_sees_the_visits_to_it_and_nothing_else(team, session):
    cast = team.cast
    feeds.create_token(team.gijs, FeedScope.PERSON, None, "Laptop", NOW)
    session.commit()
    oosterveen, lindhoven = cast.oosterveen.id, cast.lindhoven.id
    enter(Scope(frozenset([oosterveen])))
    assert {seat.municipality_id for seat in reading.seats(MONDAY, FAR)} == {oosterveen}
    assert [duty.name for duty in session.query(Duty)] == ["Oosterveen"]
    assert not reading.absences(MONDAY, FAR) and not session.query(FeedToken).all()
    enter(Scope(frozenset([lindhoven])))
    assert not reading.seats(MONDAY, FAR)
