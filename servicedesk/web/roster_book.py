"""What a page of the roster shows, read once, and the days of people as rows of a table."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask import url_for

from cmdb.database import db
from cmdb.people import Person
from servicedesk.language import gettext as _
from servicedesk.rota import loading, reading
from servicedesk.rota.facts import Facts, Kind, Origin, Part
from servicedesk.rota.models import Absence, Seat, SeatLog
from servicedesk.rota.titles import hours_of
from servicedesk.web.roster_words import duty_name, short_names

PARTS = (Part.MORNING, Part.AFTERNOON)


@dataclass(frozen=True)
class Block:
    """What somebody does in one part of a day, or in the whole of it (`span` 2).

    `kind` is "desk", "site", "away", "off", "lost" (an open seat of who is away) or "" for nothing.
    """

    kind: str
    text: str = ""
    hint: str = ""
    url: str = ""
    is_substitute: bool = False


@dataclass(frozen=True)
class Cell:
    blocks: Sequence[Block]
    span: int = 1
    begins_day: bool = False


@dataclass(frozen=True)
class Cover:
    """How many of the seats in a part of a day are filled; `url` leads to the first open one."""

    filled: int
    total: int
    url: str = ""
    begins_day: bool = False

    @property
    def open(self) -> int:
        return self.total - self.filled


@dataclass
class Book:
    """The published roster of a stretch of days. `names` are short; `lost` is who lost a seat."""

    seats: Sequence[Seat]
    absences: Sequence[Absence]
    people: Sequence[Person]
    facts: Facts
    lost: dict[int, int]
    names: dict[int, str] = field(default_factory=dict)

    def __post_init__(self):
        self.names = dict(short_names(self.people))
        self._facts = {person.id: person for person in self.facts.people}
        self._taken, self._missed, self._away = (defaultdict(list) for _ in range(3))
        for seat in self.seats:
            holder = self.lost.get(seat.id) if seat.person_id is None else seat.person_id
            for part in reading.parts_of(seat):
                taken = self._taken if seat.person_id else self._missed
                taken[holder, seat.date, part].append(seat)
        for absence in self.absences:
            self._away[absence.person_id].append(absence)

    def days(self, days: Iterable[dt.date]) -> list[dt.date]:
        """Those days that are working days, or on which somebody is needed."""
        needed = {seat.date for seat in self.seats}
        return [day for day in days if day.isoweekday() <= 5 or day in needed]

    def is_away(self, person_id: int, day: dt.date, part: Part) -> bool:
        return any(
            absence.first <= day <= absence.last and absence.part.span.overlaps(part.span)
            for absence in self._away[person_id]
        )

    def works(self, person_id: int, day: dt.date, part: Part) -> bool:
        """Whether somebody works by contract in a part of a day."""
        person = self._facts.get(person_id)
        works = person and person.part(day)
        return works is not None and works.span.contains(part.span)

    def away_on(self, day: dt.date) -> list[Person]:
        """Who is away for a part of a day on which they would work, by name."""
        return [
            person
            for person in self.people
            if any(
                self.works(person.id, day, part) and self.is_away(person.id, day, part)
                for part in PARTS
            )
        ]

    def row_of(self, person: Person, days: Sequence[dt.date]) -> list[Cell]:
        """The days of somebody, part by part; a day that is one thing is one cell."""
        cells = []
        for day in days:
            morning, afternoon = (self._blocks(person.id, day, part) for part in PARTS)
            if morning == afternoon and (not morning or morning[0].kind):
                cells.append(Cell(morning, 2, True))
            else:
                cells += [Cell(morning, 1, True), Cell(afternoon)]
        return cells

    def _blocks(self, person_id: int, day: dt.date, part: Part) -> list[Block]:
        taken = self._taken.get((person_id, day, part), ())
        if taken:
            return [block_of(seat) for seat in taken]
        missed = self._missed.get((person_id, day, part), ())
        if missed and self.is_away(person_id, day, part):
            return [Block("lost", _("Open"), duty_name(seat), seat_url(seat)) for seat in missed]
        if not self.works(person_id, day, part):
            return [Block("off", _("vrij"))]
        if self.is_away(person_id, day, part):
            return [Block("away", _("Afwezig"))]
        return [Block("")]

    def cover(self, kind: Kind, days: Sequence[dt.date]) -> list[Cover]:
        """How the desk or the visits are covered, part by part."""
        found = []
        for day in days:
            for part in PARTS:
                seats = [
                    seat
                    for seat in self.seats
                    if seat.date == day
                    and seat.duty.kind == kind
                    and part in reading.parts_of(seat)
                ]
                empty = [seat for seat in seats if seat.person_id is None]
                url = seat_url(empty[0]) if empty else ""
                found.append(
                    Cover(len(seats) - len(empty), len(seats), url, part == Part.MORNING)
                )
        return found

    @property
    def open(self) -> list[Seat]:
        return [seat for seat in self.seats if seat.person_id is None]


def read(first: dt.date, last: dt.date, facts: Facts | None = None) -> Book:
    """All that the pages show of these days, in a number of queries that never grows."""
    seats = reading.seats(first, last)
    people = {person.id: person for person in reading.people()}
    people |= {seat.person.id: seat.person for seat in seats if seat.person}
    return Book(
        seats,
        reading.absences(first, last),
        sorted(people.values(), key=lambda person: (person.name, person.id)),
        facts or loading.load_facts(first, last),
        _lost(seats),
    )


def _lost(seats: Sequence[Seat]) -> dict[int, int]:
    """Whose absence opened a seat, of the seats that are open."""
    open_seats = [seat.id for seat in seats if seat.person_id is None]
    if not open_seats:
        return {}
    logs = (
        sa.select(SeatLog.seat_id, SeatLog.before_id)
        .where(SeatLog.seat_id.in_(open_seats), SeatLog.reason == "absence")
        .order_by(SeatLog.id)
    )
    return dict(db.session.execute(logs).all())


def seat_url(seat: Seat) -> str:
    return url_for("roster.seat", key=seat.id)


def block_of(seat: Seat) -> Block:
    """A seat that somebody has, as others see it in the week."""
    is_site = seat.duty.kind == Kind.SITE
    return Block(
        "site" if is_site else "desk",
        seat.duty.municipality.name if is_site else _("Balie"),
        hours_of(seat.duty) if is_site else f"{seat.duty.name}, {hours_of(seat.duty)}",
        seat_url(seat),
        seat.origin in (Origin.SUBSTITUTE, Origin.SWAP),
    )
