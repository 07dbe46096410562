"""What the page of one ticket shows at the desk: its facts, clocks, story and forms."""

import datetime as dt
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload, load_only

from cmdb.database import UtcDateTime, db
from cmdb.items import Item
from cmdb.organisation import Location, Municipality
from cmdb.people import Person, initials, tone
from cmdb.permissions import Role
from servicedesk.access import me
from servicedesk.language import gettext as _
from servicedesk.moments import duration, moment
from servicedesk.tickets import deeds, labels, queue
from servicedesk.tickets.models import Attachment, Category, Draft, Entry, Outage, Ticket, TicketItem
from servicedesk.web import desk_forms, desk_items, desk_site, story
from servicedesk.web.words import file_size
from sla.agreements import timeline
from sla.clock import PAUSED, STOPPED
from sla.instants import to_epoch
from sla.models import Agreement, Clock, ServiceCalendar

# A bar turns amber once four fifths of the promise are used up.
_AMBER = 0.8
# Reports about one item that come in within this time may have one cause.
_TOGETHER = dt.timedelta(hours=24)

# Of people only what a page and a message ask: each column more is worked on at every page.
_PERSON = (Person.municipality_id, Person.name, Person.phone, Person.locale, Person.role)
_CLOCK = load_only(
    Clock.municipality_id, Clock.state, Clock.target_seconds, Clock.elapsed_seconds,
    Clock.running_since, Clock.due_at, Clock.breached_at, Clock.calendar_id,
)  # fmt: skip
# What it takes to write to the requester.
TOLD = (
    joinedload(Ticket.requester).load_only(*_PERSON),
    joinedload(Ticket.drafts).load_only(Draft.municipality_id),
)
SHOWN = (
    joinedload(Ticket.requester).load_only(*_PERSON, Person.department_id).joinedload(Person.department),
    joinedload(Ticket.municipality).load_only(Municipality.name),
    joinedload(Ticket.category).load_only(Category.name),
    joinedload(Ticket.team),
    joinedload(Ticket.assignee).load_only(*_PERSON),
    joinedload(Ticket.outage).options(
        load_only(Outage.message), joinedload(Outage.item).load_only(Item.name)
    ),
    joinedload(Ticket.location).load_only(Location.municipality_id, Location.name),
    joinedload(Ticket.site_task),
    joinedload(Ticket.drafts),
    joinedload(Ticket.response_clock).options(_CLOCK),
    joinedload(Ticket.resolution_clock).options(
        _CLOCK,
        joinedload(Clock.calendar).load_only(ServiceCalendar.revision),
        joinedload(Clock.agreement).load_only(Agreement.municipality_id, Agreement.name),
    ),
)


@dataclass(frozen=True)
class Conflict:
    """That somebody else changed the ticket while `action` was written, after entry `seen`."""

    action: str
    seen: int


def context(
    ticket: Ticket,
    now: dt.datetime,
    *,
    back: str = "",
    sent: Mapping[str, desk_forms.Deed] | None = None,
    conflict: Conflict | None = None,
) -> dict[str, object]:
    """Everything that `desk/_ticket.html` asks.

    Args:
        back: the query string of the list that the reader came from.
        sent: forms that came in and were not carried out, by action.
    """
    allowed, told, items = deeds.of_desk(ticket, me()), _entries(ticket), _items(ticket, now)
    about = desk_items.context(ticket, items, now)
    forms = {action: desk_forms.blank(action, ticket) for action in allowed - {"note", "reply"}}
    if "note" in allowed and "reply" not in (sent or {}):
        forms["reply"] = desk_forms.blank_message("reply" in allowed, ticket.draft_of(me()))
    return {
        "ticket": _facts(ticket, items, about["states"]),
        "clocks": [
            _clock(clock, label, ticket, now)
            for clock, label in (
                (ticket.response_clock, _("Reactietijd")),
                (ticket.resolution_clock, _("Oplostijd")),
            )
            if clock and clock.state != "cancelled"
        ],
        "promise": _promise(ticket, now),
        "site": desk_site.context(ticket, now),
        "related": [_related(row) for row in items if row.others],
        "outages": [row for row in items if row.message],
        "about": about,
        "timeline": [line for entry, files in told for line in _lines(entry, files, now)],
        "may": allowed,
        "urls": _urls(ticket, allowed, back),
        "forms": forms | dict(sent or {}),
        "seen": told[-1][0].id if told else 0,
        "back": back,
        "conflict": conflict and _conflict(conflict, told, now),
    }


def _facts(
    ticket: Ticket, items: Sequence[sa.Row], states: Mapping[int, dict[str, str]]
) -> dict[str, object]:
    requester, assignee = ticket.requester, ticket.assignee
    return {
        "number": ticket.number,
        "title": ticket.title,
        "type": ticket.type,
        "status": ticket.status,
        "waiting_for": ticket.waiting_for,
        "waiting_until": ticket.waiting_until,
        "created": moment(ticket.created_at),
        "priority": ticket.priority,
        "reason_of_priority": _reason_of_priority(ticket),
        "version": ticket.version,
        "category": ticket.category.name,
        "team": ticket.team and ticket.team.name,
        "assignee": assignee
        and {"name": assignee.name, "initials": assignee.initials, "tone": assignee.tone},
        "requester": {
            "name": requester.name,
            "department": requester.department and requester.department.name,
            "municipality": ticket.municipality.name,
            "phone": ticket.phone or requester.phone,
        },
        "items": [
            {
                "url": url_for("items.item", uid=row.uid),
                "number": row.uid,
                "name": row.name,
                "state": states.get(row.id),
            }
            for row in items
        ],
        "outage": ticket.outage and ticket.outage.item.name,
        "channel": labels.CHANNEL[ticket.channel],
        "location": ticket.location and ticket.location.name,
    }


def _reason_of_priority(ticket: Ticket) -> str:
    if not ticket.impact or not ticket.urgency:
        return ""
    return _(
        "%(impact)s · doorwerken: %(urgency)s",
        impact=labels.IMPACT[ticket.impact],
        urgency=str(labels.URGENCY[ticket.urgency]).lower(),
    )


def _clock(clock: Clock, label: str, ticket: Ticket, now: dt.datetime) -> dict[str, object]:
    used = _used(clock, ticket, now)
    share = used / clock.target_seconds if clock.target_seconds else 1.0
    late = clock.breached_at is not None or share > 1
    tone = "done" if clock.state == STOPPED else "warn" if share >= _AMBER else ""
    of = _("%(used)s van %(target)s", used=duration(used), target=duration(clock.target_seconds))
    return {
        "label": label,
        "percent": round(100 * share),
        "tone": "late" if late else tone,
        "text": of,
        "icon": "check" if clock.state == STOPPED and not late else _CLOCK_ICON.get(clock.state),
        "alt": _("%(percent)s procent gebruikt", percent=round(100 * share)),
        "due": moment(clock.due_at, now),
    }


_CLOCK_ICON = {STOPPED: "timer-off", PAUSED: "pause"}


def _used(clock: Clock, ticket: Ticket, now: dt.datetime) -> int:
    """Service seconds used at `now`; both clocks of a ticket run in the same hours."""
    if clock.running_since is None:
        return clock.elapsed_seconds
    hours = timeline(ticket.resolution_clock.calendar if ticket.resolution_clock else clock.calendar)
    return clock.elapsed_seconds + hours.open_seconds(to_epoch(clock.running_since), to_epoch(now))


def _promise(ticket: Ticket, now: dt.datetime) -> str:
    clock = ticket.resolution_clock
    if clock is None:
        return _("Over deze melding is geen tijd afgesproken.")
    parts = [clock.agreement.name]
    if clock.state == PAUSED:
        parts.insert(0, _("De klok staat stil"))
    elif ticket.status.is_open and clock.due_at:
        parts.insert(0, _("Streefdatum %(moment)s", moment=moment(clock.due_at, now)))
    return " · ".join(parts)


def _items(ticket: Ticket, now: dt.datetime) -> Sequence[sa.Row]:
    """The ticket's items, each with its known outage and how many others report about it these hours."""
    known = {"ticket": ticket.id, "since": now - _TOGETHER, "until": now}
    return db.session.execute(_ITEMS, known).all()


def _items_of_a_ticket() -> sa.Select:
    # Bounds that it cannot see let PostgreSQL keep one plan; to plan this each time takes longer than
    # to answer it.
    since, until = (
        sa.select(sa.bindparam(name, type_=UtcDateTime)).scalar_subquery()
        for name in ("since", "until")
    )
    ticket = sa.bindparam("ticket")
    fresh = (
        sa.select(
            TicketItem.item_id,
            sa.func.count().label("others"),
            sa.func.count(sa.distinct(Ticket.municipality_id)).label("homes"),
        )
        .join(Ticket, Ticket.id == TicketItem.ticket_id)
        .where(Ticket.created_at.between(since, until), Ticket.id != ticket)
        .where(queue.IS_NOT_DONE)
        .group_by(TicketItem.item_id)
        .subquery()
    )
    return (
        sa.select(Item.id, Item.uid, Item.name, Outage.message, fresh.c.others, fresh.c.homes)
        .join(TicketItem, TicketItem.item_id == Item.id)
        .outerjoin(Outage, sa.and_(Outage.item_id == Item.id, Outage.ended_at.is_(None)))
        .outerjoin(fresh, fresh.c.item_id == Item.id)
        .where(TicketItem.ticket_id == ticket)
        .order_by(Item.name)
    )


_ITEMS = _items_of_a_ticket()


def _related(row: sa.Row) -> dict[str, object]:
    return {
        "count": row.others,
        "homes": row.homes,
        "about": f"{row.uid} {row.name}",
        "url": url_for("desk.queue", view="all", item=row.uid),
    }


_ENTRIES = (
    sa.select(
        Entry.id,
        Entry.at,
        Entry.is_internal,
        Entry.body,
        Entry.change,
        Person.name.label("author"),
        Attachment.id.label("file"),
        Attachment.name.label("file_name"),
        Attachment.size,
    )
    .outerjoin(Person, Person.id == Entry.author_id)
    .outerjoin(Attachment, Attachment.entry_id == Entry.id)
    .where(Entry.ticket_id == sa.bindparam("ticket"))
    .order_by(Entry.id, Attachment.id)
)


@functools.cache
def _readable(role: Role) -> sa.Select:
    """What anybody with that role may read of a ticket's story."""
    return _ENTRIES.where(Entry.readable_by(me()))


def _entries(ticket: Ticket) -> list[tuple[sa.Row, list[sa.Row]]]:
    """The lines of the story with their files, in order, in one statement."""
    found = db.session.execute(_readable(me().role), {"ticket": ticket.id}).all()
    told: dict[int, tuple[sa.Row, list[sa.Row]]] = {}
    for row in found:
        _entry, files = told.setdefault(row.id, (row, []))
        if row.file:
            files.append(row)
    return list(told.values())


def _lines(
    entry: sa.Row, files: list[sa.Row], now: dt.datetime
) -> Iterator[dict[str, object]]:
    """An entry as it is read: what changed, then what was said."""
    when = {"at": moment(entry.at, now), "iso": entry.at.isoformat()}
    if entry.change and _is_told(entry):
        author = entry.change["by"] if entry.change["event"] == "filed" else entry.author
        yield {"kind": "event", "body": story.sentence(entry.change, author)} | when | {
            "icon": story.icon(entry.change)
        }
    if entry.body or files:
        name = entry.author or _("Servicepunt")
        yield when | {
            "kind": "note" if entry.is_internal else "message",
            "author": {"name": name, "initials": initials(name), "tone": tone(name)},
            "body": entry.body,
            "attachments": [
                {
                    "url": url_for("files.attachment", key=file.file),
                    "name": file.file_name,
                    "size": file_size(file.size),
                }
                for file in files
            ],
        }


def _is_told(entry: sa.Row) -> bool:
    """That somebody filed a ticket is told only when it was for somebody else."""
    return entry.change["event"] != "filed" or entry.change.get("by") != entry.author


def _urls(ticket: Ticket, allowed: set[str], back: str) -> dict[str, str]:
    page = url_for("desk.ticket", number=ticket.number)
    urls = {action: f"{page}/{action}" for action in (*(allowed - {"note"}), "reply", "draft")}
    return urls | {"list": url_for("desk.queue") + (f"?{back}" if back else "")}


def _conflict(
    conflict: Conflict, told: Sequence[tuple[sa.Row, list[sa.Row]]], now: dt.datetime
) -> dict[str, object]:
    """What happened to the ticket after the writer saw it."""
    since = [
        line for entry, files in told if entry.id > conflict.seen
        for line in _lines(entry, files, now)
    ]  # fmt: skip
    return {
        "title": _("Een collega was u voor"),
        "action": conflict.action,
        "changes": [],
        "since": since,
    }
