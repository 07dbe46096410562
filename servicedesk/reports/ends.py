"""The items of which something ends between two days, at a moment, in the scope of the session."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cmdb import deadlines
from cmdb.database import db, utc_now
from cmdb.deadlines import ATTRIBUTES, FIELDS, Deadline, DeadlineKind, months_before
from cmdb.item_state import plain
from cmdb.items import Item, ItemConsumer, ItemStatus, ItemVersion
from cmdb.key_lists import among
from servicedesk.reports.holdings import consumed, in_life

LIMIT = 1000
_LONGEST_NOTICE = 36  # months that are looked ahead for a day of notice
_MOST_NOTICES = 2000
_KINDS = {**FIELDS, **ATTRIBUTES}
_FIRST, _NEVER = "", "9999-12-31"


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
    at: dt.datetime | None = None,
    municipality_id: int | None = None,
    keys: Collection[int] | None = None,
    kinds: Collection[DeadlineKind] = tuple(DeadlineKind),
) -> list[End]:
    """What ends from `first` to `last`, soonest first, at most `LIMIT`.

    It is as of the moment `at`, or of now. `municipality_id` narrows to what it owns or uses,
    `keys` to those items, `kinds` to those deadlines.
    """
    chosen = _rows(first, last, at, kinds).where(*_of(municipality_id, at))
    if keys is not None:
        chosen = chosen.where(among(_key(at), keys))
    found = [
        End(deadline, *row[:5])
        for row in db.session.execute(chosen)
        for deadline in deadlines.of_item(_state(row[5:]))
        if first <= deadline.day <= last and deadline.kind in kinds
    ]
    return sorted(found, key=lambda one: (one.deadline, one.uid))[:LIMIT]


def _rows(
    first: dt.date, last: dt.date, at: dt.datetime | None, kinds: Collection[DeadlineKind]
) -> sa.Select:
    """The columns of `End` with the days and the notice period, of as many items as are needed.

    Each has at least one end, but for those that may give notice: that day is not known before it
    is read, so they come first.
    """
    model: Any = Item if at is None else ItemVersion
    state = ItemVersion.state
    attributes = Item.attributes if at is None else state["attributes"]
    days = {one: getattr(Item, one) if at is None else state[one].as_string() for one in FIELDS}
    days |= {one: attributes[one].as_string() for one in ATTRIBUTES}
    holds = Item.status != ItemStatus.RETIRED if at is None else in_life(at)
    places = [
        sa.case((_between(day, first, last), sa.cast(day, sa.String)), else_=_NEVER)
        for one, day in days.items() if _KINDS[one] in kinds
    ]  # fmt: skip
    held = [_between(day, first, last) for one, day in days.items() if _KINDS[one] in kinds]
    if DeadlineKind.NOTICE in kinds:
        later = months_before(last, -_LONGEST_NOTICE)
        has_notice = attributes["notice_period"].as_string().is_not(None)
        held.append(sa.and_(_between(days["ends_on"], first, later), has_notice))
        places.append(sa.case((held[-1], _FIRST), else_=_NEVER))
    uid = Item.uid if at is None else state["uid"].as_string()
    return (
        sa.select(
            _key(at), uid, model.name, model.class_key, model.municipality_id,
            attributes["notice_period"], *days.values(),
        )
        .where(holds, sa.or_(*held))
        .order_by(_least(places), uid)
        .limit(LIMIT + _MOST_NOTICES)
    )  # fmt: skip


def _key(at: dt.datetime | None) -> Any:
    return Item.id if at is None else ItemVersion.item_id


def _state(held: Sequence[Any]) -> dict[str, Any]:
    """As much of the state of an item as its deadlines need."""
    days = dict(zip(_KINDS, map(plain, held[1:]), strict=True))
    return days | {"attributes": days | {"notice_period": held[0]}}


def _between(day: Any, first: dt.date, last: dt.date) -> sa.ColumnElement[bool]:
    if isinstance(day.type, sa.Date):
        return day.between(first, last)
    return day.between(first.isoformat(), last.isoformat())


def _least(places: Sequence[sa.ColumnElement[str]]) -> sa.ColumnElement[str]:
    is_postgresql = db.session.get_bind().dialect.name == "postgresql"
    return (sa.func.least if is_postgresql else sa.func.min)(*places, _NEVER)


def _of(municipality_id: int | None, at: dt.datetime | None) -> list[sa.ColumnElement[bool]]:
    if municipality_id is None:
        return []
    used = sa.select(ItemConsumer.item_id).where(
        ItemConsumer.municipality_id == municipality_id, consumed((at or utc_now()).date())
    )
    owner = Item.municipality_id if at is None else ItemVersion.municipality_id
    return [sa.or_(owner == municipality_id, _key(at).in_(used))]
