"""The register as of any moment: one item, lists, relations, and the difference of two moments.

Everything reads the version rows, within the scope of the session. A moment falls in the span that
begins at or before it and ends after it.
"""

import datetime as dt
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Baseline, ItemVersion, RelationVersion
from cmdb.kinds import clean
from cmdb.localtime import day_start
from cmdb.people import Person
from cmdb.refusal import Unfit

Versions = type[ItemVersion] | type[RelationVersion]


@dataclass(frozen=True)
class Difference:
    """What became of one item between two moments; None where it was not there."""

    item_id: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def fields(self) -> list[str]:
        """The names of what differs, as of `changed_fields`."""
        return changed_fields(self.before or {}, self.after or {})


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The fields in which two states differ, each attribute by its own name: `attributes.memory`.

    A field that one of them did not record yet is no difference.
    """
    names = before.keys() & after.keys() if before and after else before.keys() | after.keys()
    old, new = _flat(before, names), _flat(after, names)
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def value_of(state: dict[str, Any], name: str) -> Any:
    """The value of a field by its name of `changed_fields`; None where there is none."""
    key, _, attribute = name.partition(".")
    return (state.get(key) or {}).get(attribute) if attribute else state.get(key)


def _flat(state: dict[str, Any], names: Set[str]) -> dict[str, Any]:
    plain = {key: value for key, value in state.items() if key in names and key != "attributes"}
    attributes = (state.get("attributes") or {}) if "attributes" in names else {}
    return plain | {f"attributes.{key}": value for key, value in attributes.items()}


def moment_of(day: dt.date, now: dt.datetime) -> dt.datetime:
    """The last second of a day in the Netherlands, or the present in today."""
    return min(now, day_start(day + dt.timedelta(days=1)) - dt.timedelta(seconds=1))


def stood(model: Versions, at: dt.datetime) -> sa.ColumnElement[bool]:
    """Whether a version held at that moment."""
    return sa.and_(model.valid_from <= at, sa.or_(model.valid_to.is_(None), model.valid_to > at))


def state_at(item_id: int, at: dt.datetime) -> dict[str, Any] | None:
    """What an item was at a moment; None when it was not there."""
    return db.session.scalar(
        items_at(at, ItemVersion.item_id == item_id).with_only_columns(ItemVersion.state)
    )


def items_at(at: dt.datetime, *conditions: sa.ColumnElement[bool]) -> sa.Select:
    """The select of the versions that held at a moment; `conditions` are about `ItemVersion`.

    Choose by its columns where they hold the answer (`class_key`, `name`, `municipality_id`): they
    are indexed, `state` is not.
    """
    return sa.select(ItemVersion).where(stood(ItemVersion, at), *conditions)


def page_at(
    at: dt.datetime,
    *conditions: sa.ColumnElement[bool],
    beyond: tuple[str, int] | None = None,
    limit: int = 50,
) -> tuple[list[ItemVersion], int]:
    """A page of the list of a moment, by name, and how many there are on all pages.

    `conditions` as of `items_at`; `beyond` is the name and `item_id` that ended the page before.
    """
    columns = ItemVersion.id, ItemVersion.name, ItemVersion.item_id
    # All are found in one pass, of an index where it holds what is asked, and then put in order:
    # in order of name PostgreSQL would jump through the table for each.
    found = items_at(at, *conditions).with_only_columns(*columns).cte()
    found = found.prefix_with("MATERIALIZED", dialect="postgresql")
    total = sa.select(sa.func.count()).select_from(found)
    keys = sa.select(found.c.id, total.scalar_subquery().label("total"))
    if beyond is not None:
        place = sa.tuple_(found.c.name, found.c.item_id)
        keys = keys.where(place > sa.tuple_(*map(sa.literal, beyond)))
    shown = db.session.execute(keys.order_by(found.c.name, found.c.item_id).limit(limit)).all()
    rows = sa.select(ItemVersion).where(ItemVersion.id.in_([row.id for row in shown]))
    by_key = {row.id: row for row in db.session.scalars(rows)}
    if shown:
        return [by_key[row.id] for row in shown], shown[0].total
    return [], db.session.scalar(total) if beyond is not None else 0


def relations_at(at: dt.datetime, *conditions: sa.ColumnElement[bool]) -> sa.Select:
    """The select of the versions of relations that held at a moment."""
    return sa.select(RelationVersion).where(stood(RelationVersion, at), *conditions)


def diff(
    first: dt.datetime,
    second: dt.datetime,
    *conditions: sa.ColumnElement[bool],
    beyond: int = 0,
    limit: int = 500,
) -> list[Difference]:
    """What became of items from one moment to the next; its cost is that of the changes between.

    `conditions` are about `ItemVersion`. At most `limit` items whose key is above `beyond`, by key:
    give the last key to read on.
    """
    touched = (
        sa.select(ItemVersion.item_id)
        .where(_touched(ItemVersion, first, second), ItemVersion.item_id > beyond, *conditions)
        .distinct()
        .order_by(ItemVersion.item_id)
        .limit(limit)
    )
    keys = db.session.scalars(touched).all()
    before, after = _states(keys, first), _states(keys, second)
    found = [Difference(key, before.get(key), after.get(key)) for key in keys]
    return [one for one in found if one.before != one.after]


def relation_diff(
    first: dt.datetime, second: dt.datetime, *conditions: sa.ColumnElement[bool], limit: int = 500
) -> tuple[list[RelationVersion], list[RelationVersion]]:
    """The relations that ended between two moments as they were, and those that began as they are.

    One that changed is in both. At most `limit` of each.
    """
    touched = _touched(RelationVersion, first, second)
    gone = relations_at(first, touched, ~stood(RelationVersion, second), *conditions)
    come = relations_at(second, touched, ~stood(RelationVersion, first), *conditions)
    old, new = (
        list(db.session.scalars(found.order_by(RelationVersion.id).limit(limit)))
        for found in (gone, come)
    )
    return old, new


def name_moment(name: str, at: dt.datetime, by: Person | None) -> Baseline:
    """Give a moment a name, so that it can be looked at and compared.

    Raises:
        ValueError: no name, or one that another moment has; one Dutch sentence.
    """
    name = clean(name, 120)
    if not name:
        raise Unfit("Geef het ijkpunt een naam.")
    if db.session.scalar(sa.select(Baseline.id).where(Baseline.name == name)):
        raise Unfit("Er is al een ijkpunt met deze naam. Kies een andere naam.")
    baseline = Baseline(name=name, at=at, created_by_id=by and by.id)
    db.session.add(baseline)
    db.session.flush()
    return baseline


def _touched(model: Versions, first: dt.datetime, second: dt.datetime) -> sa.ColumnElement[bool]:
    """Whether a version began or ended after the first moment and up to the second."""
    began = sa.and_(model.valid_from > first, model.valid_from <= second)
    return sa.or_(began, sa.and_(model.valid_to > first, model.valid_to <= second))


def _states(keys: Sequence[int], at: dt.datetime) -> dict[int, dict[str, Any]]:
    found = items_at(at, ItemVersion.item_id.in_(keys))
    return dict(
        db.session.execute(found.with_only_columns(ItemVersion.item_id, ItemVersion.state)).all()
    )
