"""The only writers of items: each act is a change set, and leaves a version of what it changed."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import ChangeSet, Item, ItemClass, ItemConsumer, ItemVersion, Relation, RelationVersion
from cmdb.organisation import Municipality
from cmdb.people import Person

_RECORDED = (
    "uid", "municipality_id", "class_key", "name", "description", "hosting", "status",
    "location_id", "user_id", "manager_id", "deputy_id", "attributes",
)  # fmt: skip


def begin(by: Person | None, source: str, now: dt.datetime, reason: str = "") -> ChangeSet:
    """Start an act; every write names it."""
    change_set = ChangeSet(at=now, actor_id=by and by.id, source=source, reason=reason)
    db.session.add(change_set)
    db.session.flush()
    return change_set


def add(item_class: ItemClass, change_set: ChangeSet, **values: Any) -> Item:
    """Register a new item; it gets the next identifier of its class unless `uid` is given."""
    values.setdefault("uid", next_uid(item_class))
    item = Item(item_class=item_class, class_key=item_class.key, **values)
    db.session.add(item)
    db.session.flush()
    _keep(item, change_set)
    return item


def change(item: Item, change_set: ChangeSet, **values: Any) -> None:
    """Change an item; its former version ends where the new one begins. Equal values leave no trace."""
    for name, value in values.items():
        setattr(item, name, value)
    if db.session.is_modified(item):
        db.session.flush()
        _keep(item, change_set)


def share(
    item: Item, municipality: Municipality, valid_from: dt.date, thousandths: int | None = None
) -> ItemConsumer:
    """Let a municipality use an item from a date, for a share of it."""
    consumer = ItemConsumer(
        item_id=item.id, municipality_id=municipality.id, valid_from=valid_from, share=thousandths
    )
    db.session.add(consumer)
    db.session.flush()
    return consumer


def share_among(item: Item, shares: Mapping[int, int | None], today: dt.date) -> None:
    """Let exactly these municipalities use an item from today, each for its thousandths, if any.

    What was agreed before today stays on record with its dates.
    """
    current = db.session.scalars(
        sa.select(ItemConsumer).where(ItemConsumer.item_id == item.id, is_consumer(today))
    )
    former = {consumer.municipality_id: consumer for consumer in current}
    for key, consumer in former.items():
        if key in shares and shares[key] == consumer.share:
            continue
        if consumer.valid_from < today:
            consumer.valid_to = today
        else:  # today's own choice is corrected, not followed
            db.session.delete(consumer)
    db.session.flush()
    for key, thousandths in shares.items():
        if key not in former or former[key].share != thousandths:
            db.session.add(
                ItemConsumer(item_id=item.id, municipality_id=key, valid_from=today, share=thousandths)
            )
    db.session.flush()


def is_consumer(today: dt.date) -> sa.ColumnElement[bool]:
    """Whether an `ItemConsumer` holds today."""
    ended = sa.and_(ItemConsumer.valid_to.is_not(None), ItemConsumer.valid_to <= today)
    return sa.and_(ItemConsumer.valid_from <= today, ~ended)


def state_at_version(item: Item, version: int) -> dict[str, Any]:
    """What was recorded when the item came to that version; empty when there is none."""
    kept = sa.select(ItemVersion.state).where(ItemVersion.item_id == item.id).order_by(ItemVersion.id)
    return db.session.scalar(kept.offset(max(0, version - 1)).limit(1)) or {}


def relate(source: Item, target: Item, kind: str, change_set: ChangeSet) -> Relation:
    """Record that `source` needs `target`."""
    relation = Relation(source_id=source.id, target_id=target.id, kind=kind)
    db.session.add(relation)
    db.session.flush()
    db.session.add(
        RelationVersion(
            relation_id=relation.id,
            source_id=source.id,
            target_id=target.id,
            kind=kind,
            valid_from=change_set.at,
            change_set_id=change_set.id,
        )
    )
    return relation


def next_uid(item_class: ItemClass) -> str:
    """The next free identifier of a class: APP-0031."""
    last = db.session.scalar(
        sa.select(Item.uid)
        .where(Item.uid.like(f"{item_class.prefix}-%"))
        .order_by(sa.func.length(Item.uid).desc(), Item.uid.desc())
        .limit(1)
    )
    return f"{item_class.prefix}-{int(last.rpartition('-')[2]) + 1 if last else 1:04d}"


def _keep(item: Item, change_set: ChangeSet) -> None:
    db.session.execute(
        sa.update(ItemVersion)
        .where(ItemVersion.item_id == item.id, ItemVersion.valid_to.is_(None))
        .values(valid_to=change_set.at)
    )
    db.session.add(
        ItemVersion(
            item_id=item.id,
            municipality_id=item.municipality_id,
            valid_from=change_set.at,
            change_set_id=change_set.id,
            state={name: getattr(item, name) for name in _RECORDED},
        )
    )
    db.session.flush()
