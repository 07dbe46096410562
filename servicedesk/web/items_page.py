"""What the pages of items show: rows of the list, and everything about one item."""

import datetime as dt

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload

from cmdb import register, registry
from cmdb.database import db
from cmdb.items import ChangeSet, Item, ItemConsumer, ItemVersion
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Permission, may, visible
from servicedesk.language import gettext as _
from servicedesk.tickets import labels
from servicedesk.tickets.models import Outage, Ticket, TicketItem
from servicedesk.tickets.workflow import OPEN
from servicedesk.web.words import moment, sla_chip
from sla import watch

SHOWN = (
    joinedload(Item.municipality),
    joinedload(Item.location),
    joinedload(Item.user),
    joinedload(Item.manager),
    joinedload(Item.deputy),
)
_TICKETS = 20
_VERSIONS = 50
_NAMES = {
    "name": lambda: _("naam"),
    "description": lambda: _("omschrijving"),
    "hosting": lambda: _("hosting"),
    "status": lambda: _("status"),
    "location_id": lambda: _("locatie"),
    "user_id": lambda: _("gebruiker"),
    "manager_id": lambda: _("beheerder"),
    "deputy_id": lambda: _("tweede beheerder"),
    "municipality_id": lambda: _("eigenaar"),
    "attributes": lambda: _("kenmerken"),
}


def context(item: Item, person: Person, now: dt.datetime) -> dict[str, object]:
    """Everything that the page of one item shows to `person`."""
    shown, open_count, total = _tickets(item, person)
    works = may(person, Permission.QUEUE_READ)
    return {
        "item": {
            "uid": item.uid,
            "name": item.name,
            "class": registry.classes()[item.class_key].name,
            "description": item.description,
            "hosting": item.hosting,
            "status": item.status,
            "location": item.location and item.location.name,
            "user": item.user and item.user.name,
        },
        "manager": item.manager,
        "deputy": item.deputy,
        "owner": item.municipality.name if item.municipality else _("Servicecentrum"),
        "users": _shares(item, now),
        "facts": list(item.attributes.items()),
        "tickets": [_ticket_row(ticket, works, now) for ticket in shown],
        "ticket_summary": _("%(open)s open, %(total)s in totaal", open=open_count, total=total),
        "history": _history(item, now) if works else [],
        "outage": _outage(item, now, works),
        "urls": {
            "list": url_for("items.index"),
            "report": None if works else url_for("portal.report", item=item.uid),
            "edit": url_for("items.edit", uid=item.uid) if may(person, Permission.ITEM_WRITE) else None,
            "tickets": url_for("desk.queue", view="all", status="any", item=item.uid)
            if works and total > len(shown)
            else None,
        },
    }


def _tickets(item: Item, person: Person) -> tuple[list[Ticket], int, int]:
    """The item's tickets that `person` may read, open ones first; how many are open, and how many there are."""
    about = Ticket.id.in_(sa.select(TicketItem.ticket_id).where(TicketItem.item_id == item.id))
    readable = visible(Ticket, person, Permission.TICKET_READ).where(about)
    is_open = Ticket.status.in_(OPEN)
    counted = readable.with_only_columns(sa.func.count().filter(is_open), sa.func.count())
    open_count, total = db.session.execute(counted).one()
    shown = db.session.scalars(
        readable.options(
            joinedload(Ticket.municipality), joinedload(Ticket.resolution_clock)
        )
        .order_by(is_open.desc(), Ticket.id.desc())
        .limit(_TICKETS)
    ).all()
    return list(shown), open_count, total


def _ticket_row(ticket: Ticket, works: bool, now: dt.datetime) -> dict[str, object]:
    clock = ticket.resolution_clock
    share = watch.used_seconds(clock, now) / clock.target_seconds if clock and clock.target_seconds else 0.0
    endpoint = "desk.ticket" if works else "portal.ticket"
    return {
        "url": url_for(endpoint, number=ticket.number),
        "title": ticket.title,
        "priority": ticket.priority,
        "meta": [labels.status_words(ticket.status, ticket.waiting_for), ticket.municipality.name],
        "number": ticket.number,
        "chip": sla_chip(
            ticket.due_at, clock and clock.state, share, bool(clock and clock.breached_at), now
        ),
    }


def _shares(item: Item, now: dt.datetime) -> list[dict[str, object]]:
    """The municipalities that the reader may see among the users, with their shares."""
    used = (
        sa.select(ItemConsumer)
        .where(ItemConsumer.item_id == item.id, register.is_consumer(local(now).date()))
        .options(joinedload(ItemConsumer.municipality))
    )
    consumers = sorted(db.session.scalars(used), key=lambda one: (-(one.share or 0), one.municipality.name))
    largest = max((one.share or 0 for one in consumers), default=0)
    return [
        {
            "name": one.municipality.name,
            "share": None if one.share is None else f"{one.share / 10:g}".replace(".", ","),
            "width": 100 * (one.share or 0) // largest if largest else 0,
        }
        for one in consumers
    ]


def _history(item: Item, now: dt.datetime) -> list[dict[str, object]]:
    """The versions of the item, newest first: what changed, by whom, and from which source."""
    versions = db.session.execute(
        sa.select(ItemVersion, ChangeSet, Person.name)
        .join(ChangeSet, ChangeSet.id == ItemVersion.change_set_id)
        .outerjoin(Person, Person.id == ChangeSet.actor_id)
        .where(ItemVersion.item_id == item.id)
        .order_by(ItemVersion.id.desc())
        .limit(_VERSIONS + 1)
    ).all()
    entries = []
    for index, (version, change_set, actor) in enumerate(versions[:_VERSIONS]):
        former = versions[index + 1][0].state if index + 1 < len(versions) else None
        entries.append(
            {
                "at": moment(version.valid_from, now),
                "iso": version.valid_from.isoformat(),
                "text": _change_in_words(version.state, former, change_set.reason),
                "source": actor or change_set.source,
                "current": version.valid_to is None,
            }
        )
    return entries


def _change_in_words(state: dict, former: dict | None, reason: str) -> str:
    if former is None:
        text = _("Geregistreerd")
    else:
        changed = [name() for key, name in _NAMES.items() if state.get(key) != former.get(key)]
        text = _("Gewijzigd: %(fields)s", fields=", ".join(changed)) if changed else _("Bevestigd")
    return f"{text}. {reason}" if reason else text


def _outage(item: Item, now: dt.datetime, works: bool) -> dict[str, str] | None:
    running = db.session.scalar(
        sa.select(Outage)
        .where(Outage.item_id == item.id, Outage.ended_at.is_(None))
        .order_by(Outage.started_at)
        .limit(1)
    )
    if running is None:
        return None
    text = _("Bekende storing sinds %(moment)s. %(message)s", moment=moment(running.started_at, now), message=running.message)
    return {"text": text, "url": url_for("outages.index") if works else url_for("portal.report", item=item.uid)}
