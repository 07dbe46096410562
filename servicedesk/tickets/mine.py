"""The selects behind a requester's own list: open and done, page by page."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.people import Person
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import Status

PAGE = 20
_DONE = (Status.CLOSED, Status.CANCELLED)


@dataclass(frozen=True)
class Page:
    """Some tickets, newest first, and the keys of the first and the last where more follow that way."""

    tickets: list[Ticket]
    before: str | None
    after: str | None


def own(person: Person) -> sa.Select:
    return sa.select(Ticket).where(Ticket.owned_by(person))


def counts(person: Person) -> tuple[int, int]:
    """How many of the person's tickets still ask for something, and how many are done."""
    done = Ticket.status.in_(_DONE)
    counted = sa.select(sa.func.count().filter(~done), sa.func.count().filter(done))
    open_count, done_count = db.session.execute(counted.where(Ticket.owned_by(person))).one()
    return open_count, done_count


def only(tickets: sa.Select, done: bool) -> sa.Select:
    """Of `tickets`, those that are done, or those that are not."""
    condition = Ticket.status.in_(_DONE)
    return tickets.where(condition if done else ~condition)


def page(tickets: sa.Select, before: str | None = None, after: str | None = None) -> Page:
    """The page of `tickets` beyond a key of another page; a key that is none gives the first page."""
    at, backwards = _read_key(after), False
    if at is None:
        at, backwards = _read_key(before), True
    key = sa.tuple_(Ticket.created_at, Ticket.id)
    if at:
        bound = sa.tuple_(sa.literal(at[0], Ticket.created_at.type), sa.literal(at[1]))
        tickets = tickets.where(key > bound if backwards else key < bound)
    else:
        backwards = False
    order = (Ticket.created_at, Ticket.id) if backwards else (Ticket.created_at.desc(), Ticket.id.desc())
    found = list(
        db.session.scalars(
            tickets.options(
                joinedload(Ticket.assignee),
                joinedload(Ticket.team),
                joinedload(Ticket.response_clock),
                joinedload(Ticket.resolution_clock),
            )
            .order_by(*order)
            .limit(PAGE + 1)
        )
    )
    more, shown = len(found) > PAGE, found[:PAGE]
    if backwards:
        shown.reverse()
    has_before, has_after = (more, True) if backwards else (at is not None, more)
    return Page(
        shown,
        _key(shown[0]) if shown and has_before else None,
        _key(shown[-1]) if shown and has_after else None,
    )


def _key(ticket: Ticket) -> str:
    return f"{int(ticket.created_at.timestamp())}-{ticket.id}"


def _read_key(key: str | None) -> tuple[dt.datetime, int] | None:
    seconds, dash, number = (key or "").partition("-")
    if not (dash and seconds.isascii() and seconds.isdigit() and number.isascii() and number.isdigit()):
        return None
    if len(seconds) > 11 or len(number) > 9:
        return None
    return dt.datetime.fromtimestamp(int(seconds), dt.UTC), int(number)
