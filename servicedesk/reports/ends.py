"""The items of which something ends between two days, at a moment, in the scope of the session."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb import deadlines
from cmdb.database import db
from cmdb.deadlines import ATTRIBUTES, FIELDS, Deadline, months_before
from cmdb.items import ItemConsumer, ItemVersion
from cmdb.key_lists import among
from servicedesk.reports.holdings import consumed, in_life

LIMIT = 1000
_LONGEST_NOTICE = 36  # months that are looked ahead for a day of notice


@dataclass(frozen=True)
class End:
    """A deadline of an item; the item as it was then."""

    deadline: Deadline
    item_id: int
    uid: str
    name: str
    class_key: str
    municipality_id: int | None


def ends(
    first: dt.date,
    last: dt.date,
    at: dt.datetime,
    municipality_id: int | None = None,
    keys: Collection[int] | None = None,
) -> list[End]:
    """What ends from `first` to `last`, soonest first, at most `LIMIT`.

    `municipality_id` narrows to what it owns or uses, `keys` to those items.
    """
    state = ItemVersion.state
    days = [state[key].as_string() for key in FIELDS]
    days += [state["attributes"][key].as_string() for key in ATTRIBUTES]
    held = [day.between(first.isoformat(), last.isoformat()) for day in days]
    later = months_before(last, -_LONGEST_NOTICE).isoformat()
    notice = sa.and_(
        state["attributes"]["ends_on"].as_string().between(first.isoformat(), later),
        state["attributes"]["notice_period"].as_string().is_not(None),
    )
    chosen = sa.select(
        ItemVersion.item_id,
        state["uid"].as_string(),
        ItemVersion.name,
        ItemVersion.class_key,
        ItemVersion.municipality_id,
        state,
    ).where(in_life(at), sa.or_(*held, notice), *_of(municipality_id, at))
    if keys is not None:
        chosen = chosen.where(among(ItemVersion.item_id, keys))
    found = [
        End(deadline, *item)
        for *item, kept in db.session.execute(chosen)
        for deadline in deadlines.of_item(kept)
        if first <= deadline.day <= last
    ]
    return sorted(found, key=lambda one: (one.deadline, one.uid))[:LIMIT]


def _of(municipality_id: int | None, at: dt.datetime) -> list[sa.ColumnElement[bool]]:
    if municipality_id is None:
        return []
    used = sa.select(ItemConsumer.item_id).where(
        ItemConsumer.municipality_id == municipality_id, consumed(at.date())
    )
    own = ItemVersion.municipality_id == municipality_id
    return [sa.or_(own, ItemVersion.item_id.in_(used))]
