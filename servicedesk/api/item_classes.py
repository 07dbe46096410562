"""The classes of items, built in and of the centre's own: what an item of each can hold."""

from dataclasses import replace

from flask import abort

from cmdb import registry
from cmdb.catalogue import ItemClassSpec
from cmdb.kinds import Kind
from cmdb.permissions import Permission
from servicedesk.api import item_fields
from servicedesk.api.door import operation
from servicedesk.api.paging import PAGE, beyond, page_of, size_of, told_page
from servicedesk.api.schemas import Schema, boolean, list_of, nullable, one_of, record, text
from servicedesk.inventory import fields, filters, ties
from servicedesk.inventory.fields import Field
from servicedesk.language import gettext as _

KEY = text("As `virtual-machine`.", most=40)
_KEYED = {"key": KEY, "name": text("In your language.")}
CLASS_NAME = record("ItemClassName", _KEYED)
LISTED = record(
    "ListedItemClass",
    _KEYED | {
        "numberPrefix": text("How the numbers of its items begin; empty when it only gathers.", most=3),
        "parent": nullable(text("The class that it refines.", most=40)),
        "isOwn": boolean("Whether the centre made it."),
    },
)  # fmt: skip
_FIELD = record(
    "ItemField",
    {
        "key": text("Its name in `filter` and `sort`.", most=40),
        "property": text("Its name in an item; attributes stand in `attributes`.", most=40),
        "label": text("In your language."),
        "kind": one_of(Kind),
        "unit": text(most=20),
        "choices": list_of(text()),
        "isAttribute": boolean(),
        "isRequired": boolean("Whether forms ask for it."),
        "isOwn": boolean("Whether the centre made it."),
        "operators": list_of(text(most=20), "Those that `filter` takes of it."),
    },
)
_TIE = record(
    "RelationKind",
    {
        "key": text(most=40),
        "label": text("What it says seen from such an item, in your language."),
        "isReverse": boolean("Whether the other needs such an item, instead of it the other."),
    },
)
CLASS = record(
    "ItemClass",
    LISTED["properties"] | {
        "fields": list_of(_FIELD),
        "attributesSchema": {
            "type": "object", "description": "JSON Schema (2020-12) of the attributes of an item."
        },
        "relations": list_of(_TIE, "Which relations it can have."),
    },
)  # fmt: skip
_ORDER = "classes"


@operation(
    "GET", "/item-classes", "The classes of items", page_of(LISTED),
    permission=Permission.ITEM_READ, query=PAGE,
)  # fmt: skip
def item_classes(query):
    """By key, those that the centre made too. One without a prefix gathers what others share."""
    after = beyond(query, _ORDER) or ""
    specs = [spec for key, spec in sorted(registry.classes().items()) if key > str(after)]
    shown = specs[: size_of(query)]
    more = shown[-1].key if len(specs) > len(shown) else None
    return told_page([_listed(spec) for spec in shown], more, _ORDER)


@operation(
    "GET", "/item-classes/{key}", "What items of a class can hold", CLASS,
    permission=Permission.ITEM_READ, keys={"key": KEY},
)  # fmt: skip
def item_class(key):
    """Its fields with those of the classes that it refines, and the relations that it can have."""
    spec = registry.classes().get(key) or abort(404)
    return _listed(spec) | {
        "fields": [_field(one, spec) for one in fields.of_list(key).values()],
        "attributesSchema": schema_of(spec),
        "relations": [
            {
                "key": kind.key,
                "label": _(kind.reverse if is_reverse else kind.name),
                "isReverse": is_reverse,
            }
            for _key, kind, is_reverse in ties.joining(key)
        ],
    }


def schema_of(spec: ItemClassSpec) -> Schema:
    """The attributes of a class as one JSON Schema."""
    said = (replace(one, label=_(str(one.label))) for one in spec.attributes)
    return {
        "type": "object",
        "properties": {one.key: item_fields.of_attribute(one) for one in said},
        "additionalProperties": False,
    }


def named(key: str) -> dict[str, object]:
    spec = registry.classes().get(key)
    return {"key": key, "name": _(spec.name) if spec else key}


def _listed(spec: ItemClassSpec) -> dict[str, object]:
    return named(spec.key) | {
        "numberPrefix": spec.prefix,
        "parent": spec.parent,
        "isOwn": spec.key not in registry.BUILT_IN,
    }


def _field(one: Field, spec: ItemClassSpec) -> dict[str, object]:
    built_in = registry.BUILT_IN.get(spec.key)
    is_own = built_in is None or built_in.attribute(one.key) is None
    name = one.key if one.is_attribute else item_fields.property_of(one.key, one.kind)
    return {
        "key": one.key,
        "property": "number" if one.key == "uid" else name,
        "label": one.label,
        "kind": one.kind,
        "unit": one.attribute.unit,
        "choices": [str(value) for value in one.words],
        "isAttribute": one.is_attribute,
        "isRequired": one.attribute.required,
        "isOwn": one.is_attribute and is_own,
        "operators": filters.operators_of(one),
    }
