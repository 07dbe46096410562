"""What the product writes when a ticket lives: the same rows as `servicedesk.tickets.actions`, fast.

`tests/bench/test_lives.py` holds each verb against the product itself.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from servicedesk.tickets.workflow import OPEN, Status, WaitingFor
from sla import clock as rules
from sla.hours import Timeline
from sla.instants import to_datetime, to_epoch

Row = dict[str, Any]


@dataclass(frozen=True)
class Promised:
    """A target as a row of the database has it; `minutes` of service."""

    id: int
    kind: str
    minutes: int


@dataclass(frozen=True)
class Terms:
    """What one municipality was promised: targets by (type, priority), in the hours of a calendar."""

    calendar_id: int
    revision: int
    hours: Timeline
    paused_while: frozenset[str]
    targets: dict[tuple[str, int], list[Promised]]


class ClockLife:
    """One clock, its ledger and its events."""

    def __init__(
        self, key: int, municipality_id: int, priority: int, promised: Promised, terms: Terms, at
    ):
        self.key, self.municipality_id = key, municipality_id
        self._priority, self._promised, self._terms = priority, promised, terms
        self.state = rules.start(to_epoch(at), promised.minutes * 60)
        self._started_at = at
        self._stopped_at = self._breached_at = None
        self._is_cancelled = False
        self.ledger: list[Row] = []
        self.events: list[Row] = []
        self._log("started", at)

    @property
    def due_at(self) -> dt.datetime | None:
        return _moment(rules.due_at(self.state, self._terms.hours))

    def change(self, event: str, rule: Callable, at: dt.datetime) -> None:
        before = self.state
        state, fired = rule(before, self._terms.hours, to_epoch(at))
        self._record(state, fired)
        if state.state == rules.STOPPED and before.state != rules.STOPPED:
            self._stopped_at = at
        if state != before or event == "cancelled":
            self._log(event, at)

    def cancel(self, at: dt.datetime) -> None:
        if self.state.state == rules.STOPPED:
            return
        self.change("cancelled", rules.stop, at)
        self._is_cancelled, self._stopped_at = True, None

    def tick(self, now: dt.datetime) -> None:
        self._record(*rules.settle(self.state, self._terms.hours, to_epoch(now), inclusive=True))

    def row(self) -> Row:
        state, hours = self.state, self._terms.hours
        return {
            "id": self.key,
            "municipality_id": self.municipality_id,
            "kind": self._promised.kind,
            "priority": self._priority,
            "target_id": self._promised.id,
            "calendar_id": self._terms.calendar_id,
            "planned_revision": self._terms.revision,
            "state": "cancelled" if self._is_cancelled else state.state,
            "target_seconds": state.target_seconds,
            "elapsed_seconds": state.elapsed_seconds,
            "running_since": _moment(state.running_since),
            "spells": [list(spell) for spell in state.spells],
            "fired": list(state.fired),
            "stopped_from": state.stopped_from,
            "stopped_target": state.stopped_target,
            "started_at": self._started_at,
            "due_at": self.due_at,
            "next_event_at": _moment(rules.next_event(state, hours)),
            "stopped_at": self._stopped_at,
            "breached_at": self._breached_at,
            "faulty_since": None,
            "entries": len(self.ledger),
        }

    def _record(self, state: rules.ClockState, fired: tuple[rules.Fired, ...]) -> None:
        self.state = state
        for event in fired:
            at = to_datetime(event.at)
            if event.threshold == rules.BREACH:
                self._breached_at = at
            self.events.append(
                {
                    "clock_id": self.key,
                    "municipality_id": self.municipality_id,
                    "threshold": event.threshold,
                    "at": at,
                    "noticed_at": at + dt.timedelta(seconds=3),
                    "target_seconds": state.target_seconds,
                    "elapsed_seconds": rules.elapsed(state, self._terms.hours, event.at),
                }
            )

    def _log(self, event: str, at: dt.datetime) -> None:
        self.ledger.append(
            {
                "clock_id": self.key,
                "municipality_id": self.municipality_id,
                "sequence": len(self.ledger) + 1,
                "at": at,
                "event": event,
                "priority": self._priority,
                "target_seconds": self.state.target_seconds,
                "elapsed_seconds": self.state.elapsed_seconds,
                "due_at": self.due_at,
            }
        )


@dataclass
class TicketLife:
    """One ticket: `row` as it is stored, its story and its clocks. The verbs are those of `actions`."""

    row: Row
    terms: Terms
    entries: list[Row] = field(default_factory=list)
    clocks: list[ClockLife] = field(default_factory=list)

    def file(
        self, requester_id: int, name: str, body: str, clock_key: int, at: dt.datetime
    ) -> None:
        row = self.row
        promised = self.terms.targets.get((row["type"], row["priority"]), [])
        for key, target in enumerate(promised, clock_key):
            clock = ClockLife(key, row["municipality_id"], row["priority"], target, self.terms, at)
            self.clocks.append(clock)
            row[f"{target.kind}_clock_id"] = key
        row |= {"status": Status.NEW, "created_at": at, "updated_at": at}
        self._repeat_due()
        self._write(requester_id, at, body, {"event": "filed", "by": name})

    def take(self, by: int, name: str, team: str, at: dt.datetime) -> None:
        before = {"team": team, "assignee": None}
        self.row["assignee_id"] = by
        after = {"team": team, "assignee": name}
        self._write(by, at, "", {"event": "assignment", "from": before, "to": after})
        self.move(Status.IN_PROGRESS, by, at)

    def reply(self, by: int, body: str, at: dt.datetime) -> None:
        self._write(by, at, body, None)

    def move(
        self,
        status: Status,
        by: int | None,
        at: dt.datetime,
        *,
        body: str = "",
        waiting_for: WaitingFor | None = None,
        reason: str = "",
    ) -> None:
        change = {"event": "status", "from": self.row["status"], "to": status}
        change |= {"waiting_for": waiting_for} if waiting_for else {}
        change |= {"reason": reason} if reason else {}
        self.row |= {"status": status, "waiting_for": waiting_for}
        if status == Status.RESOLVED:
            self.row["resolved_at"] = at
            self.row["assignee_id"] = self.row["assignee_id"] or by
        if status in (Status.CLOSED, Status.CANCELLED):
            self.row["closed_at"] = at
        for clock in self.clocks:
            self._turn(clock, clock.key == self.row["response_clock_id"], status, waiting_for, at)
        self._repeat_due()
        self._write(by, at, body, change)

    def _turn(self, clock: ClockLife, responds: bool, status, waiting_for, at: dt.datetime) -> None:
        if status == Status.CANCELLED:
            clock.cancel(at)
        elif responds:
            if status != Status.NEW:
                clock.change("stopped", rules.stop, at)
        elif status not in OPEN:
            clock.change("stopped", rules.stop, at)
        elif waiting_for in self.terms.paused_while:
            clock.change("paused", rules.pause, at)
        else:
            clock.change("resumed", rules.resume, at)

    def _repeat_due(self) -> None:
        due = [c.due_at for c in self.clocks if c.key == self.row["resolution_clock_id"]]
        self.row["due_at"] = due[0] if due else None

    def _write(self, by: int | None, at: dt.datetime, body: str, change: Row | None) -> None:
        self.row["updated_at"] = at
        self.entries.append(
            {
                "municipality_id": self.row["municipality_id"],
                "ticket_id": self.row["id"],
                "at": at,
                "author_id": by,
                "is_internal": False,
                "body": body,
                "change": change,
            }
        )


def _moment(at: int | None) -> dt.datetime | None:
    return None if at is None else to_datetime(at)
