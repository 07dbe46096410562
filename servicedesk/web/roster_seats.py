"""What is done with one seat: a planner asks somebody, chooses by hand, or moves the visit."""

from flask import Blueprint, abort, flash, redirect, request, url_for

from cmdb.database import db, utc_now
from cmdb.people import Person
from cmdb.permissions import Permission
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.rota import actions, publishing, reading, swapping
from servicedesk.rota.facts import Kind
from servicedesk.rota.models import Seat
from servicedesk.rota.seating import Refused
from servicedesk.web import roster
from servicedesk.web.roster_asked import day_of
from servicedesk.web.roster_words import long_day, refusal

pages = Blueprint("roster_seats", __name__)


@pages.post("/roster/seats/<int:key>/ask")
@requires(Permission.ROTA_PLAN)
def ask(key: int):
    seat, person = _seat(key), colleague(request.form.get("colleague"))
    if person is None:
        return roster.seat_page(seat, _("Kies een collega.")), 422
    try:
        swapping.ask(me(), seat, person, utc_now())
    except Refused as error:
        return _refused(key, error)
    db.session.commit()
    flash(_("%(name)s is gevraagd en krijgt bericht.", name=person.name), "success")
    absence = request.form.get("absence", "")
    if absence.isdecimal() and len(absence) < 10:
        return redirect(url_for("roster_absences.show", key=int(absence)), 303)
    return redirect(url_for("roster.seat", key=key), 303)


@pages.post("/roster/seats/<int:key>/assign")
@requires(Permission.ROTA_PLAN)
def assign(key: int):
    """Give the seat to somebody by hand; "0" opens it."""
    seat, text = _seat(key), request.form.get("person")
    person = colleague(text)
    if person is None and text != "0":
        text = _("Kies een collega, of kies dat de dienst open blijft.")
        return roster.seat_page(seat, text), 422
    try:
        log = publishing.assign(seat, person, me(), utc_now())
    except Refused as error:
        return _refused(key, error)
    db.session.commit()
    if log is None:
        flash(_("Er is niets veranderd."), "info")
    else:
        flash(_("De dienst is gewijzigd. Wie het raakt, krijgt bericht."), "success")
    return redirect(url_for("roster.seat", key=key), 303)


@pages.post("/roster/seats/<int:key>/move")
@requires(Permission.ROTA_PLAN)
def move(key: int):
    """Take the visit to another day."""
    seat, to = _seat(key), day_of(request.form.get("day"))
    if seat.duty.kind != Kind.SITE:
        abort(404)
    if not seat.is_needed:
        return roster.seat_page(seat, _("Dit bezoek is al verzet of gaat niet door.")), 409
    if to is None:
        return roster.seat_page(seat, _("Kies de dag waarop het bezoek komt.")), 422
    until = publishing.published_until()
    if until is None or to > until:
        return roster.seat_page(seat, _("Kies een dag die al gepubliceerd is.")), 422
    try:
        actions.move_visit(seat.duty, seat.date, to, me(), utc_now())
    except Refused as error:
        if error.reason == "double_booked":
            text = _("Er is die dag al een bezoek. Kies een andere dag.")
            return roster.seat_page(seat, text), 422
        return _refused(key, error)
    db.session.commit()
    text = _("Het bezoek is verzet naar %(day)s. De gemeente krijgt bericht.", day=long_day(to))
    flash(text, "success")
    return redirect(url_for("roster.index", on=to.isoformat()), 303)


def colleague(text: str | None) -> Person | None:
    """Somebody who is planned, by the number of a form."""
    if not text or not text.isdecimal() or len(text) > 9:
        return None
    return next((person for person in reading.people() if person.id == int(text)), None)


def _seat(key: int) -> Seat:
    return find(Seat, key, Permission.ROTA_PLAN, options=reading.SEAT_WITH_ALL)


def _refused(key: int, error: Refused):
    db.session.rollback()
    return roster.seat_page(_seat(key), refusal(error)), 409
