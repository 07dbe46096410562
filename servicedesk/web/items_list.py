"""The list of items as a page: its columns, rows, filters and what each of their links asks."""

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from flask import request, url_for
from flask_babel import ngettext

from cmdb import completeness, register, registry
from cmdb.database import db
from cmdb.impact import State
from cmdb.items import ItemConsumer, ItemStatus
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.people import Person, initials, tone
from cmdb.permissions import Permission, may, visible
from servicedesk.access import me
from servicedesk.inventory import fields, filters, lists, views, words
from servicedesk.inventory.facets import FACETS
from servicedesk.inventory.fields import STANDING
from servicedesk.inventory.lists import Row
from servicedesk.language import gettext as _
from servicedesk.tickets.models import Ticket, TicketItem
from servicedesk.tickets.queue import COUNTED
from servicedesk.tickets.workflow import OPEN
from servicedesk.web import impact_words, items_facets
from servicedesk.web.items_asked import Question
from servicedesk.web.items_asked import offered as fields_offered
from servicedesk.web.items_tabs import EVERYTHING, Tab
from servicedesk.web.numbers import count, counted

_GOOD, _POOR = 85, 60  # percent
_CELLS = {
    "class": "c-class",
    "used_by": "c-used-by",
    "hosting": "c-hosting",
    "standing": "c-state",
    "manager": "c-manager",
    "completeness": "c-filled",
}


def context(
    question: Question, tabs: Sequence[Tab], now: dt.datetime, refused: str = ""
) -> dict[str, object]:
    """Everything that the page of the list shows; `refused` is why a filter was not added."""
    page = lists.page(question.asked, request.args.get("after"), request.args.get("before"))
    size = tabs[-1].number or 0 if tabs else 0
    counts = items_facets.counted(question, me(), size) if question.on is None else None
    towns = counts.towns if counts else _towns()
    offered = items_facets.choices(question, towns)
    total = summary(counts.total if counts else lists.count(question.asked), bool(counts))
    works = may(me(), Permission.QUEUE_READ)
    quick = [tab.drawn(question) for tab in tabs]
    return {
        "summary": total,
        "said": items_facets.sentence(question, counts) if counts else None,
        "average": items_facets.average(question, counts) if counts else None,
        "question": question,
        "facets": items_facets.drawn(question, offered, counts),
        "facets_keep": _without(question, *FACETS) or EVERYTHING,
        "search": {"value": question.asked.words, "keep": _kept_by_search(question, quick)},
        "chips": [*items_facets.chips(question, offered), *_chips(question)],
        "everything_url": url_for("items.index", **EVERYTHING),
        "heads": [_head(question, key) for key in ("name", *question.columns)],
        "rows": rows(question, page.rows, now, towns),
        "pager": {
            "text": total,
            "previous_url": page.before and question.url(before=page.before),
            "next_url": page.after and question.url(after=page.after),
        },
        "adding": _adding(question, refused),
        "choosing": _choosing(question),
        "may_write": may(me(), Permission.ITEM_WRITE),
        "works": works,
        "views": [*quick, *_views(question)] if works else [],
    }


def summary(total: int, is_exact: bool) -> str:
    if total > COUNTED:
        number = count(total) if is_exact else counted(total)
        return _("%(number)s objecten", number=number)
    return ngettext("%(num)d object", "%(num)d objecten", total)


def rows(
    question: Question, found: Sequence[Row], now: dt.datetime, towns: Mapping[str, str]
) -> list[dict[str, object]]:
    """Rows with a cell for each column: a few statements, however many rows.

    `towns` are the names of all municipalities by key, where they are known already.
    """
    shown = [question.fields[key] for key in question.columns if key in question.fields]
    keys = [row.id for row in found]
    named = [*shown, question.fields["owner"]]
    known: words.Names = {}
    if towns:
        named = [field for field in named if field.refers is not Municipality]
        known = {Municipality: {int(key): name for key, name in towns.items()}}
    names = {**known, **words.names_for([row.state for row in found], named)}
    users = users_of(question, found, names, now)
    tickets = _open_tickets_of(keys, question.asked.reader) if question.on is None else {}
    on = {"on": question.on.isoformat()} if question.on else {}
    return [
        {
            "url": url_for("items.item", uid=row.state["uid"], **on),
            "uid": row.state["uid"],
            "name": row.state["name"],
            "tickets": tickets.get(row.id, 0),
            "status": _unusual(row, question),
            "cells": [
                {"cls": _CELLS.get(key, ""), **cell(question, key, row, names, used_by)}
                for key in question.columns
            ],
        }
        for row, used_by in zip(found, users, strict=True)
    ]


def _unusual(row: Row, question: Question) -> str | None:
    """What stands beside a name when an item is not in use, and no column tells."""
    status = row.state["status"]
    return None if status == ItemStatus.IN_USE or "status" in question.columns else status


def cell(
    question: Question, key: str, row: Row, names: words.Names, used_by: str
) -> dict[str, object]:
    """What a column shows of a row: words, and how they are drawn."""
    if key == "used_by":
        return {"draw": "text", "text": used_by}
    if key == "standing":
        state = question.asked.standings.get(row.id, State.OK)
        return {"draw": "standing", "state": impact_words.badge(state)}
    field = question.fields[key]
    value = words.value_of(row.state, field)
    text = words.text_of(value, field, names)
    if key == "status":
        return {"draw": "status", "value": value}
    if key == "manager":
        return {
            "draw": "person",
            "text": text,
            "initials": initials(text or "?"),
            "tone": tone(text),
        }
    if key == "completeness":
        gaps = completeness.missing(registry.classes()[row.state["class_key"]], row.state)
        return {
            "draw": "completeness",
            "value": value,
            "tone": completeness_tone(value),
            "missing": [gap.label for gap in fields.named(gaps, row.state["class_key"])],
        }
    is_number = field.kind in ("number", "cents")
    return {"draw": "number" if is_number else "text", "text": text}


def completeness_tone(percent: int) -> str:
    """How a bar of completeness is drawn, beside its figure."""
    return "" if percent >= _GOOD else "warn" if percent >= _POOR else "late"


def _head(question: Question, key: str) -> dict[str, object]:
    if key == "used_by":
        return {"label": _("Gebruikt door"), "url": None, "direction": None}
    field = STANDING if key == "standing" else question.fields[key]
    current = (question.asked.order.key if question.asked.order else "name") == key
    down = current and question.asked.descending
    direction = ("descending" if down else "ascending") if current else None
    worst_first = key == "standing"  # the first time; then it turns
    turned = ("asc" if down else "desc") if current or worst_first else "asc"
    url = None if field.name == "tags" else question.url(sort=key, dir=turned)
    label = _("Object") if key == "name" else field.title
    return {"label": label, "url": url, "direction": direction}


def _views(question: Question) -> list[dict[str, object]]:
    """The tabs of kept lists; the one that the address names is current."""
    current = question.kept.get("view", "")
    return [
        {"label": one.name, "url": address(one), "current": str(one.id) == current, "count": None}
        for one in views.of_person(me())
    ]


def address(view: views.ItemView) -> str:
    """Where a kept list is shown."""
    return f"{url_for('items.index')}?{view.query}{'&' if view.query else ''}view={view.id}"


def _adding(question: Question, refused: str) -> dict[str, object]:
    return {
        "groups": fields_offered(question),
        "operators": [*filters.OPERATORS.items(), *filters.TIES.items()],
        "field": request.args.get("add_field", ""),
        "operator": request.args.get("add_operator", ""),
        "value": request.args.get("add_value", ""),
        "refused": refused,
    }


def _choosing(question: Question) -> dict[str, object]:
    """The columns to choose from, the chosen ones first and in their order."""
    beside = {} if question.on else {"standing": STANDING.title}
    known = {"used_by": _("Gebruikt door")} | beside | {
        one.key: one.title for one in question.fields.values() if one.key != "name"
    }
    order = [*question.columns, *(key for key in known if key not in question.columns)]
    return {
        "columns": [(key, known[key], key in question.columns) for key in order],
        "keep": _without(question, "columns"),
    }


def _chips(question: Question) -> list[dict[str, str]]:
    found = [
        {"label": one.label, "value": one.said, "url": question.url(without=[one.parameter])}
        for one in question.filters
    ]
    if "mine" in question.kept:
        url = question.url(without=["mine"])
        found.append({"label": _("Beheerder of vervanger"), "value": _("ik"), "url": url})
    if (status := question.kept.get("status")) in question.fields["status"].words:
        text = str(question.fields["status"].words[status])
        found.append({"label": _("Status"), "value": text, "url": question.url(without=["status"])})
    return found


def _towns() -> dict[str, str]:
    """The municipalities to choose from; none for who belongs to one."""
    if me().municipality_id is not None:
        return {}
    towns = sa.select(Municipality.id, Municipality.name).order_by(Municipality.name)
    return {str(key): name for key, name in db.session.execute(towns)}


def _kept_by_search(question: Question, quick: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """Who searches from a quick view did not choose its filters, and looks through everything."""
    if any(tab["current"] for tab in quick):
        return {key: question.kept[key] for key in ("columns", "on") if key in question.kept}
    return _without(question, "q")


def _without(question: Question, *left_out: str) -> dict[str, str]:
    return {key: value for key, value in question.kept.items() if key not in left_out}


def users_of(
    question: Question, found: Sequence[Row], names: words.Names, now: dt.datetime
) -> list[str]:
    """Who uses each of these items on the day of the list, in a few words."""
    if "used_by" not in question.columns:
        return [""] * len(found)
    towns: dict[int, list[str]] = {}
    used = (
        sa.select(ItemConsumer.item_id, Municipality.name)
        .join(Municipality, Municipality.id == ItemConsumer.municipality_id)
        .where(
            ItemConsumer.item_id.in_([row.id for row in found]),
            register.is_consumer(question.on or local(now).date()),
        )
    )
    for item_id, town in db.session.execute(used):
        towns.setdefault(item_id, []).append(town)
    return [_used_by(row, towns.get(row.id, []), question, names) for row in found]


def _used_by(row: Row, users: list[str], question: Question, names: words.Names) -> str:
    """Whom a municipality shares an item with is not its business."""
    owner_id, home = row.state.get("municipality_id"), question.asked.reader.municipality_id
    owner = words.text_of(owner_id, question.fields["owner"], names)
    if home is not None:
        return _("gedeeld") if owner_id != home else owner
    if len(users) > 1:
        return ngettext("%(num)d gemeente", "%(num)d gemeenten", len(users))
    return users[0] if users else owner


def _open_tickets_of(keys: list[int], person: Person) -> dict[int, int]:
    mine = visible(Ticket, person, Permission.TICKET_READ).where(Ticket.status.in_(OPEN)).subquery()
    counted_by_item = (
        sa.select(TicketItem.item_id, sa.func.count())
        .join(mine, mine.c.id == TicketItem.ticket_id)
        .where(TicketItem.item_id.in_(keys))
        .group_by(TicketItem.item_id)
    )
    return dict(db.session.execute(counted_by_item).all())
