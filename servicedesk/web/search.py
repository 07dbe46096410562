"""One box that finds items and tickets: by number, name, serial number, address, words."""

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for

from cmdb import registry, terms
from cmdb.database import db
from cmdb.items import Item
from cmdb.organisation import Municipality
from cmdb.permissions import Permission, may, visible
from servicedesk.access import me, requires
from servicedesk.language import gettext as _
from servicedesk.tickets import search
from servicedesk.tickets.models import Ticket

pages = Blueprint("search", __name__)

_SHOWN = 20
_MOST = 2_000  # hits to choose from; who has more types another word
_LONGEST = 100


@pages.get("/search")
@requires(Permission.ITEM_READ)
def results():
    """What was found; a whole number leads straight to what has it, as a scanner types it."""
    words = " ".join(request.args.get("q", "")[:_LONGEST].split())
    if address := _of_number(words):
        return redirect(address, 303)
    items, tickets = (_items(words), _tickets(words)) if len(words) > 1 else ([], [])
    return render_template(
        "search.html",
        words=words,
        is_short=len(words) == 1,
        items=items[:_SHOWN],
        items_url=len(items) > _SHOWN and url_for("items.index", q=words),
        tickets=tickets[:_SHOWN],
        tickets_url=len(tickets) > _SHOWN and _list_of_tickets(words),
    )


def _of_number(words: str) -> str | None:
    """The page of the item or the ticket that has exactly this number, if the reader may see it."""
    number = words.upper()
    items = visible(Item, me(), Permission.ITEM_READ).where(Item.uid == number)
    if words and db.session.scalar(items.with_only_columns(Item.id)):
        return url_for("items.item", uid=number)
    tickets = visible(Ticket, me(), Permission.TICKET_READ).where(Ticket.number == number)
    if words and db.session.scalar(tickets.with_only_columns(Ticket.id)):
        return _ticket_url(number)
    return None


def _items(words: str) -> list[dict[str, str]]:
    """By name; what has the words as its serial number or tag comes first."""
    exact = sa.or_(*(sa.func.lower(one) == words.lower() for one in (Item.serial, Item.asset_tag)))
    chosen = (
        visible(Item, me(), Permission.ITEM_READ)
        .where(Item.id.in_(terms.matching(words, _MOST)))
        .outerjoin(Municipality, Municipality.id == Item.municipality_id)
        .with_only_columns(Item.uid, Item.name, Item.class_key, Item.serial, Municipality.name)
        .order_by(sa.case((exact, 0), else_=1), Item.name, Item.id)
        .limit(_SHOWN + 1)
    )
    specs = registry.classes()
    return [
        {
            "url": url_for("items.item", uid=uid),
            "uid": uid,
            "name": name,
            "kind": _(specs[class_key].name) if class_key in specs else class_key,
            "serial": serial,
            "owner": owner or _("Servicecentrum"),
        }
        for uid, name, class_key, serial, owner in db.session.execute(chosen)
    ]


def _tickets(words: str) -> list[dict[str, object]]:
    """The newest first."""
    keys = search.newest(me(), words)[: _SHOWN + 1]
    chosen = sa.select(Ticket).where(Ticket.id.in_(keys)).order_by(Ticket.id.desc())
    return [
        {
            "url": _ticket_url(one.number),
            "number": one.number,
            "title": one.title,
            "status": one.status,
            "waiting_for": one.waiting_for,
        }
        for one in db.session.scalars(chosen)
    ]


def _ticket_url(number: str) -> str:
    endpoint = "desk.ticket" if may(me(), Permission.QUEUE_READ) else "portal.ticket"
    return url_for(endpoint, number=number)


def _list_of_tickets(words: str) -> str:
    if may(me(), Permission.QUEUE_READ):
        return url_for("desk.queue", view="all", q=words)
    return url_for("portal.mine", q=words)
