"""The desk: a call comes in. Who calls is picked by name, and then what the call is about."""

import uuid

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload

from cmdb.database import db, utc_now
from cmdb.items import Item
from cmdb.people import Person
from cmdb.permissions import Permission
from servicedesk import allowance
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.tickets import actions, outages, pickable, upstream
from servicedesk.tickets.models import Category, Outage, Ticket
from servicedesk.tickets.workflow import Channel, TicketType
from servicedesk.web import allowance_words, desk_detail, item_picker, portal_notices
from servicedesk.web.desk_forms import NewTicketForm, keyed
from servicedesk.web.desk_queue import list_query, pages
from sla.priority import Impact, Urgency

_PEOPLE_SHOWN = 8


@pages.get("/desk/people")
@requires(Permission.TICKET_FILE_FOR_OTHERS)
def people():
    """People whose name holds what was typed, as options of the picker."""
    found = _people_named(request.args.get("requester", ""))
    return render_template("desk/_people.html", people=[_picked_name(person) for person in found])


@pages.get("/desk/people/items")
@requires(Permission.TICKET_FILE_FOR_OTHERS)
def items():
    """What the requester in the address may point at: a part of the form's page."""
    form = NewTicketForm(request.args)
    return render_template("desk/_items.html", form=form, items=_offered(_requester(form)))


@pages.get("/desk/items/known")
@requires(Permission.TICKET_FILE_FOR_OTHERS)
def known():
    """What is known of the item in the address: a part of the form's page."""
    form = NewTicketForm(request.args)
    form.join.data = True
    return render_template("desk/_known.html", form=form, known=_known(form, _requester(form)))


@pages.post("/desk/tickets/<number>/outage")
@requires(Permission.TICKET_WORK)
def join_outage(number: str):
    """Say that a running outage explains the ticket."""
    ticket = find(
        Ticket, number, Permission.TICKET_READ, by="number", lock=True, options=desk_detail.SHOWN
    )
    key = request.form.get("outage", type=int)
    outage = db.session.scalar(outages.seen_by(me()).where(Outage.id == key)) or abort(404)
    try:
        outages.link(outage, [ticket], me(), utc_now())
    except outages.AlreadyEnded:
        flash(_("Deze storing is al voorbij."), "warning")
    db.session.commit()
    if request.form.get("back"):
        return redirect(url_for(".queue", **list_query(request.form["back"]), ticket=number), 303)
    return redirect(url_for(".ticket", number=number), 303)


@pages.route("/desk/tickets/new", methods=["GET", "POST"])
@requires(Permission.TICKET_FILE_FOR_OTHERS)
def new():
    form = NewTicketForm(
        data={"requester": request.args.get("requester"), "token": uuid.uuid4().hex}
    )
    form.offer()
    if "look" in request.form or not form.is_submitted():
        return _page(form, _requester(form) if form.is_submitted() else None)
    form.validate()
    requester = _requester(form)
    item = requester and _item(form, requester)
    if form.errors or form.warns:
        return _page(form, requester), 422
    try:
        number = _filed_once(form, requester, item)
    except allowance.TooMuch as error:
        allowance_words.tell(form, error)
        return _page(form, _requester(form)), 429
    flash(_("%(number)s staat in de werkvoorraad.", number=number), "success")
    return redirect(url_for(".queue", view="all", ticket=number), 303)


def _page(form: NewTicketForm, requester: Person | None) -> str:
    asked = "look" not in request.form and form.is_submitted() and not form.errors
    return render_template(
        "desk/new.html",
        form=form,
        items=_offered(requester),
        known=_known(form, requester),
        bsns=form.masked() if asked else [],
    )


def _offered(requester: Person | None) -> dict[str, list[tuple[str, str]]] | None:
    """The items of whoever calls; None while that is unknown."""
    if requester is None:
        return None
    own = _("Apparaten van %(name)s", name=requester.name)
    shared = _("Applicaties van %(name)s", name=requester.municipality.name)
    return item_picker.offered(requester, own, shared)


def _known(form: NewTicketForm, requester: Person | None) -> dict[str, object] | None:
    """What the desk knows already of why the chosen item does not work."""
    item = requester and pickable.picked(requester, form.item.data)
    return portal_notices.known(me(), item, utc_now()) if item else None


def _item(form: NewTicketForm, requester: Person) -> Item | None:
    """The chosen item; one of somebody else is refused: the requester may have changed since."""
    item = pickable.picked(requester, form.item.data)
    if form.item.data and item is None:
        form.item.errors = [_("Kies het apparaat of de applicatie opnieuw")]
    return item


def _filed_once(form: NewTicketForm, requester: Person, item: Item | None) -> str:
    """File what the form says; the number, also when this form was filed before.

    Raises:
        allowance.TooMuch: see `allowance.spend`.
    """
    key = requester.id
    try:
        allowance.spend(me(), utc_now(), messages=1)
        number = _file(form, requester, item).number
        db.session.commit()
    except (sa.exc.IntegrityError, allowance.TooMuch):
        db.session.rollback()
        sent = (Ticket.requester_id == key, Ticket.form_token == form.token.data)
        number = db.session.scalar(sa.select(Ticket.number).where(*sent))
        if number is None:
            raise
    return number


def _file(form: NewTicketForm, requester: Person, item: Item | None) -> Ticket:
    title, body = form.text()
    now = utc_now()
    outage = item and form.join.data and upstream.outage_behind(me(), item.id, now)
    ticket = actions.file_ticket(
        requester,
        me(),
        now,
        type=TicketType(form.type.data),
        category=db.session.get(Category, int(form.category.data)),
        title=title,
        body=body,
        impact=Impact(form.impact.data),
        urgency=Urgency(form.urgency.data),
        channel=Channel(form.channel.data),
        items=[item] if item else (),
        phone=requester.phone,
        location_id=requester.location_id,
        form_token=form.token.data,
    )
    if outage:
        outages.link(outage, [ticket], me(), now)
    return ticket


def _requester(form: NewTicketForm) -> Person | None:
    """Who is meant; when that is not clear the form says so, and offers who it could be."""
    found = _people_named(form.requester.data or "")
    exact = [person for person in found if _picked_name(person) == form.requester.data]
    meant = [person for person in found if str(person.id) == form.person.data] or exact or found
    if len(meant) == 1:
        return meant[0]
    if meant:
        form.person.choices = keyed([(person.id, _picked_name(person)) for person in meant])
        form.person.errors = [_("Meer mensen heten zo. Kies wie u bedoelt.")]
    elif form.requester.data:
        form.requester.errors = [_("Niemand gevonden met deze naam")]
    return None


def _people_named(text: str) -> list[Person]:
    name, _comma, home = (part.strip() for part in text.partition(","))
    if len(name) < 2:
        return []
    chosen = (
        sa.select(Person)
        .where(
            Person.name.icontains(name, autoescape=True),
            Person.is_active,
            Person.municipality_id.is_not(None),
        )
        .options(joinedload(Person.municipality))
        .order_by(Person.name, Person.id)
        .limit(_PEOPLE_SHOWN)
    )
    if home:
        chosen = chosen.where(Person.municipality.has(name=home))
    return list(db.session.scalars(chosen))


def _picked_name(person: Person) -> str:
    return f"{person.name}, {person.municipality.name}"
