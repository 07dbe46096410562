"""Deciding on what was seen otherwise than agreed: take it over through the register, or reject it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa

from cmdb import authority, item_state, register
from cmdb.database import db
from cmdb.item_parts import Observation
from cmdb.items import ChangeSet
from cmdb.people import Person


def accept(seen: Iterable[Observation], by: Person, now: dt.datetime) -> ChangeSet:
    """Let the register hold what was seen, as one act; the fields count as confirmed from now on.

    Raises:
        ValueError: a value does not fit its class any more; one Dutch sentence. Roll back.
    """
    by_item: dict[int, list[Observation]] = defaultdict(list)
    for row in seen:
        by_item[row.item_id].append(row)
    sources = sorted({row.source for rows in by_item.values() for row in rows})
    change_set = register.begin(by, "drift", now, ", ".join(sources)[:500])
    changes = []
    for rows in by_item.values():
        item = rows[0].item
        plain = {row.field: row.value for row in rows if row.field in item_state.FIELDS}
        own = {row.field: row.value for row in rows if row.field not in item_state.FIELDS}
        values = item_state.read_back(plain)
        changes.append((item, values | {"attributes": item.attributes | own} if own else values))
    told = {key: [row.field for row in rows] for key, rows in by_item.items()}
    register.change_many(changes, change_set)
    authority.note(told, authority.CONFIRMED, now)
    return change_set


def reject(seen: Iterable[Observation], by: Person, now: dt.datetime) -> None:
    """Say that the register is right; that holds until something else is seen."""
    rows = list(seen)
    for row in rows:
        row.rejected_by_id, row.rejected_at = by.id, now
    db.session.flush()
    told: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        told[row.item_id].append(row.field)
    authority.note(told, authority.CONFIRMED, now)


def is_open() -> sa.ColumnElement[bool]:
    """Whether nobody decided on an `Observation` yet."""
    return Observation.rejected_at.is_(None)
