"""Taking the planned steps in the life of items, on their day."""

import datetime as dt

import sqlalchemy as sa

from cmdb import beside, register, versions
from cmdb.database import db
from cmdb.item_parts import ItemStep
from cmdb.items import Item
from cmdb.localtime import local

SOURCE = "planned"


def due(now: dt.datetime) -> list[int]:
    """The keys of the steps whose day has come, the earliest first. Ask in scope `EVERYTHING`."""
    ahead = sa.select(ItemStep.id).where(
        ItemStep.planned_on <= local(now).date(), ItemStep.done_on.is_(None)
    )
    return list(db.session.scalars(ahead.order_by(ItemStep.planned_on, ItemStep.id)))


def take(key: int, now: dt.datetime) -> bool:
    """Give an item the status of a step that is due; False when another worker does, or did.

    Raises:
        ValueError: the register refuses it; roll back, and the step stays planned.
    """
    waiting = sa.select(ItemStep).where(ItemStep.id == key, ItemStep.done_on.is_(None))
    step = db.session.scalar(waiting.with_for_update(skip_locked=True))
    if step is None:
        return False
    item = db.session.get_one(Item, step.item_id, with_for_update=True)
    change_set = register.begin(None, SOURCE, now, f"Gepland voor {step.planned_on:%d-%m-%Y}")
    if item.status != step.status:
        register.change(item, change_set, status=step.status)
    else:
        step.done_on = local(now).date()
        db.session.flush()
        versions.touch(item, change_set, steps=beside.read(item, "steps"))
    return True
