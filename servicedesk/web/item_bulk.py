"""One field of many items changed at once: choose them, see before and after, then do it."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import ngettext

from cmdb import authority, item_state, register
from cmdb.database import db, utc_now
from cmdb.items import Item
from cmdb.permissions import Permission, visible
from servicedesk.access import me, requires
from servicedesk.inventory import entry, lists, words
from servicedesk.inventory.fields import Field
from servicedesk.language import gettext as _
from servicedesk.web import items_asked
from servicedesk.web.items_asked import Question

pages = Blueprint("item_bulk", __name__)

LIMIT = 1000
_SHOWN = 100
_NEVER = ("uid", "class", "owner", "location", "user", "tags", "completeness")


@pages.get("/items/bulk")
@requires(Permission.ITEM_WRITE)
def choose():
    return _page(_question(utc_now()))


@pages.post("/items/bulk")
@requires(Permission.ITEM_WRITE)
def change():
    now = utc_now()
    question = _question(now)
    try:
        field = _field(question)
        value = entry.read(field, request.form.get("value", "").strip())
        items = _items(question)
        changes = [(item, entry.put(item, [(field, value)])) for item in items]
        if "confirmed" not in request.form:
            return _page(question, preview=_preview(items, field, value))
        reason = request.form.get("reason", "").strip()[:500]
        change_set = register.begin(me(), "bulk", now, reason)
        changed = register.change_many(changes, change_set)
        if value is not None:
            told = {item.id: [field.name] for item in changed}
            authority.note(told, authority.HAND, now)
    except ValueError as error:
        db.session.rollback()
        return _page(question, str(error)), 422
    db.session.commit()
    count = len(changed)
    said = ngettext("%(num)d object is gewijzigd.", "%(num)d objecten zijn gewijzigd.", count)
    undo_url = url_for("item_changes.take_back", key=change_set.id)
    flash({"text": said, "undo_url": undo_url, "undo": {}} if count else said, "success")
    return redirect(question.url(), 303)


def _question(now: dt.datetime) -> Question:
    return items_asked.read(me(), now, chosen=request.args.getlist("item"))


def _page(question: Question, refused: str = "", preview: dict[str, Any] | None = None):
    page = lists.page(question.asked, request.args.get("after"), request.args.get("before"))
    return render_template(
        "items/bulk.html",
        question=question,
        rows=page.rows,
        total=lists.count(question.asked),
        limit=LIMIT,
        next_url=page.after and question.url("item_bulk.choose", after=page.after),
        previous_url=page.before and question.url("item_bulk.choose", before=page.before),
        fields=[one for one in question.fields.values() if one.key not in _NEVER],
        chosen=request.values.getlist("item"),
        refused=refused,
        preview=preview,
        typed=request.form,
    )


def _field(question: Question) -> Field:
    field = question.fields.get(request.form.get("field", ""))
    if field is None or field.key in _NEVER:
        raise ValueError(_("Kies een veld om te wijzigen."))
    return field


def _items(question: Question) -> list[Item]:
    """The chosen items, or all of the list."""
    if request.form.get("which") == "all":
        keys = [row.id for row in lists.rows(question.asked, LIMIT + 1)]
        if len(keys) > LIMIT:
            raise ValueError(
                _("Wijzig ten hoogste 1000 objecten tegelijk. Filter de lijst verder.")
            )
        chosen = Item.id.in_(keys)
    else:
        chosen = Item.uid.in_(request.form.getlist("item")[:LIMIT])
    found = visible(Item, me(), Permission.ITEM_WRITE).where(chosen).order_by(Item.name, Item.uid)
    items = list(db.session.scalars(found))
    if not items:
        raise ValueError(_("Kies een of meer objecten."))
    return items


def _preview(items: list[Item], field: Field, value: Any) -> dict[str, Any]:
    """Before and after of each item that would change, and how many hold the value already."""
    states = [item_state.written(item) for item in items]
    names = words.names_for(states, [field])
    new = item_state.plain(value)
    after = words.text_of(new, field, {**words.names_for([_holding(field, new)], [field])})
    rows = []
    for item, state in zip(items, states, strict=True):
        former = words.value_of(state, field)
        rows.append(
            (item.uid, item.name, words.text_of(former, field, names), after, former != new)
        )
    changing = [row for row in rows if row[4]]
    return {"rows": changing[:_SHOWN], "count": len(changing), "same": len(rows) - len(changing),
            "field": field}  # fmt: skip


def _holding(field: Field, value: Any) -> dict[str, Any]:
    return {"attributes": {field.name: value}} if field.is_attribute else {field.name: value}
