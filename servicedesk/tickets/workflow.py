"""The states of a ticket and the steps between them: one table for check, buttons and docs.

Standard library only.
"""

import enum


class TicketType(enum.StrEnum):
    INCIDENT = "incident"
    SERVICE_REQUEST = "service-request"


class Status(enum.StrEnum):
    NEW = "new"
    IN_PROGRESS = "in-progress"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to work on it."""
        return self in OPEN


class WaitingFor(enum.StrEnum):
    REQUESTER = "requester"
    SUPPLIER = "supplier"
    SITE_DAY = "site-day"
    CHANGE = "change"
    PROBLEM = "problem"


class Channel(enum.StrEnum):
    PORTAL = "portal"
    PHONE = "phone"
    WALK_IN = "walk-in"
    IMPORT = "import"


class Route(enum.StrEnum):
    """Who of the roster gets a new ticket: who is on the desk, or at the municipality today."""

    DESK = "desk"
    SITE = "site"


class Severity(enum.StrEnum):
    """How bad an outage or planned work is for the item: users notice, or nothing works."""

    DEGRADED = "degraded"
    DOWN = "down"


OPEN = frozenset({Status.NEW, Status.IN_PROGRESS, Status.WAITING})
# Nobody works on it any more, and nobody has to look at it again.
SETTLED = frozenset({Status.CLOSED, Status.CANCELLED})

NEXT: dict[Status, frozenset[Status]] = {
    Status.NEW: frozenset({Status.IN_PROGRESS, Status.WAITING, Status.RESOLVED, Status.CANCELLED}),
    Status.IN_PROGRESS: frozenset({Status.NEW, Status.WAITING, Status.RESOLVED, Status.CANCELLED}),
    # From one waiting to another, as well: first the supplier, then the change.
    Status.WAITING: frozenset(
        {Status.NEW, Status.IN_PROGRESS, Status.WAITING, Status.RESOLVED, Status.CANCELLED}
    ),
    Status.RESOLVED: frozenset({Status.IN_PROGRESS, Status.WAITING, Status.NEW, Status.CLOSED}),
    Status.CLOSED: frozenset({Status.IN_PROGRESS}),
    Status.CANCELLED: frozenset({Status.IN_PROGRESS}),
}


def may_become(status: Status, following: Status) -> bool:
    return following in NEXT[status]
