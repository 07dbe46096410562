"""Calendars: making, copying once, reading and revoking secret addresses."""

import datetime as dt
import re

import icalendar
import pytest
import sqlalchemy as sa
import vobject

from cmdb.database import db, utc_now
from servicedesk.rota import actions, feeds, publishing, reading
from servicedesk.rota.facts import Part
from servicedesk.rota.models import FeedToken
from servicedesk.rota.words import AbsenceKind, FeedScope
from servicedesk.web import calendars
from servicedesk.pace import Pace
from tests.servicedesk.rota.team import make_team

DAY = dt.timedelta(days=1)


@pytest.fixture
def team(cast):
    """A roster that is published from the present day on, as the feed reads it."""
    team = make_team(cast, published=False)
    publishing.publish(cast.els, utc_now())
    db.session.commit()
    return team


def make(browser, what="person", name="Telefoon"):
    """The path of a new address, from the page that shows it."""
    page = browser.post("/account/calendars", data={"name": name, "what": what})
    assert page.status_code == 200
    return re.search(r'value="http[^"]*(/calendar/[^"]+)"', page.text)[1]


def events(answer):
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    return {str(e["uid"]): e for e in icalendar.Calendar.from_ical(answer.text).walk("VEVENT")}


def test_an_address_is_shown_once_and_read_without_signing_in(team, cast, sign_in, client):
    browser = sign_in(cast.daan)
    path = make(browser)
    assert path not in browser.get("/account/calendars").text
    assert "nog niet" in browser.get("/account/calendars").text
    today = utc_now().date()
    mine = reading.seats_of(cast.daan, today, today + 60 * DAY)
    assert len(events(client.get(path))) == len(mine) > 0
    assert "nog niet" not in browser.get("/account/calendars").text


def test_another_program_reads_the_same(team, cast, sign_in, client):
    """vobject shares no code with the library that writes the calendar."""
    text = client.get(make(sign_in(cast.daan), "team")).text
    written = icalendar.Calendar.from_ical(text).walk("VEVENT")
    read = list(vobject.readOne(text).vevent_list)
    assert [(e.uid.value, e.dtstart.value, e.dtend.value, e.summary.value) for e in read] == [
        (e["uid"], e.start, e.end, e["summary"]) for e in written
    ]
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_an_address_that_ended_is_as_one_that_never_was(team, cast, sign_in, client):
    browser = sign_in(cast.daan)
    path, other = make(browser), make(browser, name="Laptop")
    key = db.session.scalar(sa.select(FeedToken.id).where(FeedToken.name == "Telefoon"))
    stranger = sign_in(cast.femke)
    assert stranger.post(f"/account/calendars/{key}/revoke").status_code == 404
    assert client.get(path).status_code == 200
    assert browser.post(f"/account/calendars/{key}/revoke").status_code == 303
    gone, never = client.get(path), client.get("/calendar/nooit-gemaakt.ics")
    assert gone.status_code == never.status_code == 404
    assert gone.text == never.text.replace("nooit-gemaakt", path)
    assert client.get(other).status_code == 200
    assert "Telefoon" not in browser.get("/account/calendars").text.split("Uw adressen")[1]


def test_an_unchanged_calendar_is_not_sent_again(team, cast, sign_in, client):
    path = make(sign_in(cast.daan))
    first = client.get(path, headers={"Accept-Encoding": "identity"})
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get(path, headers=since).status_code == 304
    seat = next(s for s in reading.seats_of(cast.daan, *_ahead()) if s.date > utc_now().date())
    publishing.assign(seat, None, cast.els, utc_now() + dt.timedelta(minutes=5))
    db.session.commit()
    changed = client.get(path, headers={"If-None-Match": first.headers["ETag"]} | since)
    gone = [e for e in events(changed).values() if str(e["status"]) == "CANCELLED"]
    assert len(gone) == 1 and gone[0]["sequence"] == 1
    assert events(first).keys() == events(changed).keys(), "the UIDs stay"


def _ahead():
    return utc_now().date(), utc_now().date() + 60 * DAY


def test_no_calendar_tells_why_somebody_is_away(team, cast, sign_in, client):
    paths = [make(sign_in(cast.daan), what) for what in ("person", "team")]
    paths.append(make(sign_in(cast.anna), f"municipality-{cast.oosterveen.id}"))
    actions.register_absence(
        cast.daan, *_ahead(), Part.DAY, AbsenceKind.ILLNESS, cast.els, utc_now()
    )
    db.session.commit()
    for path in paths:
        text = client.get(path).text
        assert "BEGIN:VEVENT" in text
        assert not re.search("illness|ziek|afwezig|leave|absen", text, re.IGNORECASE)


def test_a_municipality_reads_who_comes_to_it_and_nothing_else(team, cast, sign_in, client):
    anna, carla = sign_in(cast.anna), sign_in(cast.carla)
    path = make(anna, f"municipality-{cast.oosterveen.id}")
    found = events(client.get(path)).values()
    assert {str(e["location"]) for e in found} == {"Oosterveen, 1.12"}
    for what in ("person", "team", f"municipality-{cast.oosterveen.id}"):
        answer = carla.post("/account/calendars", data={"name": "Stiekem", "what": what})
        assert answer.status_code == 422 and "/calendar/" not in answer.text
    assert "Balie" not in client.get(path).text


def test_who_left_is_not_told_any_more(team, cast, sign_in, client):
    path = make(sign_in(cast.daan))
    cast.daan.is_active = False
    db.session.commit()
    assert client.get(path).status_code == 404


def test_a_calendar_speaks_the_language_of_who_made_it(team, cast, sign_in, client):
    path = make(sign_in(cast.daan))
    dutch = client.get(path, headers={"Accept-Language": "en"}).text
    assert "Balie: " in dutch
    cast.daan.locale = "en"
    db.session.commit()
    assert "Balie: " not in client.get(path).text


def test_a_nameless_address_is_not_made(team, cast, sign_in):
    answer = sign_in(cast.daan).post("/account/calendars", data={"name": " ", "what": "team"})
    assert answer.status_code == 422 and "Geef het adres een naam" in answer.text
    assert 'value="team" selected' in answer.text or 'selected value="team"' in answer.text


def test_nobody_keeps_more_addresses_than_can_be_overseen(team, cast, sign_in):
    for n in range(calendars.MOST):
        feeds.create_token(cast.daan, FeedScope.PERSON, None, f"Apparaat {n}", utc_now())
    db.session.commit()
    answer = sign_in(cast.daan).post("/account/calendars", data={"name": "Nog", "what": "team"})
    assert answer.status_code == 422 and "Trek er eerst een in" in answer.text


def test_who_asks_too_often_waits(team, cast, sign_in, client):
    path = make(sign_in(cast.daan))
    codes = [client.get(path).status_code for _ in range(31)]
    assert codes == [200] * 30 + [429]
    assert client.get(path).headers["Retry-After"] == "900"


def test_a_pace_is_counted_in_a_window_and_for_each_caller():
    pace, now = Pace(2, dt.timedelta(minutes=1), most=3), utc_now()
    assert [pace.admits("a", now) for _ in range(3)] == [True, True, False]
    assert pace.admits("b", now)
    assert pace.admits("a", now + dt.timedelta(minutes=1))
    assert all(pace.admits(f"caller {n}", now) for n in range(9)), "it forgets, and lets in"


@pytest.mark.parametrize(
    ("from_day", "change"), [("2027-03-22", "2027-03-28"), ("2026-10-19", "2026-10-25")]
)
def test_a_shift_keeps_its_hours_over_the_change_of_the_clock(cast, from_day, change):
    team = make_team(cast, published=False)
    now = dt.datetime.fromisoformat(from_day + "T06:00+00:00")
    publishing.publish(cast.els, now)
    secret = feeds.create_token(team.gijs, FeedScope.TEAM, None, "Team", now)[1]
    calendar = icalendar.Calendar.from_ical(feeds.read(secret, now).text)
    offsets = {True: set(), False: set()}
    for event in calendar.walk("VEVENT"):
        local = event.start.astimezone(reading.ZONE)
        assert (local.hour, local.minute) in ((7, 30), (8, 30), (12, 30))
        offsets[local.date() < dt.date.fromisoformat(change)].add(local.utcoffset())
    assert {len(found) for found in offsets.values()} == {1}
    assert offsets[True] != offsets[False]
