"""What the desk sees of the items of a ticket: how they are, why, and what changed lately near them."""

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from flask import url_for

from cmdb import recent
from cmdb.database import db
from cmdb.impact import State
from cmdb.items import Item
from servicedesk.access import me
from servicedesk.tickets import upstream
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.standing import Said, Source, standing
from servicedesk.tickets.workflow import SETTLED, TicketType
from servicedesk.web import impact_words, standing_words
from servicedesk.web.words import moment

_DAYS, _CHANGES = 7, 5


def context(ticket: Ticket, items: Sequence[sa.Row], now: dt.datetime) -> dict[str, object]:
    """`states` by key of item, `behind` what is wrong, `changes` near it, `suspected`, `urls`.

    Of a ticket that is closed only `urls`: how its items are today says nothing about it.
    """
    nothing = {"states": {}, "behind": [], "changes": [], "suspected": None}
    if not items:
        return nothing | {"urls": {}}
    first, *others = (row.uid for row in items)
    urls = {
        "impact": url_for("impact.impact", uid=first, also=others),
        "outage": url_for("outages.index", item=first, ticket=ticket.number, _anchor="new"),
    }
    if ticket.status in SETTLED:
        return nothing | {"urls": urls}
    keys = [row.id for row in items]
    stands = standing(now)
    told = standing_words.told(keys, stands, me(), now)
    return {
        "states": {
            key: told[key]["state"] if key in told else impact_words.badge(State.OK) for key in keys
        },
        "behind": [
            _behind(ticket, told[row.id]) | {"name": row.name} for row in items
            if row.id in told and _is_news(ticket, row, told[row.id])
        ],
        "changes": [
            _change(row, now)
            for row in recent.changes(keys, now - dt.timedelta(days=_DAYS), _CHANGES)
        ],
        "suspected": _suspected(ticket, stands.said, now),
        "urls": urls,
    }  # fmt: skip


def _is_news(ticket: Ticket, row: sa.Row, told: dict) -> bool:
    """Not when it began here, and all that is said of it stands on the page already."""
    if not told["begins"]:
        return True
    shown = {(Source.TICKET.value, ticket.id)}
    return any(
        (one["source"], one["key"]) not in shown
        and not (one["source"] == Source.OUTAGE.value and row.message)
        for one in told["causes"]
    )


def _behind(ticket: Ticket, told: dict) -> dict[str, object]:
    """With the outage that the ticket can be joined to, when it is joined to none."""
    outage = next((one for one in told["causes"] if one["source"] == Source.OUTAGE.value), None)
    joins = outage is not None and ticket.outage is None and ticket.status.is_open
    return told | {"outage": outage["key"] if joins else None}


def _change(row: sa.Row, now: dt.datetime) -> dict[str, object]:
    return {
        "name": row.name,
        "url": url_for("items.item", uid=row.uid),
        "steps": row.steps,
        "what": row.reason or row.source,
        "act_url": url_for("item_changes.change_set", key=row.id),
        "who": row.who,
        "at": moment(row.at, now),
        "iso": row.at.isoformat(),
    }


def _suspected(
    ticket: Ticket, said: Mapping[int, list[Said]], now: dt.datetime
) -> dict[str, object] | None:
    """What the radar suspects behind a fresh report and those of other municipalities."""
    fresh = now - ticket.created_at < upstream.AGO
    if not fresh or ticket.type != TicketType.INCIDENT or not ticket.status.is_open:
        return None
    for one in upstream.suspicions(now, said):
        if any(sighting.ticket == ticket.id for sighting in one.sightings):
            name = db.session.scalar(sa.select(Item.name).where(Item.id == one.item))
            return {
                "name": name,
                "reports": len(one.sightings),
                "municipalities": len({sighting.municipality for sighting in one.sightings}),
                "url": url_for("outages.index", _anchor="suspected"),
            }
    return None
