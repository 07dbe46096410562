"""The writers of what an item has more than one of; `cmdb.register` offers them too."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from cmdb import item_state, kinds, versions
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
from cmdb.items import ChangeSet, Item, ItemStatus
from cmdb.kinds import Kind
from cmdb.localtime import local
from cmdb.people import Person, Team

_IDENTIFIER_KINDS = {IdentifierKind.MAC: Kind.MAC, IdentifierKind.ADDRESS: Kind.ADDRESS}
_ROLE_FIELDS = ("role", "person_id", "team_id", "contact", "is_deputy", "valid_from", "valid_to")


def identify(
    item: Item, identifiers: Iterable[tuple[IdentifierKind, str]], change_set: ChangeSet
) -> None:
    """Let the outside world know the item by exactly these.

    Raises:
        ValueError: one of them is not of its kind; one Dutch sentence.
    """
    pairs = readable(identifiers)
    found = db.session.scalars(sa.select(ItemIdentifier).where(ItemIdentifier.item_id == item.id))
    former = {(row.kind.value, row.value): row for row in found}
    wanted = {tuple(pair) for pair in pairs}
    if wanted == former.keys():
        return
    for key in former.keys() - wanted:
        db.session.delete(former[key])
    add_identifiers([(item, sorted(wanted - former.keys()))])
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


def put_back(item: Item, beside: Mapping[str, Any]) -> None:
    """Give an item the identifiers and roles of a former state; its version is the caller's."""
    if "identifiers" in beside:
        db.session.execute(sa.delete(ItemIdentifier).where(ItemIdentifier.item_id == item.id))
        add_identifiers([(item, beside["identifiers"])])
    if "roles" in beside:
        db.session.execute(sa.delete(ItemRole).where(ItemRole.item_id == item.id))
        for role in beside["roles"]:
            db.session.add(ItemRole(item_id=item.id, **item_state.typed(ItemRole, role)))
        db.session.flush()


def _stored(row: Model) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def readable(given: Iterable[tuple[IdentifierKind, str]]) -> list[list[str]]:
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


def add_identifiers(known_as: Iterable[tuple[Item, Iterable[Sequence[str]]]]) -> None:
    """Store identifiers as `readable` gave them, for each item."""
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
    return [item_state.written(row, _ROLE_FIELDS) for row in db.session.scalars(rows)]


def _touch(item: Item, change_set: ChangeSet, **beside: Any) -> None:
    """Give the item a new version for what stands beside its own fields."""
    flag_modified(item, "tags")
    db.session.flush()
    versions.follow([item], change_set, [beside])
