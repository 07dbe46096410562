"""What managers were asked to confirm, and which items may be one and the same.

They point at items by key only: an item that is removed leaves what was said of it.
"""

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Model
from cmdb.items import ChangeSet, Item, choice
from cmdb.people import Person
from cmdb.tenancy import Walled


class Outcome(enum.StrEnum):
    """What a manager said of an item."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"


class Question(Walled, Model):
    """An item that its manager is asked to confirm, in the round that began on a day.

    `score` and `reasons` tell why it was chosen, as `servicedesk.quality.risk` worked it out.
    """

    __tablename__ = "certification_question"
    __table_args__ = (sa.UniqueConstraint("person_id", "asked_on", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    item_id: Mapped[int] = mapped_column(index=True)
    asked_on: Mapped[dt.date] = mapped_column(index=True)
    score: Mapped[int]
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    done_at: Mapped[dt.datetime | None]
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome))

    item: Mapped[Item | None] = relationship(
        viewonly=True, primaryjoin=lambda: sa.orm.foreign(Question.item_id) == Item.id
    )


class Verdict(enum.StrEnum):
    OPEN = "open"
    DISTINCT = "distinct"
    MERGED = "merged"


class Pair(Walled, Model):
    """Two items that may be one and the same; `first_id` is the lower key.

    `evidence` holds pairs of a kind of mark and the value on which they agree. `moved` are the
    tickets that a merge took from one to the other.
    """

    __tablename__ = "duplicate_pair"
    __table_args__ = (sa.Index("ix_duplicate_pair_verdict", "verdict", "first_id", "second_id"),)

    first_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    second_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    evidence: Mapped[list[Any]]
    found_at: Mapped[dt.datetime]
    verdict: Mapped[Verdict] = mapped_column(choice(Verdict), default=Verdict.OPEN)
    judged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    judged_at: Mapped[dt.datetime | None]
    change_set_id: Mapped[int | None] = mapped_column(sa.ForeignKey("change_set.id"), index=True)
    moved: Mapped[list[Any]] = mapped_column(default=list)

    judged_by: Mapped[Person | None] = relationship()
    change_set: Mapped[ChangeSet | None] = relationship()
    first: Mapped[Item | None] = relationship(
        viewonly=True, primaryjoin=lambda: sa.orm.foreign(Pair.first_id) == Item.id
    )
    second: Mapped[Item | None] = relationship(
        viewonly=True, primaryjoin=lambda: sa.orm.foreign(Pair.second_id) == Item.id
    )
