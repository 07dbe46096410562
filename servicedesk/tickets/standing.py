"""How items are now: what is said of them by themselves, and what follows from that for the rest.

An outage and planned work say how bad it is. An open incident of the highest priority says that
users notice. All of it counts, whosever it is: of the answer a reader sees what she may see.
"""

import datetime as dt
import enum
import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from cmdb.database import UtcDateTime, db
from cmdb.dependencies import Register
from cmdb.impact import Impact, State
from cmdb.key_lists import among_chosen, packed
from cmdb.localtime import local
from cmdb.tenancy import everything
from servicedesk.tickets import queue
from servicedesk.tickets.models import Outage, PlannedWork, PlannedWorkItem, Ticket, TicketItem
from servicedesk.tickets.workflow import Severity, TicketType

STATES = {Severity.DEGRADED: State.DEGRADED, Severity.DOWN: State.DOWN}
# By the words of the database: to look a member up takes ten times as long.
_STATES = {severity.value: state for severity, state in STATES.items()}
_CRITICAL = 1


class Source(enum.StrEnum):
    OUTAGE = "outage"
    PLANNED_WORK = "planned-work"
    TICKET = "ticket"


_SOURCES = {source.value: source for source in Source}


class Said(NamedTuple):
    """What records of one kind say of an item; `keys` are of the records."""

    source: Source
    keys: Sequence[int]
    state: State


@dataclass(frozen=True)
class Standing:
    """How everything is, by keys of items, and what was said to begin with."""

    found: Impact
    said: Mapping[int, list[Said]]

    def causes(self, item_id: int) -> list[Said]:
        """What was said at the end of the chain that explains the state of the item."""
        if self.found.state(item_id) is State.OK:
            return []
        return self.said.get(self.found.chain(item_id)[-1][0], [])


def standing(now: dt.datetime, confirmed: bool = False) -> Standing:
    """How all items are now; costs one statement while nothing is wrong.

    `confirmed` leaves out what incidents say: that is for who reads it as a promise of the centre.
    """
    with everything():
        told = said(now, now)
        if confirmed:
            told = _by_the_centre(told)
        graph = Register(local(now).date()).below(told)
    return Standing(graph.impact(worst(told)), told)


def said(at: dt.datetime, now: dt.datetime, apart_from: int | None = None) -> dict[int, list[Said]]:
    """What is said at the moment `at`, by item; ask in scope `EVERYTHING`.

    `at` may lie ahead: what runs now is then taken to run still. `apart_from` is the key of planned
    work that is left out.
    """
    asked = {"at": at, "apart_from": apart_from or 0}
    found: dict[int, list[Said]] = defaultdict(list)
    # All at once: one by one, each row costs four times as much.
    rows = db.session.execute(_asked(at < now), asked).all()
    for item_id, source, severity, keys in rows:
        found[item_id].append(Said(_SOURCES[source], keys, _STATES[severity]))
    return dict(found)


@functools.cache
def _asked(was: bool) -> sa.Select:
    """What is said `at`, put together once; `was` that moment before now?"""
    at = sa.bindparam("at", type_=UtcDateTime)
    runs = sa.or_(Outage.ended_at.is_(None), Outage.ended_at > at)
    is_open = queue.IS_OPEN
    if was:
        is_open = sa.or_(is_open, sa.func.coalesce(Ticket.resolved_at, Ticket.closed_at) > at)
    critical = sa.select(Ticket.id).where(
        Ticket.priority == _CRITICAL,
        Ticket.type == TicketType.INCIDENT,
        Ticket.created_at <= at,
        is_open,
    )
    degraded = sa.literal(Severity.DEGRADED.value)
    asked = (
        _told(Outage.item_id, Source.OUTAGE, Outage.severity, Outage.id).where(
            Outage.started_at <= at, runs
        ),
        _told(
            PlannedWorkItem.item_id, Source.PLANNED_WORK, PlannedWork.severity, PlannedWork.id
        )
        .join(PlannedWork, PlannedWork.id == PlannedWorkItem.planned_work_id)
        .where(
            PlannedWork.starts_at <= at,
            PlannedWork.ends_at > at,
            PlannedWork.cancelled_at.is_(None),
            PlannedWork.id != sa.bindparam("apart_from"),
        ),
        _told(TicketItem.item_id, Source.TICKET, degraded, TicketItem.ticket_id).where(
            among_chosen(TicketItem.ticket_id, critical)
        ),
    )
    return sa.union_all(*asked)


def _told(item_id, source: Source, severity, key) -> sa.Select:
    """A row for each item and how bad it is; there are far more records than items."""
    word = sa.type_coerce(severity, sa.String).label("severity")
    return sa.select(item_id, sa.literal(source.value), word, packed(key)).group_by(item_id, word)


def _by_the_centre(told: Mapping[int, list[Said]]) -> dict[int, list[Said]]:
    found = {
        item_id: [one for one in some if one.source is not Source.TICKET]
        for item_id, some in told.items()
    }
    return {item_id: some for item_id, some in found.items() if some}


def worst(told: Mapping[int, list[Said]]) -> dict[int, State]:
    """By item the worst that is said of it."""
    return {item_id: max(one.state for one in some) for item_id, some in told.items()}
