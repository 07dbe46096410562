"""Our figures against those of the better peer in the same run, as ratios: machines differ, ratios hold.

django-helpdesk is measured beside us. Request Tracker is not; its three better figures were taken once on
another machine, and are corrected by how much faster or slower django-helpdesk is here than it was there.
"""

import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.bench import http
from tests.bench.result import Result, number

# Median ms of one client among 100,000 tickets, on 2 cores, 2026-11-23.
HELPDESK_THEN = {
    "queue page": 124.0,
    "ticket with history": 34.0,
    "search, rare word": 1372.0,
    "search, common word": 1783.0,
    "requester files": 15.0,
    "agent replies": 47.0,
    "report, municipality x month": 4323.0,
}
TRACKER_THEN = {
    "search, rare word": 72.0,
    "search, common word": 524.0,
    "report, municipality x month": 90.0,
}


@dataclass(frozen=True)
class Goal:
    """How many times better than the better peer we must be, and aim to be."""

    what: str
    must: float
    aim: float


GOALS = (
    Goal("queue page", 8, 15),
    Goal("queue page, 8 clients", 8, 15),
    Goal("ticket with history", 3, 5),
    Goal("ticket with history, 8 clients", 3, 5),
    Goal("search, rare word", 5, 10),
    Goal("search, common word", 10, 25),
    Goal("report, municipality x month", 2, 10),
    Goal("agent replies", 3, 5),
    Goal("requester files", 1 / 0.8, 2),
    Goal(http.COLD_START, 1, 1 / 0.7),
)


def compare(ours: Iterable[Result], helpdesk: Iterable[Result]) -> Iterator[Result]:
    """For each goal how many times better we are; last the memory, whose bounds are in MB."""
    mine, theirs = ({r.what: r for r in results} for results in (ours, helpdesk))
    pace = _pace(theirs)
    for goal in GOALS:
        if goal.what in mine and goal.what in theirs:
            yield _against(mine[goal.what], theirs[goal.what], goal, pace)
    if http.MEMORY in mine and http.MEMORY in theirs:
        megabytes = theirs[http.MEMORY].value
        goal = Goal(http.MEMORY, megabytes / http.MUST_MEMORY, megabytes / http.AIM_MEMORY)
        yield _against(mine[http.MEMORY], theirs[http.MEMORY], goal, pace)


def _pace(helpdesk: dict[str, Result]) -> float:
    """How many times as long django-helpdesk takes here as it took on the other machine."""
    return statistics.geometric_mean(
        helpdesk[what].value / then for what, then in HELPDESK_THEN.items() if what in helpdesk
    )


def _against(ours: Result, helpdesk: Result, goal: Goal, pace: float) -> Result:
    value, name, used = helpdesk.value, "django-helpdesk", ""
    if ours.cpu and helpdesk.cpu:
        used = f", CPU {number(ours.cpu)} and {number(helpdesk.cpu)} ms"
    if then := TRACKER_THEN.get(goal.what):
        value, used = then * pace, ""
        name = f"Request Tracker (not run: {then:.0f} ms elsewhere x {pace:.2f})"
    ratio = ours.value / value if ours.more_is_better else value / ours.value
    shares = [each.foreign for each in (ours, helpdesk) if each.foreign is not None]
    return Result(
        goal.what,
        "x",
        ratio,
        goal.must,
        goal.aim,
        more_is_better=True,
        note=f"ours {number(ours.value)}, {number(value)} {ours.unit} of {name}{used}",
        foreign=max(shares, default=None),
    )
