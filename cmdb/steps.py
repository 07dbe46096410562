"""The steps in the life of an item: when each was taken, and when the next are planned."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from cmdb import beside, versions
from cmdb.database import db
from cmdb.item_parts import ItemStep
from cmdb.items import ChangeSet, Item, ItemStatus
from cmdb.key_lists import batches
from cmdb.localtime import local
from cmdb.refusal import Unfit


def plan_step(
    item: Item, status: ItemStatus, planned_on: dt.date, change_set: ChangeSet
) -> ItemStep:
    """Plan a step: `cmdb.lifecycle` takes it on that day.

    Raises:
        ValueError: the day has come; one Dutch sentence.
    """
    if planned_on <= local(change_set.at).date():
        raise Unfit("Kies een dag na vandaag. Of wijzig de status nu.")
    return _kept(item, ItemStep(status=status, planned_on=planned_on), change_set)


def record_step(
    item: Item, status: ItemStatus, done_on: dt.date, change_set: ChangeSet
) -> ItemStep:
    """Record on which day a step was taken, such as one of before the register.

    Raises:
        ValueError: the day is still to come; one Dutch sentence.
    """
    if done_on > local(change_set.at).date():
        raise Unfit("Deze dag moet nog komen. Plan de stap in plaats daarvan.")
    return _kept(item, ItemStep(status=status, done_on=done_on), change_set)


def drop_step(item: Item, step: ItemStep, change_set: ChangeSet) -> None:
    """Plan a step no longer, or record it no longer; it stays in the history."""
    db.session.delete(step)
    db.session.flush()
    versions.touch(item, change_set, steps=beside.read(item, "steps"))


def reached(items: Sequence[Item], change_set: ChangeSet) -> dict[int, list[Any]]:
    """Record that items came to their status by this act; the steps of each, for its version.

    The first step that was planned for it is done by that.
    """
    day, planned = local(change_set.at).date(), {}
    for some in batches([item.id for item in items]):
        ahead = sa.select(ItemStep).where(ItemStep.item_id.in_(some), ItemStep.done_on.is_(None))
        for step in db.session.scalars(ahead.order_by(ItemStep.planned_on.desc())):
            planned[step.item_id, step.status] = step
    for item in items:
        if step := planned.get((item.id, item.status)):
            step.done_on = day
        else:
            db.session.add(ItemStep(item_id=item.id, status=item.status, done_on=day))
    db.session.flush()
    return beside.rows_of([item.id for item in items], "steps")


def _kept(item: Item, step: ItemStep, change_set: ChangeSet) -> ItemStep:
    step.item_id = item.id
    db.session.add(step)
    db.session.flush()
    versions.touch(item, change_set, steps=beside.read(item, "steps"))
    return step
