"""Who is there at a moment, who can step in, and the feed of it."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import icalendar
import pytest

from servicedesk.rota.calendar_feed import Event, feed
from servicedesk.rota.candidates import candidates
from servicedesk.rota.facts import Absence, Booking, Kind, Part, Rules, Span
from servicedesk.rota.presence import first_for, interval, on_duty
from servicedesk.rota.roster import Obstacle
from tests.servicedesk.rota.test_plan import FRIDAY, MONDAY, TUESDAY, roster

ZONE = ZoneInfo("Europe/Amsterdam")
BOOKED = [Booking(MONDAY, "desk", "a"), Booking(TUESDAY, "visit", "b")]
WEEK = (MONDAY, FRIDAY)

pytestmark = pytest.mark.no_database


def at(day, clock):
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), ZONE).astimezone(dt.UTC)


@pytest.mark.parametrize("clock, there", [
    ("07:29:59", []), ("07:30", ["a"]), ("17:29:59", ["a"]), ("17:30", []),
])  # fmt: skip
def test_a_shift_is_half_open(clock, there):
    assert on_duty(roster(), BOOKED, at(MONDAY, clock), ZONE, Kind.DESK) == there


def test_a_site_and_the_desk_are_told_apart():
    noon = at(TUESDAY, "12:00")
    assert on_duty(roster(), BOOKED, noon, ZONE, Kind.SITE, ["visit"]) == ["b"]
    assert on_duty(roster(), BOOKED, noon, ZONE, Kind.SITE, ["elsewhere"]) == []
    assert on_duty(roster(), BOOKED, noon, ZONE, Kind.DESK) == []


def test_an_application_has_its_first_owner_who_is_at_work_and_else_the_desk():
    facts, noon = roster(), at(MONDAY, "12:00")
    assert first_for(facts, BOOKED, noon, ZONE, ["d", "c"]) == ["d"]
    facts = replace(facts, absences=(Absence("d", MONDAY, MONDAY, Part.MORNING),))
    assert first_for(facts, BOOKED, noon, ZONE, ["d", "c"]) == ["c"]
    assert first_for(facts, BOOKED, at(MONDAY, "12:30"), ZONE, ["d", "c"]) == ["d"]
    assert first_for(facts, BOOKED, noon, ZONE, ["d", "gone"]) == ["a"]
    closed = replace(facts, closed=frozenset([MONDAY]))
    assert first_for(closed, [], noon, ZONE, ["c"]) == []


def test_the_clock_change_moves_the_moment_and_not_the_time_of_day():
    early = Span(450, 750)
    hours = [interval(day, early, ZONE)[0].hour for day in (
        dt.date(2026, 3, 27), dt.date(2026, 3, 30), dt.date(2026, 10, 23), dt.date(2026, 10, 26),
    )]  # fmt: skip
    assert hours == [6, 5, 5, 6]
    # 02:30 is skipped in March and comes twice in October; a day ends at the next midnight.
    assert interval(dt.date(2026, 3, 29), Span(150, 240), ZONE)[0].hour == 1
    assert interval(dt.date(2026, 10, 25), Span(150, 1440), ZONE) == (
        dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 25, 23, 0, tzinfo=dt.UTC),
    )


def ranked(facts, booked, *what):
    found = candidates(facts, booked, *what, window=WEEK)
    return [c.person for c in found if not c.obstacle], {
        c.person: c.obstacle for c in found if c.obstacle
    }


def test_the_face_comes_first_then_the_deputy_then_whom_the_place_knows():
    facts = roster()
    assert ranked(facts, [], TUESDAY, "visit", None) == (
        ["a", "b", "c"],
        {"d": Obstacle.NOT_QUALIFIED},
    )
    ill = replace(facts, absences=(Absence("a", TUESDAY, TUESDAY),))
    assert ranked(ill, BOOKED, TUESDAY, "visit", "a")[0] == ["c"]


def test_at_the_desk_who_did_least_comes_first_and_each_refusal_has_a_reason():
    booked = [*BOOKED, Booking(FRIDAY, "desk", "c"), Booking(TUESDAY, "desk", "a")]
    facts = replace(roster(), absences=(Absence("a", TUESDAY, TUESDAY),))
    can, cannot = ranked(facts, booked, TUESDAY, "desk", "a")
    assert can == ["d", "c"]
    assert cannot == {"b": Obstacle.DOUBLE_BOOKED}


def test_a_part_timer_out_of_hours_is_no_candidate_when_hours_are_respected():
    facts = replace(roster(), rules=Rules(respect_hours=True))
    facts = replace(facts, people=tuple(replace(p, hours=12) for p in facts.people))
    _, cannot = ranked(facts, BOOKED, FRIDAY, "desk", "c")
    assert cannot == {"a": Obstacle.HOURS, "b": Obstacle.HOURS}


def test_a_calendar_program_reads_the_feed():
    starts, ends = interval(MONDAY, Span(450, 750), ZONE)
    text = feed(
        "Rooster van Anna, balie",
        [
            Event("2@x", starts, ends, "Balie; vroeg, met een naam die langer is dan een regel van "
                  "vijfenzeventig tekens", starts, "Stadhuis; Markt 1", 3),
            Event("1@x", starts, ends, "Weg", starts, cancelled=True),
        ],
    )  # fmt: skip
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    gone, sure = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert (sure.start, sure.end) == (starts, ends)
    assert sure["location"] == "Stadhuis; Markt 1" and sure["sequence"] == 3
    assert [str(each["status"]) for each in (gone, sure)] == ["CANCELLED", "CONFIRMED"]
    assert str(gone["transp"]) == "TRANSPARENT"


def test_a_feed_is_the_same_for_the_same_seats():
    starts, ends = interval(MONDAY, Span(450, 750), ZONE)
    events = [Event(f"{n}@x", starts, ends, "Balie", starts) for n in range(3)]
    assert feed("a", events) == feed("a", events[::-1])
