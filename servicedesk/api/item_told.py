"""How an item is told: in a list, and by itself with all that stands beside its fields."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cmdb import beside, item_state, registry
from cmdb.database import Model, db
from cmdb.item_parts import Duty, IdentifierKind
from cmdb.items import Item, ItemStatus
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.people import Person, Team
from cmdb.relations import Effect
from servicedesk.access import me
from servicedesk.api import item_classes, item_fields, municipalities
from servicedesk.api.door import Answer
from servicedesk.api.item_fields import ENVELOPE, ITEM_NAME, NUMBER, PERSON, Rows
from servicedesk.api.schemas import (
    boolean, date, integer, list_of, moment, nullable, one_of, record, text, written,
)  # fmt: skip
from servicedesk.inventory import sources, ties, words

ATTRIBUTES = {
    "type": "object",
    "additionalProperties": {"type": ["string", "number", "boolean"]},
    "description": "By key; `attributesSchema` of the class tells the kind of each."
    " A day is RFC 3339, an amount is in whole cents.",
}
_LISTED = {
    "number": NUMBER,
    "class": item_classes.CLASS_NAME,
    **item_fields.told_properties(),
    "attributes": ATTRIBUTES,
}
LISTED = record("ListedItem", _LISTED)
_SPAN = {
    "fromDate": date("The first day."),
    "untilDate": nullable(date("The first day on which it holds no more; null when there is none.")),
}
CONSUMER = record(
    "Consumer",
    {
        "municipality": municipalities.MUNICIPALITY,
        "share": nullable(integer("In thousandths; null when no share was agreed.", most=1000)),
        **_SPAN,
    },
)
ROLE = record(
    "ItemRole",
    {
        "duty": one_of(Duty),
        "person": nullable(PERSON),
        "team": nullable(text()),
        "contact": text("Somebody outside.", most=255),
        "isDeputy": boolean(),
        **_SPAN,
    },
    description="Who does what for it; nobody is told when it is somebody that you may not see.",
)
_STEP = record(
    "LifecycleStep",
    {
        "status": one_of(ItemStatus),
        "plannedDate": nullable(date()),
        "doneDate": nullable(date("Null while it is still to come.")),
    },
)
IDENTIFIER = record(
    "Identifier", {"kind": one_of(IdentifierKind), "value": text(most=255)}
)
_DOCUMENT = record("ItemDocument", {"name": text(most=255), "size": integer("In bytes.")})
GROUP = record(
    "DependencyGroup",
    {
        "label": text(most=80, least=1),
        "rule": record(
            "DependencyRule",
            {
                "kind": one_of(("all", "at_least", "percent", "capacity")),
                "count": integer(most=100_000),
                "percent": {"type": "number", "minimum": 0, "maximum": 100},
                "need": {"type": "number", "minimum": 0, "maximum": 10**15},
            },
            optional=("count", "percent", "need"),
        ),
        "effect": one_of(Effect),
        "failoverMinutes": {"type": "number", "minimum": 0, "maximum": 10**6},
    },
    optional=("effect", "failoverMinutes"),
    description="The relations whose `group` is the label count together.",
)
PORT = record(
    "Port",
    {
        "name": text(most=80, least=1),
        "speed": {"type": "number", "minimum": 0, "description": "In Mbit/s."},
        "vlans": list_of(integer(least=1, most=4094)),
        "power": {"type": "number", "minimum": 0, "description": "Of PoE, in watts."},
        "label": text("On the patch panel.", most=200),
    },
    optional=("speed", "vlans", "power", "label"),
)
RELATION = record(
    "Relation",
    {
        "id": nullable(integer("By which it is changed; null as of a day.")),
        "kind": text(most=40),
        "label": text("What it says seen from this item, in your language."),
        "isReverse": boolean("Whether the other needs this item, instead of it the other."),
        "other": ITEM_NAME,
        "group": text("The dependency group of who needs the other; empty without.", most=80),
        "effect": one_of(Effect),
        "capacity": nullable({"type": "number"}),
        "validFromDate": nullable(date("What was agreed; included.")),
        "validUntilDate": nullable(date("What was agreed; included.")),
        "port": nullable(text("Of the other.", most=80)),
    },
)
_SOURCE = record(
    "FieldSource",
    {
        "field": text("Its key.", most=80),
        "label": text(),
        "source": text("Such as `hand`, `confirmed`, `import lijst.csv`, `glpi`."),
        "toldAt": moment(),
    },
)
ITEM = record(
    "Item",
    _LISTED | {
        "version": nullable(integer("Rises with each change; the ETag. Null as of a day.")),
        "onDate": date("The day of which this tells."),
        "identifiers": list_of(IDENTIFIER),
        "consumers": list_of(CONSUMER, "Those that you may see."),
        "roles": list_of(ROLE),
        "lifecycleSteps": list_of(_STEP),
        "documents": list_of(_DOCUMENT),
        "groups": list_of(GROUP),
        "ports": list_of(PORT),
        "relations": list_of(RELATION, f"The first {ties.MOST} each way, to items that you may see."),
        "relationCount": integer("How many relations there are."),
        "sources": list_of(_SOURCE, "Who told a field last; empty as of a day."),
    },
)  # fmt: skip


def listed(states: Sequence[Mapping[str, Any]]) -> list[dict[str, object]]:
    """Items by their states, in a few statements whatever their number."""
    wanted: dict[type[Model], set[int | None]] = defaultdict(set)
    for one in (one for one in ENVELOPE.values() if one.refers is not None):
        wanted[one.refers].update(words.value_of(state, one) for state in states)
    rows = item_fields.rows_for(wanted)
    return [_fields(state, rows) for state in states]


def _fields(state: Mapping[str, Any], rows: Rows) -> dict[str, object]:
    told = {"number": state["uid"], "class": item_classes.named(state["class_key"])}
    for name, one in ENVELOPE.items():
        held = words.value_of(state, one)
        if one.refers is not None:
            held = rows[one.refers].get(held)
        elif one.name == "tags":
            held = held or []
        elif held is None and _LISTED[name].get("type") == "string":
            held = ""
        told[name] = held
    return told | {"attributes": state.get("attributes") or {}}


def answer(item: Item, is_new: bool = False) -> Answer:
    """An item as it is now, with its version as ETag."""
    state = item_state.written(item) | {name: beside.read(item, name) for name in beside.NAMES}
    told = whole(item.id, state, local(dt.datetime.now(dt.UTC)).date(), None)
    told |= {"version": item.version, "sources": _sources(item)}
    headers = {"Location": f"/api/v1/items/{item.uid}"} if is_new else {}
    return Answer(told, headers | {"ETag": f'"{item.version}"'})


def whole(
    item_id: int, state: Mapping[str, Any], day: dt.date, at: dt.datetime | None
) -> dict[str, object]:
    """An item by its state of a day; `at` is the moment when that is not today."""
    found, total = ties.of_item(item_id, at)
    roles, shares = state.get("roles") or [], _seen_shares(state.get("shares") or [])
    rows = item_fields.rows_for(
        {
            Person: [row["person_id"] for row in roles],
            Municipality: [row["municipality_id"] for row in shares],
        }
    )
    teams = _teams(row["team_id"] for row in roles)
    return listed([state])[0] | {
        "version": None,
        "onDate": day.isoformat(),
        "identifiers": [
            {"kind": kind, "value": value} for kind, value in state.get("identifiers") or ()
        ],
        "consumers": [
            {
                "municipality": rows[Municipality][row["municipality_id"]],
                "share": row["share"],
                **_span(row),
            }
            for row in shares
        ],
        "roles": [
            {
                "duty": row["role"],
                "person": rows[Person].get(row["person_id"]),
                "team": teams.get(row["team_id"]),
                "contact": row["contact"],
                "isDeputy": row["is_deputy"],
                **_span(row),
            }
            for row in roles
        ],
        "lifecycleSteps": [
            {"status": row["status"], "plannedDate": row["planned_on"], "doneDate": row["done_on"]}
            for row in state.get("steps") or ()
        ],
        "documents": [
            {"name": row["name"], "size": row["size"]} for row in state.get("documents") or ()
        ],
        "groups": [_group(row) for row in state.get("groups") or ()],
        "ports": state.get("ports") or [],
        "relations": [relation(one, at is not None) for one in found],
        "relationCount": total,
        "sources": [],
    }


def relation(tie: ties.Tie, is_past: bool = False) -> dict[str, object]:
    """A relation as seen from one of its ends."""
    return {
        "id": None if is_past else tie.id,
        "kind": tie.kind,
        "label": tie.label,
        "isReverse": tie.backwards,
        "other": {"number": tie.uid, "name": tie.name},
        "group": tie.group,
        "effect": tie.effect,
        "capacity": tie.capacity,
        "validFromDate": tie.valid_on and tie.valid_on.isoformat(),
        "validUntilDate": tie.valid_until and tie.valid_until.isoformat(),
        "port": tie.port,
    }


def _seen_shares(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A municipality sees its own share: the state of an item holds those of all."""
    home = me().municipality_id
    return [row for row in rows if home in (None, row["municipality_id"])]


def _span(row: Mapping[str, Any]) -> dict[str, object]:
    return {"fromDate": row["valid_from"], "untilDate": row["valid_to"]}


def _group(row: Mapping[str, Any]) -> dict[str, object]:
    told = {key: value for key, value in row.items() if key != "failover_minutes"}
    if "failover_minutes" in row:
        told["failoverMinutes"] = row["failover_minutes"]
    return told


def _teams(keys: Iterable[int | None]) -> dict[int | None, str]:
    wanted = sorted({key for key in keys if key is not None})
    found = sa.select(Team.id, Team.name).where(Team.id.in_(wanted))
    return dict(db.session.execute(found).all()) if wanted else {}


def _sources(item: Item) -> list[dict[str, object]]:
    return [
        {
            "field": one.key,
            "label": one.label,
            "source": one.by,
            "toldAt": written(one.at),
        }
        for one in sources.of_item(item.id, registry.classes()[item.class_key])
    ]
