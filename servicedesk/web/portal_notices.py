"""What a requester should know now: what of hers does not work, and what work lies ahead.

Of what lies behind it she sees the result only, unless it is hers to see.
"""

import datetime as dt

import sqlalchemy as sa
from flask import url_for

from cmdb.database import db
from cmdb.impact import State
from cmdb.items import Item
from cmdb.people import Person
from cmdb.permissions import Permission, may, visible
from servicedesk.tickets import outages, planned_work, upstream
from servicedesk.tickets.models import Outage
from servicedesk.tickets.standing import standing
from servicedesk.web import impact_words as words
from servicedesk.web.impact_page import service_classes
from servicedesk.web.words import moment

_MOST = 8


def context(person: Person, now: dt.datetime) -> dict[str, list[dict[str, object]]]:
    """`trouble` and `works`, at most eight each; call it before the page loads its own records."""
    classes = service_classes()
    found = standing(now, confirmed=True).found
    works = planned_work.felt_by(person, classes, now)
    return {
        "trouble": _trouble(person, classes, found.states) if found.states else [],
        "works": [_work(work, now) for work in works[:_MOST]],
    }


def _trouble(person: Person, classes, states) -> list[dict[str, object]]:
    bad = [key for key, state in states.items() if state > State.AT_RISK]
    mine = visible(Item, person, Permission.ITEM_READ).where(
        Item.id.in_(bad), sa.or_(Item.class_key.in_(classes), Item.user_id == person.id)
    )
    rows = db.session.execute(
        mine.with_only_columns(Item.id, Item.uid, Item.name).order_by(Item.name).limit(_MOST)
    ).all()
    told = {
        outage.item_id: outage.message
        for outage in db.session.scalars(
            outages.seen_by(person)
            .where(Outage.ended_at.is_(None), Outage.item_id.in_([row.id for row in rows]))
            .order_by(Outage.started_at)
        )
    }
    return [
        {
            "name": row.name,
            "state": words.badge(states[row.id]),
            "message": told.get(row.id, ""),
            "url": url_for("portal.report", item=row.uid),
        }
        for row in rows
    ]


def _work(work: planned_work.Felt, now: dt.datetime) -> dict[str, object]:
    return {
        "from": moment(work.starts_at, now),
        "until": moment(work.ends_at, now),
        "message": work.message,
        "items": [
            {"name": name, "state": words.badge(state)} for _uid, name, state in work.items[:_MOST]
        ],
        "left": max(0, len(work.items) - _MOST),
    }


def known(person: Person, item: Item, now: dt.datetime) -> dict[str, object] | None:
    """What is known already of why the item does not work, as `portal/_outage.html` asks it.

    The outage of the item, else one of what it hangs on that `person` may see; else, of an outage or
    work that she may not see, only what has become of the item.
    """
    uid, name, key = item.uid, item.name, item.id
    outage = upstream.outage_behind(person, key, now)
    if outage:
        return {
            "name": outage.item.name,
            "hangs_on": name if outage.item_id != key else "",
            "since": moment(outage.started_at, now),
            "text": outage.message,
            "next": moment(outage.next_update_at, now),
            "key": outage.id,
            "join_url": url_for("portal.affected", key=outage.id),
            "joined": may(person, Permission.OUTAGE_REPORT)
            and outages.has_reported(person, outage),
        }
    state = standing(now, confirmed=not may(person, Permission.QUEUE_READ)).found.state(key)
    if state <= State.AT_RISK:
        return None
    return {"name": name, "uid": uid, "state": words.badge(state)}
