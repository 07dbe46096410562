"""The tables of the roster: what is planned from, and what was published.

A municipality sees the visits to itself and nothing else; the rest is the centre's.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from cmdb.database import Model
from cmdb.items import choice
from cmdb.organisation import Location, Municipality
from cmdb.people import Person
from cmdb.tenancy import Owned, Walled
from servicedesk.rota.facts import Kind, Origin, Part
from servicedesk.rota.words import AbsenceKind, AbsenceState, FeedScope, SwapState


class Duty(Owned, Model):
    """Recurring demand for people: a shift of the desk, or site days at a municipality.

    `starts` and `ends` are minutes since local midnight; `weekdays` are ISO numbers. `every` N
    weeks counts from the Monday `anchor`. `skilled_seats` of the seats ask for `skill`.
    """

    __table_args__ = (
        sa.CheckConstraint(
            "(kind = 'site') = (municipality_id IS NOT NULL)", name="site_is_theirs"
        ),
        sa.CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="hours"),
        sa.CheckConstraint("seats >= 1 AND skilled_seats BETWEEN 0 AND seats", name="seats"),
        sa.CheckConstraint("every >= 1", name="every"),
        sa.ForeignKeyConstraint(
            ["municipality_id", "location_id"], ["location.municipality_id", "location.id"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("municipality.id"), index=True
    )
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    name: Mapped[str] = mapped_column(sa.String(80))
    starts: Mapped[int]
    ends: Mapped[int]
    weekdays: Mapped[list[Any]]
    seats: Mapped[int] = mapped_column(default=1)
    skill: Mapped[str | None] = mapped_column(sa.String(40))
    skilled_seats: Mapped[int] = mapped_column(default=0)
    every: Mapped[int] = mapped_column(default=1)
    anchor: Mapped[dt.date]
    location_id: Mapped[int | None]
    room: Mapped[str] = mapped_column(sa.String(80), default="")
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]

    municipality: Mapped[Municipality | None] = relationship(viewonly=True)
    location: Mapped[Location | None] = relationship(
        viewonly=True, primaryjoin=lambda: foreign(Duty.location_id) == Location.id
    )
    people: Mapped[list["DutyPerson"]] = relationship(viewonly=True, order_by="DutyPerson.id")


class DutyPerson(Walled, Model):
    """Somebody who may come to a site: as its face (rank 1), the deputy (2), or authorised (None).

    A rank is of one weekday; without a weekday it is of all.
    """

    __table_args__ = (
        sa.UniqueConstraint("duty_id", "person_id", "weekday"),
        sa.Index(
            "ix_duty_person_rank",
            "duty_id",
            "weekday",
            "rank",
            unique=True,
            postgresql_where=sa.text("rank IS NOT NULL"),
            sqlite_where=sa.text("rank IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    duty_id: Mapped[int] = mapped_column(sa.ForeignKey("duty.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    weekday: Mapped[int | None]
    rank: Mapped[int | None]

    person: Mapped[Person] = relationship(viewonly=True)


class Turn(Walled, Model):
    """A version of the order in which people take a duty; `unit` is "week" or "workday"."""

    __table_args__ = (
        sa.UniqueConstraint("duty_id", "valid_from"),
        sa.CheckConstraint("unit IN ('week', 'workday') AND length >= 1", name="unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    duty_id: Mapped[int] = mapped_column(sa.ForeignKey("duty.id"))
    valid_from: Mapped[dt.date]
    anchor: Mapped[dt.date]
    unit: Mapped[str] = mapped_column(sa.String(8))
    length: Mapped[int] = mapped_column(default=1)

    members: Mapped[list["TurnMember"]] = relationship(
        viewonly=True, order_by="TurnMember.position, TurnMember.person_id"
    )


class TurnMember(Walled, Model):
    """Somebody at a position of a turn; several people at one position take it together."""

    turn_id: Mapped[int] = mapped_column(sa.ForeignKey("turn.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)


class Employment(Walled, Model):
    """Somebody who is planned: hours a week (in minutes), and from when to when."""

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    weekly_minutes: Mapped[int]
    at_desk: Mapped[bool] = mapped_column(default=True)
    starts: Mapped[dt.date]
    ends: Mapped[dt.date | None]

    person: Mapped[Person] = relationship(viewonly=True)


class WorkPattern(Walled, Model):
    """The part of a weekday that somebody works; the latest `valid_from` that has begun holds."""

    __table_args__ = (sa.UniqueConstraint("person_id", "valid_from", "weekday"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    valid_from: Mapped[dt.date]
    weekday: Mapped[int]
    part: Mapped[Part] = mapped_column(choice(Part))


class PersonSkill(Walled, Model):
    """What somebody knows, as a duty may ask for it."""

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    skill: Mapped[str] = mapped_column(sa.String(40), primary_key=True)


class ClosedDay(Owned, Model):
    """A day on which nobody is needed: of the centre, or at one municipality."""

    __table_args__ = (sa.UniqueConstraint("date", "municipality_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    date: Mapped[dt.date]
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    name: Mapped[str] = mapped_column(sa.String(80), default="")


class Move(Owned, Model):
    """A visit that was taken from one day to another."""

    __table_args__ = (sa.UniqueConstraint("duty_id", "away"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    duty_id: Mapped[int] = mapped_column(sa.ForeignKey("duty.id"))
    away: Mapped[dt.date]
    to: Mapped[dt.date]
    at: Mapped[dt.datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Absence(Walled, Model):
    """Somebody is away, both days included. `kind` is for planners only: all others see "away".

    No medical reason is stored, nor is there a place for one (AVG art. 9).
    """

    __table_args__ = (
        sa.CheckConstraint("first <= last", name="order"),
        sa.Index("ix_absence_person_id_last", "person_id", "last"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    first: Mapped[dt.date]
    last: Mapped[dt.date]
    part: Mapped[Part] = mapped_column(choice(Part), default=Part.DAY)
    kind: Mapped[AbsenceKind] = mapped_column(choice(AbsenceKind))
    state: Mapped[AbsenceState] = mapped_column(
        choice(AbsenceState), default=AbsenceState.REGISTERED
    )
    at: Mapped[dt.datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    person: Mapped[Person] = relationship(viewonly=True, foreign_keys=person_id)

    def belongs_to(self, person: Person) -> bool:
        return self.person_id == person.id

    @classmethod
    def owned_by(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.person_id == person.id


class HandChoice(Walled, Model):
    """A planner's choice of somebody for a duty on a day; a plan keeps it."""

    __table_args__ = (sa.UniqueConstraint("date", "duty_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    date: Mapped[dt.date]
    duty_id: Mapped[int] = mapped_column(sa.ForeignKey("duty.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[dt.datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Publication(Walled, Model):
    """A stretch of days whose seats were published."""

    id: Mapped[int] = mapped_column(primary_key=True)
    first: Mapped[dt.date]
    last: Mapped[dt.date]
    at: Mapped[dt.datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class Seat(Owned, Model):
    """A published seat, open while `person_id` is None; `sequence` rises with each change.

    A seat that is no longer asked for is kept with `is_needed` false: calendars still tell of it.
    """

    __table_args__ = (
        sa.UniqueConstraint("date", "duty_id", "nr"),
        sa.Index("ix_seat_person_id_date", "person_id", "date"),
        sa.Index("ix_seat_municipality_id_date", "municipality_id", "date"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    date: Mapped[dt.date]
    duty_id: Mapped[int] = mapped_column(sa.ForeignKey("duty.id"))
    nr: Mapped[int]
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    origin: Mapped[Origin] = mapped_column(choice(Origin))
    is_needed: Mapped[bool] = mapped_column(default=True)
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[dt.datetime]

    duty: Mapped[Duty] = relationship(viewonly=True)
    person: Mapped[Person | None] = relationship(viewonly=True)

    def belongs_to(self, person: Person) -> bool:
        return self.person_id == person.id

    @classmethod
    def owned_by(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.person_id == person.id


class SeatLog(Walled, Model):
    """One change of a seat after publication; never altered."""

    __table_args__ = (sa.Index("ix_seat_log_before_id_at", "before_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(sa.ForeignKey("seat.id"), index=True)
    at: Mapped[dt.datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    before_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    after_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    origin: Mapped[Origin] = mapped_column(choice(Origin))
    sequence: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(40))

    seat: Mapped[Seat] = relationship(viewonly=True)
    by: Mapped[Person | None] = relationship(viewonly=True, foreign_keys=by_id)
    before: Mapped[Person | None] = relationship(viewonly=True, foreign_keys=before_id)
    after: Mapped[Person | None] = relationship(viewonly=True, foreign_keys=after_id)


SWAP_IS_OPEN = sa.text("state IN ('requested', 'accepted')")


class SwapRequest(Walled, Model):
    """`by` gives a seat to `to`, for another or for nothing; or asks `to` to take an open seat.

    Of one seat there is one open request at most: the database refuses a second.
    """

    __table_args__ = (
        sa.Index(
            "ix_swap_request_seat_id_open",
            "seat_id",
            unique=True,
            postgresql_where=SWAP_IS_OPEN,
            sqlite_where=SWAP_IS_OPEN,
        ),
        sa.Index("ix_swap_request_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(sa.ForeignKey("seat.id"))
    other_seat_id: Mapped[int | None] = mapped_column(sa.ForeignKey("seat.id"), index=True)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    state: Mapped[SwapState] = mapped_column(choice(SwapState), default=SwapState.REQUESTED)
    is_ask: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    seat: Mapped[Seat] = relationship(viewonly=True, foreign_keys=seat_id)
    other_seat: Mapped[Seat | None] = relationship(viewonly=True, foreign_keys=other_seat_id)
    by: Mapped[Person] = relationship(viewonly=True, foreign_keys=by_id)
    to: Mapped[Person] = relationship(viewonly=True, foreign_keys=to_id)
    decided_by: Mapped[Person | None] = relationship(viewonly=True, foreign_keys=decided_by_id)

    def belongs_to(self, person: Person) -> bool:
        return person.id in (self.by_id, self.to_id)

    @classmethod
    def owned_by(cls, person: Person) -> sa.ColumnElement[bool]:
        return sa.or_(cls.by_id == person.id, cls.to_id == person.id)


class RotaSetting(Walled, Model):
    """The rules of the one roster, in one row; who writes the roster locks it first.

    `liberation_day` is a rule of `sla.holidays`; None means that public holidays are not closed.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    one_duty_per_day: Mapped[bool] = mapped_column(default=True)
    max_desk_per_week: Mapped[int | None]
    max_desk_days_in_row: Mapped[int | None]
    respect_hours: Mapped[bool] = mapped_column(default=False)
    visit_before_desk: Mapped[bool] = mapped_column(default=True)
    swaps_need_approval: Mapped[bool] = mapped_column(default=True)
    publish_days: Mapped[int] = mapped_column(default=28)
    liberation_day: Mapped[str | None] = mapped_column(sa.String(8), default="yearly")


class OnCall(Walled, Model):
    """Who can be called out of hours, [starts_at, ends_at)."""

    __table_args__ = (sa.CheckConstraint("starts_at < ends_at", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    starts_at: Mapped[dt.datetime] = mapped_column(index=True)
    ends_at: Mapped[dt.datetime]
    phone: Mapped[str] = mapped_column(sa.String(40), default="")

    person: Mapped[Person] = relationship(viewonly=True)


class FeedToken(Owned, Model):
    """A secret address of a calendar, under a name; only its digest is kept.

    It is of the person who made it, and ends with them. `municipality_id` is of whom it tells when
    `scope` is a municipality.
    """

    __table_args__ = (
        sa.CheckConstraint(
            "(scope = 'municipality') = (municipality_id IS NOT NULL)", name="municipality"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    scope: Mapped[FeedScope] = mapped_column(choice(FeedScope))
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    name: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]

    person: Mapped[Person] = relationship(viewonly=True)
    municipality: Mapped[Municipality | None] = relationship(viewonly=True)

    def belongs_to(self, person: Person) -> bool:
        return self.person_id == person.id

    @classmethod
    def owned_by(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.person_id == person.id
