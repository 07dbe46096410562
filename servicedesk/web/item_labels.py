"""Labels to stick on things: a code that leads to the page of the item, on sheets of A4."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for

from cmdb import registry
from cmdb.database import utc_now
from cmdb.permissions import Permission
from servicedesk.access import me, requires
from servicedesk.inventory import lists, words
from servicedesk.inventory.lists import Row
from servicedesk.language import gettext as _
from servicedesk.web import items_asked, qr

pages = Blueprint("item_labels", __name__)

# Three by eight labels of 70 by 37 mm, the commonest sheet for a Dutch office.
A_SHEET = 24
MOST = 10 * A_SHEET


@pages.get("/items/labels")
@requires(Permission.QUEUE_READ)
def sheets():
    """Labels of the chosen items, or of all of the list; a used sheet begins at a later label."""
    question = items_asked.read(me(), utc_now(), chosen=request.args.getlist("item"))
    first = _first(request.args.get("first", ""))
    rows = list(lists.rows(question.asked, MOST + 1))
    places: list[Any] = [None] * (first - 1)
    places += _labels(rows[:MOST], question.fields["owner"])
    return render_template(
        "items/labels.html",
        question=question,
        sheets=[places[at : at + A_SHEET] for at in range(0, len(places), A_SHEET)] if rows else [],
        total=len(rows[:MOST]),
        first=first,
        a_sheet=A_SHEET,
        most=MOST,
        is_cut=len(rows) > MOST,
    )


def _first(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 1
    return min(max(number, 1), A_SHEET)


def _labels(rows: list[Row], owner: Any) -> Iterator[dict[str, Any]]:
    specs, site = registry.classes(), current_app.config["SITE_URL"]
    names = words.names_for([row.state for row in rows], [owner])
    for row in rows:
        spec = specs.get(row.state["class_key"])
        yield {
            "uid": row.state["uid"],
            "name": row.state["name"],
            "kind": _(spec.name) if spec else "",
            "owner": words.text_of(words.value_of(row.state, owner), owner, names),
            "code": qr.code(site + url_for("items.item", uid=row.state["uid"]), "sticker-code"),
        }
