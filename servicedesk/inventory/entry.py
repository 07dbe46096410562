"""Values of an item from what somebody typed, and as the register takes them."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from cmdb import item_state
from cmdb.database import db
from cmdb.items import Item
from cmdb.kinds import Kind
from servicedesk.inventory.fields import Field
from servicedesk.language import gettext as _


def read(field: Field, text: str) -> Any:
    """The value as the register keeps it; None for blank text.

    Raises:
        ValueError: the text does not fit the field; one sentence.
    """
    if not text:
        return None
    if field.refers is not None:
        return _key_of(field, text)
    if field.words:
        for value, word in field.words.items():
            if text.lower() in (str(value).lower(), str(word).lower()):
                return value
        offered = ", ".join(map(str, field.words.values()))
        raise ValueError(_("Kies een van deze waarden: %(words)s.", words=offered))
    value = field.attribute.parse(text)
    return item_state.read_back({field.name: value})[field.name] if _is_date(field) else value


def put(item: Item, entries: Iterable[tuple[Field, Any]]) -> dict[str, Any]:
    """What `register.change` takes to let these fields of an item hold these values."""
    values: dict[str, Any] = {}
    attributes: Mapping[str, Any] = item.attributes
    for field, value in entries:
        if field.is_attribute:
            others = {key: held for key, held in attributes.items() if key != field.name}
            attributes = others if value is None else {**others, field.name: value}
            values["attributes"] = attributes
        else:
            is_text = isinstance(sa.inspect(Item).columns[field.name].type, sa.String)
            values[field.name] = "" if value is None and is_text else value
    return values


def _is_date(field: Field) -> bool:
    return field.kind == Kind.DATE and not field.is_attribute


def _key_of(field: Field, text: str) -> int:
    """The row of that name; an item also by its number."""
    model: Any = field.refers
    fits = sa.func.lower(model.name) == text.lower()
    if model is Item:
        numbered = db.session.scalar(sa.select(Item.id).where(Item.uid == text.upper()))
        if numbered is not None:
            return numbered
        fits = sa.and_(fits, Item.class_key == field.key)
    found = db.session.scalars(sa.select(model.id).where(fits).limit(2)).all()
    if len(found) != 1:
        raise ValueError(_("Vul een naam in die precies een keer voorkomt, of een objectnummer."))
    return found[0]
