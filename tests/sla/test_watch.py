"""Clocks as rows: exactly the pure rules, with a ledger that can be replayed."""

import datetime as dt
import random

import pytest
import sqlalchemy as sa

from cmdb.database import db
from sla import agreements, watch
from sla import clock as rules
from sla.instants import to_epoch
from sla.models import Clock, ClockEntry, ClockEvent, ServiceCalendar
from sla.terms import ServiceKind
from tests.makers import AGREEMENT, NOW, make_municipality

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@pytest.fixture
def town(session):
    return make_municipality("Duinwijk")


def started(town, priority=3, now=NOW) -> Clock:
    return watch.start(town.id, "incident", priority, now)[ServiceKind.RESOLUTION]


def test_a_clock_starts_with_its_deadline_and_first_warning(town):
    clock = started(town)
    assert clock.due_at == NOW + 2 * DAY
    assert clock.next_event_at == NOW + DAY  # half of 18 service hours


def test_nothing_is_promised_about_an_unknown_priority(town):
    assert watch.start(town.id, "service-request", 1, NOW) == {}


def test_the_tick_takes_what_is_due_and_leaves_the_rest(town):
    due, later = started(town, 1), started(town, 4)
    passed = [p for p in watch.settle_due(NOW + 4 * HOUR) if p.clock.kind == ServiceKind.RESOLUTION]
    assert {p.clock.id for p in passed} == {due.id}
    assert [p.threshold for p in passed] == [50, 75, 90, 100]
    assert due.next_event_at is None and later.next_event_at is not None


def test_a_change_settles_what_came_before_it(town):
    clock = started(town, 1)
    passed = watch.stop(clock, NOW + 4 * HOUR)
    assert [p.threshold for p in passed] == [50, 75, 90]  # stopped exactly at due is in time
    assert clock.breached_at is None and clock.stopped_at == NOW + 4 * HOUR


def test_new_hours_move_the_deadline_of_a_running_clock(town):
    clock = started(town)
    calendar = db.session.get(ServiceCalendar, clock.calendar_id)
    closed_tomorrow = AGREEMENT["calendar"] | {"holidays": ["2026-11-24"]}
    agreements.add_calendar_version(calendar, closed_tomorrow, NOW)
    assert clock.id in watch.replan(NOW)
    assert clock.due_at == NOW + 3 * DAY
    assert watch.replan(NOW) == []


def test_one_broken_clock_holds_up_no_other_and_is_not_taken_first_for_ever(town, caplog):
    broken, sound = started(town, 1), started(town, 1)
    corrupt(broken, ["no spell"])
    passed = watch.settle_due(NOW + 4 * HOUR)
    assert [p.threshold for p in passed if p.clock is sound] == [50, 75, 90, 100]
    assert f"clock {broken.id} is set aside" in caplog.text
    assert watch.faulty() == [broken.id]
    assert watch.due(NOW + 4 * HOUR) == []

    again = NOW + 4 * HOUR + watch.RETRY_AFTER
    assert watch.due(again) == [broken.id]
    watch.settle_due(again)
    assert broken.faulty_since == NOW + 4 * HOUR and watch.due(again) == []

    corrupt(broken, [])
    passed = watch.settle_due(again + watch.RETRY_AFTER)
    assert [p.threshold for p in passed] == [50, 75, 90, 100]
    assert watch.faulty() == [] and broken.breached_at == NOW + 4 * HOUR


def test_what_cannot_be_told_of_a_clock_leaves_it_and_the_others_as_they_were(town):
    unspeakable, sound = started(town, 1), started(town, 1)

    def tell(passed):
        assert passed.clock.id != unspeakable.id

    watch.settle_apart([unspeakable.id, sound.id], NOW + 4 * HOUR, tell)
    events = db.session.scalars(sa.select(ClockEvent.clock_id)).all()
    assert events == [sound.id] * 4 and watch.faulty() == [unspeakable.id]


def test_a_broken_clock_does_not_stop_the_others_from_following_new_hours(town):
    broken, sound = started(town), started(town)
    corrupt(broken, ["no spell"])
    calendar = db.session.get(ServiceCalendar, sound.calendar_id)
    closed_tomorrow = AGREEMENT["calendar"] | {"holidays": ["2026-11-24"]}
    agreements.add_calendar_version(calendar, closed_tomorrow, NOW)
    assert {broken.id, sound.id} <= set(watch.replan(NOW))
    assert sound.due_at == NOW + 3 * DAY
    assert watch.replan(NOW) == []
    assert watch.faulty() == [broken.id]


def corrupt(clock: Clock, spells: list) -> None:
    db.session.execute(
        sa.update(Clock)
        .where(Clock.id == clock.id)
        .values(spells=spells)
        .execution_options(synchronize_session=False)
    )


def test_an_idle_watch_reads_no_clock_one_by_one(town):
    """Whatever the number of clocks: one statement for the tick, two for new calendars."""
    for _ in range(3):
        started(town)
    db.session.flush()
    statements = []

    def note(connection, cursor, statement, *rest):
        statements.append(statement)

    engine = db.session.connection().engine
    sa.event.listen(engine, "before_cursor_execute", note)
    watch.due(NOW)
    watch.replan(NOW)
    sa.event.remove(engine, "before_cursor_execute", note)
    assert len(statements) == 3


def test_any_history_gives_the_row_that_the_pure_rules_give(town):
    chance = random.Random(7)
    for _ in range(25):
        clock, now = started(town), NOW
        for _ in range(chance.randint(1, 12)):
            now += dt.timedelta(minutes=chance.randint(0, 3000))
            step = chance.choice(("pause", "resume", "stop", "reopen", "retarget", "tick"))
            if step == "retarget":
                watch.retarget(clock, "incident", chance.randint(1, 4), now)
            elif step == "tick":
                watch.settle_due(now)
            else:
                getattr(watch, step)(clock, now)
        db.session.flush()
        assert replayed(clock, now) == watch.state_of(clock)
        events = db.session.scalars(
            sa.select(ClockEvent.threshold).where(ClockEvent.clock_id == clock.id)
        ).all()
        assert sorted(events) == list(clock.fired)


def replayed(clock: Clock, now: dt.datetime) -> rules.ClockState:
    """The state that the ledger alone leads to, with one tick after each entry as the row had."""
    hours = watch.hours_of(clock)
    ledger = db.session.scalars(
        sa.select(ClockEntry).where(ClockEntry.clock_id == clock.id).order_by(ClockEntry.sequence)
    ).all()
    state = rules.start(to_epoch(ledger[0].at), ledger[0].target_seconds)
    steps = {
        "paused": rules.pause,
        "resumed": rules.resume,
        "stopped": rules.stop,
        "reopened": rules.reopen,
    }
    for entry in ledger[1:]:
        at = to_epoch(entry.at)
        if entry.event == "retargeted":
            state, _ = rules.retarget(state, hours, at, entry.target_seconds)
        else:
            state, _ = steps[entry.event](state, hours, at)
    fired = tuple(clock.fired)
    settled, _ = rules.settle(state, hours, to_epoch(now), inclusive=True)
    # The row may not have met its last tick yet.
    return settled if settled.fired == fired else state
