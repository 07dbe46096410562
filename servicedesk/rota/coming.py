"""Who comes to a municipality, as far as published."""

import datetime as dt
from typing import NamedTuple

import sqlalchemy as sa

from cmdb.database import db
from cmdb.localtime import ZONE
from cmdb.organisation import Location
from cmdb.people import Person
from servicedesk.rota.models import Duty, Seat
from servicedesk.rota.presence import moment
from servicedesk.rota.reading import seats


class Visit(NamedTuple):
    """A visit as the pages of a ticket show it; `name` is None while nobody has it.

    `starts` and `ends` are minutes since local midnight.
    """

    date: dt.date
    name: str | None
    building: str | None
    room: str
    starts: int
    ends: int

    @property
    def over(self) -> dt.datetime:
        """The moment at which it ends."""
        return moment(self.date, self.ends, ZONE)


def site_seats(municipality_id: int, first: dt.date, last: dt.date) -> list[Seat]:
    """The seats of the visits to a municipality on these days, open ones too."""
    return [seat for seat in seats(first, last) if seat.municipality_id == municipality_id]


def next_visit(municipality_id: int, after: dt.date) -> Visit | None:
    """The first visit to a municipality on or after a day."""
    found = db.session.execute(_NEXT, {"home": municipality_id, "after": after}).first()
    return found and Visit(*found)


# Put together once: each page of a ticket asks it.
_NEXT = (
    sa.select(Seat.date, Person.name, Location.name, Duty.room, Duty.starts, Duty.ends)
    .join(Seat.duty)
    .outerjoin(Duty.location)
    .outerjoin(Seat.person)
    .where(
        Seat.municipality_id == sa.bindparam("home"),
        Seat.date >= sa.bindparam("after"),
        Seat.is_needed,
    )
    .order_by(Seat.date, Duty.starts, Seat.nr)
    .limit(1)
)
