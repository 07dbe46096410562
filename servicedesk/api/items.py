"""Items: found by the same filters as the list of the pages, and read, now or as of a day."""

import datetime as dt

import sqlalchemy as sa
from flask import abort

from cmdb import history, registry
from cmdb.database import utc_now
from cmdb.items import Hosting, Item, ItemStatus
from cmdb.localtime import local
from cmdb.permissions import Permission
from servicedesk.access import find, me
from servicedesk.api import item_told, municipalities
from servicedesk.api.door import operation
from servicedesk.api.item_fields import NUMBER
from servicedesk.api.item_told import ITEM, LISTED
from servicedesk.api.paging import PAGE, beyond, page_of, size_of, told_page
from servicedesk.api.schemas import Schema, boolean, date, list_of, one_of, text
from servicedesk.inventory import facets, fields, filters, lists
from servicedesk.inventory.columns import Source
from servicedesk.inventory.fields import STANDING, Field
from servicedesk.inventory.filters import Filter
from servicedesk.problems import Problem, wrong
from servicedesk.tickets.standing import standing

ON = date("As of the end of that day; as it is now unless told.")
_MOST = 40
_FILTERS: dict[str, Schema] = {
    "class": list_of(text(most=40), "One or more classes, with those that refine them.", most=_MOST),
    "text": text("A part of the name, or the begin of what else it is found by.", least=1, most=100),
    "status": one_of(ItemStatus),
    "hosting": list_of(one_of(Hosting), "One or more.", most=_MOST),
    "municipality": municipalities.CODE | {"description": "Whose it is, or who uses it: a code."},
    "standing": list_of(one_of(facets.STANDINGS), "How it is now; one or more.", most=_MOST),
    "mine": boolean("Only what you look after, as manager or as deputy."),
    "filter": list_of(
        text(most=300),
        "A condition on a field or a relation, all of which hold: `support_until.this-year`,"
        " `memory.gt=64`, `owner.is=Oosterveen`, `relation.runs-on=none`, `reverse.runs-on=SRV-0012`."
        " The class tells its fields with their operators.",
        most=_MOST,
    ),
    "sort": text("The key of a field, such as `name`; after a minus the largest come first.", most=41),
    "on": ON,
}


@operation(
    "GET", "/items", "Items, by name unless told", page_of(LISTED),
    permission=Permission.ITEM_READ, query=_FILTERS | PAGE,
)  # fmt: skip
def items(query):
    """Those that you may see: of a municipality what it owns and what it uses. As `on` a day."""
    now = utc_now()
    asked, order = _asked(query, now), query.get("sort", "name")
    found = lists.page(asked, after=beyond(query, order), size=size_of(query))
    return told_page(item_told.listed([row.state for row in found.rows]), found.after, order)


@operation(
    "GET", "/items/{number}", "An item with all that is known of it", ITEM,
    permission=Permission.ITEM_READ, keys={"number": NUMBER}, query={"on": ON},
)  # fmt: skip
def item(number, query):
    """Its fields, who uses it, who does what for it, its life, its relations, and who told a field."""
    now = utc_now()
    chosen = find(Item, number, Permission.ITEM_READ, by="uid")
    day = day_of(query, now)
    if day is None:
        return item_told.answer(chosen)
    at = history.moment_of(day, now)
    state = history.state_at(chosen.id, at) or abort(404)
    return item_told.whole(chosen.id, state, day, at)


def day_of(query: dict[str, object], now: dt.datetime) -> dt.date | None:
    """The day of which is asked; None for today.

    Raises:
        Problem: 400, it is still to come.
    """
    day, today = query.get("on"), local(now).date()
    if day is not None and day > today:
        raise wrong("is still to come", parameter="on")
    return None if day == today else day


def _asked(query: dict[str, object], now: dt.datetime) -> lists.Asked:
    """What the parameters ask, as the list of the pages would.

    Raises:
        Problem: 400, with an error for each that makes no sense.
    """
    day, errors = day_of(query, now), []
    classes = query.get("class", [])
    errors += [
        {"parameter": "class", "detail": f"holds {key!r}, which is no class"}
        for key in classes if key not in registry.classes()
    ]  # fmt: skip
    known = fields.of_list(classes[0] if len(classes) == 1 else "")
    narrowing = []
    for given in query.get("filter", []):
        try:
            narrowing.append(_filter(given, known, day or local(now).date()))
        except ValueError as error:
            errors.append({"parameter": "filter", "detail": f"{given}: {error}"})
    if "status" in query:
        narrowing.append(filters.of_field(known["status"], "is", query["status"], now.date()))
    sort = query.get("sort", "name")
    order = (known | ({} if day else {"standing": STANDING})).get(sort.removeprefix("-"))
    if order is None:
        errors.append({"parameter": "sort", "detail": "is no field of these items"})
    if day and "standing" in query:
        errors.append({"parameter": "standing", "detail": "is not known of a day that was"})
    if errors:
        raise Problem(400, "The parameters do not fit.", errors)
    at = day and history.moment_of(day, now)
    states = standing(now).found.states if order is STANDING or "standing" in query else {}
    return lists.Asked(
        me(),
        at=at,
        words=query.get("text", ""),
        filters=narrowing,
        facets=_facets(query, Source(at), states, known),
        standings=states,
        order=None if order.name in ("name", "tags") else order,
        descending=sort.startswith("-"),
    )


def _facets(query, source: Source, states, known) -> dict[str, sa.ColumnElement[bool]]:
    chosen = {name: query.get(name, []) for name in ("class", "hosting", "standing")}
    if municipality := municipalities.asked(query.get("municipality")):
        chosen["municipality"] = [str(municipality.id)]
    found = facets.conditions(source, chosen, states)
    if query.get("mine"):
        found["mine"] = lists.looked_after_by(me(), source, known)
    return found


def _filter(given: str, known: dict[str, Field], today: dt.date) -> Filter:
    """A condition as an address of the list of the pages holds it.

    Raises:
        ValueError: it is none.
    """
    parameter, _equals, value = given.partition("=")
    name, _point, operator = parameter.partition(".")
    if name in filters.ENDS:
        return filters.of_relation(name, operator, value)
    if name not in known:
        raise ValueError(f"there is no field {name!r}")
    return filters.of_field(known[name], operator, value, today)
