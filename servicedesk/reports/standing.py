"""How a clock stood at the end of a period, told from its ledger.

Pure. Met: when it last stopped by then, it stopped in time. Breached: its breach lies before then,
whatever came after. Running: neither. Withdrawn clocks have no verdict.
"""

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass

TURNS = ("reopened", "retargeted", "cancelled")
"""What the ledger tells that can make an earlier end see another verdict or priority than now."""


class Verdict(enum.StrEnum):
    MET = "met"
    BREACHED = "breached"
    RUNNING = "running"


@dataclass(frozen=True)
class Line:
    """A line of the ledger, as far as it matters here."""

    at: dt.datetime
    event: str
    priority: int


@dataclass(frozen=True)
class Now:
    """How the row of a clock has it at present."""

    state: str
    priority: int
    started_at: dt.datetime
    stopped_at: dt.datetime | None
    breached_at: dt.datetime | None


Standing = tuple[int, Verdict]
"""The priority under which a clock is listed, and its verdict."""


def by_ledger(
    lines: Sequence[Line], breached_at: dt.datetime | None, start: dt.datetime, end: dt.datetime
) -> Standing | None:
    """What a period [start, end) counts of a clock; None when decided before it, or withdrawn."""
    past = [line for line in lines if line.at < end]
    if not past:
        return None
    if breached_at is not None and breached_at < end:
        return (past[-1].priority, Verdict.BREACHED) if breached_at >= start else None
    state, stopped_at = "running", None
    for line in past:
        if line.event == "stopped" and state != "stopped":
            state, stopped_at = "stopped", line.at
        elif line.event in ("reopened", "cancelled"):
            state, stopped_at = line.event, None
    if state == "cancelled":
        return None
    if stopped_at is None:
        return past[-1].priority, Verdict.RUNNING
    return (past[-1].priority, Verdict.MET) if stopped_at >= start else None


def by_row(now: Now, start: dt.datetime, end: dt.datetime) -> Standing | None:
    """The same as the counting statements have it, which look at the row alone."""
    if now.breached_at is not None and start <= now.breached_at < end:
        return now.priority, Verdict.BREACHED
    if now.breached_at is None and now.stopped_at is not None and start <= now.stopped_at < end:
        return now.priority, Verdict.MET
    later = now.breached_at or now.stopped_at
    undecided = later >= end if later else now.state in ("running", "paused")
    return (now.priority, Verdict.RUNNING) if undecided and now.started_at < end else None
