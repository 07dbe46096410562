"""The fields of an item that its history keeps: how they are checked, written and read back."""

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from cmdb import dependency_groups, kinds, ports
from cmdb.catalogue import ItemClassSpec
from cmdb.database import Model
from cmdb.items import Item
from cmdb.refusal import Unfit

FIELDS = tuple(key for key in sa.inspect(Item).columns.keys() if key not in ("id", "version"))
TIE_FIELDS = ("kind", "group", "effect", "capacity", "valid_on", "valid_until", "port")
_LONGEST = {"name": 200, "description": 10_000, "serial": 200, "asset_tag": 200}
_LEVELS = ("confidentiality", "integrity", "availability")
_AMOUNTS = ("purchase_cents", "yearly_cents")


def accepted(
    values: Mapping[str, Any], spec: ItemClassSpec, former: Item | None = None
) -> dict[str, Any]:
    """The values as they are kept. What an item already holds is not judged again.

    Raises:
        ValueError: a field that no item has, or a value that does not fit; one Dutch sentence.
    """
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise Unfit("Een object heeft geen veld %(field)r.", field=min(unknown))
    kept = dict(values)
    for key in _LONGEST.keys() & kept.keys():
        kept[key] = kinds.clean(kept[key], _LONGEST[key])
    if kept.get("name") == "":
        raise Unfit("Geef het object een naam.")
    if any(kept.get(key) not in (None, 1, 2, 3) for key in _LEVELS):
        raise Unfit("De BIV-classificatie is 1, 2 of 3.")
    if any(kept.get(key) is not None and not _is_amount(kept[key]) for key in _AMOUNTS):
        raise Unfit("Een bedrag is een heel aantal centen, nul of meer.")
    if "tags" in kept:
        kept["tags"] = _tags(kept["tags"])
    if "groups" in kept:
        dependency_groups.check(kept["groups"])
    if kept.get("ports") is not None:
        ports.check(kept["ports"])
    if "attributes" in kept:
        kept["attributes"] = _attributes(kept["attributes"], spec, former)
    return kept


def _attributes(
    given: Mapping[str, Any], spec: ItemClassSpec, former: Item | None
) -> dict[str, Any]:
    held = former.attributes if former is not None else {}
    filled = {key: value for key, value in given.items() if value is not None}
    spec.check(
        {key: value for key, value in filled.items() if key not in held or held[key] != value}
    )
    return filled


def _tags(given: Any) -> list[str]:
    if (
        not isinstance(given, list)
        or not all(isinstance(tag, str) for tag in given)
        or len(given) > 50
    ):
        raise Unfit("Labels zijn ten hoogste vijftig korte teksten.")
    return sorted({kinds.clean(tag, 40) for tag in given} - {""})


def _is_amount(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15


def written(row: Model, fields: tuple[str, ...] = FIELDS) -> dict[str, Any]:
    """The fields as JSON."""
    return {key: plain(getattr(row, key)) for key in fields}


def read_back(state: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an item from what `written` gave, as an `Item` takes them."""
    return typed(Item, {key: state[key] for key in FIELDS if key in state})


def typed(model: type[Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields from what `written` gave, as the model takes them."""
    columns = sa.inspect(model).columns
    return {key: _typed(columns[key].type, value) for key, value in values.items()}


def plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.value if isinstance(value, enum.Enum) else value


def _typed(kind: sa.types.TypeEngine, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, sa.Enum):
        return kind.enum_class(value)
    return dt.date.fromisoformat(value) if isinstance(kind, sa.Date) else value
