"""Service hours: reading a calendar, and counting open seconds."""
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from random import Random

import pytest

from sla.hours import HORIZON, Calendar, Timeline
from sla.instants import read_instant as at

OFFICE = {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
NIGHTS = {day: [["22:00", "06:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
HOUR = 3600


def calendar(**given):
    return Calendar.from_dict({"timezone": "Europe/Amsterdam", **given})


def timeline(**given):
    return Timeline([(None, calendar(**given))])


def hours_of(day, line):
    start = at(f"{day}T00:00:00Z") - 12 * HOUR
    return line.open_seconds(start, start + 48 * HOUR) / HOUR


FULL = {
    "timezone": "Europe/Amsterdam",
    "weekly": {
        "mon": [["08:00", "12:00"], ["13:00", "24:00"]], "tue": [["22:00", "06:00"]],
        "wed": [], "thu": [], "fri": [], "sat": [], "sun": [],
    },
    "holidays": ["2026-12-25", "2026-12-26"],
    "holiday_rule": {"country": "NL", "liberation_day": "lustrum"},
    "extra_closed": [["2026-12-24T15:00:00Z", "2026-12-24T23:00:00Z"]],
    "extra_open": [["2026-12-25T09:00:00Z", "2026-12-25T10:00:00Z"]],
}


def test_json_form_survives_reading_and_writing():
    assert Calendar.from_dict(FULL).to_dict() == FULL


def test_calendar_without_rule_writes_no_rule():
    written = calendar(weekly=OFFICE).to_dict()
    assert "holiday_rule" not in written
    assert Calendar.from_dict(written) == calendar(weekly=OFFICE)


def test_equal_calendars_are_one_key():
    assert len({calendar(weekly=OFFICE), calendar(weekly=OFFICE)}) == 1


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"timezone": "Europe/Leeuwarden"}, "unknown time zone 'Europe/Leeuwarden'"),
        ({"timezone": "../etc/passwd"}, "unknown time zone"),
        ({"timezone": "Europe"}, "unknown time zone"),
        ({"timezone": ""}, "unknown time zone"),
        ({"timezone": None}, "expected the name of a time zone"),
        ({"weekly": []}, "weekly: expected an object"),
        ({"weekly": {"maandag": []}}, "unknown day 'maandag'"),
        ({"weekly": {"mon": ["08:00", "17:00"]}}, "weekly.mon: expected \\[from, to\\]"),
        ({"weekly": {"mon": "08:00-17:00"}}, "mon: expected a list"),
        ({"weekly": {"mon": [["8:00", "17:00"]]}}, "'8:00' is not a time HH:MM"),
        ({"weekly": {"mon": [["08:00", "24:01"]]}}, "'24:01' is not a time"),
        ({"weekly": {"mon": [["08:00", "17:00\n"]]}}, "is not a time"),
        ({"weekly": {"mon": [["08:60", "17:00"]]}}, "'08:60' is not a time"),
        ({"weekly": {"mon": [[8, 17]]}}, "8 is not a time"),
        ({"weekly": {"mon": [["24:00", "06:00"]]}}, "cannot begin at 24:00"),
        ({"holidays": ["25-12-2026"]}, "'25-12-2026' is not a date"),
        ({"holidays": ["2026-02-30"]}, "'2026-02-30' is not a date"),
        ({"holidays": [20261225]}, "20261225 is not a date"),
        ({"holidays": {"2026-12-25": "Kerst"}}, "holidays: expected a list"),
        ({"holiday_rule": {"country": "BE"}}, "holiday_rule: expected"),
        ({"holiday_rule": {"country": "NL", "liberation_day": "soms"}}, "'soms' is not one of"),
        ({"holiday_rule": {"country": "NL", "good_friday": True}}, "holiday_rule: expected"),
        ({"extra_open": [["2026-12-25T09:00:00", "2026-12-25T10:00:00"]]}, "offset or Z"),
        ({"extra_open": [["2026-12-25T10:00:00Z", "2026-12-25T09:00:00Z"]]}, "ends before"),
        ({"extra_closed": [["2026-12-25T10:00:00Z"]]}, "extra_closed: expected \\[from, to\\]"),
        ({"extra_closed": [[1, 2]]}, "extra_closed: 1 is not a moment"),
        ({"weekdays": {}}, "unknown key 'weekdays'"),
    ],
)
def test_a_wrong_calendar_is_refused_in_one_line(wrong, words):
    with pytest.raises(ValueError, match=words) as refusal:
        calendar(**wrong)
    assert "\n" not in str(refusal.value)


def test_something_else_than_a_calendar_is_refused():
    with pytest.raises(ValueError, match="calendar: expected an object, not 'office'"):
        Calendar.from_dict("office")


def test_office_day_counts_nine_hours():
    assert hours_of("2026-06-15", timeline(weekly={"mon": [["08:00", "17:00"]]})) == 9


def test_overlapping_windows_count_once():
    windows = [["16:00", "20:00"], ["08:00", "17:00"], ["09:00", "10:00"]]
    assert hours_of("2026-06-15", timeline(weekly={"mon": windows})) == 12


@pytest.mark.parametrize(
    "window, hours",
    [(["00:00", "24:00"], 24), (["00:00", "00:00"], 24), (["08:00", "08:00"], 24),
     (["22:00", "06:00"], 8), (["16:00", "24:00"], 8), (["23:59", "23:58"], 24 - 1 / 60)],
)
def test_windows_that_end_at_midnight_or_the_next_day(window, hours):
    line = timeline(weekly={"wed": [window]})
    week = at("2026-06-15T00:00:00Z")
    assert line.open_seconds(week, week + 7 * 24 * HOUR) == pytest.approx(hours * HOUR)


def test_round_the_clock_has_no_gap_at_midnight():
    line = timeline(weekly={day: [["00:00", "24:00"]] for day in NIGHTS})
    start = at("2026-12-31T12:34:56+01:00")
    assert line.open_seconds(start, start + 10**7) == 10**7
    assert line.after(start, 10**7) == start + 10**7


@pytest.mark.parametrize(
    "day, window, seconds",
    [
        ("2026-03-29", ["00:00", "24:00"], 23 * HOUR),
        ("2026-10-25", ["00:00", "24:00"], 25 * HOUR),
        ("2026-03-29", ["02:30", "03:15"], 0),
        ("2026-03-29", ["02:15", "03:45"], 30 * 60),
        ("2026-03-29", ["01:00", "02:30"], 90 * 60),
        ("2026-10-25", ["02:15", "02:45"], 30 * 60),
        ("2026-10-25", ["02:30", "03:30"], 2 * HOUR),
        ("2026-10-25", ["01:00", "02:30"], 90 * 60),
    ],
)
def test_days_of_the_clock_change(day, window, seconds):
    line = timeline(weekly={"sun": [window]})
    assert hours_of(day, line) == seconds / HOUR


def test_a_midnight_that_does_not_exist_begins_an_hour_later():
    cuba = {"timezone": "America/Havana", "weekly": {"sun": [["00:00", "02:00"]]}}
    assert hours_of("2026-03-08", Timeline([(None, Calendar.from_dict(cuba))])) == 1


def test_holiday_closes_the_tail_of_the_night_before_but_not_the_night_after():
    line = timeline(weekly=NIGHTS, holidays=["2026-04-27"])
    assert not line.is_open(at("2026-04-27T00:00:00+02:00"))
    assert line.is_open(at("2026-04-26T23:59:59+02:00"))
    assert not line.is_open(at("2026-04-27T22:30:00+02:00"))
    assert line.is_open(at("2026-04-28T00:00:00+02:00"))


def test_extra_opening_beats_holiday_and_closure():
    opening = [["2026-04-27T10:00:00+02:00", "2026-04-27T12:00:00+02:00"]]
    line = timeline(
        weekly={"mon": OFFICE["mon"]},
        holidays=["2026-04-27"],
        extra_closed=opening,
        extra_open=opening,
    )
    assert hours_of("2026-04-27", line) == 2


def test_rule_adds_the_holidays_of_every_year():
    line = timeline(weekly=OFFICE, holiday_rule={"country": "NL", "liberation_day": "never"})
    assert not line.is_open(at("2041-12-25T10:00:00+01:00"))
    assert line.is_open(at("2027-05-05T10:00:00+02:00"))


def test_named_holidays_and_rule_add_up():
    named = calendar(holidays=["2026-07-01"], holiday_rule={"country": "NL"})
    assert {date(2026, 7, 1), date(2026, 12, 25)} <= named.holidays_of(2026)


def test_time_used_up_at_closing_ends_at_closing():
    line = timeline(weekly=OFFICE)
    assert line.after(at("2026-06-19T16:00:00+02:00"), HOUR) == at("2026-06-19T17:00:00+02:00")


def test_no_time_asked_is_over_at_once_even_when_closed():
    sunday = at("2026-06-21T12:00:00+02:00")
    assert timeline(weekly=OFFICE).after(sunday, 0) == sunday


def test_the_year_boundary_is_no_boundary():
    line = timeline(weekly=NIGHTS)
    start = at("2025-12-31T22:00:00+01:00")
    assert line.after(start, 8 * HOUR) == start + 8 * HOUR
    assert line.after(start, 8 * HOUR + 1) == start + 24 * HOUR + 1


def test_no_open_time_gives_none():
    assert timeline().after(at("2026-06-15T09:00:00Z"), 1) is None


def test_ten_years_is_the_end_of_patience_however_much_was_compiled():
    start = at("2026-06-15T09:00:00Z")
    opening = [["2037-01-01T00:00:00Z", "2037-01-02T00:00:00Z"]]
    line = timeline(extra_open=opening)
    assert line.after(start, 60) is None
    line.open_seconds(start, at("2040-01-01T00:00:00Z"))
    assert line.after(start, 60) is None
    near = at("2037-01-01T00:01:00Z") - HORIZON
    assert line.after(near, 60) == near + HORIZON
    assert line.after(near - 1, 60) is None


def test_too_little_open_time_in_ten_years_gives_none():
    line = timeline(weekly={"wed": [["09:00", "10:00"]]})
    start = at("2026-06-15T09:00:00Z")
    assert line.after(start, 500 * HOUR) is not None
    assert line.after(start, 530 * HOUR) is None


def test_the_last_known_year_gives_none_rather_than_an_error():
    line = timeline(weekly=OFFICE)
    start = at("2199-06-17T09:00:00Z")
    assert line.after(start, HOUR) == start + HOUR
    assert line.after(start, 10**8) is None


@pytest.mark.parametrize("text", ["1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z"])
def test_far_instants_are_refused(text):
    with pytest.raises(ValueError, match="from 1970 up to 2200"):
        timeline(weekly=OFFICE).is_open(at(text))


def test_versions_are_stitched_where_they_begin():
    noon = at("2026-06-15T12:00:00+02:00")
    line = Timeline([(None, calendar(weekly=OFFICE)), (noon, calendar(weekly=NIGHTS))])
    morning = at("2026-06-15T08:00:00+02:00")
    assert line.open_seconds(morning, noon) == 4 * HOUR
    assert line.after(morning, 5 * HOUR) == at("2026-06-15T23:00:00+02:00")


def test_before_the_first_version_nothing_is_open():
    first = at("2026-06-15T12:00:00+02:00")
    line = Timeline([(first, calendar(weekly=OFFICE))])
    assert line.after(first - 100 * HOUR, HOUR) == first + HOUR


def test_versions_out_of_order_are_refused():
    office = calendar(weekly=OFFICE)
    for bounds in ([5, 4], [5, 5], [None, None], [5, None]):
        with pytest.raises(ValueError, match="in order of valid_from"):
            Timeline([(bound, office) for bound in bounds])


def test_after_and_open_seconds_are_each_others_inverse():
    line = timeline(weekly=OFFICE, holiday_rule={"country": "NL"})
    chance = Random(7)
    for _ in range(500):
        start = chance.randrange(at("2024-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z"))
        seconds = chance.randrange(1, 10**6)
        due = line.after(start, seconds)
        assert line.open_seconds(start, due) == seconds
        assert line.open_seconds(start, due - 1) == seconds - 1


def test_threads_that_extend_it_together_get_the_same_answers():
    years = [at(f"{year}-06-15T09:00:00Z") for year in range(2016, 2036)]
    Random(1).shuffle(years)
    shared = timeline(weekly=OFFICE)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda start: shared.after(start, 2000 * HOUR), years))
    assert found == [timeline(weekly=OFFICE).after(start, 2000 * HOUR) for start in years]
