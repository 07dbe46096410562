"""The tables of the hand-over of the desk: its lines, and who took over. The centre's alone."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Model
from cmdb.people import Person
from cmdb.tenancy import Walled


class HandoverLine(Walled, Model):
    """What one shift of the desk tells the next; it stays on the sheet until somebody ticks it."""

    __table_args__ = (
        sa.Index(
            "ix_handover_line_open",
            "id",
            postgresql_where=sa.text("done_at IS NULL"),
            sqlite_where=sa.text("done_at IS NULL"),
        ),
        sa.Index("ix_handover_line_done_at", "done_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(sa.String(300))
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    by: Mapped[Person] = relationship(viewonly=True, foreign_keys=by_id)
    done_by: Mapped[Person | None] = relationship(viewonly=True, foreign_keys=done_by_id)


class HandoverAcceptance(Walled, Model):
    """Who has a seat at the desk read the sheet and took over; `person_id` is who that was."""

    seat_id: Mapped[int] = mapped_column(sa.ForeignKey("seat.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    at: Mapped[dt.datetime]
