"""The only writers of items: each act is a change set, and leaves a version of what it changed."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cmdb import (
    acts,
    beside,
    describing,
    item_numbers,
    item_state,
    observations,
    registry,
    sharing,
    steps,
    subnets,
    versions,
)
from cmdb.database import Model, db
from cmdb.describing import attach, detach, drop_role, identify, note_source, set_role
from cmdb.item_parts import (
    FieldSource,
    ItemDocument,
    ItemIdentifier,
    ItemRole,
    ItemStep,
    ItemTerm,
    Observation,
)
from cmdb.items import ChangeSet, Item, ItemConsumer, ItemVersion, Relation
from cmdb.key_lists import batches
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.refusal import Unfit
from cmdb.relating import change_relation, relate, relate_many, unrelate
from cmdb.sharing import is_consumer, share_among
from cmdb.steps import drop_step, plan_step, record_step

__all__ = [
    "add", "add_many", "attach", "begin", "change", "change_many", "change_relation", "detach",
    "drop_role", "drop_step", "identify", "is_consumer", "note_source", "plan_step", "record_step",
    "referred_to", "relate", "relate_many", "remove", "set_role", "share_among",
    "state_at_version", "unrelate",
]  # fmt: skip

_PARTS = (
    ItemTerm,
    ItemIdentifier, ItemRole, ItemStep, ItemDocument, FieldSource, ItemConsumer, Observation,
)  # fmt: skip


def begin(by: Person | None, source: str, now: dt.datetime, reason: str = "") -> ChangeSet:
    """Start an act; every write names it, in this transaction."""
    change_set = ChangeSet(at=now, actor_id=by and by.id, source=source, reason=reason)
    db.session.add(change_set)
    db.session.flush()
    acts.note()
    return change_set


def add(class_key: str, change_set: ChangeSet, **values: Any) -> Item:
    """Register a new item; it gets the next identifier of its class unless `uid` is given.

    Raises:
        ValueError: there is no such class, or a value does not fit it; one Dutch sentence.
    """
    return add_many([{"class_key": class_key, **values}], change_set)[0]


def add_many(rows: Iterable[Mapping[str, Any]], change_set: ChangeSet) -> list[Item]:
    """Register new items, in a few statements whatever their number.

    A row holds `class_key` and the fields of an `Item`, and may hold `identifiers`: pairs of an
    `IdentifierKind` and a value; and `shares`: who uses it from the day of the act, as of
    `share_among`.

    Raises:
        ValueError: as of `add`; nothing is registered.
    """
    specs, today = registry.classes(), local(change_set.at).date()
    values, known_as, shares = [], [], []
    for row in rows:
        fields = {key: value for key, value in row.items() if key not in ("identifiers", "shares")}
        known_as.append(describing.readable(row.get("identifiers", ())))
        shares.append(sharing.rows_of(row.get("shares", {}), today))
        values.append(item_state.accepted(fields, registry.find_class(row["class_key"])))
    item_numbers.note(fields["uid"] for fields in values if "uid" in fields)
    unnamed = [fields for fields in values if "uid" not in fields]
    uids = item_numbers.take(specs[fields["class_key"]].prefix for fields in unnamed)
    for fields, uid in zip(unnamed, uids, strict=True):
        fields["uid"] = uid
    items = [Item(**{"attributes": {}, "tags": [], "groups": [], **fields}) for fields in values]
    db.session.add_all(items)
    db.session.flush()
    subnets.refuse_overlaps(items)
    beside.add_identifiers(zip(items, known_as, strict=True))
    sharing.store(zip(items, shares, strict=True))
    none = {name: [] for name in beside.NAMES}
    versions.begin(
        items,
        change_set,
        [
            none | {"identifiers": pairs, "shares": sharing.plain(used)}
            for pairs, used in zip(known_as, shares, strict=True)
        ],
    )
    return items


def change(item: Item, change_set: ChangeSet, **values: Any) -> None:
    """Change an item; its former version ends where the new begins. Equal values leave no trace.

    Raises:
        ValueError: a value does not fit the class of the item; one Dutch sentence.
    """
    change_many([(item, values)], change_set)


def change_many(
    changes: Iterable[tuple[Item, Mapping[str, Any]]], change_set: ChangeSet
) -> list[Item]:
    """Change items, each once; the ones that did change.

    Raises:
        ValueError: as of `change`; nothing is changed.
    """
    specs = registry.classes()
    accepted = [
        (item, item_state.accepted(values, specs[values.get("class_key", item.class_key)], item))
        for item, values in changes
    ]
    for item, values in accepted:
        for name, value in values.items():
            setattr(item, name, value)
    changed = [item for item, _ in accepted if db.session.is_modified(item)]
    moved = [one for one in changed if sa.inspect(one).attrs.status.history.has_changes()]
    db.session.flush()
    subnets.refuse_overlaps(changed)
    observations.settle(changed)
    taken = steps.reached(moved, change_set)
    besides = [{"steps": taken[item.id]} if item.id in taken else {} for item in changed]
    versions.follow(changed, change_set, besides)
    return changed


def remove(items: Sequence[Item], change_set: ChangeSet) -> None:
    """Take items out of the register with their relations; their history stays.

    Raises:
        ValueError: something else refers to them, such as a ticket; names the items.
    """
    keys = [item.id for item in items]
    if held := referred_to(keys):
        names = ", ".join(
            sorted(f"{item.uid} {item.name}" for item in items if item.id in held)[:10]
        )
        raise Unfit("Deze objecten zijn nog in gebruik: %(names)s.", names=names)
    for some in batches(keys):
        tied = sa.or_(Relation.source_id.in_(some), Relation.target_id.in_(some))
        unrelate(db.session.scalars(sa.select(Relation).where(tied)).all(), change_set)
        for part in _PARTS:
            db.session.execute(sa.delete(part).where(part.item_id.in_(some)))
    versions.end(keys, change_set)
    for item in items:
        item.supplier_id = item.contract_id = None
    db.session.flush()
    for item in items:
        db.session.delete(item)
    db.session.flush()


def state_at_version(item: Item, version: int) -> dict[str, Any]:
    """What was recorded when the item came to that version; empty when there is none."""
    kept = (
        sa.select(ItemVersion.state).where(ItemVersion.item_id == item.id).order_by(ItemVersion.id)
    )
    return db.session.scalar(kept.offset(max(0, version - 1)).limit(1)) or {}


def referred_to(keys: Sequence[int]) -> set[int]:
    """Which of these items rows elsewhere point at, other than their own parts and relations."""
    own = {sa.inspect(model).local_table for model in (*_PARTS, Relation)}
    held: set[int] = set()
    for mapper in Model.registry.mappers:
        if mapper.local_table in own:
            continue
        for column in mapper.columns:
            if any(key.column is sa.inspect(Item).columns.id for key in column.foreign_keys):
                held |= _pointed_at(mapper, column, keys)
    return held


def _pointed_at(mapper: Any, column: sa.Column, keys: Sequence[int]) -> set[int]:
    attribute = mapper.get_property_by_column(column).class_attribute
    found: set[int] = set()
    for some in batches(keys):
        rows = sa.select(attribute).where(attribute.in_(some)).distinct()
        if mapper.class_ is Item:  # items that go together may point at one another
            rows = rows.where(Item.id.not_in(keys))
        found.update(db.session.scalars(rows))
    return found
