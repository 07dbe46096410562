"""How far the rounds of confirmation are, as of any day, by manager and by municipality.

Of each manager it is the round that began last. It is counted in scope `EVERYTHING`, as the
questions are of those who look after all items; who reads it gets what she may see.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item, ItemConsumer
from cmdb.people import Person
from cmdb.tenancy import everything
from servicedesk.quality.models import Outcome, Question


@dataclass(frozen=True)
class Progress:
    """A manager's questions about items of one owner; None is the centre."""

    manager: str
    began_on: dt.date
    owner_id: int | None
    asked: int
    done: int
    corrected: int


def progress(
    day: dt.date, at: dt.datetime, municipalities: Collection[int] | None = None
) -> list[Progress]:
    """The rounds as they stood at the moment `at` of a day.

    `municipalities` are those whose items, and what they use, the reader may see; None means all.
    """
    last = (
        sa.select(Question.person_id, sa.func.max(Question.asked_on).label("on"))
        .where(Question.asked_on <= day)
        .group_by(Question.person_id)
        .subquery()
    )
    is_done = Question.done_at <= at
    is_corrected = sa.and_(is_done, Question.outcome == Outcome.CORRECTED)
    rows = (
        sa.select(
            Person.name,
            Question.asked_on,
            Item.municipality_id,
            sa.func.count(),
            sa.func.sum(sa.case((is_done, 1), else_=0)),
            sa.func.sum(sa.case((is_corrected, 1), else_=0)),
        )
        .join(last, (last.c.person_id == Question.person_id) & (last.c.on == Question.asked_on))
        .join(Person, Person.id == Question.person_id)
        .join(Item, Item.id == Question.item_id)
        .group_by(Person.id, Person.name, Question.asked_on, Item.municipality_id)
        .order_by(Person.name, Person.id)
    )
    if municipalities is not None:
        used = sa.select(ItemConsumer.item_id).where(
            ItemConsumer.municipality_id.in_(municipalities)
        )
        rows = rows.where(sa.or_(Item.municipality_id.in_(municipalities), Item.id.in_(used)))
    with everything():
        found = db.session.execute(rows).all()
    return [Progress(*row[:3], *map(int, row[3:])) for row in found]
