"""The portal, second half: people follow their tickets, answer, accept, reopen and withdraw."""

import functools
from collections.abc import Sequence

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload, load_only

from cmdb.database import db, utc_now
from cmdb.people import Person
from cmdb.permissions import Permission, Role, may
from servicedesk import allowance
from servicedesk.access import find, me, requires, signed_in
from servicedesk.language import gettext as _
from servicedesk.tickets import actions, deeds, mine, search, site_days
from servicedesk.tickets.attachments import File
from servicedesk.tickets.models import Entry, Ticket
from servicedesk.tickets.promise import promise, situation_of
from servicedesk.web import allowance_words, portal_notices, portal_ticket, portal_visit, signin
from servicedesk.web.forms import blank
from servicedesk.web.portal_filing import pages
from servicedesk.web.portal_forms import CancelForm, ReopenForm, ReplyForm
from sla.models import Clock

# Of people and clocks only what a page and a message ask: each column more is worked on at every page.
_PERSON = load_only(Person.municipality_id, Person.name, Person.locale, Person.role)
_CLOCK = load_only(
    Clock.municipality_id, Clock.state, Clock.elapsed_seconds, Clock.due_at, Clock.breached_at,
    Clock.stopped_at,
)  # fmt: skip
# The requester is who reads it, or who wrote its first line: at hand either way.
_SHOWN = (
    joinedload(Ticket.assignee).options(_PERSON),
    joinedload(Ticket.team),
    joinedload(Ticket.response_clock).options(_CLOCK),
    joinedload(Ticket.resolution_clock).options(_CLOCK),
    joinedload(Ticket.site_task),
)

_FORMS = {"reply": ReplyForm, "reopen": ReopenForm, "cancel": CancelForm}


@pages.get("/")
@signed_in
def start():
    return redirect(signin.home())


@pages.get("/my/tickets", endpoint="mine")
@requires(Permission.TICKET_FILE)
def my_tickets():
    now, done, words = (
        utc_now(),
        request.args.get("view") == "done",
        request.args.get("q", "").strip(),
    )
    notices = portal_notices.context(me(), now)
    open_count, done_count = mine.counts(me())
    tickets = mine.own(me())
    if words:
        tickets = tickets.where(Ticket.id.in_(search.matching(me(), words)))
    else:
        tickets = mine.only(tickets, done)
    found = mine.page(tickets, request.args.get("before"), request.args.get("after"))
    view = {"q": words} if words else {"view": "done"} if done else {}
    views = (
        (_("Lopend"), url_for(".mine"), not words and not done, open_count),
        (_("Afgerond"), url_for(".mine", view="done"), not words and done, done_count),
    )
    return render_template(
        "portal/mine.html",
        words=words,
        views=[dict(zip(("label", "url", "current", "count"), tab, strict=True)) for tab in views],
        rows=[(ticket, promise(situation_of(ticket, me(), now), now)) for ticket in found.tickets],
        previous_url=found.before and url_for(".mine", **view, before=found.before),
        next_url=found.after and url_for(".mine", **view, after=found.after),
        notices=notices,
        visit=portal_visit.next_card(me(), now),
    )


@pages.get("/my/tickets/<number>")
@requires(Permission.TICKET_READ)
def ticket(number: str):
    if may(me(), Permission.QUEUE_READ):
        return redirect(url_for("desk.ticket", number=number))
    return _page(find(Ticket, number, Permission.TICKET_READ, by="number", options=_SHOWN))


@pages.post("/my/tickets/<number>/reply")
@requires(Permission.TICKET_REPLY)
def reply(number: str):
    form = ReplyForm()
    chosen = _mine(number, Permission.TICKET_REPLY)
    if "reply" not in deeds.of_requester(chosen, me(), utc_now()):
        return _too_late(chosen, reopen=ReopenForm())
    if not form.validate():
        return _page(chosen, reply=form), 422
    files = form.files.read()
    if not _fits(form, files):
        return _page(chosen, reply=form), 429
    actions.reply(chosen, me(), form.body.data, utc_now(), files)
    return _done(chosen, _("Uw bericht is verstuurd."))


@pages.post("/my/tickets/<number>/accept")
@requires(Permission.TICKET_ACCEPT)
def accept(number: str):
    chosen = _mine(number, Permission.TICKET_ACCEPT)
    if "accept" not in deeds.of_requester(chosen, me(), utc_now()):
        return _too_late(chosen)
    actions.accept(chosen, me(), utc_now())
    return _done(chosen, _("Dank u wel. De melding is gesloten."))


@pages.post("/my/tickets/<number>/reopen")
@requires(Permission.TICKET_ACCEPT)
def reopen(number: str):
    form = ReopenForm()
    chosen = _mine(number, Permission.TICKET_ACCEPT)
    if "reopen" not in deeds.of_requester(chosen, me(), utc_now()):
        return _too_late(chosen, reply=ReplyForm())
    if not form.validate():
        return _page(chosen, reopen=form), 422
    files = form.files.read()
    if not _fits(form, files):
        return _page(chosen, reopen=form), 429
    actions.reopen(chosen, form.body.data, me(), utc_now(), files)
    return _done(chosen, _("De melding is heropend. Wij gaan er weer mee aan de slag."))


@pages.post("/my/tickets/<number>/visit")
@requires(Permission.TICKET_ACCEPT)
def ask_visit(number: str):
    """Ask for a half of one of the next visits."""
    chosen, now = _mine(number, Permission.TICKET_ACCEPT), utc_now()
    form = portal_visit.VisitForm()
    form.offer(site_days.slots(chosen.municipality_id, now))
    if not chosen.status.is_open:
        return _too_late(chosen)
    if not form.validate():
        return _page(chosen, visit=form), 422
    try:
        slot = site_days.book(chosen, form.slot.data, me(), now, form.room.data)
    except site_days.NoVisit:
        form.slot.errors = [
            _(
                "Deze tijd is net vergeven, of u hebt al drie afspraken."
                " Kies een andere tijd of bel ons."
            )
        ]
        return _page(chosen, visit=form), 409
    return _done(chosen, portal_visit.done(slot))


@pages.post("/my/tickets/<number>/visit/cancel")
@requires(Permission.TICKET_ACCEPT)
def cancel_visit(number: str):
    chosen = _mine(number, Permission.TICKET_ACCEPT)
    site_days.release(chosen, me(), utc_now())
    return _done(chosen, _("Uw afspraak is afgezegd."))


@pages.post("/my/tickets/<number>/cancel")
@requires(Permission.TICKET_ACCEPT)
def cancel(number: str):
    form = CancelForm()
    chosen = _mine(number, Permission.TICKET_ACCEPT)
    if "cancel" not in deeds.of_requester(chosen, me(), utc_now()):
        return _too_late(chosen)
    if not form.validate():
        return _page(chosen, cancel=form), 422
    actions.cancel(chosen, form.body.data or _("Niet meer nodig"), me(), utc_now())
    return _done(chosen, _("De melding is ingetrokken."))


def _fits(form: ReplyForm, files: Sequence[File]) -> bool:
    """Whether a message with these files may be sent in today; if not, the form says why."""
    try:
        allowance.spend(me(), utc_now(), messages=1, sizes=[len(file.data) for file in files])
    except allowance.TooMuch as error:
        allowance_words.tell(form, error)
        return False
    return True


def _mine(number: str, permission: Permission) -> Ticket:
    return find(Ticket, number, permission, by="number", lock=True, options=_SHOWN)


def _done(chosen: Ticket, said: str):
    db.session.commit()
    flash(said, "success")
    return redirect(url_for(".ticket", number=chosen.number), 303)


def _too_late(chosen: Ticket, **forms):
    """Somebody was first: the page as it is now, with the words that were typed."""
    flash(_("De melding is intussen veranderd. Hieronder ziet u hoe het nu staat."), "warning")
    return _page(chosen, **forms), 409


def _page(chosen: Ticket, **forms) -> str:
    person, now = me(), utc_now()
    failed = next((form for form in forms.values() if form.errors), None)
    entries = db.session.scalars(_readable(person.role), {"ticket": chosen.id}).unique().all()
    allowed = deeds.of_requester(chosen, person, now)
    first = {name: blank(form) for name, form in _FORMS.items() if name in allowed}
    return render_template(
        "portal/ticket.html",
        ticket=chosen,
        promise=promise(situation_of(chosen, person, now), now),
        steps=portal_ticket.steps(chosen, entries, now),
        timeline=portal_ticket.timeline(entries, person, now),
        agreement=portal_ticket.agreement(chosen, now),
        may=allowed,
        visit=portal_visit.context(chosen, person, now, forms.pop("visit", None)),
        form=failed,
        forms=first | forms,
    )


@functools.cache
def _readable(role: Role) -> sa.Select:
    """What anybody with that role may read of a ticket's story; put together once."""
    return (
        sa.select(Entry)
        .where(Entry.ticket_id == sa.bindparam("ticket"), Entry.readable_by(me()))
        .options(joinedload(Entry.author), joinedload(Entry.attachments))
        .order_by(Entry.id)
    )
