"""The fields of items in JSON: made from the declarations that forms, lists and imports use too.

A field has its name of lists and filters, such as `support_until`, and stands in JSON in camelCase,
where a day ends with `Date`: `supportUntilDate`. Attributes keep their own names.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from cmdb.catalogue import Attribute
from cmdb.database import Model, db
from cmdb.items import Item
from cmdb.key_lists import batches
from cmdb.kinds import Kind
from cmdb.organisation import Location, Municipality
from cmdb.people import Person
from cmdb.permissions import Permission, may
from servicedesk.access import me
from servicedesk.api import municipalities
from servicedesk.api.schemas import (
    Schema, boolean, date, integer, list_of, nullable, one_of, record, text,
)  # fmt: skip
from servicedesk.inventory import fields
from servicedesk.inventory.fields import Field

NUMBER = text("As `SRV-0012`.", most=16)
ITEM_NAME = record("ItemName", {"number": NUMBER, "name": text()})
_LONG = 10_000
_MOST_CENTS = 10**15 - 1
_LARGEST = 10**15
PERSON = record(
    "ItemPerson",
    {"name": text(), "login": nullable(text("The sign-in name; null for who is not of the centre."))},
)
PLACE = record("ItemLocation", {"name": text()})
TOLD_AS: Mapping[type[Model], Schema] = {
    Municipality: municipalities.MUNICIPALITY, Location: PLACE, Person: PERSON, Item: ITEM_NAME,
}  # fmt: skip
WRITTEN_AS: Mapping[type[Model], Schema] = {
    Municipality: municipalities.CODE,
    Location: text("The name of a location of the owner.", most=200),
    Person: text("A sign-in name.", most=200),
    Item: NUMBER,
}
_NOT_PROPERTIES = ("uid", "class")
_NOT_WRITTEN = ("completeness", "confirmed_on")
_LEVELS = ("confidentiality", "integrity", "availability")
_CHOSEN_OF_KIND: Mapping[Kind, Schema] = {
    Kind.TEXT: text(most=500),
    Kind.LONG_TEXT: text(most=_LONG),
    Kind.NUMBER: {"type": "number", "exclusiveMinimum": -_LARGEST, "exclusiveMaximum": _LARGEST},
    Kind.BOOLEAN: boolean(),
    Kind.DATE: date(),
    Kind.CHOICE: text(most=80),
    Kind.ADDRESS: text("An address of IPv4 or IPv6.", most=45),
    Kind.NETWORK: text("A network in CIDR notation.", most=49),
    Kind.MAC: text("As `00:1a:2b:3c:4d:5e`.", most=17, pattern="^([0-9a-f]{2}:){5}[0-9a-f]{2}$"),
    Kind.URL: text(most=500),
    Kind.EMAIL: text(most=500),
    Kind.CENTS: {"type": "integer", "minimum": -_MOST_CENTS * 100, "maximum": _MOST_CENTS * 100},
}


def of_attribute(attribute: Attribute) -> Schema:
    """What an attribute holds, as JSON Schema."""
    schema = {**_CHOSEN_OF_KIND[attribute.kind], "title": attribute.title}
    if attribute.choices:
        schema["enum"] = list(attribute.choices)
    return schema


def property_of(key: str, kind: Kind) -> str:
    """The name of a field in JSON."""
    if kind == Kind.DATE:
        key = f"{key.removesuffix('_on')}_date"
    first, *rest = key.split("_")
    return first + "".join(map(str.capitalize, rest))


def _envelope() -> dict[str, Field]:
    found = {property_of(one.key, one.kind): one for one in fields.ENVELOPE}
    return {name: one for name, one in found.items() if one.key not in _NOT_PROPERTIES}


# Every field of the envelope by its name in JSON; number and class stand apart.
ENVELOPE: Mapping[str, Field] = _envelope()
WRITABLE: Mapping[str, Field] = {
    name: one for name, one in ENVELOPE.items() if one.key not in _NOT_WRITTEN
}


def _held(one: Field, pointing: Mapping[type[Model], Schema]) -> Schema:
    if one.refers is not None:
        return nullable(pointing[one.refers])
    if one.name == "tags":
        return list_of(text(most=40), most=50)
    if one.words:
        return one_of(one.words)
    if one.name in _LEVELS:
        return nullable(integer("1 is low, 3 is high.", least=1, most=3))
    match one.kind:
        case Kind.DATE:
            return nullable(date())
        case Kind.CENTS:
            return nullable(integer("In whole cents.", most=_MOST_CENTS))
        case Kind.NUMBER:
            return integer("In percent.", most=100)
    return text(most=_LONG if one.kind == Kind.LONG_TEXT else 200)


def told_properties() -> dict[str, Schema]:
    """The fields of the envelope as answers hold them."""
    return {name: _held(one, TOLD_AS) for name, one in ENVELOPE.items()}


def written_properties() -> dict[str, Schema]:
    """The fields of the envelope as requests hold them; null empties each that may be empty."""
    found = {name: _held(one, WRITTEN_AS) for name, one in WRITABLE.items()}
    texts = [name for name, held in found.items() if held.get("type") == "string"]
    never = ("name", *(name for name, held in found.items() if "enum" in held))
    return found | {name: nullable(found[name]) for name in texts if name not in never}


Rows = Mapping[type[Model], Mapping[int, dict[str, object]]]


def rows_for(wanted: Mapping[type[Model], Iterable[int | None]]) -> Rows:
    """What is told of the rows with these keys, as far as the reader may see them."""
    is_desk = may(me(), Permission.QUEUE_READ)
    found: dict[type[Model], dict[int, dict[str, object]]] = {}
    for model, keys in wanted.items():
        found[model] = {}
        for some in batches(sorted({key for key in keys if key is not None})):
            chosen = sa.select(model.id, *_COLUMNS[model]).where(model.id.in_(some))
            for key, *held in db.session.execute(chosen):
                found[model][key] = dict(zip(TOLD_AS[model]["properties"], held, strict=True))
                if model is Person and not is_desk:
                    found[model][key]["login"] = None
    return found


_COLUMNS: Mapping[type[Model], tuple[Any, ...]] = {
    Municipality: (Municipality.code, Municipality.name),
    Location: (Location.name,),
    Person: (Person.name, Person.login),
    Item: (Item.uid, Item.name),
}
