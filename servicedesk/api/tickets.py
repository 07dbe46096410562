"""Tickets: found, read, filed; their files."""

import io

import sqlalchemy as sa
from flask import abort

from cmdb.database import db, utc_now
from cmdb.people import Person, Team
from cmdb.permissions import Permission, may, visible
from servicedesk import allowance
from servicedesk.access import find, me
from servicedesk.api import bsn_warning, municipalities, ticket_told
from servicedesk.api.door import operation
from servicedesk.api.paging import PAGE, page, page_of
from servicedesk.api.schemas import (
    integer, list_of, one_of, record, said, text, trimmed,
)  # fmt: skip
from servicedesk.api.ticket_told import LISTED, NUMBER, TICKET
from servicedesk.downloads import as_download
from servicedesk.problems import wrong
from servicedesk.tickets import actions, attachments, pickable, queue, search
from servicedesk.tickets.models import Category, Ticket
from servicedesk.tickets.workflow import Channel, Status, TicketType
from sla.priority import Impact, Urgency

_CALLS = (Channel.PHONE, Channel.WALK_IN)
_FILTERS = {
    "view": one_of(queue.VIEWS, "Of the open tickets those that a view of the desk shows."),
    "status": list_of(one_of(Status), "One or more."),
    "priority": list_of(integer(least=1, most=4), "One or more."),
    "municipality": municipalities.CODE,
    "category": text("Its key."),
    "team": text("Its name."),
    "assignee": text("The sign-in name of who has it."),
    "text": text("Words of its title or story, a number, a name, an item.", least=1),
}
FILING = record(
    "NewTicket",
    {
        "kind": one_of(TicketType),
        "title": said("In a few words.", most=120),
        "description": said("What happens, or what is needed."),
        "category": text("The key of one of /categories.", least=1, most=40),
        "impact": one_of(Impact, "Whom it touches; a request of one's own touches one person."),
        "urgency": one_of(Urgency, "Can they work on? high is no."),
        "items": list_of(text(most=40), "The numbers of what it is about.", most=10),
        "phone": text("Where to call; what is known of the person unless told.", most=40),
        "requester": text("For whom, by sign-in name; only the desk files for others."),
        "channel": one_of(_CALLS, "How it came to the desk."),
    },
    optional=("items", "phone", "requester", "channel"),
)
CATEGORY = record("Category", {"key": text(), "name": text()})


@operation(
    "GET", "/tickets", "Tickets, the newest first", page_of(LISTED),
    permission=Permission.TICKET_READ, query=_FILTERS | PAGE,
)  # fmt: skip
def tickets(query):
    """Those that you may read: of a requester their own, of the desk all. Filters narrow together."""
    chosen = visible(Ticket, me(), Permission.TICKET_READ).options(*ticket_told.LOADED)
    return page(
        chosen.where(*_conditions(query)), [Ticket.id], ticket_told.listed, query, descending=True
    )


def _conditions(query: dict[str, object]) -> list[sa.ColumnElement[bool]]:
    found = []
    if view := query.get("view"):
        found += [queue.IS_OPEN, queue.in_view(view, me(), utc_now())]
    if states := query.get("status"):
        found.append(Ticket.status.in_([Status(state) for state in states]))
    if levels := query.get("priority"):
        found.append(Ticket.priority.in_(levels))
    if municipality := municipalities.asked(query.get("municipality")):
        found.append(Ticket.municipality_id == municipality.id)
    if "text" in query:
        found.append(Ticket.id.in_(search.matching(me(), query["text"])))
    for name, key, named in (
        ("category", Ticket.category_id, sa.select(Category.id).where(Category.key == query.get("category"))),
        ("team", Ticket.team_id, sa.select(Team.id).where(Team.name == query.get("team"))),
        ("assignee", Ticket.assignee_id, sa.select(Person.id).where(Person.login == query.get("assignee"))),
    ):  # fmt: skip
        if name in query:
            found.append(key == named.scalar_subquery())
    return found


@operation(
    "GET", "/tickets/{number}", "A ticket with its story", TICKET,
    permission=Permission.TICKET_READ, keys={"number": NUMBER},
)  # fmt: skip
def ticket(number):
    """With its promises, its files, and the entries that you may read."""
    return ticket_told.answer(
        find(Ticket, number, Permission.TICKET_READ, by="number", options=ticket_told.SHOWN)
    )


@operation(
    "GET", "/tickets/{number}/attachments/{key}", "A file of a ticket", None,
    permission=Permission.TICKET_READ, keys={"number": NUMBER, "key": integer()},
)  # fmt: skip
def attachment(number, key):
    """To keep, never to show: its type is what its content tells."""
    owner = find(Ticket, number, Permission.TICKET_READ, by="number")
    file = attachments.readable(key, me())
    if file is None or file.ticket_id != owner.id:
        abort(404)
    return as_download(io.BytesIO(file.blob.data), file.name, file.content_type)


@operation(
    "POST", "/tickets", "File a ticket", TICKET,
    permission=Permission.TICKET_READ, body=FILING, status=201,
)  # fmt: skip
def file_ticket(body):
    """For yourself; the desk files for who called or came by."""
    requester, channel = _requester(body)
    allowance.spend(me(), utc_now(), messages=1)
    filed = actions.file_ticket(
        requester,
        me(),
        utc_now(),
        type=TicketType(body["kind"]),
        category=_category(body["category"]),
        title=" ".join(body["title"].split()),
        body=trimmed(body["description"]),
        impact=Impact(body["impact"]),
        urgency=Urgency(body["urgency"]),
        channel=channel,
        items=[
            pickable.picked(requester, uid)
            or _refuse(f"/items/{at}", "is not an item that the requester may point at")
            for at, uid in enumerate(dict.fromkeys(body.get("items", ())))
        ],
        phone=body.get("phone", requester.phone),
        location_id=requester.location_id,
    )
    told = bsn_warning.warnings([body["title"], body["description"]])
    return ticket_told.answer(filed, is_new=True, warnings=told)


def _requester(body: dict[str, object]) -> tuple[Person, Channel]:
    """For whom, and how it came in.

    Raises:
        Problem: 400, who asks may not file for them, or not so.
    """
    if may(me(), Permission.TICKET_FILE_FOR_OTHERS):
        named = sa.select(Person).where(
            Person.login == body.get("requester"), Person.is_active, Person.municipality_id.is_not(None)
        )
        person = db.session.scalar(named)
        if person is None:
            _refuse("/requester", "is not the sign-in name of somebody of a municipality")
        return person, Channel(body.get("channel", Channel.PHONE))
    for name in ("requester", "channel"):
        if name in body:
            _refuse(f"/{name}", "is for the desk")
    if body["kind"] == TicketType.SERVICE_REQUEST:
        # The form asks only how soon.
        if body["impact"] != Impact.PERSON:
            _refuse("/impact", f"is {Impact.PERSON} for a request")
        if body["urgency"] == Urgency.HIGH:
            _refuse("/urgency", f"is {Urgency.LOW} or {Urgency.MEDIUM} for a request")
    return me(), Channel.PORTAL


def _category(key: str) -> Category:
    found = db.session.scalar(_categories().where(Category.key == key))
    return found or _refuse("/category", "is none of /categories")


def _refuse(pointer: str, detail: str):
    raise wrong(detail, pointer=pointer)


@operation(
    "GET", "/categories", "What a ticket can be about", page_of(CATEGORY),
    permission=Permission.TICKET_READ, query=PAGE,
)  # fmt: skip
def categories(query):
    """By key."""
    return page(
        _categories(),
        [Category.key],
        lambda found: [{"key": one.key, "name": one.name} for one in found],
        query,
    )


def _categories() -> sa.Select[tuple[Category]]:
    """What the reader may choose: some are for the desk alone."""
    chosen = sa.select(Category)
    if may(me(), Permission.TICKET_FILE_FOR_OTHERS):
        return chosen
    return chosen.where(Category.position.is_not(None))
