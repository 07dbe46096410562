"""The selects behind a requester's own list: open and done, page by page."""

import datetime as dt
import re
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db, written
from cmdb.people import Person
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import SETTLED

PAGE = 20
_KEY = re.compile(r"(\d{1,11})-(\d{1,9})", re.ASCII)


@dataclass(frozen=True)
class Page:
    """Some tickets, newest first, and the keys at its ends beyond which there are more."""

    tickets: list[Ticket]
    before: str | None
    after: str | None


def own(person: Person) -> sa.Select:
    return sa.select(Ticket).where(Ticket.owned_by(person))


def counts(person: Person) -> tuple[int, int]:
    """How many of the person's tickets still ask for something, and how many are done."""
    open_count, done_count = db.session.execute(_COUNTED, {"person": person.id}).one()
    return open_count, done_count


_DONE = Ticket.status.in_([written(state) for state in sorted(SETTLED)])
# Put together once: each page of the portal asks it.
_COUNTED = sa.select(sa.func.count().filter(~_DONE), sa.func.count().filter(_DONE)).where(
    Ticket.requester_id == sa.bindparam("person")
)


def only(tickets: sa.Select, done: bool) -> sa.Select:
    """Of `tickets`, those that are done, or those that are not."""
    return tickets.where(_DONE if done else ~_DONE)


def page(tickets: sa.Select, before: str | None = None, after: str | None = None) -> Page:
    """The page of `tickets` beyond a key of another page; what is no key gives the first page."""
    start, end = _read_key(after), _read_key(before)
    key = sa.tuple_(Ticket.created_at, Ticket.id)
    newest_first = (Ticket.created_at.desc(), Ticket.id.desc())
    if start is not None:
        found = _some(tickets.where(key < start).order_by(*newest_first))
    elif end is not None:
        found = _some(tickets.where(key > end).order_by(Ticket.created_at, Ticket.id))
    else:
        found = _some(tickets.order_by(*newest_first))
    more, shown = len(found) > PAGE, found[:PAGE]
    if end is not None and start is None:
        return _between(shown[::-1], has_before=more, has_after=True)
    return _between(shown, has_before=start is not None, has_after=more)


def _some(tickets: sa.Select) -> list[Ticket]:
    """One more than a page, with what the promise is made of."""
    promised = (Ticket.assignee, Ticket.team, Ticket.response_clock, Ticket.resolution_clock)
    loaded = tickets.options(*(joinedload(part) for part in promised))
    return list(db.session.scalars(loaded.limit(PAGE + 1)))


def _between(shown: list[Ticket], *, has_before: bool, has_after: bool) -> Page:
    return Page(
        shown,
        _key(shown[0]) if shown and has_before else None,
        _key(shown[-1]) if shown and has_after else None,
    )


def _key(ticket: Ticket) -> str:
    return f"{int(ticket.created_at.timestamp())}-{ticket.id}"


def _read_key(key: str | None) -> sa.Tuple | None:
    written = _KEY.fullmatch(key or "")
    if written is None:
        return None
    at = dt.datetime.fromtimestamp(int(written[1]), dt.UTC)
    return sa.tuple_(sa.literal(at, Ticket.created_at.type), sa.literal(int(written[2])))
