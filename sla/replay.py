"""Replay the history of a clock from a file, to explain a deadline (`servicedesk sla replay`)."""
import json
from collections.abc import Iterator

from sla import clock
from sla.clock import ClockState, Fired
from sla.hours import Calendar, Timeline
from sla.instants import read_instant, write_instant

NO_OPEN_TIME = "no_open_time"

_CHANGES = {
    "paused": clock.pause,
    "resumed": clock.resume,
    "resolved": clock.stop,
    "reopened": clock.reopen,
}
_EVENTS = {"created", "priority_changed", *_CHANGES}
_NAMES = {clock.STOPPED: "resolved"}

Event = tuple[int, str, int | None]


def replay_file(text: str) -> dict:
    """Replay `{"cases": [...]}` and give `{"results": [...]}` in the same order.

    Raises ValueError with one line for bad input.
    """
    try:
        source = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise ValueError(f"not JSON: {wrong}") from None
    if not isinstance(source, dict) or not isinstance(source.get("cases"), list):
        raise ValueError('expected {"cases": [...]}')
    return {"results": [replay(case) for case in source["cases"]]}


def replay(case: dict) -> dict:
    """Replay one case, `{"id", "calendar", "events", "target_minutes", "as_of", "probes"}`.

    Gives `{"id", "due_at", "warn_at", "breached_at", "warn_fired_at", "elapsed", "state",
    "error"}` by rules R1-R8, instants as text in UTC. All events count; what would fire after
    `as_of` has not fired. Raises ValueError with one line for bad input.
    """
    if not isinstance(case, dict):
        raise ValueError(f"case: expected an object, not {case!r}")
    try:
        return _replayed(case)
    except ValueError as wrong:
        raise ValueError(f"case {case.get('id')!r}: {wrong}") from None


def _replayed(case: dict) -> dict:
    timeline = Timeline([(None, Calendar.from_dict(case.get("calendar")))])
    events = _read_events(case.get("events"), _read_target(case.get("target_minutes")))
    as_of = _read_at(case.get("as_of"), "as_of")
    probes = [_read_at(probe, "probes") for probe in _read_list(case.get("probes", []), "probes")]
    state, fired = _run(events, timeline, as_of)
    fired_at = {event.threshold: event.at for event in fired if event.at <= as_of}
    planned = {p: clock.threshold_at(state, timeline, p) for p in state.warnings}
    return {
        "id": case.get("id"),
        "due_at": _written(clock.due_at(state, timeline)),
        "warn_at": {str(p): _written(at) for p, at in planned.items()},
        "breached_at": _written(fired_at.get(clock.BREACH)),
        "warn_fired_at": {str(p): _written(fired_at.get(p)) for p in state.warnings},
        "elapsed": [
            {"at": write_instant(at), "seconds": clock.elapsed(state, timeline, at)}
            for at in probes
        ],
        "state": _NAMES.get(state.state, state.state),
        "error": NO_OPEN_TIME if clock.lacks_time(state, timeline) else None,
    }


def _run(events: list[Event], timeline: Timeline, as_of: int) -> tuple[ClockState, list[Fired]]:
    """Apply the events from the creation on, then one tick at `as_of`."""
    (created, _, target), *rest = events
    state = clock.start(created, target)
    fired: list[Fired] = []
    for at, kind, target in rest:
        if kind == "priority_changed":
            state, passed = clock.retarget(state, timeline, at, target)
        elif kind == "created":
            continue
        else:
            state, passed = _CHANGES[kind](state, timeline, at)
        fired.extend(passed)
    state, passed = clock.settle(state, timeline, as_of, inclusive=True)
    return state, [*fired, *passed]


def _read_events(source: object, target: int) -> list[Event]:
    """The events in order of time, those of one instant as listed, from the first creation on."""
    events = sorted(_read_each(_read_list(source, "events"), target), key=lambda event: event[0])
    kinds = [kind for _, kind, _ in events]
    if "created" not in kinds:
        raise ValueError("events: none of them is created")
    return events[kinds.index("created"):]


def _read_each(source: list, target: int) -> Iterator[Event]:
    for event in source:
        if not isinstance(event, dict):
            raise ValueError(f"events: expected an object, not {event!r}")
        kind = event.get("type")
        if not isinstance(kind, str) or kind not in _EVENTS:
            raise ValueError(f"events: unknown type {kind!r}")
        at = _read_at(event.get("at"), "events")
        if kind == "priority_changed":
            yield at, kind, _read_target(event.get("target_minutes"))
        else:
            yield at, kind, target if kind == "created" else None


def _read_list(value: object, place: str) -> list:
    if not isinstance(value, list):
        raise ValueError(f"{place}: expected a list, not {value!r}")
    return value


def _read_at(value: object, place: str) -> int:
    try:
        return read_instant(value)
    except ValueError as wrong:
        raise ValueError(f"{place}: {wrong}") from None


def _read_target(minutes: object) -> int:
    """Service minutes as whole seconds."""
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not minutes >= 0:
        raise ValueError(f"target_minutes: expected a number from 0, not {minutes!r}")
    if minutes * 60 % 1 != 0:
        raise ValueError(f"target_minutes: {minutes!r} is not a whole number of seconds")
    return int(minutes * 60)


def _written(at: int | None) -> str | None:
    return None if at is None else write_instant(at)
