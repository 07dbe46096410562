"""What stands beside the fields of an item, and is kept in its versions with them.

In a state each has its name, and a list of what its rows say, in order.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cmdb import item_state
from cmdb.database import db
from cmdb.item_parts import (
    IdentifierKind,
    ItemDocument,
    ItemIdentifier,
    ItemRole,
    ItemStep,
)
from cmdb.items import Item, ItemConsumer
from cmdb.key_lists import batches

_ROWS: Mapping[str, tuple[Any, tuple[str, ...]]] = {
    "roles": (
        ItemRole,
        ("role", "person_id", "team_id", "contact", "is_deputy", "valid_from", "valid_to"),
    ),
    "shares": (ItemConsumer, ("municipality_id", "share", "valid_from", "valid_to")),
    "steps": (ItemStep, ("status", "planned_on", "done_on")),
}
NAMES = ("identifiers", *_ROWS, "documents")


def read(item: Item, name: str) -> list[Any]:
    """What is kept of an item under that name now."""
    if name == "identifiers":
        found = sa.select(ItemIdentifier.kind, ItemIdentifier.value)
        rows = db.session.execute(found.where(ItemIdentifier.item_id == item.id))
        return sorted([kind.value, value] for kind, value in rows)
    if name == "documents":
        found = sa.select(ItemDocument.id, ItemDocument.name, ItemDocument.size)
        held = found.where(ItemDocument.item_id == item.id, ~ItemDocument.is_removed)
        rows = db.session.execute(held.order_by(ItemDocument.id))
        return [{"id": key, "name": name, "size": size} for key, name, size in rows]
    return rows_of([item.id], name)[item.id]


def rows_of(keys: Sequence[int], name: str) -> dict[int, list[Any]]:
    """What is kept of many items, by key: their roles, shares or steps."""
    model, fields = _ROWS[name]
    found: dict[int, list[Any]] = {key: [] for key in keys}
    for some in batches(keys):
        rows = sa.select(model).where(model.item_id.in_(some))
        for row in db.session.scalars(rows.order_by(*sa.inspect(model).primary_key)):
            found[row.item_id].append(item_state.written(row, fields))
    return found


def put_back(item: Item, held: Mapping[str, Any], today: dt.date) -> dict[str, list[Any]]:
    """Give an item what a former state held; what it now has under those names.

    A step that was planned for a day that has passed does not come back: it would be taken at once.
    """
    for name, rows in held.items():
        if name == "identifiers":
            db.session.execute(sa.delete(ItemIdentifier).where(ItemIdentifier.item_id == item.id))
            add_identifiers([(item, rows)])
        elif name == "documents":
            mine = sa.update(ItemDocument).where(ItemDocument.item_id == item.id)
            kept = ItemDocument.id.in_([row["id"] for row in rows])
            db.session.execute(mine.values(is_removed=~kept))
        else:
            model, _fields = _ROWS[name]
            db.session.execute(sa.delete(model).where(model.item_id == item.id))
            db.session.add_all(
                model(item_id=item.id, **values)
                for values in (item_state.typed(model, row) for row in rows)
                if name != "steps" or values["done_on"] or values["planned_on"] > today
            )
    db.session.flush()
    return {name: read(item, name) for name in held}


def add_identifiers(known_as: Iterable[tuple[Item, Iterable[Sequence[str]]]]) -> None:
    """Store identifiers for each item: pairs of kind and value, as they are kept."""
    rows = [
        {"item_id": item.id, "kind": IdentifierKind(kind), "value": value}
        for item, pairs in known_as
        for kind, value in pairs
    ]
    db.session.flush()
    if rows:
        db.session.execute(sa.insert(ItemIdentifier), rows)
