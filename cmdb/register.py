"""The only writers of items: each act is a change set, and leaves a version of what it changed."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from cmdb import item_numbers, item_state, kinds, registry, subnets
from cmdb.database import Model, db
from cmdb.item_parts import (
    Duty,
    FieldSource,
    IdentifierKind,
    ItemDocument,
    ItemIdentifier,
    ItemRole,
    ItemStep,
)
from cmdb.items import ChangeSet, Item, ItemConsumer, ItemStatus, ItemVersion, Relation
from cmdb.kinds import Kind
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.people import Person, Team
from cmdb.relating import batches, change_relation, relate, relate_many, unrelate

__all__ = [
    "add", "add_many", "attach", "begin", "change", "change_many", "change_relation", "identify",
    "is_consumer", "note_source", "plan_step", "relate", "relate_many", "remove", "set_role",
    "share", "share_among", "state_at_version", "unrelate",
]  # fmt: skip

_IDENTIFIER_KINDS = {IdentifierKind.MAC: Kind.MAC, IdentifierKind.ADDRESS: Kind.ADDRESS}
_PARTS = (ItemIdentifier, ItemRole, ItemStep, ItemDocument, FieldSource, ItemConsumer)


def begin(by: Person | None, source: str, now: dt.datetime, reason: str = "") -> ChangeSet:
    """Start an act; every write names it."""
    change_set = ChangeSet(at=now, actor_id=by and by.id, source=source, reason=reason)
    db.session.add(change_set)
    db.session.flush()
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
    `IdentifierKind` and a value.

    Raises:
        ValueError: as of `add`; nothing is registered.
    """
    specs = registry.classes()
    values, known_as = [], []
    for row in rows:
        fields = {key: value for key, value in row.items() if key != "identifiers"}
        known_as.append(_identifiers(row.get("identifiers", ())))
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
    _add_identifiers(zip(items, known_as, strict=True))
    _begin_versions(items, change_set, [{"identifiers": pairs, "roles": []} for pairs in known_as])
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
    db.session.flush()
    subnets.refuse_overlaps(changed)
    _follow(changed, change_set, [{}] * len(changed))
    return changed


def identify(
    item: Item, identifiers: Iterable[tuple[IdentifierKind, str]], change_set: ChangeSet
) -> None:
    """Let the outside world know the item by exactly these.

    Raises:
        ValueError: one of them is not of its kind; one Dutch sentence.
    """
    pairs = _identifiers(identifiers)
    found = db.session.scalars(sa.select(ItemIdentifier).where(ItemIdentifier.item_id == item.id))
    former = {(row.kind.value, row.value): row for row in found}
    wanted = {tuple(pair) for pair in pairs}
    if wanted == former.keys():
        return
    for key in former.keys() - wanted:
        db.session.delete(former[key])
    _add_identifiers([(item, sorted(wanted - former.keys()))])
    _touch(item, change_set, identifiers=pairs)


def set_role(
    item: Item,
    duty: Duty,
    change_set: ChangeSet,
    *,
    person: Person | None = None,
    team: Team | None = None,
    contact: str = "",
    is_deputy: bool = False,
) -> None:
    """Let a person, team or outsider do this for the item from today; without one, nobody does."""
    today = local(change_set.at).date()
    current = sa.select(ItemRole).where(
        ItemRole.item_id == item.id,
        ItemRole.role == duty,
        ItemRole.is_deputy == is_deputy,
        ItemRole.valid_to.is_(None),
    )
    for former in db.session.scalars(current):
        if former.valid_from < today:
            former.valid_to = today
        else:  # today's own choice is corrected, not followed
            db.session.delete(former)
    holder = {"person_id": person and person.id, "team_id": team and team.id, "contact": contact}
    if any(holder.values()):
        db.session.add(
            ItemRole(item_id=item.id, role=duty, is_deputy=is_deputy, valid_from=today, **holder)
        )
    db.session.flush()
    _touch(item, change_set, roles=_roles(item))


def plan_step(
    item: Item, status: ItemStatus, planned_on: dt.date | None, done_on: dt.date | None = None
) -> ItemStep:
    """Plan a step in the life of an item, or record that it was done."""
    return _stored(ItemStep(item_id=item.id, status=status, planned_on=planned_on, done_on=done_on))


def attach(
    item: Item, name: str, content_type: str, data: bytes, sha256: str, now: dt.datetime
) -> ItemDocument:
    """Keep a file about an item; its type was told by its content."""
    return _stored(
        ItemDocument(
            item_id=item.id, name=name, content_type=content_type, size=len(data), sha256=sha256,
            added_at=now, data=data,
        )
    )  # fmt: skip


def note_source(item: Item, fields: Iterable[str], source: str, now: dt.datetime) -> None:
    """Record which source told or confirmed these fields last."""
    for field in fields:
        db.session.merge(FieldSource(item_id=item.id, field=field, source=source, at=now))
    db.session.flush()


def remove(items: Sequence[Item], change_set: ChangeSet) -> None:
    """Take items out of the register with their relations; their history stays.

    Raises:
        ValueError: something else refers to them, such as a ticket; names the items.
    """
    keys = [item.id for item in items]
    if held := _referred_to(keys):
        names = ", ".join(
            sorted(f"{item.uid} {item.name}" for item in items if item.id in held)[:10]
        )
        raise ValueError(f"Deze objecten zijn nog in gebruik: {names}.")
    for some in batches(keys):
        tied = sa.or_(Relation.source_id.in_(some), Relation.target_id.in_(some))
        unrelate(db.session.scalars(sa.select(Relation).where(tied)).all(), change_set)
        for part in _PARTS:
            db.session.execute(sa.delete(part).where(part.item_id.in_(some)))
    _end_versions(keys, change_set)
    for item in items:
        item.supplier_id = item.contract_id = None
    db.session.flush()
    for item in items:
        db.session.delete(item)
    db.session.flush()


def share(
    item: Item, municipality: Municipality, valid_from: dt.date, thousandths: int | None = None
) -> ItemConsumer:
    """Let a municipality use an item from a date, for a share of it."""
    return _stored(
        ItemConsumer(
            item_id=item.id,
            municipality_id=municipality.id,
            valid_from=valid_from,
            share=thousandths,
        )
    )


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
                ItemConsumer(
                    item_id=item.id, municipality_id=key, valid_from=today, share=thousandths
                )
            )
    db.session.flush()


def is_consumer(today: dt.date) -> sa.ColumnElement[bool]:
    """Whether an `ItemConsumer` holds today."""
    ended = sa.and_(ItemConsumer.valid_to.is_not(None), ItemConsumer.valid_to <= today)
    return sa.and_(ItemConsumer.valid_from <= today, ~ended)


def state_at_version(item: Item, version: int) -> dict[str, Any]:
    """What was recorded when the item came to that version; empty when there is none."""
    kept = (
        sa.select(ItemVersion.state).where(ItemVersion.item_id == item.id).order_by(ItemVersion.id)
    )
    return db.session.scalar(kept.offset(max(0, version - 1)).limit(1)) or {}


def _stored(row: Model) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def _identifiers(given: Iterable[tuple[IdentifierKind, str]]) -> list[list[str]]:
    """The identifiers as they are kept and compared, in order."""
    pairs = set()
    for kind, value in given:
        kind = IdentifierKind(kind)
        if form := _IDENTIFIER_KINDS.get(kind):
            value = kinds.format_of(form).parse(value)
        elif kind != IdentifierKind.OTHER:
            value = value.lower()
        if value := kinds.clean(value, 255):
            pairs.add((kind.value, value))
    return [list(pair) for pair in sorted(pairs)]


def _add_identifiers(known_as: Iterable[tuple[Item, Iterable[Sequence[str]]]]) -> None:
    rows = [
        {"item_id": item.id, "kind": IdentifierKind(kind), "value": value}
        for item, pairs in known_as
        for kind, value in pairs
    ]
    db.session.flush()
    if rows:
        db.session.execute(sa.insert(ItemIdentifier), rows)


def _roles(item: Item) -> list[dict[str, Any]]:
    rows = sa.select(ItemRole).where(ItemRole.item_id == item.id).order_by(ItemRole.id)
    fields = ("role", "person_id", "team_id", "contact", "is_deputy", "valid_from", "valid_to")
    return [item_state.written(row, fields) for row in db.session.scalars(rows)]


def _touch(item: Item, change_set: ChangeSet, **beside: Any) -> None:
    """Give the item a new version for what stands beside its own fields."""
    flag_modified(item, "tags")
    db.session.flush()
    _follow([item], change_set, [beside])


def _referred_to(keys: Sequence[int]) -> set[int]:
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


def _begin_versions(
    items: Sequence[Item], change_set: ChangeSet, beside: Sequence[Mapping[str, Any]]
) -> None:
    versions = [
        {
            "item_id": item.id,
            "municipality_id": item.municipality_id,
            "class_key": item.class_key,
            "name": item.name,
            "valid_from": change_set.at,
            "change_set_id": change_set.id,
            "state": {**item_state.written(item), **more},
        }
        for item, more in zip(items, beside, strict=True)
    ]
    if versions:
        db.session.execute(sa.insert(ItemVersion), versions)


def _follow(
    items: Sequence[Item], change_set: ChangeSet, beside: Sequence[Mapping[str, Any]]
) -> None:
    """End the present versions and begin the next; what stands beside the fields stays."""
    ended = _end_versions([item.id for item in items], change_set)
    former = [ended.get(item.id, {}) for item in items]
    _begin_versions(
        items,
        change_set,
        [
            {key: state.get(key, []) for key in ("identifiers", "roles")} | more
            for state, more in zip(former, beside, strict=True)
        ],
    )


def _end_versions(keys: Sequence[int], change_set: ChangeSet) -> dict[int, dict[str, Any]]:
    """End the present versions of items; the states that they held, by item."""
    ended = {}
    for some in batches(keys):
        present = ItemVersion.item_id.in_(some), ItemVersion.valid_to.is_(None)
        states = sa.select(ItemVersion.item_id, ItemVersion.state).where(*present)
        ended.update(dict(db.session.execute(states).all()))
        db.session.execute(
            sa.update(ItemVersion)
            .where(*present)
            .values(valid_to=change_set.at, ended_by_id=change_set.id)
        )
    return ended
