"""What a requester's page of a ticket shows, made of the ticket and its public entries."""

import datetime as dt
from collections.abc import Sequence

from flask import url_for

from cmdb.localtime import local
from cmdb.people import Person
from servicedesk.language import gettext as _
from servicedesk.moments import before, clock_time, duration, moment
from servicedesk.tickets.models import Entry, Ticket
from servicedesk.tickets.workflow import Status
from servicedesk.web import story
from servicedesk.web.words import file_size
from sla.clock import PAUSED, STOPPED
from sla.models import Clock

_SOLVED = (Status.RESOLVED, Status.CLOSED)


def steps(ticket: Ticket, entries: Sequence[Entry], now: dt.datetime) -> list[dict[str, object]]:
    """Received, looked at, at work, solved: at most four, one of them current while it is open."""
    received = _step(_("Ontvangen"), "done", short_moment(ticket.created_at, now))
    if ticket.status == Status.CANCELLED:
        return [received, _step(_("Ingetrokken"), "done", short_moment(ticket.closed_at, now))]
    seen_at = _seen_at(entries)
    seen = _step(
        _("Bekeken"), "done" if seen_at else "current", short_moment(seen_at, now) or _("nog niet")
    )
    if ticket.status in _SOLVED:
        return [received, seen, _solved_step(ticket, now), _last_step(ticket, now)]
    current = _("Wacht") if ticket.is_waiting else _("In behandeling")
    clock = ticket.resolution_clock
    due = clock.due_at if clock and clock.state != PAUSED else None
    ahead = _("uiterlijk %(when)s", when=short_moment(due, now)) if due and due >= now else ""
    return [
        received,
        seen,
        _step(current, "current" if seen_at else "ahead", _("nu") if seen_at else ""),
        _step(_("Opgelost"), "ahead", ahead),
    ]


def _solved_step(ticket: Ticket, now: dt.datetime) -> dict[str, object]:
    clock = ticket.resolution_clock
    note = short_moment(ticket.resolved_at, now)
    if clock and clock.state == STOPPED:
        note = (
            _("%(when)s, te laat", when=note)
            if clock.breached_at
            else _("%(when)s, op tijd", when=note)
        )
    return _step(_("Opgelost"), "done", note)


def _last_step(ticket: Ticket, now: dt.datetime) -> dict[str, object]:
    if ticket.status == Status.CLOSED:
        return _step(_("Gesloten"), "done", short_moment(ticket.closed_at, now))
    return _step(_("Uw antwoord"), "current", _("werkt het weer?"))


def _step(label: str, state: str, note: str) -> dict[str, object]:
    return {"label": label, "state": state, "note": note}


def _seen_at(entries: Sequence[Entry]) -> dt.datetime | None:
    """When the ticket was no longer new: what stops the clock of the first answer."""
    return next(
        (entry.at for entry in entries if (entry.change or {}).get("event") == "status"), None
    )


def timeline(entries: Sequence[Entry], reader: Person, now: dt.datetime) -> list[dict[str, object]]:
    """Messages, and the changes that nobody wrote anything with, oldest first."""
    return [
        _message(entry, reader, now) if entry.body or entry.attachments else _event(entry, now)
        for entry in entries
    ]


def _message(entry: Entry, reader: Person, now: dt.datetime) -> dict[str, object]:
    return {
        "own": entry.author_id == reader.id,
        "author": entry.author,
        "at": short_moment(entry.at, now),
        "iso": entry.at.isoformat(),
        "body": entry.body,
        "attachments": [
            {
                "name": file.name,
                "url": url_for("files.attachment", key=file.id),
                "size": file_size(file.size),
            }
            for file in entry.attachments
        ],
    }


def _event(entry: Entry, now: dt.datetime) -> dict[str, object]:
    change = entry.change or {"event": ""}
    return {
        "event": story.sentence(change, entry.author and entry.author.name),
        "icon": story.icon(change),
        "at": short_moment(entry.at, now),
        "iso": entry.at.isoformat(),
    }


def agreement(ticket: Ticket, now: dt.datetime) -> list[dict[str, object]]:
    """The promises of the agreement, and how each went."""
    return [
        {
            "label": label,
            "text": text,
            "kept": bool(clock and clock.state == STOPPED and not clock.breached_at),
        }
        for label, clock, text in (
            (_("Eerste reactie"), ticket.response_clock, _response(ticket.response_clock, now)),
            (_("Oplossing"), ticket.resolution_clock, _resolution(ticket.resolution_clock, now)),
        )
    ]


def _response(clock: Clock | None, now: dt.datetime) -> str:
    if clock is None or clock.state != STOPPED:
        return _promised(clock, now)
    if clock.breached_at:
        return _("te laat, na %(span)s", span=duration(clock.elapsed_seconds))
    return _("na %(span)s", span=duration(clock.elapsed_seconds))


def _resolution(clock: Clock | None, now: dt.datetime) -> str:
    if clock is None or clock.state != STOPPED:
        return _promised(clock, now)
    if clock.breached_at:
        return _("te laat, %(when)s", when=moment(clock.stopped_at, now))
    return moment(clock.stopped_at, now)


def _promised(clock: Clock | None, now: dt.datetime) -> str:
    if clock is None:
        return _("niets afgesproken")
    if clock.state == PAUSED:
        return _("staat stil")
    if clock.due_at is None:
        return _("vervallen")
    if clock.due_at < now:
        return _("te laat, was %(when)s", when=moment(clock.due_at, now))
    return before(clock.due_at, now)


def short_moment(at: dt.datetime | None, now: dt.datetime) -> str:
    """A moment without "vandaag": the hour alone tells it."""
    if at is None:
        return ""
    return clock_time(at) if local(at).date() == local(now).date() else moment(at, now)
