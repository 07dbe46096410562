"""Items written by programs: registered, and changed field by field (RFC 7396)."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import request

from cmdb import authority, describing, item_state, register, registry
from cmdb.catalogue import ItemClassSpec
from cmdb.database import db
from cmdb.items import ChangeSet, Item, Relation
from cmdb.kinds import Kind
from cmdb.organisation import Location, Municipality
from cmdb.people import Person
from cmdb.permissions import Permission
from servicedesk.api import item_acts, item_classes, item_fields, item_told
from servicedesk.api.door import operation
from servicedesk.api.item_fields import NUMBER, WRITABLE
from servicedesk.api.item_parts import USERS, shares_of
from servicedesk.api.item_told import GROUP, IDENTIFIER, ITEM
from servicedesk.api.schemas import Schema, integer, list_of, record
from servicedesk.inventory import pointing
from servicedesk.inventory.fields import Field
from servicedesk.problems import Problem

_ATTRIBUTES: Schema = {
    "type": "object",
    "description": "By key, of the kind that `attributesSchema` of the class tells;"
    " null leaves one out.",
}
_BESIDE = {
    "attributes": _ATTRIBUTES,
    "identifiers": list_of(IDENTIFIER, "All of them."),
    "groups": list_of(GROUP, "All dependency groups.", most=100),
    "reason": item_acts.REASON,
}
_WRITTEN = item_fields.written_properties()
_NEEDED = ("class", "name", "hosting")
NEW = record(
    "NewItem",
    {"class": item_classes.KEY, **_WRITTEN, **_BESIDE, "consumers": USERS},
    optional={*_WRITTEN, *_BESIDE, "consumers"} - set(_NEEDED),
    description="Of the centre without an `owner`; used from today by its `consumers`.",
)
PATCH = record(
    "ItemPatch",
    {**_WRITTEN, **_BESIDE, "version": integer("What you read; or send it as If-Match.")},
    optional={*_WRITTEN, *_BESIDE, "version"},
    description="What is left out stays; null makes a field empty.",
)
_KEYS: Mapping[Any, Any] = {
    Municipality: Municipality.code, Location: Location.name, Person: Person.login, Item: Item.uid,
}  # fmt: skip
_TOGETHER = {
    "location_id": ("municipality_id", "location_id"),
    "user_id": ("municipality_id", "user_id"),
    "deputy_id": ("manager_id", "deputy_id"),
}


@operation(
    "POST", "/items", "Register an item", ITEM,
    permission=Permission.ITEM_WRITE, body=NEW, status=201,
)  # fmt: skip
def add_item(body):
    """It gets the next number of its class."""
    errors: list[dict[str, str]] = []
    try:
        spec = registry.find_class(body["class"])
    except ValueError as error:
        raise _unfit([{"pointer": "/class", "detail": str(error)}]) from None
    values = _values(body, spec, None, errors)
    shares = shares_of(body.get("consumers", []), errors)
    known_as = _known_as(body, errors)
    if errors:
        raise _unfit(errors)
    change_set = item_acts.begin(body)
    try:
        added = register.add(
            spec.key, change_set, **values, shares=shares, identifiers=known_as or []
        )
    except ValueError as error:
        raise Problem(400, str(error)) from None
    authority.note_hand(added, {}, change_set.at)
    return item_told.answer(added, is_new=True)


@operation(
    "PATCH", "/items/{number}", "Change an item", ITEM,
    permission=Permission.ITEM_WRITE, keys={"number": NUMBER}, body=PATCH, is_versioned=True,
)  # fmt: skip
def change_item(number, body):
    """All of it or nothing. Tell which version you read, by If-Match or by `version`."""

    def change(item: Item, change_set: ChangeSet) -> None:
        if not request.if_match and body.get("version") is None:
            raise Problem(428, "Tell which version you read: as If-Match, or as version.")
        if body.get("version") not in (None, item.version):
            raise Problem(412, "Somebody else changed this meanwhile: read it again.")
        errors: list[dict[str, str]] = []
        before = item_state.written(item)
        values = _values(body, registry.classes()[item.class_key], item, errors)
        known_as = _known_as(body, errors)
        if errors:
            raise _unfit(errors)
        register.change(item, change_set, **values)
        authority.note_hand(item, before, change_set.at)
        if "groups" in values:
            _leave_groups(item, before["groups"], change_set)
        if known_as is not None:
            register.identify(item, known_as, change_set)
        changed.append(item)

    changed: list[Item] = []
    item_acts.act(number, body, change)
    return item_told.answer(changed[0])


def _unfit(errors: list[dict[str, str]]) -> Problem:
    return Problem(400, "The body does not fit.", errors[:50])


def _values(
    body: Mapping[str, Any], spec: ItemClassSpec, former: Item | None, errors: list[dict[str, str]]
) -> dict[str, Any]:
    """What the register takes of a body; what does not fit is added to the errors."""
    values: dict[str, Any] = {}
    given = [(name, one) for name, one in WRITABLE.items() if name in body]
    given.sort(key=lambda pair: pair[1].key != "owner")  # whose it is tells which locations fit
    owner = former and former.municipality_id
    for name, one in given:
        try:
            value = _value(one, body[name], former, values.get("municipality_id", owner))
            values |= item_state.accepted({one.name: value}, spec, former)
        except ValueError as error:
            errors.append({"pointer": f"/{name}", "detail": str(error)})
    if "groups" in body:
        groups = [_group(one) for one in body["groups"]]
        try:
            values |= item_state.accepted({"groups": groups}, spec, former)
        except ValueError as error:
            errors.append({"pointer": "/groups", "detail": str(error)})
    if "attributes" in body:
        values["attributes"] = _attributes(body["attributes"], spec, former, errors)
    errors += _together(values, former)
    return values


def _value(one: Field, value: Any, former: Item | None, owner: int | None) -> Any:
    """A value as the register keeps it.

    Raises:
        ValueError: it names nothing that the field may point at.
    """
    if value is None:
        is_empty_text = one.kind in (Kind.TEXT, Kind.LONG_TEXT) and one.refers is None
        return ([] if one.name == "tags" else "") if is_empty_text else None
    if one.refers is not None:
        return _key_of(one, value, former, owner)
    if one.words:
        return item_state.typed(Item, {one.name: value})[one.name]
    return int(value) if one.kind in (Kind.CENTS, Kind.NUMBER) else value


def _key_of(one: Field, text: str, former: Item | None, owner: int | None) -> int:
    model, chosen = one.refers, former and getattr(former, one.name)
    fits = _KEYS[model] == text
    if model is Location:
        fits = sa.and_(fits, Location.municipality_id == owner)
    found = db.session.scalars(pointing.candidates(one, chosen).where(fits).limit(2)).all()
    if len(found) != 1:
        raise ValueError(f"there is no {one.key} {text!r}")
    return found[0].id


def _attributes(
    given: Mapping[str, Any], spec: ItemClassSpec, former: Item | None, errors: list[dict[str, str]]
) -> dict[str, Any]:
    """Those that the item had with what is given; null takes one away."""
    held = dict(former.attributes) if former is not None else {}
    for key, value in given.items():
        if value is None:
            held.pop(key, None)
        elif held.get(key) != value or type(held[key]) is not type(value):
            try:
                spec.check({key: value})
            except ValueError as error:
                step = key.replace("~", "~0").replace("/", "~1")[:100]
                errors.append({"pointer": f"/attributes/{step}", "detail": str(error)[:1000]})
            held[key] = value
    return held


def _together(values: Mapping[str, Any], former: Item | None) -> list[dict[str, str]]:
    """What of the new values does not go with one another, or with what the item holds."""
    names = {name for some in _TOGETHER.values() for name in some}
    held = {name: values.get(name, former and getattr(former, name)) for name in names}
    places = {one.name: name for name, one in WRITABLE.items()}
    return [
        {"pointer": f"/{places[name]}", "detail": problem}
        for name, problem in pointing.misfits(held).items()
        if any(each in values for each in _TOGETHER[name])
    ]


def _known_as(body: Mapping[str, Any], errors: list[dict[str, str]]) -> list[Any] | None:
    """The identifiers of a body; None when it tells nothing of them."""
    if "identifiers" not in body:
        return None
    pairs = [(one["kind"], one["value"]) for one in body["identifiers"]]
    try:
        return describing.readable(pairs)
    except ValueError as error:
        errors.append({"pointer": "/identifiers", "detail": str(error)})
        return []


def _group(told: Mapping[str, Any]) -> dict[str, Any]:
    group = {"effect": "hard", **told}
    if "failoverMinutes" in group:
        group["failover_minutes"] = group.pop("failoverMinutes")
    return group


def _leave_groups(item: Item, former: list[Any], change_set: ChangeSet) -> None:
    """Relations of a group that is no more are by themselves."""
    gone = {one["label"] for one in former} - {one["label"] for one in item.groups}
    left = sa.select(Relation).where(Relation.source_id == item.id, Relation.group.in_(gone))
    for relation in db.session.scalars(left.order_by(Relation.id)):
        register.change_relation(relation, change_set, group="")
