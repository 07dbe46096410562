"""What the desk sees of a ticket that asks for somebody on site: which visit, and is it in time."""

import datetime as dt

from flask import url_for

from servicedesk.language import gettext as _
from servicedesk.moments import moment, written_day
from servicedesk.rota.coming import Visit
from servicedesk.tickets import site_days
from servicedesk.tickets.models import Ticket


def said(visit: Visit | None, too_late: bool) -> str:
    """What the deed says when it is done."""
    if visit is None:
        return _("De melding staat op de lijst, maar er staat nog geen bezoek in het rooster.")
    day = written_day(visit.date)
    if too_late:
        return _(
            "De melding staat op de lijst van %(day)s. Dat is te laat voor de streefdatum:"
            " er is een extra bezoek nodig.",
            day=day,
        )
    return _("De melding staat op de lijst van %(day)s.", day=day)


def context(ticket: Ticket, now: dt.datetime) -> dict[str, str] | None:
    """The `title`, `text`, `warning` and `url` of the visit; None when the ticket asks for none."""
    task = ticket.site_task
    if task is None:
        return None
    if task.done_at:
        return _told(_("Ter plaatse gedaan, %(when)s.", when=moment(task.done_at, now)), task.task)
    visit = site_days.next_visit(ticket, task, now)
    words = ". ".join(part for part in (task.task, _room(task.room)) if part)
    if visit is None:
        return _told(
            _("Wacht op een locatiedag."), words, _("Er staat nog geen bezoek in het rooster.")
        )
    who = visit.name or _("nog niemand")
    title = _("Op de lijst van %(day)s (%(who)s).", day=written_day(visit.date), who=who)
    warning = ""
    if site_days.needs_extra_visit(ticket, visit.over):
        warning = _(
            "Streefdatum %(when)s is eerder: de klok loopt door, dus er is een extra bezoek nodig.",
            when=moment(ticket.resolution_clock.due_at, now),
        )
    url = url_for("visits.route", date=visit.date.isoformat(), key=ticket.municipality_id)
    return _told(title, words, warning, url)


def _room(room: str) -> str:
    return _("kamer %(room)s", room=room).capitalize() if room else ""


def _told(title: str, text: str, warning: str = "", url: str = "") -> dict[str, str]:
    return {"title": title, "text": text, "warning": warning, "url": url}
