"""The outage radar in words: what may be out, who reports it, and why it is suspected."""

import datetime as dt

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.items import Item
from cmdb.key_lists import among
from servicedesk.tickets import upstream
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.radar import Suspicion
from servicedesk.tickets.standing import said

_SHOWN = 5


def context(now: dt.datetime) -> list[dict[str, object]]:
    """What may be out, most reports first; for who sees all municipalities."""
    found = upstream.suspicions(now, said(now, now))[:_SHOWN]
    keys = {key for one in found for path in one.paths for key in path}
    named = sa.select(Item.id, Item.uid, Item.name).where(among(Item.id, keys))
    items = {row.id: row for row in db.session.execute(named)} if keys else {}
    tickets = _tickets({sighting.ticket for one in found for sighting in one.sightings})
    return [_in_words(one, items, tickets) for one in found]


def _tickets(keys: set[int]) -> dict[int, Ticket]:
    if not keys:
        return {}
    chosen = sa.select(Ticket).options(joinedload(Ticket.municipality)).where(Ticket.id.in_(keys))
    return {ticket.id: ticket for ticket in db.session.scalars(chosen)}


def _in_words(one: Suspicion, items: dict[int, sa.Row], tickets: dict[int, Ticket]) -> dict:
    item = items[one.item]
    reports = [
        {
            "ticket": tickets[sighting.ticket],
            "url": url_for("desk.ticket", number=tickets[sighting.ticket].number),
            "path": [items[key].name for key in path],
        }
        for sighting, path in zip(one.sightings, one.paths, strict=True)
    ]
    return {
        "item": item,
        "url": url_for("items.item", uid=item.uid),
        "numbers": [report["ticket"].number for report in reports],
        "start_url": url_for(
            "outages.index",
            item=item.uid,
            ticket=[report["ticket"].number for report in reports],
            _anchor="new",
        ),
        "reports": reports,
        "municipalities": len({sighting.municipality for sighting in one.sightings}),
        "minutes": int((one.sightings[-1].at - one.sightings[0].at).total_seconds() // 60) + 1,
    }
