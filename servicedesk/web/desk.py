"""What an agent does to a ticket: each deed is a form, one action, and the way back."""

import datetime as dt
from collections.abc import Callable

from flask import abort, flash, redirect, render_template, url_for
from sqlalchemy.orm import joinedload

from cmdb.database import db, utc_now
from cmdb.localtime import day_start
from cmdb.people import Person, Team
from cmdb.permissions import Permission, may
from servicedesk import allowance
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.tickets import actions, deeds, site_days
from servicedesk.tickets.actions import StaleTicket
from servicedesk.tickets.lifecycle import WrongStep
from servicedesk.tickets.models import Category, Ticket
from servicedesk.tickets.workflow import Status, WaitingFor
from servicedesk.web import allowance_words, desk_detail, desk_forms, desk_site
from servicedesk.web.desk_entry import pages
from servicedesk.web.desk_queue import is_partial, list_query
from sla.priority import Impact, Urgency

# Who has part in a ticket: what most deeds ask of it. The page, when it is shown again, asks the rest.
_PEOPLE = (joinedload(Ticket.requester), joinedload(Ticket.team), joinedload(Ticket.assignee))

# What a deed says when it is done, and the form that turns it back: its action and its fields.
Done = tuple[str, tuple[str, dict[str, object]] | None]


def _carry_out(
    number: str,
    action: str,
    deed: Callable[[Ticket, desk_forms.Deed, dt.datetime], Done],
    asked: tuple = _PEOPLE,
):
    """Do `deed` with the form that came in, or show the ticket again with what is wrong."""
    ticket = find(Ticket, number, Permission.TICKET_READ, by="number", lock=True, options=asked)
    form = desk_forms.sent(action)
    if not form.validate():
        return _again(ticket, action, form, 422)
    try:
        if action != "reply":  # a message stands beside what others do
            actions.check_version(ticket, form.version.data)
        said, undo = deed(ticket, form, utc_now())
    except StaleTicket:
        conflict = desk_detail.Conflict(action, form.seen.data or 0)
        return _again(ticket, action, form, 409, conflict)
    except allowance.TooMuch as error:
        allowance_words.tell(form, error)
        return _again(ticket, action, form, 429)
    except WrongStep:
        db.session.rollback()
        flash(_("Dat kan niet meer: de melding is intussen veranderd."), "error")
        return _return(number, form)
    db.session.commit()
    flash(_message(ticket, form, said, undo), "success")
    return _return(number, form)


def _again(ticket: Ticket, action: str, form: desk_forms.Deed, status: int, conflict=None):
    shown = desk_detail.context(
        ticket, utc_now(), back=form.back.data or "", sent={action: form}, conflict=conflict
    )
    template = "desk/_ticket.html" if is_partial() else "desk/ticket.html"
    return render_template(template, **shown, form=form), status


def _return(number: str, form: desk_forms.Deed):
    """To the list with the ticket beside it when the reader came from there, else to its page."""
    if form.back.data:
        return redirect(url_for("desk.queue", **list_query(form.back.data), ticket=number), 303)
    return redirect(url_for("desk.ticket", number=number), 303)


def _message(ticket: Ticket, form: desk_forms.Deed, said: str, undo) -> str | dict[str, object]:
    if undo is None:
        return said
    action, fields = undo
    fields = fields | {"version": ticket.version, "back": form.back.data or ""}
    return {
        "text": said,
        "undo_url": url_for(f"desk.{action}", number=ticket.number),
        "undo": {f"{action}-{name}": value for name, value in fields.items()},
    }


@pages.post("/desk/tickets/<number>/take")
@requires(Permission.TICKET_WORK)
def take(number: str):
    return _carry_out(number, "take", _take)


def _take(ticket, form, now) -> Done:
    before, was_new = _hands(ticket), ticket.status == Status.NEW
    actions.take(ticket, me(), now)
    # A new ticket is answered by taking it; that cannot be taken back.
    return _("U behandelt deze melding."), None if was_new else ("assign", {"to": before})


@pages.post("/desk/tickets/<number>/assign")
@requires(Permission.TICKET_WORK)
def assign(number: str):
    return _carry_out(number, "assign", _assign)


def _assign(ticket, form, now) -> Done:
    before = _hands(ticket)
    team_key, person_key = form.keys
    team = db.session.get(Team, team_key) if team_key else ticket.team
    person = db.session.get(Person, person_key) if person_key else None
    if (team_key and not team) or (person_key and not deeds.can_have(person)):
        abort(404)
    actions.assign(ticket, team, person, me(), now)
    said = _("Doorgezet naar %(to)s.", to=person.name if person else team.name)
    return said, ("assign", {"to": before}) if before != "-" else None


def _hands(ticket: Ticket) -> str:
    """Who has it, as the form of an assignment says it."""
    return f"{ticket.team_id or ''}-{ticket.assignee_id or ''}"


@pages.post("/desk/tickets/<number>/priority")
@requires(Permission.TICKET_WORK)
def priority(number: str):
    return _carry_out(number, "priority", _priority)


def _priority(ticket, form, now) -> Done:
    before = {"impact": ticket.impact, "urgency": ticket.urgency, "reason": _("Ongedaan gemaakt")}
    actions.change_priority(
        ticket, Impact(form.impact.data), Urgency(form.urgency.data), form.reason.data, me(), now
    )
    undo = ("priority", before) if before["impact"] and before["urgency"] else None
    return _("De prioriteit is nu %(n)s.", n=ticket.priority), undo


@pages.post("/desk/tickets/<number>/category")
@requires(Permission.TICKET_WORK)
def category(number: str):
    return _carry_out(number, "category", _category)


def _category(ticket, form, now) -> Done:
    before = {"category": ticket.category_id, "reason": _("Ongedaan gemaakt")}
    following = db.session.get(Category, int(form.category.data))
    actions.change_category(ticket, following, form.reason.data, me(), now)
    return _("De categorie is nu %(name)s.", name=following.name), ("category", before)


@pages.post("/desk/tickets/<number>/wait")
@requires(Permission.TICKET_WORK)
def wait(number: str):
    return _carry_out(number, "wait", _wait)


def _wait(ticket, form, now) -> Done:
    was_at_work = ticket.status == Status.IN_PROGRESS
    waiting_for = WaitingFor(form.waiting_for.data)
    until = form.until.data and day_start(form.until.data)
    actions.wait(ticket, waiting_for, me(), now, question=form.question.data, until=until)
    # A message that went out cannot be taken back.
    silent = not form.question.data and was_at_work
    return _("De melding wacht."), ("resume", {}) if silent else None


@pages.post("/desk/tickets/<number>/resume")
@requires(Permission.TICKET_WORK)
def resume(number: str):
    return _carry_out(number, "resume", _resume)


def _resume(ticket, form, now) -> Done:
    actions.start_work(ticket, me(), now)
    return _("De melding is weer in behandeling."), None


@pages.post("/desk/tickets/<number>/presence")
@requires(Permission.TICKET_WORK)
def presence(number: str):
    return _carry_out(number, "presence", _presence)


def _presence(ticket, form, now) -> Done:
    was_planned = ticket.site_task is not None
    task = site_days.ask(ticket, me(), now, room=form.room.data, task=form.task.data)
    visit = site_days.next_visit(ticket, task, now)
    waits = form.wait.data and not ticket.is_waiting
    if waits:
        site_days.wait_for(ticket, visit, me(), now)
    too_late = site_days.needs_extra_visit(ticket, visit and visit.over)
    said = desk_site.said(visit, too_late)
    return said, None if was_planned else ("unplan", {})


@pages.post("/desk/tickets/<number>/unplan")
@requires(Permission.TICKET_WORK)
def unplan(number: str):
    return _carry_out(number, "unplan", _unplan)


def _unplan(ticket, form, now) -> Done:
    site_days.drop(ticket, me(), now)
    return _("De melding staat niet meer op de lijst."), None


@pages.post("/desk/tickets/<number>/resolve")
@requires(Permission.TICKET_WORK)
def resolve(number: str):
    return _carry_out(number, "resolve", _resolve, desk_detail.TOLD)


def _resolve(ticket, form, now) -> Done:
    actions.resolve(ticket, form.solution.data, me(), now)
    return _("Opgelost. De aanmelder krijgt bericht."), None


@pages.post("/desk/tickets/<number>/reopen")
@requires(Permission.TICKET_WORK)
def reopen(number: str):
    return _carry_out(number, "reopen", _reopen)


def _reopen(ticket, form, now) -> Done:
    allowance.spend(me(), now, messages=1)
    actions.reopen(ticket, form.reason.data, me(), now)
    return _("De melding is weer open."), None


@pages.post("/desk/tickets/<number>/cancel")
@requires(Permission.TICKET_WORK)
def cancel(number: str):
    return _carry_out(number, "cancel", _cancel)


def _cancel(ticket, form, now) -> Done:
    actions.cancel(ticket, form.reason.data, me(), now)
    return _("De melding is ingetrokken."), None


@pages.post("/desk/tickets/<number>/reply")
@requires(Permission.TICKET_NOTE)
def reply(number: str):
    return _carry_out(number, "reply", _reply, desk_detail.TOLD)


def _reply(ticket, form, now) -> Done:
    internal = form.kind.data == desk_forms.INTERNAL
    if not internal and not may(me(), Permission.TICKET_REPLY, ticket):
        abort(404)
    files = form.files.read()
    allowance.spend(me(), now, messages=1, sizes=[len(file.data) for file in files])
    if internal:
        actions.note(ticket, me(), form.body.data, now, files)
        return _("De notitie is bewaard."), None
    actions.reply(ticket, me(), form.body.data, now, files)
    return _("Uw antwoord is verstuurd."), None


@pages.post("/desk/tickets/<number>/draft")
@requires(Permission.TICKET_NOTE)
def draft(number: str):
    """Keep a half-written message."""
    ticket = find(Ticket, number, Permission.TICKET_READ, by="number")
    form = desk_forms.sent("reply")
    internal = form.kind.data == desk_forms.INTERNAL
    actions.save_draft(ticket, me(), (form.body.data or "")[:20000], internal, utc_now())
    db.session.commit()
    return "", 204
