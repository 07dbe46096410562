"""The clock: its transitions, when thresholds fire, and what a stopped clock remembers."""
import pytest

from sla import clock
from sla.clock import Fired
from sla.hours import Calendar, Timeline
from sla.instants import read_instant

HOUR = 3600
OFFICE = Timeline([(None, Calendar.from_dict({
    "timezone": "Europe/Amsterdam",
    "weekly": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
}))])


def monday(clock_time):
    return read_instant(f"2026-06-15T{clock_time}:00+02:00")


NINE = monday("09:00")


def running(hours=2):
    return clock.start(NINE, hours * HOUR)


def paused(at="10:00", hours=2):
    return clock.pause(running(hours), OFFICE, monday(at))[0]


def stopped(at="10:00", hours=2):
    return clock.stop(running(hours), OFFICE, monday(at))[0]


def test_each_state_takes_its_changes_and_ignores_the_others():
    table = {
        clock.pause: ("paused", "paused", "stopped"),
        clock.resume: ("running", "running", "stopped"),
        clock.stop: ("stopped", "stopped", "stopped"),
        clock.reopen: ("running", "running", "running"),
    }
    for change, wanted in table.items():
        before = (running(), paused(), stopped())
        found = tuple(change(state, OFFICE, monday("10:30"))[0].state for state in before)
        assert found == wanted, change.__name__


def test_a_running_clock_has_running_since_and_only_a_running_one():
    for state in (running(), paused(), stopped(), clock.reopen(stopped(), OFFICE, NINE)[0]):
        assert (state.running_since is not None) == (state.state == clock.RUNNING)


def test_a_change_fires_what_was_due_strictly_before_it():
    state, fired = clock.pause(running(), OFFICE, monday("10:30"))
    assert fired == (Fired(50, monday("10:00")),)
    assert state.fired == (50,)


def test_stopped_exactly_when_due_is_in_time():
    state, fired = clock.stop(running(), OFFICE, monday("11:00"))
    assert [event.threshold for event in fired] == [50, 75, 90]
    assert clock.settle(state, OFFICE, monday("12:00"), inclusive=True) == (state, ())


def test_the_tick_fires_what_is_due_now():
    _, fired = clock.settle(running(), OFFICE, monday("11:00"), inclusive=True)
    assert fired[-1] == Fired(clock.BREACH, monday("11:00"))


def test_each_threshold_fires_once():
    state, first = clock.settle(running(), OFFICE, monday("16:00"), inclusive=True)
    state, second = clock.settle(state, OFFICE, monday("17:00"), inclusive=True)
    longer, third = clock.retarget(state, OFFICE, monday("17:00"), 3 * HOUR)
    assert len(first) == 4
    assert second == third == ()
    assert clock.next_event(longer, OFFICE) is None


def test_paused_when_due_breaches_at_the_resumption():
    held = paused("11:00")
    assert clock.next_event(held, OFFICE) is None
    assert clock.due_at(held, OFFICE) == monday("11:00")
    state, _ = clock.resume(held, OFFICE, monday("14:00"))
    assert clock.next_event(state, OFFICE) == monday("14:00")
    _, fired = clock.settle(state, OFFICE, monday("14:00"), inclusive=True)
    assert fired == (Fired(clock.BREACH, monday("14:00")),)


def test_resumed_and_stopped_at_one_instant_does_not_breach():
    state, _ = clock.resume(paused("11:00"), OFFICE, monday("14:00"))
    state, fired = clock.stop(state, OFFICE, monday("14:00"))
    assert fired == ()
    assert clock.BREACH not in state.fired


def test_late_by_a_smaller_target_breaches_at_the_change_though_due_lies_before():
    state, _ = clock.retarget(running(), OFFICE, monday("10:30"), HOUR // 2)
    assert clock.due_at(state, OFFICE) == monday("09:30")
    assert clock.next_event(state, OFFICE) == monday("10:30")
    _, fired = clock.settle(state, OFFICE, monday("10:31"), inclusive=True)
    assert {event.at for event in fired} == {monday("10:30")}


def test_the_second_change_of_one_instant_lifts_the_first():
    state, _ = clock.retarget(running(), OFFICE, monday("10:30"), HOUR // 2)
    state, fired = clock.retarget(state, OFFICE, monday("10:30"), 8 * HOUR)
    assert fired == ()
    assert clock.next_event(state, OFFICE) == monday("15:00")


def test_late_by_a_change_in_closed_hours_breaches_at_the_change():
    state, _ = clock.retarget(running(10), OFFICE, monday("20:00"), HOUR)
    assert clock.next_event(state, OFFICE) == monday("20:00")


def test_spells_that_follow_on_are_one():
    state, _ = clock.retarget(running(), OFFICE, monday("09:30"), 8 * HOUR)
    state, _ = clock.pause(state, OFFICE, monday("10:00"))
    assert state.spells == ((NINE, monday("10:00")),)
    assert state.elapsed_seconds == HOUR


def test_due_looks_back_over_several_spells():
    state, _ = clock.resume(paused("10:00", 8), OFFICE, monday("11:00"))
    state, _ = clock.pause(state, OFFICE, monday("12:00"))
    state, _ = clock.retarget(state, OFFICE, monday("13:00"), HOUR + HOUR // 2)
    assert clock.due_at(state, OFFICE) == monday("11:30")
    assert clock.threshold_at(state, OFFICE, 50) == monday("09:45")


def test_elapsed_can_be_asked_of_any_instant():
    state, _ = clock.reopen(stopped("10:00"), OFFICE, monday("12:00"))
    wanted = {"08:00": 0, "09:30": 0.5, "10:00": 1, "11:59": 1, "12:30": 1.5, "20:00": 6}
    for at, hours in wanted.items():
        assert clock.elapsed(state, OFFICE, monday(at)) == hours * HOUR, at


def test_a_stopped_clock_keeps_its_due_whatever_the_target_becomes():
    state = stopped()
    assert clock.due_at(state, OFFICE) == monday("11:00")
    changed, _ = clock.retarget(state, OFFICE, monday("12:00"), HOUR // 2)
    assert clock.due_at(changed, OFFICE) == monday("11:00")
    opened, _ = clock.reopen(changed, OFFICE, monday("13:00"))
    assert clock.due_at(opened, OFFICE) == monday("09:30")
    assert clock.next_event(opened, OFFICE) == monday("13:00")


def test_stopped_from_a_pause_with_time_left_was_never_due():
    state, _ = clock.stop(paused("09:30"), OFFICE, monday("15:00"))
    assert clock.due_at(state, OFFICE) is None
    assert not clock.lacks_time(state, OFFICE)


def test_a_clock_that_lags_behind_never_runs_backwards():
    state = clock.pause(running(), OFFICE, NINE - 5)[0]
    assert state.spells == ((NINE, NINE),)
    assert clock.resume(paused("10:00"), OFFICE, NINE)[0].running_since == monday("10:00")


def test_a_part_of_a_second_is_rounded_up():
    state = clock.start(NINE, 61, warnings=(50,))
    assert clock.threshold_at(state, OFFICE, 50) == NINE + 31


def test_own_warnings_fire_in_order():
    state = clock.start(NINE, HOUR, warnings=(80, 20, 80))
    _, fired = clock.settle(state, OFFICE, monday("12:00"), inclusive=True)
    assert [event.threshold for event in fired] == [20, 80, 100]


def test_without_warnings_only_the_breach_fires():
    state = clock.start(NINE, HOUR, warnings=())
    assert clock.next_event(state, OFFICE) == monday("10:00")


def test_no_open_time_fires_nothing():
    never = Timeline([(None, Calendar.from_dict({"timezone": "UTC"}))])
    state = running()
    assert clock.lacks_time(state, never)
    assert clock.due_at(state, never) is None
    assert clock.next_event(state, never) is None


@pytest.mark.parametrize("warnings", [(0,), (100,), (50, 120)])
def test_a_warning_outside_the_target_is_refused(warnings):
    with pytest.raises(ValueError, match="between 1 and 99 %"):
        clock.start(NINE, HOUR, warnings=warnings)


def test_a_target_below_nothing_is_refused():
    with pytest.raises(ValueError, match="below 0 seconds: -1"):
        clock.start(NINE, -1)
    with pytest.raises(ValueError, match="below 0 seconds: -1"):
        clock.retarget(running(), OFFICE, NINE, -1)
