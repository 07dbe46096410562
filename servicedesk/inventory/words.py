"""The values of an item in words: for lists, pages, export and history alike.

A value is what the state of an item holds (`cmdb.item_state.written`); what points at a row is
shown by the name of that row, as far as the reader may see it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from cmdb import completeness, registry
from cmdb.database import Model, db
from cmdb.key_lists import batches
from servicedesk.inventory.fields import Field
from servicedesk.language import gettext as _

Names = Mapping[type[Model], Mapping[int, str]]


def value_of(state: Mapping[str, Any], field: Field) -> Any:
    """What the state of an item holds in a field; None when nothing."""
    if field.name == "completeness":
        return completeness.percent(registry.classes()[state["class_key"]], state)
    held = state.get("attributes") or {} if field.is_attribute else state
    return held.get(field.name)


def names_for(states: Iterable[Mapping[str, Any]], fields: Iterable[Field]) -> Names:
    """The names of all rows that these fields point at: a statement for each kind of row."""
    wanted: dict[type[Model], set[int]] = defaultdict(set)
    pointing = [field for field in fields if field.refers is not None]
    for state in states:
        for field in pointing:
            if (key := value_of(state, field)) is not None:
                wanted[field.refers].add(key)
    return {model: _names(model, sorted(keys)) for model, keys in wanted.items()}


def _names(model: Any, keys: list[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in batches(keys):
        rows = sa.select(model.id, model.name).where(model.id.in_(some))
        found.update(db.session.execute(rows).all())
    return found


def text_of(value: Any, field: Field, names: Names) -> str:
    """A value in words, without its unit; empty when there is none."""
    if field.name == "municipality_id" and value is None:
        return _("Servicecentrum")
    if value is None or value == "":
        return ""
    if field.refers is not None:
        return names.get(field.refers, {}).get(value, _("onbekend"))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if field.words:
        return str(field.words.get(value, value))
    try:
        return field.attribute.format(value)
    except (ValueError, ArithmeticError, TypeError, AttributeError):
        return str(value)  # what an older register held is shown as it is


def with_unit(text: str, field: Field) -> str:
    """The text with the unit of the field, if it has one."""
    if text and field.attribute.kind == "cents":
        return f"€ {text}"
    return f"{text} {field.attribute.unit}".strip() if text else ""
