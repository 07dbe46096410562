"""Rounds in which access is looked over, and who looked with whose eyes."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Model
from cmdb.items import choice
from cmdb.organisation import Municipality
from cmdb.people import Person
from cmdb.permissions import Role
from cmdb.tenancy import Owned


class Rhythm(enum.StrEnum):
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class Decision(enum.StrEnum):
    KEEP = "keep"
    TAKE_AWAY = "take-away"
    CHANGE = "change"


class Outcome(enum.StrEnum):
    """What the sign-off did: nothing, stop the access, give another role, or ask for more.

    `DIRECTORY`: the directory would give the role back, so its group has to change.
    `OVERTAKEN`: the role was another already when the review was signed off.
    """

    NOTHING = "nothing"
    STOPPED = "stopped"
    CHANGED = "changed"
    DIRECTORY = "directory"
    OVERTAKEN = "overtaken"


class AccessReview(Owned, Model):
    """A look at everybody's role in one municipality, or in the centre (`municipality_id` None).

    `open_for` is the key of that municipality, 0 for the centre, until it is signed off: there is
    one at a time. Once signed, a trigger of the database refuses every change.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    open_for: Mapped[int | None] = mapped_column(unique=True)
    rhythm: Mapped[Rhythm] = mapped_column(choice(Rhythm))
    reviewer_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    started_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    started_at: Mapped[dt.datetime]
    due_on: Mapped[dt.date]
    signed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    signed_name: Mapped[str] = mapped_column(default="")
    signed_at: Mapped[dt.datetime | None]

    municipality: Mapped[Municipality | None] = relationship(viewonly=True)
    reviewer: Mapped[Person] = relationship(viewonly=True, foreign_keys=reviewer_id)
    started_by: Mapped[Person] = relationship(viewonly=True, foreign_keys=started_by_id)

    @property
    def is_open(self) -> bool:
        return self.signed_at is None


class ReviewLine(Owned, Model):
    """Somebody and their role as they were when the review began, and what was decided of it.

    `directory_group` is the group that gives the role; empty when it was given by hand.
    """

    __tablename__ = "access_review_line"
    __table_args__ = (
        sa.UniqueConstraint("review_id", "person_id"),
        sa.Index("ix_access_review_line_name", "review_id", "name", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("access_review.id"))
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    name: Mapped[str]
    login: Mapped[str]
    role: Mapped[Role] = mapped_column(choice(Role))
    teams: Mapped[str] = mapped_column(default="")
    directory_group: Mapped[str] = mapped_column(default="")
    last_seen_at: Mapped[dt.datetime | None]
    decision: Mapped[Decision | None] = mapped_column(choice(Decision))
    new_role: Mapped[Role | None] = mapped_column(choice(Role))
    remark: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[dt.datetime | None]
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome))

    person: Mapped[Person] = relationship(viewonly=True, foreign_keys=person_id)
    decided_by: Mapped[Person | None] = relationship(viewonly=True, foreign_keys=decided_by_id)


class Viewing(Owned, Model):
    """An administrator who saw the pages as somebody else does, and why; it changes nothing.

    It holds in the one browser whose session it names, until `ends_at` or until it is stopped.
    """

    __table_args__ = (sa.Index("ix_viewing_subject", "subject_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    viewer_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    subject_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    token_hash: Mapped[str] = mapped_column(sa.String(64))
    reason: Mapped[str]
    started_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]

    viewer: Mapped[Person] = relationship(viewonly=True, foreign_keys=viewer_id)
    subject: Mapped[Person] = relationship(viewonly=True, foreign_keys=subject_id)

    @property
    def until(self) -> dt.datetime:
        """When it stopped, or will at the latest."""
        return min(self.ended_at or self.ends_at, self.ends_at)
