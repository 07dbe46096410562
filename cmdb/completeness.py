"""How complete the record of an item is: which of the fields that its class counts are filled.

`cmdb.catalogue.ItemClassSpec.counted` declares them. The rule is here twice, for one state and as
an expression of SQL; a test holds the two against each other.
"""

import functools
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from cmdb import registry
from cmdb.catalogue import ItemClassSpec
from cmdb.items import Item, ItemVersion

WHOLE = 100


def missing(spec: ItemClassSpec, state: Mapping[str, Any]) -> list[str]:
    """The counted fields that the state of an item does not hold, in the order of its class."""
    held = state.get("attributes") or {}
    return [
        key
        for key in spec.counted
        if (held if spec.attribute(key) else state).get(key) in (None, "")
    ]


def percent(spec: ItemClassSpec, state: Mapping[str, Any]) -> int:
    """The filled part in whole percents, rounded down; 100 where the class counts nothing."""
    if not spec.counted:
        return WHOLE
    return WHOLE * (len(spec.counted) - len(missing(spec, state))) // len(spec.counted)


def expression(model: type[Item] | type[ItemVersion]) -> sa.ColumnElement[int]:
    """`percent` of each row of a model, in SQL."""
    alike: dict[tuple, list[str]] = defaultdict(list)
    for spec in registry.classes().values():
        if not spec.is_abstract and spec.counted:
            fields = tuple((key, spec.attribute(key) is not None) for key in spec.counted)
            alike[fields].append(spec.key)
    return _of_classes(model, tuple((fields, tuple(keys)) for fields, keys in alike.items()))


@functools.lru_cache(maxsize=16)
def _of_classes(model: type[Item] | type[ItemVersion], alike: tuple) -> sa.ColumnElement[int]:
    """The expression for classes that count the same fields; put together once, it is long."""
    parts = [
        (
            model.class_key.in_(keys),
            WHOLE * sum(_filled(model, *field) for field in fields) // len(fields),
        )
        for fields, keys in alike
    ]
    return sa.cast(sa.case(*parts, else_=WHOLE), sa.Integer)


def _filled(model: Any, key: str, is_attribute: bool) -> sa.ColumnElement[int]:
    """1 where the field holds something, else 0."""
    if is_attribute:
        held = model.attributes if model is Item else model.state["attributes"]
        value = held[key].as_string()
    else:
        value = getattr(Item, key) if model is Item else model.state[key].as_string()
    if isinstance(value.type, sa.String):
        filled = sa.func.coalesce(value, "") != ""
    else:
        filled = value.is_not(None)
    return sa.case((filled, 1), else_=0)
