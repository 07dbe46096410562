"""The only writers of items: each act is a change set, and leaves a version of what it changed."""

import datetime as dt
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
    """Change an item; its former version ends where the new one begins."""
    for name, value in values.items():
        setattr(item, name, value)
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
        sa.select(sa.func.max(Item.uid)).where(Item.uid.like(f"{item_class.prefix}-%"))
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
