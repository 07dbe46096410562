"""The portal, first half: a report or a request is filed, with what is known beforehand."""

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import ngettext

from cmdb.database import db, utc_now
from cmdb.organisation import Location
from cmdb.permissions import Permission
from servicedesk import allowance
from servicedesk.access import me, requires
from servicedesk.language import gettext as _
from servicedesk.moments import before
from servicedesk.tickets import actions, mine, outages, pickable
from servicedesk.tickets.expectation import Expected, expected
from servicedesk.tickets.models import Category, Outage, Ticket
from servicedesk.tickets.workflow import TicketType
from servicedesk.web import allowance_words, item_picker, portal_notices
from servicedesk.web.portal_forms import FilingForm, ReportForm, RequestForm
from sla.priority import Impact, Urgency, priority
from sla.terms import ServiceKind

pages = Blueprint("portal", __name__)

_FORMS = {TicketType.INCIDENT: ReportForm, TicketType.SERVICE_REQUEST: RequestForm}
_TILES = (
    sa.select(Category.id, Category.key, Category.name, Category.icon, Category.team_id)
    .where(Category.position.is_not(None))
    .order_by(Category.position)
)
_ENDPOINTS = {TicketType.INCIDENT: ".report", TicketType.SERVICE_REQUEST: ".request_service"}


@pages.route("/my/report", methods=["GET", "POST"])
@requires(Permission.TICKET_FILE)
def report():
    return _filing(TicketType.INCIDENT)


@pages.route("/my/request", methods=["GET", "POST"])
@requires(Permission.TICKET_FILE)
def request_service():
    return _filing(TicketType.SERVICE_REQUEST)


@pages.get("/my/expectation")
@requires(Permission.TICKET_FILE)
def expectation():
    """What the agreement promises for the answers in the address: a part of the form's page."""
    type = _type()
    return render_template("portal/_expectation.html", expectation=_expectation(type, request.args))


@pages.get("/my/outage")
@requires(Permission.OUTAGE_REPORT)
def outage():
    """The known outage of the item in the address: a part of the form's page."""
    return render_template("portal/_outage.html", outage=_outage(request.args.get("item")))


@pages.post("/my/outages/<int:key>/affected")
@requires(Permission.OUTAGE_REPORT)
def affected(key: int):
    """ "Ik heb hier ook last van"; pressed inside a form, the form comes back as it was typed."""
    known = db.session.scalar(outages.seen_by(me()).where(Outage.id == key)) or abort(404)
    try:
        outages.report(known, me(), utc_now())
    except outages.AlreadyEnded:
        flash(_("Deze storing is voorbij. Werkt het nog niet? Meld het dan hieronder."), "warning")
    db.session.commit()
    if request.headers.get("HX-Request-Type") == "partial":
        return render_template("portal/_outage.html", outage=_outage(known.item.uid))
    if "token" in request.form:
        type = _type()
        return _form_page(_form(type), type)
    return redirect(url_for(".report", item=known.item.uid), 303)


def _type() -> TicketType:
    """Which of the two forms asks."""
    asked = request.values.get("type")
    return TicketType(asked) if asked in set(TicketType) else TicketType.INCIDENT


def _filing(type: TicketType):
    form = _form(type)
    if not form.is_submitted():
        form.start(me(), request.args.get("category"), request.args.get("item"))
        return _form_page(form, type)
    if not form.validate() or form.warns:
        return _form_page(form, type), 422
    try:
        number = _file(form, type)
    except allowance.TooMuch as error:
        allowance_words.tell(form, error)
        return _form_page(form, type), 429
    return redirect(url_for(".ticket", number=number), 303)


def _form(type: TicketType) -> FilingForm:
    form = _FORMS[type]()
    form.offer(db.session.execute(_TILES).all())
    return form


def _file(form: FilingForm, type: TicketType) -> str:
    """File the ticket and give its number; a form that was filed before gives the number it had.

    Raises:
        allowance.TooMuch: see `allowance.spend`.
    """
    person, now = me(), utc_now()
    title, body = form.text()
    files = form.files.read()
    impact, urgency = form.weight
    item = pickable.picked(person, form.item.data)
    try:
        allowance.spend(person, now, messages=1, sizes=[len(file.data) for file in files])
        number = actions.file_ticket(
            person,
            person,
            now,
            type=type,
            category=form.categories[form.category.data],
            title=title,
            body=body,
            impact=impact,
            urgency=urgency,
            items=[item] if item else (),
            phone=form.phone.data,
            location_id=_location_id(form),
            files=files,
            form_token=form.form_token,
        ).number
        db.session.commit()
    except (sa.exc.IntegrityError, allowance.TooMuch):
        db.session.rollback()
        filed = mine.own(person).where(Ticket.form_token == form.form_token)
        number = db.session.scalar(filed.with_only_columns(Ticket.number))
        if number is None:
            raise
    flash(_("Wij hebben het ontvangen. Het nummer is %(number)s.", number=number), "success")
    return number


def _location_id(form: FilingForm) -> int | None:
    """The chosen location when it is of the person's municipality; her own needs no look-up."""
    key = form.location_id
    if key is None or key == me().location_id:
        return key
    return db.session.scalar(sa.select(Location.id).where(Location.id == key, *_at_home(Location)))


def _at_home(model) -> tuple:
    return (model.municipality_id == me().municipality_id,)


def _form_page(form: FilingForm, type: TicketType) -> str:
    is_incident = type == TicketType.INCIDENT
    return render_template(
        "portal/report.html",
        form=form,
        type=type,
        own_url=url_for(_ENDPOINTS[type]),
        other_url=url_for(".request_service" if is_incident else ".report"),
        icons={key: category.icon for key, category in form.categories.items()},
        items=item_picker.offered(me(), _("Uw apparaten"), _("Applicaties van uw gemeente")),
        locations=_locations(),
        outage=_outage(form.item.data),
        expectation=_expectation(type, {field.name: field.data for field in form}),
        bsns=form.masked() if form.is_submitted() else [],
        files_lost=form.is_submitted() and bool(form.files.uploads),
    )


def _locations() -> list[tuple[str, str]]:
    chosen = (
        sa.select(Location.id, Location.name).where(*_at_home(Location)).order_by(Location.name)
    )
    return [(str(key), name) for key, name in db.session.execute(chosen)]


def _outage(uid: str | None) -> dict[str, object] | None:
    """What is known of why the chosen item does not work, in words."""
    item = pickable.picked(me(), uid)
    return item and portal_notices.known(me(), item, utc_now())


def _expectation(type: TicketType, answers) -> dict[str, object] | None:
    """The priority and promises that follow from the answers; None while one is missing."""
    if type == TicketType.SERVICE_REQUEST:
        impact, urgency = Impact.PERSON, answers.get("haste")
    else:
        impact, urgency = answers.get("affected"), answers.get("can_work")
    if impact not in set(Impact) or urgency not in set(Urgency):
        return None
    level, now = priority(Impact(impact), Urgency(urgency)), utc_now()
    promises = expected(me().municipality_id, type, level, now)
    return {
        "priority": level,
        "response": _first_answer(promises.get(ServiceKind.RESPONSE), now),
        "resolution": _solution(promises.get(ServiceKind.RESOLUTION), now),
    }


def _first_answer(promised: Expected | None, now) -> str:
    """A span when it runs on at once; else the moment, for nobody counts service hours."""
    if promised is None or promised.due_at is None:
        return _("niets afgesproken")
    if (promised.due_at - now).total_seconds() == promised.minutes * 60 and promised.minutes < 120:
        return ngettext("binnen %(num)d minuut", "binnen %(num)d minuten", promised.minutes)
    return before(promised.due_at, now)


def _solution(promised: Expected | None, now) -> str:
    if promised is None or promised.due_at is None:
        return _("niets afgesproken")
    return before(promised.due_at, now)
