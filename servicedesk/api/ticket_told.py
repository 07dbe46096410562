"""How a ticket is told: in a list, and by itself with its promises, its story and its files."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import current_app, url_for
from sqlalchemy.orm import joinedload, load_only

from cmdb.database import db
from cmdb.items import Item
from cmdb.organisation import Location, Municipality
from cmdb.people import Person
from servicedesk.access import me
from servicedesk.api import municipalities
from servicedesk.api.door import Answer
from servicedesk.api.schemas import (
    boolean, integer, list_of, moment, nullable, one_of, record, text, written,
)  # fmt: skip
from servicedesk.tickets.models import Attachment, Category, Entry, Ticket, TicketItem
from servicedesk.tickets.workflow import Channel, Status, TicketType, WaitingFor
from sla.models import Clock
from sla.priority import Impact, Urgency

NUMBER = text("As `M2611-0482`.", most=16)
_PERSON = record("Person", {"name": text()})
_CATEGORY = record("CategoryName", {"key": text(), "name": text()})
_LISTED = {
    "number": NUMBER,
    "kind": one_of(TicketType),
    "title": text(most=200),
    "status": one_of(Status),
    "waitingFor": nullable(one_of(WaitingFor)),
    "priority": integer("1 is critical, 4 is low.", least=1, most=4),
    "municipality": municipalities.MUNICIPALITY,
    "requester": _PERSON,
    "assignee": nullable(_PERSON),
    "team": nullable(text()),
    "category": _CATEGORY,
    "createdAt": moment(),
    "updatedAt": moment(),
    "dueAt": nullable(moment("When it is to be resolved; null while that clock stands still.")),
    "version": integer("Rises with each change; the ETag."),
}
LISTED = record("ListedTicket", _LISTED)
_PROMISE = record(
    "Promise",
    {
        "kind": one_of(("response", "resolution")),
        "state": text("running, paused, stopped or cancelled.", most=20),
        "dueAt": nullable(moment()),
        "breachedAt": nullable(moment("When it was broken; null while it is kept.")),
        "stoppedAt": nullable(moment()),
        "targetSeconds": integer("What was promised, in seconds of service hours."),
    },
)
_ATTACHMENT = record(
    "Attachment",
    {
        "id": integer(),
        "name": text(),
        "contentType": text("What the content tells."),
        "size": integer("In bytes.", most=2**53),
        "url": text(most=1000),
    },
)
_CHANGE = record(
    "Change",
    {
        "event": text("filed, status, assignment, priority, category, outage, site-day."),
        "from": nullable(text(most=500)),
        "to": nullable(text(most=500)),
        "waitingFor": nullable(one_of(WaitingFor)),
        "reason": nullable(text(most=2000)),
    },
)
_ENTRY = record(
    "Entry",
    {
        "writtenAt": moment(),
        "author": nullable(_PERSON),
        "isInternal": boolean("For people of the centre alone."),
        "body": text(most=100_000),
        "change": nullable(_CHANGE),
        "attachments": list_of(_ATTACHMENT),
    },
    description="A line of the story: a message, a change, or both.",
)
TICKET = record(
    "Ticket",
    _LISTED
    | {
        "channel": one_of(Channel),
        "impact": nullable(one_of(Impact)),
        "urgency": nullable(one_of(Urgency)),
        "phone": text(),
        "location": nullable(text()),
        "items": list_of(record("ItemName", {"uid": text(), "name": text()})),
        "waitsUntilAt": nullable(moment()),
        "resolvedAt": nullable(moment()),
        "closedAt": nullable(moment()),
        "promises": list_of(_PROMISE, "By the agreement with the municipality."),
        "timeline": list_of(_ENTRY, "Oldest first.", most=100_000),
        "warnings": list_of(
            text(), "What you should know of what you sent; with the answer to that alone."
        ),
    },
    optional=("warnings",),
)

_NAME = (Person.municipality_id, Person.name)
LOADED = (
    joinedload(Ticket.municipality).load_only(Municipality.code, Municipality.name),
    joinedload(Ticket.requester).load_only(*_NAME),
    joinedload(Ticket.assignee).load_only(*_NAME),
    joinedload(Ticket.team),
    joinedload(Ticket.category).load_only(Category.key, Category.name),
)
SHOWN = (
    joinedload(Ticket.municipality),
    joinedload(Ticket.requester),
    joinedload(Ticket.assignee),
    joinedload(Ticket.team),
    joinedload(Ticket.category),
    joinedload(Ticket.location).load_only(Location.municipality_id, Location.name),
    joinedload(Ticket.site_task),
    joinedload(Ticket.response_clock),
    joinedload(Ticket.resolution_clock),
)


def listed(tickets: Sequence[Ticket]) -> list[dict[str, object]]:
    return [_listed(ticket) for ticket in tickets]


def answer(ticket: Ticket, is_new: bool = False, warnings: Sequence[str] = ()) -> Answer:
    """A ticket with its whole story, as far as the reader may see it."""
    headers = {"ETag": f'"{ticket.version}"'}
    if is_new:
        path = url_for("api.ticket", number=ticket.number)
        headers["Location"] = current_app.config["SITE_URL"] + path
    told = {"warnings": list(warnings)} if warnings else {}
    return Answer(_told(ticket) | told, headers)


def _listed(ticket: Ticket) -> dict[str, object]:
    return {
        "number": ticket.number,
        "kind": ticket.type,
        "title": ticket.title,
        "status": ticket.status,
        "waitingFor": ticket.waiting_for,
        "priority": ticket.priority,
        "municipality": municipalities.told(ticket.municipality),
        "requester": _person(ticket.requester),
        "assignee": _person(ticket.assignee),
        "team": ticket.team and ticket.team.name,
        "category": {"key": ticket.category.key, "name": ticket.category.name},
        "createdAt": written(ticket.created_at),
        "updatedAt": written(ticket.updated_at),
        "dueAt": written(ticket.due_at),
        "version": ticket.version,
    }


def _told(ticket: Ticket) -> dict[str, object]:
    return _listed(ticket) | {
        "channel": ticket.channel,
        "impact": ticket.impact,
        "urgency": ticket.urgency,
        "phone": ticket.phone,
        "location": ticket.location and ticket.location.name,
        "items": [{"uid": uid, "name": name} for uid, name in _items(ticket)],
        "waitsUntilAt": written(ticket.waiting_until),
        "resolvedAt": written(ticket.resolved_at),
        "closedAt": written(ticket.closed_at),
        "promises": [
            _promise(clock) for clock in (ticket.response_clock, ticket.resolution_clock) if clock
        ],
        "timeline": _timeline(ticket),
    }


def _person(person: Person | None) -> dict[str, object] | None:
    return person and {"name": person.name}


def _promise(clock: Clock) -> dict[str, object]:
    return {
        "kind": clock.kind,
        "state": clock.state,
        "dueAt": written(clock.due_at),
        "breachedAt": written(clock.breached_at),
        "stoppedAt": written(clock.stopped_at),
        "targetSeconds": clock.target_seconds,
    }


def _items(ticket: Ticket) -> Sequence[sa.Row]:
    return db.session.execute(
        sa.select(Item.uid, Item.name)
        .join(TicketItem, TicketItem.item_id == Item.id)
        .where(TicketItem.ticket_id == ticket.id)
        .order_by(Item.name, Item.uid)
    ).all()


def _timeline(ticket: Ticket) -> list[dict[str, object]]:
    """The entries that the reader may see; the wall within `readable_by` is the pages' own."""
    entries = db.session.scalars(
        sa.select(Entry)
        .where(Entry.ticket_id == ticket.id, Entry.readable_by(me()))
        .options(
            joinedload(Entry.author).load_only(*_NAME),
            joinedload(Entry.attachments),
            load_only(Entry.at, Entry.is_internal, Entry.body, Entry.change, Entry.municipality_id),
        )
        .order_by(Entry.id)
    ).unique()
    return [
        {
            "writtenAt": written(entry.at),
            "author": _person(entry.author),
            "isInternal": entry.is_internal,
            "body": entry.body,
            "change": entry.change and _change(entry.change),
            "attachments": [_attachment(ticket, file) for file in entry.attachments],
        }
        for entry in entries
    ]


def _change(change: dict[str, Any]) -> dict[str, object]:
    return {
        "event": change["event"],
        "from": _in_words(change.get("from")),
        "to": _in_words(change.get("to")),
        "waitingFor": change.get("waiting_for"),
        "reason": change.get("reason") or None,
    }


def _in_words(value: object) -> str | None:
    """A status, a priority or a name; of an assignment the person and the team."""
    if isinstance(value, dict):
        return ", ".join(filter(None, (value.get("assignee"), value.get("team")))) or None
    return None if value is None else str(value)


def _attachment(ticket: Ticket, file: Attachment) -> dict[str, object]:
    path = url_for("api.attachment", number=ticket.number, key=file.id)
    return {
        "id": file.id,
        "name": file.name,
        "contentType": file.content_type,
        "size": file.size,
        "url": current_app.config["SITE_URL"] + path,
    }
