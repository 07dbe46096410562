"""The addresses of the network: how full each subnet is, who has which address, what is free."""

from flask import Blueprint, render_template, request, url_for

from cmdb import subnets
from cmdb.addressing import Usage
from cmdb.database import db
from cmdb.items import Item
from cmdb.permissions import Permission
from servicedesk.access import find, requires
from servicedesk.web.numbers import count

pages = Blueprint("subnets", __name__)

PAGE = 50
TAKEN = 256
_WARN, _FULL = 80, 95  # percent


@pages.get("/items/addresses")
@requires(Permission.QUEUE_READ)
def index():
    after, before = (request.args.get(name, "")[:20] for name in ("after", "before"))
    shown, more_before, more_after = _page(after, before)
    used = subnets.usages(shown)
    return render_template(
        "items/subnets.html",
        rows=[(subnet, _words(used.get(subnet.uid))) for subnet in shown],
        previous_url=more_before and url_for(".index", before=shown[0].uid),
        next_url=more_after and url_for(".index", after=shown[-1].uid),
    )


@pages.get("/items/<uid>/addresses")
@requires(Permission.QUEUE_READ)
def subnet(uid: str):
    chosen = find(Item, uid, Permission.ITEM_READ, by="uid")
    network = subnets.network_of(chosen)
    taken = subnets.taken_in(network) if network else []
    return render_template(
        "items/subnet.html",
        item=chosen,
        usage=_words(subnets.usages([chosen]).get(uid)),
        taken=taken[:TAKEN],
        left_out=len(taken[TAKEN:]),
    )


def _page(after: str, before: str) -> tuple[list[Item], bool, bool]:
    """One page of subnets by identifier, and whether there are more on either side."""
    backwards = bool(before and not after)
    chosen = subnets.in_use()
    if after:
        chosen = chosen.where(Item.uid > after)
    elif before:
        chosen = chosen.where(Item.uid < before)
    order = Item.uid.desc() if backwards else Item.uid
    found = list(db.session.scalars(chosen.order_by(order).limit(PAGE + 1)))
    more, shown = len(found) > PAGE, found[:PAGE]
    if backwards:
        return shown[::-1], more, bool(shown)
    return shown, bool(after and shown), more


def _words(usage: Usage | None) -> dict[str, object] | None:
    if usage is None:
        return None
    return {
        "percent": usage.percent,
        "tone": "late" if usage.percent >= _FULL else "warn" if usage.percent >= _WARN else "",
        "size": count(usage.size),
        "taken": count(usage.taken),
        "dynamic": count(usage.dynamic),
        "free": count(usage.free),
        "next_free": usage.next_free,
    }
