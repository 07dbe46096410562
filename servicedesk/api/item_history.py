"""What happened to the register: of one item, and act by act; and taking an act back."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from flask import abort
from sqlalchemy.orm import joinedload

from cmdb.database import db, utc_now
from cmdb.items import ChangeSet, Item
from cmdb.permissions import Permission
from cmdb.undo import UndoRefused
from servicedesk.access import find, me
from servicedesk.api.door import Answer, operation
from servicedesk.api.item_fields import NUMBER
from servicedesk.api.paging import PAGE, beyond, page, page_of, size_of, told_page
from servicedesk.api.schemas import (
    integer, list_of, moment, nullable, one_of, record, text, written,
)  # fmt: skip
from servicedesk.inventory import story
from servicedesk.inventory.story import Deed
from servicedesk.problems import Problem
from servicedesk.quality import merging

_SET = {
    "id": integer(),
    "madeAt": moment(),
    "actor": nullable(text("Who did it; null for a source.")),
    "source": text("Such as `browser`, `api`, `import`, `undo`."),
    "reason": text(most=1000),
}
_DEED = record(
    "ItemDeed",
    {
        "number": text("Empty when only a relation came or went.", most=16),
        "name": text(),
        "became": one_of(("added", "changed", "removed")),
        "changes": list_of(
            record(
                "ItemChange",
                {
                    "field": text("In your language, as on the page."),
                    "before": text("In words; empty when there was nothing.", most=100_000),
                    "after": text("In words; empty when nothing is left.", most=100_000),
                },
            ),
            most=5000,
        ),
    },
)
CHANGE_SET = record(
    "ChangeSet", _SET | {"itemCount": integer("How many items it touched, by more than relations.")}
)
TOLD = record("ToldChangeSet", _SET | {"deeds": list_of(_DEED, "What it did to this item.")})
_ORDER = "time"
_KEY = {"key": integer()}


@operation(
    "GET", "/items/{number}/history", "What happened to an item, the latest first", page_of(TOLD),
    permission=Permission.QUEUE_READ, keys={"number": NUMBER}, query=PAGE,
)  # fmt: skip
def item_history(number, query):
    """Who, when, why, and each field before and after."""
    item = find(Item, number, Permission.ITEM_READ, by="uid")
    entries, older = story.of_item(item.id, beyond(query, _ORDER), size_of(query))
    told = [
        {**_set(one.change_set), "deeds": [_deed(deed) for deed in one.deeds]} for one in entries
    ]
    return told_page(told, older, _ORDER)


@operation(
    "GET", "/change-sets", "What was done to the register, the latest first", page_of(CHANGE_SET),
    permission=Permission.QUEUE_READ, query=PAGE,
)  # fmt: skip
def change_sets(query):
    """Each is one act, and can be taken back as one."""
    chosen = sa.select(ChangeSet).options(joinedload(ChangeSet.actor))
    return page(chosen, [ChangeSet.id], _told, query, descending=True)


@operation(
    "GET", "/change-sets/{key}", "An act on the register", CHANGE_SET,
    permission=Permission.QUEUE_READ, keys=_KEY,
)  # fmt: skip
def change_set(key):
    """Who, when, why and how much."""
    return _told([_found(key)])[0]


@operation(
    "GET", "/change-sets/{key}/items", "What an act did, item by item", page_of(_DEED),
    permission=Permission.QUEUE_READ, keys=_KEY, query=PAGE,
)  # fmt: skip
def change_set_items(key, query):
    """Each field before and after; a relation is told with the item that needs the other."""
    chosen, size = _found(key), size_of(query)
    keys = story.touched(key, beyond(query, _ORDER) or 0, size + 1)
    shown = keys[:size]
    deeds = [_deed(one) for one in story.of_change_set(chosen, shown) if one.item_id in shown]
    return told_page(deeds, shown[-1] if len(keys) > size else None, _ORDER)


@operation(
    "POST", "/change-sets/{key}/reversals", "Take an act back", CHANGE_SET,
    permission=Permission.ITEM_WRITE, keys=_KEY, status=201,
)  # fmt: skip
def reverse_change_set(key):
    """All of it, as an act of its own. 409 with the items that something touched later."""
    chosen = _found(key)
    try:
        done = merging.take_back(chosen, me(), utc_now())
    except UndoRefused as error:
        raise Problem(409, str(error), [{"detail": name} for name in error.items[:50]]) from None
    except ValueError as error:
        raise Problem(409, str(error)) from None
    return Answer(_told([done])[0], {"Location": f"/api/v1/change-sets/{done.id}"})


def _found(key: int) -> ChangeSet:
    return db.session.get(ChangeSet, key) or abort(404)


def _told(sets: Sequence[ChangeSet]) -> list[dict[str, object]]:
    counts = story.counts([one.id for one in sets])
    return [{**_set(one), "itemCount": counts.get(one.id, 0)} for one in sets]


def _set(one: ChangeSet) -> dict[str, object]:
    return {
        "id": one.id,
        "madeAt": written(one.at),
        "actor": one.actor.name if one.actor else None,
        "source": one.source,
        "reason": one.reason,
    }


def _deed(deed: Deed) -> Mapping[str, object]:
    return {
        "number": deed.uid,
        "name": deed.name,
        "became": deed.became,
        "changes": [
            {"field": one.label, "before": one.before, "after": one.after} for one in deed.changes
        ],
    }
