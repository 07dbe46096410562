"""Clocks as rows: the changes that a ticket makes to them, and the watch over their deadlines.

All go through `sla.clock`: a change settles what came before it, the tick what is due by now.
"""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db
from sla import clock as rules
from sla.agreements import Promise, promised, targets_for, timeline, timeline_of
from sla.clock import BREACH, ClockState, Fired
from sla.hours import Timeline
from sla.instants import to_datetime, to_epoch
from sla.models import (
    IS_OPEN,
    AgreementVersion,
    Clock,
    ClockEntry,
    ClockEvent,
    ServiceCalendar,
    Target,
)
from sla.terms import ServiceKind

log = logging.getLogger(__name__)

# What could not be settled is tried again after this: its data may have been repaired meanwhile.
RETRY_AFTER = dt.timedelta(hours=1)
# What says nothing new to a clock that is so already, and then leaves no line in its ledger.
_IGNORABLE = ("paused", "resumed", "stopped")


@dataclass(frozen=True)
class Passed:
    """A threshold that a clock passed, as it was recorded just now."""

    clock: Clock
    threshold: int
    at: dt.datetime

    @property
    def is_breach(self) -> bool:
        return self.threshold == BREACH


def start(
    municipality_id: int, ticket_type: str, priority: int, now: dt.datetime
) -> dict[ServiceKind, Clock]:
    """The clocks that run from `now`, by kind; a kind about which nothing is promised has none."""
    clocks = {
        promise.kind: _started(promise, municipality_id, priority, now)
        for promise in promised(municipality_id, ticket_type, priority, now)
    }
    db.session.flush()
    for clock in clocks.values():
        _enter(clock, "started", now)
    return clocks


def _started(promise: Promise, municipality_id: int, priority: int, now: dt.datetime) -> Clock:
    clock = Clock(
        municipality_id=municipality_id,
        kind=promise.kind,
        priority=priority,
        target_id=promise.target_id,
        calendar_id=promise.calendar_id,
        planned_revision=promise.revision,
        started_at=now,
        entries=1,
    )
    state = rules.start(to_epoch(now), promise.minutes * 60, tuple(promise.warn))
    _write(clock, state, timeline_of(promise.calendar_id, promise.revision))
    db.session.add(clock)
    return clock


def pause(clock: Clock, now: dt.datetime) -> list[Passed]:
    return _change(clock, "paused", rules.pause, now)


def resume(clock: Clock, now: dt.datetime) -> list[Passed]:
    return _change(clock, "resumed", rules.resume, now)


def stop(clock: Clock, now: dt.datetime) -> list[Passed]:
    return _change(clock, "stopped", rules.stop, now)


def reopen(clock: Clock, now: dt.datetime) -> list[Passed]:
    return _change(clock, "reopened", rules.reopen, now)


def retarget(clock: Clock, ticket_type: str, priority: int, now: dt.datetime) -> list[Passed]:
    """Let the clock of a ticket follow a new priority, under the terms it began with (R5)."""
    version = db.session.get(AgreementVersion, clock.target.agreement_version_id)
    targets = targets_for(version, ticket_type, priority)
    target = next((target for target in targets if target.kind == clock.kind), None)
    if target is None:
        return cancel(clock, now)

    def follow(state: ClockState, hours: Timeline, at: int):
        return rules.retarget(state, hours, at, target.minutes * 60)

    clock.priority = priority
    clock.target_id, clock.target = target.id, target
    return _change(clock, "retargeted", follow, now)


def cancel(clock: Clock, now: dt.datetime) -> list[Passed]:
    """End the clock without a verdict: the ticket was withdrawn. What was kept stays kept."""
    if clock.state == rules.STOPPED:
        return []
    passed = _change(clock, "cancelled", rules.stop, now)
    clock.state = "cancelled"
    clock.stopped_at = None
    return passed


def settle_due(
    now: dt.datetime, limit: int = 100, tell: Callable[[Passed], None] | None = None
) -> list[Passed]:
    """Record what came due by `now` of at most `limit` clocks, and `tell` of each threshold."""
    return settle_apart(due(now, limit), now, tell)


def due(now: dt.datetime, limit: int = 100) -> list[int]:
    """The keys of at most `limit` clocks with something due by `now`, locked by nobody else."""
    return list(
        db.session.scalars(
            sa.select(Clock.id)
            .where(Clock.next_event_at <= now)
            .order_by(Clock.next_event_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def settle_apart(
    keys: list[int], now: dt.datetime, tell: Callable[[Passed], None] | None = None
) -> list[Passed]:
    """Settle each of these clocks in a savepoint: one with broken data holds up no other."""
    passed: list[Passed] = []

    def deed(clock: Clock) -> None:
        recorded = settle(clock, now)
        for event in recorded if tell else ():
            tell(event)
        passed.extend(recorded)

    for key in keys:
        _apart(key, now, deed)
    return passed


def settle(clock: Clock, now: dt.datetime) -> list[Passed]:
    """Record what came due of one clock by `now`."""
    hours = hours_of(clock)
    state, fired = rules.settle(state_of(clock), hours, to_epoch(now), inclusive=True)
    return _record(clock, state, hours, fired, now)


def replan(now: dt.datetime, limit: int = 500) -> list[int]:
    """Plan at most `limit` clocks anew whose calendar got a new version; gives their keys."""

    def deed(clock: Clock) -> None:
        settle(clock, now)
        _log(clock, "replanned", now)

    keys = _stale(limit)
    for key in keys:
        _apart(key, now, deed)
    return keys


def _stale(limit: int) -> list[int]:
    """Open clocks of an older plan; the condition is written out, so that an index finds them."""
    calendars = db.session.execute(sa.select(ServiceCalendar.id, ServiceCalendar.revision)).all()
    older = [
        sa.and_(Clock.calendar_id == _written(key), Clock.planned_revision < _written(revision))
        for key, revision in calendars
    ]
    return list(
        db.session.scalars(
            sa.select(Clock.id)
            .where(IS_OPEN, Clock.faulty_since.is_(None), sa.or_(sa.false(), *older))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def _written(number: int) -> sa.BindParameter[int]:
    return sa.literal(number, literal_execute=True)


def _apart(key: int, now: dt.datetime, deed: Callable[[Clock], None]) -> None:
    """Do `deed` to one clock, or set it aside.

    Raises:
        sqlalchemy.exc.OperationalError: the database failed, not the clock; do all again.
    """
    try:
        with db.session.begin_nested():
            deed(db.session.get_one(Clock, key, populate_existing=True))
    except sa.exc.OperationalError:
        raise
    except Exception:
        log.exception("clock %s is set aside until %s: its data is broken", key, now + RETRY_AFTER)
        _set_aside(key, now)


def _set_aside(key: int, now: dt.datetime) -> None:
    """Mark a clock as faulty, and let the tick pass it over for a while."""
    db.session.execute(
        sa.update(Clock)
        .where(Clock.id == key)
        .values(
            faulty_since=sa.func.coalesce(Clock.faulty_since, now), next_event_at=now + RETRY_AFTER
        )
        .execution_options(synchronize_session=False)
    )


def faulty(limit: int = 20) -> list[int]:
    """The keys of clocks that were set aside, the longest first."""
    return list(
        db.session.scalars(
            sa.select(Clock.id)
            .where(Clock.faulty_since.is_not(None))
            .order_by(Clock.faulty_since, Clock.id)
            .limit(limit)
        )
    )


def state_of(clock: Clock) -> ClockState:
    """The row as the pure rules know it."""
    return ClockState(
        state=rules.STOPPED if clock.state == "cancelled" else clock.state,
        target_seconds=clock.target_seconds,
        elapsed_seconds=clock.elapsed_seconds,
        running_since=clock.running_since and to_epoch(clock.running_since),
        spells=tuple((begin, end) for begin, end in clock.spells),
        warnings=tuple(clock.target.warn),
        fired=tuple(clock.fired),
        stopped_from=clock.stopped_from,
        stopped_target=clock.stopped_target,
    )


def hours_of(clock: Clock) -> Timeline:
    return timeline(clock.calendar)


def used_seconds(clock: Clock, now: dt.datetime) -> int:
    """Service seconds used at `now`."""
    if clock.running_since is None:
        return clock.elapsed_seconds
    since = to_epoch(clock.running_since)
    return clock.elapsed_seconds + hours_of(clock).open_seconds(since, to_epoch(now))


def _change(
    clock: Clock,
    event: str,
    rule: Callable[[ClockState, Timeline, int], rules.Settled],
    now: dt.datetime,
) -> list[Passed]:
    if clock.state == "cancelled" and event != "reopened":
        return []
    hours = hours_of(clock)
    before = state_of(clock)
    state, fired = rule(before, hours, to_epoch(now))
    passed = _record(clock, state, hours, fired, now)
    if state != before or event not in _IGNORABLE:
        _log(clock, event, now)
    return passed


def _record(
    clock: Clock, state: ClockState, hours: Timeline, fired: tuple[Fired, ...], now: dt.datetime
) -> list[Passed]:
    was_stopped = clock.state == rules.STOPPED
    passed = []
    for event in fired:
        at = to_datetime(event.at)
        db.session.add(
            ClockEvent(
                municipality_id=clock.municipality_id,
                clock_id=clock.id,
                threshold=event.threshold,
                at=at,
                noticed_at=now,
                target_seconds=clock.target_seconds,
                elapsed_seconds=rules.elapsed(state, hours, event.at),
            )
        )
        if event.threshold == BREACH:
            clock.breached_at = at
        passed.append(Passed(clock, event.threshold, at))
    _write(clock, state, hours)
    clock.planned_revision = clock.calendar.revision
    if state.state != rules.STOPPED:
        clock.stopped_at = None
    elif not was_stopped:
        clock.stopped_at = now
    return passed


def _write(clock: Clock, state: ClockState, hours: Timeline) -> None:
    next_event = rules.next_event(state, hours)
    due = rules.due_at(state, hours)
    clock.state = state.state
    clock.target_seconds = state.target_seconds
    clock.elapsed_seconds = state.elapsed_seconds
    clock.running_since = None if state.running_since is None else to_datetime(state.running_since)
    clock.spells = [list(spell) for spell in state.spells]
    clock.fired = list(state.fired)
    clock.stopped_from = state.stopped_from
    clock.stopped_target = state.stopped_target
    clock.due_at = None if due is None else to_datetime(due)
    clock.next_event_at = None if next_event is None else to_datetime(next_event)
    clock.faulty_since = None


def _log(clock: Clock, event: str, now: dt.datetime) -> None:
    clock.entries += 1
    _enter(clock, event, now)


def _enter(clock: Clock, event: str, now: dt.datetime) -> None:
    db.session.add(
        ClockEntry(
            municipality_id=clock.municipality_id,
            clock_id=clock.id,
            sequence=clock.entries,
            at=now,
            event=event,
            priority=clock.priority,
            target_seconds=clock.target_seconds,
            elapsed_seconds=clock.elapsed_seconds,
            due_at=clock.due_at,
        )
    )
