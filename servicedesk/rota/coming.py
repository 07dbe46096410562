"""Who comes to a municipality, as far as published."""

import datetime as dt
from typing import NamedTuple

import sqlalchemy as sa

from cmdb.database import db
from cmdb.organisation import Location
from cmdb.people import Person
from servicedesk.rota.models import Duty, Seat
from servicedesk.rota.reading import SEAT_WITH_ALL, seats


class Visit(NamedTuple):
    """A visit as its municipality sees it; `name` is None while nobody has it.

    `starts` and `ends` are minutes since local midnight.
    """

    date: dt.date
    name: str | None
    building: str | None
    room: str
    starts: int
    ends: int


def visits(municipality_id: int, first: dt.date, last: dt.date) -> list[Seat]:
    """The visits to a municipality on these days, open ones too."""
    return [seat for seat in seats(first, last) if seat.municipality_id == municipality_id]


def next_visit(municipality_id: int, after: dt.date) -> Seat | None:
    """The first visit to a municipality on or after a day."""
    return db.session.scalar(_NEXT_SEAT, {"home": municipality_id, "after": after})


def next_shown(municipality_id: int, after: dt.date) -> Visit | None:
    """The same visit, with no more of it than a requester's page shows."""
    found = db.session.execute(_NEXT_SHOWN, {"home": municipality_id, "after": after}).first()
    return found and Visit(*found)


def _first(seats: sa.Select) -> sa.Select:
    return (
        seats.join(Seat.duty)
        .where(
            Seat.municipality_id == sa.bindparam("home"),
            Seat.date >= sa.bindparam("after"),
            Seat.is_needed,
        )
        .order_by(Seat.date, Duty.starts, Seat.nr)
        .limit(1)
    )


# Put together once: each page of a ticket asks one of them.
_NEXT_SEAT = _first(sa.select(Seat)).options(*SEAT_WITH_ALL)
_NEXT_SHOWN = (
    _first(sa.select(Seat.date, Person.name, Location.name, Duty.room, Duty.starts, Duty.ends))
    .outerjoin(Duty.location)
    .outerjoin(Seat.person)
)
