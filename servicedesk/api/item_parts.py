"""What stands beside the fields of an item, written by programs: relations, users, roles, steps."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import abort

from cmdb import kinds, register
from cmdb.database import db
from cmdb.item_parts import Duty
from cmdb.items import ChangeSet, Item, ItemStatus, Relation
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.people import Person, Team
from cmdb.permissions import Permission, visible
from cmdb.relations import Effect
from servicedesk.access import find, me
from servicedesk.api import item_acts, item_told, municipalities
from servicedesk.api.door import operation
from servicedesk.api.item_fields import NUMBER
from servicedesk.api.item_told import ITEM, RELATION
from servicedesk.api.paging import PAGE, page, page_of
from servicedesk.api.schemas import (
    boolean, date, integer, list_of, nullable, one_of, record, text,
)  # fmt: skip
from servicedesk.inventory import ties
from servicedesk.problems import Problem, wrong

USERS = list_of(
    record(
        "NewConsumer",
        {
            "municipality": municipalities.CODE,
            "share": nullable(integer("In thousandths.", most=1000)),
        },
        optional=("share",),
    ),
    most=500,
)
_SAID = {
    "group": text("A dependency group of who needs the other; empty for none.", most=80),
    "effect": one_of(Effect, "That of the kind unless told."),
    "capacity": nullable({"type": "number", "minimum": 0, "maximum": 10**15}),
    "validFromDate": nullable(date("Included.")),
    "validUntilDate": nullable(date("Included.")),
    "port": nullable(text("Of the other.", most=80)),
}
_REASON = {"reason": item_acts.REASON}
NEW_RELATION = record(
    "NewRelation",
    {
        "kind": text("A key of `relations` of the class.", most=40),
        "other": NUMBER,
        "isReverse": boolean("Whether the other needs this item."),
        **_SAID,
        **_REASON,
    },
    optional=("isReverse", *_SAID, *_REASON),
)
RELATION_PATCH = record("RelationPatch", _SAID | _REASON, optional=(*_SAID, *_REASON))
_DAYS = {
    "fromDate": nullable(date("The first day; today unless told.")),
    "untilDate": nullable(date("The first day on which it holds no more.")),
}
CONSUMERS = record(
    "Consumers", {"consumers": USERS, **_DAYS, **_REASON}, optional=(*_DAYS, *_REASON)
)
NEW_ROLE = record(
    "NewItemRole",
    {
        "duty": one_of(Duty),
        "person": nullable(text("A sign-in name.")),
        "team": nullable(text("Its name.")),
        "contact": nullable(text("Somebody outside.", most=255)),
        "isDeputy": boolean(),
        **_DAYS,
        **_REASON,
    },
    optional=("person", "team", "contact", "isDeputy", *_DAYS, *_REASON),
    description="Without a person, a team or a contact nobody has the role.",
)
NEW_STEP = record(
    "NewLifecycleStep",
    {"status": one_of(ItemStatus), "stepDate": date(), **_REASON},
    optional=_REASON,
)
_NUMBER = {"number": NUMBER}
_ONE = {"number": NUMBER, "key": integer()}


@operation(
    "GET", "/items/{number}/relations", "The relations of an item", page_of(RELATION),
    permission=Permission.ITEM_READ, keys=_NUMBER, query=PAGE,
)  # fmt: skip
def item_relations(number, query):
    """To items that you may see, both ways."""
    item = find(Item, number, Permission.ITEM_READ, by="uid")
    own = sa.or_(Relation.source_id == item.id, Relation.target_id == item.id)
    return page(
        sa.select(Relation).where(own), [Relation.id], lambda found: _told(item, found), query
    )


@operation(
    "POST", "/items/{number}/relations", "Relate an item to another", RELATION,
    permission=Permission.ITEM_WRITE, keys=_NUMBER, body=NEW_RELATION, status=201, is_versioned=True,
)  # fmt: skip
def add_relation(number, body):
    """The item needs the other, unless `isReverse`."""

    def relate(item: Item, change_set: ChangeSet) -> dict[str, object]:
        seen = visible(Item, me(), Permission.ITEM_READ).where(Item.uid == body["other"])
        other = db.session.scalar(seen)
        if other is None:
            raise wrong("is no item", pointer="/other")
        ends = (other, item) if body.get("isReverse") else (item, other)
        made = register.relate(*ends, body["kind"], change_set, **_said(ends[0], body))
        return _told(item, [made])[0]

    return item_acts.act(number, body, relate)


@operation(
    "PATCH", "/items/{number}/relations/{key}", "Change what a relation says", RELATION,
    permission=Permission.ITEM_WRITE, keys=_ONE, body=RELATION_PATCH, is_versioned=True,
)  # fmt: skip
def change_relation(number, key, body):
    """What is left out stays."""

    def change(item: Item, change_set: ChangeSet) -> dict[str, object]:
        relation = _relation(item, key)
        source = db.session.get_one(Item, relation.source_id)
        register.change_relation(relation, change_set, **_said(source, body))
        return _told(item, [relation])[0]

    return item_acts.act(number, body, change)


@operation(
    "DELETE", "/items/{number}/relations/{key}", "End a relation", ITEM,
    permission=Permission.ITEM_WRITE, keys=_ONE, query=_REASON, is_versioned=True,
)  # fmt: skip
def end_relation(number, key, query):
    """What it said stays in the history; the item without it."""

    def end(item: Item, change_set: ChangeSet) -> object:
        register.unrelate([_relation(item, key)], change_set)
        return item_told.answer(item)

    return item_acts.act(number, query, end)


@operation(
    "PUT", "/items/{number}/consumers", "Say who uses an item", ITEM,
    permission=Permission.ITEM_WRITE, keys=_NUMBER, body=CONSUMERS, is_versioned=True,
)  # fmt: skip
def set_consumers(number, body):
    """Exactly these municipalities, in these days; what was agreed for other days stays."""

    def share(item: Item, change_set: ChangeSet) -> object:
        errors: list[dict[str, str]] = []
        shares = shares_of(body["consumers"], errors)
        if errors:
            raise Problem(400, "The body does not fit.", errors[:50])
        register.share_among(item, shares, change_set, *_days(body))
        return item_told.answer(item)

    return item_acts.act(number, body, share)


@operation(
    "POST", "/items/{number}/roles", "Say who does what for an item", ITEM,
    permission=Permission.ITEM_WRITE, keys=_NUMBER, body=NEW_ROLE, is_versioned=True,
)  # fmt: skip
def set_role(number, body):
    """Who did it makes way for just those days."""

    def appoint(item: Item, change_set: ChangeSet) -> object:
        person = _named(Person, Person.login, body.get("person"), "person")
        team = _named(Team, Team.name, body.get("team"), "team")
        contact = kinds.clean(body.get("contact") or "", 255)
        if sum(map(bool, (person, team, contact))) > 1:
            raise wrong("goes with one of person, team and contact", pointer="/duty")
        since, until = _days(body)
        register.set_role(
            item, Duty(body["duty"]), change_set, person=person, team=team, contact=contact,
            is_deputy=body.get("isDeputy", False), since=since, until=until,
        )  # fmt: skip
        return item_told.answer(item)

    return item_acts.act(number, body, appoint)


@operation(
    "POST", "/items/{number}/lifecycle-steps", "Plan or record a step in the life of an item", ITEM,
    permission=Permission.ITEM_WRITE, keys=_NUMBER, body=NEW_STEP, is_versioned=True,
)  # fmt: skip
def add_step(number, body):
    """A day that has been was done, one that comes is planned."""

    def step(item: Item, change_set: ChangeSet) -> object:
        day = body["stepDate"]
        ahead = day > local(change_set.at).date()
        writes = register.plan_step if ahead else register.record_step
        writes(item, ItemStatus(body["status"]), day, change_set)
        return item_told.answer(item)

    return item_acts.act(number, body, step)


def shares_of(
    given: Sequence[Mapping[str, Any]], errors: list[dict[str, str]]
) -> dict[int, int | None]:
    """Thousandths by municipality; what names none, or one twice, is added to the errors."""
    codes = [one["municipality"] for one in given]
    chosen = sa.select(Municipality.code, Municipality.id).where(Municipality.code.in_(codes))
    known = dict(db.session.execute(chosen).all())
    shares: dict[int, int | None] = {}
    for at, one in enumerate(given):
        key, share = known.get(one["municipality"]), one.get("share")
        if key is None or key in shares:
            detail = "is no municipality" if key is None else "is named more than once"
            errors.append({"pointer": f"/consumers/{at}/municipality", "detail": detail})
        else:
            shares[key] = None if share is None else int(share)
    return shares


def _days(body: Mapping[str, Any]) -> tuple[dt.date | None, dt.date | None]:
    return body.get("fromDate"), body.get("untilDate")


def _named(model: Any, column: Any, name: str | None, place: str) -> Any:
    found = db.session.scalar(sa.select(model).where(column == name)) if name else None
    if name and found is None:
        raise wrong("is nobody that we know", pointer=f"/{place}")
    return found


def _said(source: Item, body: Mapping[str, Any]) -> dict[str, Any]:
    """What a relation says beside its kind, as far as the body tells.

    Raises:
        ValueError: the source has no such group, or the port is no name; one sentence.
    """
    names = {"validFromDate": "valid_on", "validUntilDate": "valid_until"}
    said = {names.get(key, key): body[key] for key in _SAID if key in body}
    if "group" in said:
        said["group"] = ties.group_of(source, said["group"])
    if "effect" in said:
        said["effect"] = Effect(said["effect"])
    if said.get("port") is not None:
        said["port"] = kinds.clean(said["port"], 80) or None
    return said


def _relation(item: Item, key: int) -> Relation:
    own = sa.or_(Relation.source_id == item.id, Relation.target_id == item.id)
    return db.session.scalar(sa.select(Relation).where(Relation.id == key, own)) or abort(404)


def _told(item: Item, found: Sequence[Relation]) -> list[dict[str, object]]:
    keys = {key for one in found for key in (one.source_id, one.target_id)}
    chosen = sa.select(Item.id, Item.uid, Item.name).where(Item.id.in_(keys))
    ends = {key: (uid, name) for key, uid, name in db.session.execute(chosen)}
    told = []
    for one in found:
        backwards = one.source_id != item.id
        other = ends[one.source_id if backwards else one.target_id]
        told.append(item_told.relation(ties.tie(one, *other, backwards)))
    return told
