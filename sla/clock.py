"""The clock of one promise: what runs, what is used up, what has fired (rules R4-R8).

Pure: no database, and the instant is an argument in epoch seconds. The replay command and the rows
of the running product use these same functions. Each change first settles what was due strictly
before its instant, then applies itself; the tick settles what is due at or before now. So what
happens at the instant of a deadline comes before that deadline.

    change     running              paused               stopped
    ---------  -------------------  -------------------  ----------------------------------
    pause      -> paused            ignored              ignored
    resume     ignored              -> running           ignored
    stop       -> stopped           -> stopped           ignored
    reopen     ignored              -> running           -> running, with what was left
    retarget   new target, running  new target, paused   new target, in force once reopened

A threshold is a percentage of the target; 100 is the breach. Each fires once in the life of a
clock, only while it runs, and at the latest of the instant planned and the last start or change.
"""
from dataclasses import dataclass, replace

from sla.hours import Timeline

RUNNING = "running"
PAUSED = "paused"
STOPPED = "stopped"

BREACH = 100
WARNINGS = (50, 75, 90)


@dataclass(frozen=True)
class ClockState:
    """One clock; durations in whole seconds of service, instants in epoch seconds.

    `elapsed_seconds` is what was used up to the last change: the sum over `spells`, the closed
    stretches `(start, end)` in which the clock ran, in order; since `running_since` it counts on.
    `running_since` is set exactly while the clock runs, and moves to the instant of a retarget.
    `fired` holds the thresholds that have fired. `stopped_from` (running or paused) and
    `stopped_target` keep what a stopped clock's due_at rests on, and are None otherwise.
    """

    state: str
    target_seconds: int
    elapsed_seconds: int = 0
    running_since: int | None = None
    spells: tuple[tuple[int, int], ...] = ()
    warnings: tuple[int, ...] = WARNINGS
    fired: tuple[int, ...] = ()
    stopped_from: str | None = None
    stopped_target: int | None = None


@dataclass(frozen=True)
class Fired:
    """A threshold that was passed while the clock ran, and the instant at which it counts."""

    threshold: int
    at: int


Settled = tuple[ClockState, tuple[Fired, ...]]
"""The state afterwards, and what fired on the way, in order."""


def start(at: int, target_seconds: int, warnings: tuple[int, ...] = WARNINGS) -> ClockState:
    """Give a clock that runs since `at`, inside service hours or not.

    Raises ValueError for a target below 0 or a warning outside 1-99 %.
    """
    _check_target(target_seconds)
    if not all(0 < percent < BREACH for percent in warnings):
        raise ValueError(f"warnings must lie between 1 and 99 %, not {warnings!r}")
    ordered = tuple(sorted(set(warnings)))
    return ClockState(RUNNING, target_seconds, running_since=at, warnings=ordered)


def pause(state: ClockState, timeline: Timeline, at: int) -> Settled:
    """Hold the clock at `at`."""
    state, fired = settle(state, timeline, at, inclusive=False)
    if state.state == RUNNING:
        state = replace(_halted(state, timeline, at), state=PAUSED)
    return state, fired


def resume(state: ClockState, timeline: Timeline, at: int) -> Settled:
    """Let a paused clock run on from `at`."""
    state, fired = settle(state, timeline, at, inclusive=False)
    return (_running(state, at) if state.state == PAUSED else state), fired


def stop(state: ClockState, timeline: Timeline, at: int) -> Settled:
    """Stop the clock at `at`: the promise was kept, or not."""
    state, fired = settle(state, timeline, at, inclusive=False)
    if state.state == STOPPED:
        return state, fired
    halted = _halted(state, timeline, at) if state.state == RUNNING else state
    stopped = replace(
        halted,
        state=STOPPED,
        stopped_from=state.state,
        stopped_target=state.target_seconds,
    )
    return stopped, fired


def reopen(state: ClockState, timeline: Timeline, at: int) -> Settled:
    """Let a stopped clock run on from `at` with what was left; this ends a pause as well."""
    state, fired = settle(state, timeline, at, inclusive=False)
    return (state if state.state == RUNNING else _running(state, at)), fired


def retarget(state: ClockState, timeline: Timeline, at: int, target_seconds: int) -> Settled:
    """Replace the target at `at`; what is used up stays used up (R5).

    Raises ValueError for a target below 0.
    """
    _check_target(target_seconds)
    state, fired = settle(state, timeline, at, inclusive=False)
    if state.state == RUNNING:
        state = _running(_halted(state, timeline, at), at)
    return replace(state, target_seconds=target_seconds), fired


def settle(state: ClockState, timeline: Timeline, now: int, inclusive: bool) -> Settled:
    """Fire every threshold due before `now`, or also at `now` when `inclusive` (the tick)."""
    fired: list[Fired] = []
    for threshold, at in _pending(state, timeline):
        if at > now or (at == now and not inclusive):
            break
        fired.append(Fired(threshold, at))
    if fired:
        passed = {*state.fired, *(event.threshold for event in fired)}
        state = replace(state, fired=tuple(sorted(passed)))
    return state, tuple(fired)


def next_event(state: ClockState, timeline: Timeline) -> int | None:
    """Give the instant of the next threshold that will fire, None when nothing will."""
    return next((at for _, at in _pending(state, timeline)), None)


def elapsed(state: ClockState, timeline: Timeline, now: int) -> int:
    """Give the service seconds used at `now`; for an instant in the past, those used then (R4)."""
    if state.running_since is not None and now >= state.running_since:
        return state.elapsed_seconds + timeline.open_seconds(state.running_since, now)
    return sum(timeline.open_seconds(begin, min(end, now)) for begin, end in state.spells)


def due_at(state: ClockState, timeline: Timeline) -> int | None:
    """Give the instant at which the target is used up if nothing more happens (R6).

    A past instant when it is used up already. None while paused with time left, and when ten years
    hold too little open time (see `lacks_time`). A stopped clock keeps the value at its stop.
    """
    return threshold_at(state, timeline, BREACH)


def threshold_at(state: ClockState, timeline: Timeline, percent: int) -> int | None:
    """Give the same as `due_at` for `percent` % of the target."""
    seconds = _share(state, percent)
    if seconds <= state.elapsed_seconds and state.spells:
        return _reached_at(state, timeline, seconds)
    if PAUSED in (state.state, state.stopped_from):
        return None
    return timeline.after(_last_run(state), seconds - state.elapsed_seconds)


def lacks_time(state: ClockState, timeline: Timeline) -> bool:
    """Tell whether ten years hold too little open time for what is left of the target (R8)."""
    left = _share(state, BREACH) - state.elapsed_seconds
    return timeline.after(_last_run(state), left) is None


def _pending(state: ClockState, timeline: Timeline):
    """The thresholds still to fire, each with its instant, in order; none unless it runs."""
    if state.running_since is None:
        return
    for threshold in (*state.warnings, BREACH):
        if threshold not in state.fired:
            planned = threshold_at(state, timeline, threshold)
            if planned is None:
                return
            yield threshold, max(planned, state.running_since)


def _reached_at(state: ClockState, timeline: Timeline, seconds: int) -> int | None:
    """When the closed spells had used up `seconds`, which they have."""
    for begin, end in state.spells:
        used = timeline.open_seconds(begin, end)
        if seconds <= used:
            return timeline.after(begin, seconds)
        seconds -= used
    return None


def _share(state: ClockState, percent: int) -> int:
    """`percent` % of the target in force, a part of a second rounded up to the next."""
    target = state.target_seconds if state.stopped_target is None else state.stopped_target
    return -(-target * percent // 100)


def _last_run(state: ClockState) -> int:
    """Since when the clock runs, or until when it last ran."""
    return state.spells[-1][1] if state.running_since is None else state.running_since


def _halted(state: ClockState, timeline: Timeline, at: int) -> ClockState:
    """The running clock with its spell closed; a spell that follows on joins the one before."""
    begin = state.running_since
    at = max(at, begin)
    used = state.elapsed_seconds + timeline.open_seconds(begin, at)
    spells = state.spells
    if spells and spells[-1][1] == begin:
        begin, spells = spells[-1][0], spells[:-1]
    return replace(
        state, elapsed_seconds=used, running_since=None, spells=(*spells, (begin, at))
    )


def _running(state: ClockState, at: int) -> ClockState:
    return replace(
        state,
        state=RUNNING,
        running_since=max(at, _last_run(state)),
        stopped_from=None,
        stopped_target=None,
    )


def _check_target(target_seconds: int) -> None:
    if target_seconds < 0:
        raise ValueError(f"a target cannot be below 0 seconds: {target_seconds}")
