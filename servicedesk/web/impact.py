"""What fails when an item fails, and what an item hangs on by a thread."""

import datetime as dt

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for

from cmdb.database import db, utc_now
from cmdb.history import moment_of
from cmdb.impact import State
from cmdb.items import Item
from cmdb.kinds import Kind, format_of
from cmdb.localtime import local
from cmdb.permissions import Permission, visible
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.tickets.failure import weak_points, what_if
from servicedesk.web import weak_page
from servicedesk.web.impact_page import Question, View, depth_of

pages = Blueprint("impact", __name__)

_STATES = {"down": State.DOWN, "degraded": State.DEGRADED}
_MOST = 20


@pages.get("/items/<uid>/impact")
@requires(Permission.ITEM_READ)
def impact(uid: str):
    asked, wrong = _asked(find(Item, uid, Permission.ITEM_READ, by="uid"))
    failure = what_if({item.id: asked.state for item in asked.items}, asked.now, asked.at)
    shown = View(asked, failure, me()).context()
    return render_template("items/impact.html", **shown, **_around(asked), wrong=wrong)


@pages.get("/items/<uid>/weak-points")
@requires(Permission.ITEM_READ)
def weak(uid: str):
    item, now = find(Item, uid, Permission.ITEM_READ, by="uid"), utc_now()
    found = weak_points(item.id, now)
    return render_template("items/weak.html", **weak_page.context(item, found, me(), now))


def _asked(first: Item) -> tuple[Question, str]:
    """What the address asks, and what of it makes no sense: that part is left out."""
    now = utc_now()
    others, unknown = _others(first)
    at, no_date = _moment(now)
    state = _STATES.get(request.args.get("state", ""), State.DOWN)
    depth = depth_of(request.args.get("depth"))
    wrong = " ".join(filter(None, (unknown, no_date)))
    return Question([first, *others], state, now, at, depth), wrong


def _others(first: Item) -> tuple[list[Item], str]:
    """The items that fail as well, by their identifiers, however these are written."""
    words = " ".join(request.args.getlist("also")).replace(",", " ").upper().split()
    uids = [uid for uid in dict.fromkeys(words) if uid != first.uid][:_MOST]
    seen = visible(Item, me(), Permission.ITEM_READ).where(Item.uid.in_(uids))
    found = list(db.session.scalars(seen.order_by(Item.uid)))
    unknown = set(uids) - {item.uid for item in found}
    if not unknown:
        return found, ""
    return found, _("Wij kennen geen object %(uids)s.", uids=", ".join(sorted(unknown)))


def _moment(now: dt.datetime) -> tuple[dt.datetime | None, str]:
    """The last second of the day that is asked for; None for today, or without a day."""
    text, today = request.args.get("on", "").strip(), local(now).date()
    if not text:
        return None, ""
    try:
        day = dt.date.fromisoformat(format_of(Kind.DATE).parse(text))
    except ValueError:
        day = None
    if day is None or not dt.date(1970, 1, 1) <= day <= today:
        return None, _("Kies een dag die geweest is, zoals 31-12-2025. Dit is hoe het nu staat.")
    if day == today:
        return None, ""
    return moment_of(day, now), ""


def _around(asked: Question) -> dict[str, object]:
    """The form with what was asked, and the way to a picture of one step more."""
    first, *others = asked.items
    kept = {
        "also": [item.uid for item in others],
        "state": "degraded" if asked.state is State.DEGRADED else None,
        "on": local(asked.at).strftime("%d-%m-%Y") if asked.at else None,
    }
    return {
        "item": {"uid": first.uid, "name": first.name},
        "failing": [item.name for item in asked.items],
        "also": ", ".join(kept["also"]),
        "degraded": asked.state is State.DEGRADED,
        "on": kept["on"],
        "urls": {
            "here": url_for(".impact", uid=first.uid),
            "item": url_for("items.item", uid=first.uid),
            "weak": url_for(".weak", uid=first.uid),
            "deeper": url_for(".impact", uid=first.uid, depth=asked.depth + 1, **kept),
        },
    }
