"""The list of items as a page: its columns, rows, filters and what each of their links asks."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from flask import request, url_for
from flask_babel import ngettext

from cmdb import completeness, register, registry
from cmdb.catalogue import concrete
from cmdb.database import db
from cmdb.items import ItemConsumer
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.people import Person, initials, tone
from cmdb.permissions import Permission, may, visible
from servicedesk.access import me
from servicedesk.inventory import fields, filters, lists, views, words
from servicedesk.inventory.lists import Row
from servicedesk.language import gettext as _
from servicedesk.tickets import labels
from servicedesk.tickets.models import Ticket, TicketItem
from servicedesk.tickets.queue import COUNTED
from servicedesk.tickets.workflow import OPEN
from servicedesk.web.items_asked import QUICK, Question, offered
from servicedesk.web.numbers import counted

_GOOD, _POOR = 85, 60  # percent
Choices = dict[str, tuple[str, list[tuple[str, str]]]]


def context(question: Question, now: dt.datetime, refused: str = "") -> dict[str, object]:
    """Everything that the page of the list shows; `refused` is why a filter was not added."""
    page = lists.page(question.asked, request.args.get("after"), request.args.get("before"))
    total = summary(lists.count(question.asked))
    works, choices = may(me(), Permission.QUEUE_READ), _choices()
    return {
        "summary": total,
        "question": question,
        "quick": _quick_filters(question, choices),
        "quick_keep": {key: value for key, value in question.kept.items() if key not in QUICK},
        "search": {"value": question.asked.words, "keep": _without(question, "q")},
        "chips": _chips(question, choices),
        "heads": [_head(question, key) for key in ("name", *question.columns)],
        "rows": rows(question, page.rows, now),
        "pager": {
            "text": total,
            "previous_url": page.before and question.url(before=page.before),
            "next_url": page.after and question.url(after=page.after),
        },
        "adding": _adding(question, refused),
        "choosing": _choosing(question),
        "may_write": may(me(), Permission.ITEM_WRITE),
        "works": works,
        "views": _views(question) if works else [],
    }


def summary(total: int) -> str:
    if total > COUNTED:
        return _("%(number)s objecten", number=counted(total))
    return ngettext("%(num)d object", "%(num)d objecten", total)


def rows(question: Question, found: Sequence[Row], now: dt.datetime) -> list[dict[str, object]]:
    """Rows with a cell for each column: a few statements, however many rows."""
    shown = [question.fields[key] for key in question.columns if key != "used_by"]
    keys = [row.id for row in found]
    names = words.names_for([row.state for row in found], [*shown, question.fields["owner"]])
    users = users_of(question, found, names, now)
    tickets = _open_tickets_of(keys, question.asked.reader) if question.on is None else {}
    on = {"on": question.on.isoformat()} if question.on else {}
    return [
        {
            "url": url_for("items.item", uid=row.state["uid"], **on),
            "uid": row.state["uid"],
            "name": row.state["name"],
            "tickets": tickets.get(row.id, 0),
            "cells": [
                {"draw": "text", "text": used_by}
                if key == "used_by"
                else cell(question, key, row, names)
                for key in question.columns
            ],
        }
        for row, used_by in zip(found, users, strict=True)
    ]


def cell(question: Question, key: str, row: Row, names: words.Names) -> dict[str, object]:
    """What a column shows of a row: words, and how they are drawn."""
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
    field = question.fields[key]
    current = (question.asked.order.key if question.asked.order else "name") == key
    down = current and question.asked.descending
    direction = ("descending" if down else "ascending") if current else None
    turned = "desc" if current and not down else "asc"
    url = None if field.name == "tags" else question.url(sort=key, dir=turned)
    label = _("Object") if key == "name" else field.title
    return {"label": label, "url": url, "direction": direction}


def _views(question: Question) -> list[dict[str, object]]:
    """The tabs of kept lists; the one that the address names is current."""
    current = question.kept.get("view", "")
    kept = [
        {"label": one.name, "url": address(one), "current": str(one.id) == current, "count": None}
        for one in views.of_person(me())
    ]
    everything = {
        "label": _("Alles"),
        "url": url_for("items.index"),
        "current": not current,
        "count": None,
    }
    return [everything, *kept] if kept else []


def address(view: views.ItemView) -> str:
    """Where a kept list is shown."""
    return f"{url_for('items.index')}?{view.query}{'&' if view.query else ''}view={view.id}"


def _adding(question: Question, refused: str) -> dict[str, object]:
    return {
        "groups": offered(question),
        "operators": [*filters.OPERATORS.items(), *filters.TIES.items()],
        "field": request.args.get("add_field", ""),
        "operator": request.args.get("add_operator", ""),
        "value": request.args.get("add_value", ""),
        "refused": refused,
    }


def _choosing(question: Question) -> dict[str, object]:
    """The columns to choose from, the chosen ones first and in their order."""
    known = {"used_by": _("Gebruikt door")} | {
        one.key: one.title for one in question.fields.values() if one.key != "name"
    }
    order = [*question.columns, *(key for key in known if key not in question.columns)]
    return {
        "columns": [(key, known[key], key in question.columns) for key in order],
        "keep": _without(question, "columns"),
    }


def _chips(question: Question, known: Choices) -> list[dict[str, str]]:
    quick = [
        {"label": label, "value": text, "url": question.url(without=[name])}
        for name, (label, choices) in known.items()
        for key, text in choices
        if key and question.kept.get(name) == key
    ]
    return quick + [
        {"label": one.label, "value": one.said, "url": question.url(without=[one.parameter])}
        for one in question.filters
    ]


def _quick_filters(question: Question, known: Choices) -> list[dict[str, object]]:
    return [
        {"id": f"filter-{name}", "name": name, "label": label, "options": choices,
         "value": question.kept.get(name, "")}
        for name, (label, choices) in known.items()
    ]  # fmt: skip


def _choices() -> Choices:
    everything = [("", _("Alle"))]
    classes = [(spec.key, _(spec.name)) for spec in concrete(registry.classes())]
    hosting = [(key.value, str(name)) for key, name in labels.HOSTING.items()]
    status = [(key.value, str(name)) for key, name in labels.ITEM_STATUS.items()]
    chosen = {
        "class": (_("Soort"), everything + classes),
        "hosting": (_("Hosting"), everything + hosting),
        "status": (_("Status"), everything + status),
    }
    if me().municipality_id is None:
        towns = sa.select(Municipality.id, Municipality.name).order_by(Municipality.name)
        named = [(str(key), name) for key, name in db.session.execute(towns)]
        chosen["municipality"] = (_("Gemeente"), everything + named)
    return chosen


def _without(question: Question, left_out: str) -> dict[str, str]:
    return {key: value for key, value in question.kept.items() if key != left_out}


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
