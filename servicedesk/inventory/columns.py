"""The value of a field as an expression of SQL: of the register now, or as it was at a moment."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cmdb import completeness
from cmdb.database import db
from cmdb.items import Item, ItemVersion, Relation, RelationVersion
from cmdb.kinds import Kind
from servicedesk.inventory.fields import Field

_OWN_COLUMNS = ("name", "class_key", "municipality_id")  # what a version holds beside its state
_WHOLE = (Kind.CENTS,)


@dataclass(frozen=True)
class Source:
    """Where a list reads: the items as they are, or their versions at a moment (UTC)."""

    at: dt.datetime | None = None

    @property
    def model(self) -> Any:
        return Item if self.at is None else ItemVersion

    @property
    def key(self) -> sa.ColumnElement[int]:
        return Item.id if self.at is None else ItemVersion.item_id

    @property
    def holds(self) -> sa.ColumnElement[bool]:
        """Whether a row counts: all that is there, or what stood at the moment."""
        return sa.true() if self.at is None else _stood(ItemVersion, self.at)

    def value(self, field: Field) -> sa.ColumnElement:
        """What a field holds, in the type of its kind; NULL when nothing."""
        if field.name == "completeness":
            return completeness.expression(self.model)
        if field.is_attribute:
            held = Item.attributes if self.at is None else ItemVersion.state["attributes"]
            return _typed(held, field)
        if self.at is None or field.name in _OWN_COLUMNS:
            return _plain(getattr(self.model, field.name), field)
        return _typed(ItemVersion.state, field)

    def tied(
        self, kind: str, backwards: bool, others: sa.Select | None = None
    ) -> sa.ColumnElement[bool]:
        """Whether the row has a relation of that kind, seen from its one end or the other.

        `others` selects the keys of the items that count at the far end; without, all do.
        """
        model: Any = Relation if self.at is None else RelationVersion
        end = model.target_id if backwards else model.source_id
        found = sa.select(end).where(model.kind == kind)
        if others is not None:
            far = model.source_id if backwards else model.target_id
            found = found.where(far.in_(others))
        return self.key.in_(found if self.at is None else found.where(_stood(model, self.at)))


def _stood(model: Any, at: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.and_(model.valid_from <= at, sa.or_(model.valid_to.is_(None), model.valid_to > at))


def _plain(column: Any, field: Field) -> sa.ColumnElement:
    if field.name == "tags":
        return sa.cast(column, sa.Text)
    return sa.type_coerce(column, sa.String) if field.words else column


def _typed(held: Any, field: Field) -> sa.ColumnElement:
    """A value out of JSON; what is of another kind there counts as nothing."""
    text = held[field.name].as_string()
    if field.kind == Kind.BOOLEAN:
        written = sa.cast(text, sa.String)
        return sa.case((written.in_(("true", "1")), "ja"), (written.in_(("false", "0")), "nee"))
    if field.refers is not None or field.kind in _WHOLE:
        return sa.case((_is_number(held, field.name), sa.cast(text, sa.BigInteger)))
    if field.kind == Kind.NUMBER:
        return sa.case((_is_number(held, field.name), sa.cast(text, sa.Double)))
    return sa.cast(text, sa.String)


def _is_number(held: Any, name: str) -> sa.ColumnElement[bool]:
    if db.session.get_bind().dialect.name == "postgresql":
        return sa.func.jsonb_typeof(held[name]) == "number"
    return sa.func.json_type(held[name]).in_(("integer", "real"))
