"""What the agreement promises about a ticket that would be filed now."""

import datetime as dt
from dataclasses import dataclass

from servicedesk.tickets.workflow import TicketType
from sla.agreements import promised, timeline_of
from sla.instants import to_datetime, to_epoch
from sla.terms import ServiceKind


@dataclass(frozen=True)
class Expected:
    """Service minutes promised, and the moment at which they are used up (R6)."""

    minutes: int
    due_at: dt.datetime | None


def expected(
    municipality_id: int, type: TicketType, priority: int, now: dt.datetime
) -> dict[ServiceKind, Expected]:
    """The promises by kind; empty when nothing is agreed."""
    promises = {}
    for promise in promised(municipality_id, type, priority, now):
        hours = timeline_of(promise.calendar_id, promise.revision)
        due = hours.after(to_epoch(now), promise.minutes * 60)
        promises[promise.kind] = Expected(
            promise.minutes, None if due is None else to_datetime(due)
        )
    return promises
