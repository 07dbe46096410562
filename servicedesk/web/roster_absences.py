"""Who is away: registering it, and at once which duties and applications lose cover."""

import datetime as dt

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload
from wtforms import DateField, SelectChoice, SelectField
from wtforms.validators import DataRequired, Optional, ValidationError

from cmdb.database import db, utc_now
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Permission, may, visible
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.rota import actions, loading, reading, swapping
from servicedesk.rota.facts import Part
from servicedesk.rota.models import Absence, Seat, SeatLog, SwapRequest
from servicedesk.rota.words import AbsenceKind, AbsenceState
from servicedesk.web import roster_cover
from servicedesk.web.forms import Form
from servicedesk.web.roster_asked import day_of
from servicedesk.web.roster_words import (
    ABSENCE_KIND,
    PART,
    chosen_of,
    seat_title,
    short_day,
)

pages = Blueprint("roster_absences", __name__)

PAGE = 50
_LONGEST, _BACK = dt.timedelta(days=730), dt.timedelta(days=31)


class AbsenceForm(Form):
    """Who is away, when, and for planners why; others register their own without choosing who."""

    person = SelectField(lazy_gettext("Wie"), coerce=int)
    first = DateField(
        lazy_gettext("Eerste dag"), [DataRequired(lazy_gettext("Kies de eerste dag"))]
    )
    last = DateField(lazy_gettext("Laatste dag"), [Optional()])
    part = SelectField(lazy_gettext("Deel van de dag"), choices=chosen_of(PART))
    kind = SelectField(lazy_gettext("Soort"), choices=chosen_of(ABSENCE_KIND))

    def __init__(self, people: list[Person], **values):
        super().__init__(**values)
        self.people = {person.id: person for person in people}
        self.person.choices = [SelectChoice(person.id, person.name) for person in people]
        if len(people) == 1:
            del self.person

    @property
    def who(self) -> Person:
        if "person" in self:
            return self.people[self.person.data]
        return next(iter(self.people.values()))

    @property
    def until(self) -> dt.date:
        return self.last.data or self.first.data

    def validate_first(self, field):
        today = local(utc_now()).date()
        if field.data < today - _BACK:
            raise ValidationError(_("Kies een dag van hoogstens een maand geleden"))
        if field.data > today + _LONGEST:
            raise ValidationError(_("Kies een dag binnen twee jaar"))

    def validate_last(self, field):
        if not field.data or not self.first.data:
            return
        if field.data < self.first.data:
            raise ValidationError(_("De laatste dag ligt voor de eerste"))
        if field.data - self.first.data > _LONGEST:
            raise ValidationError(_("Kies een laatste dag binnen twee jaar"))

    def is_known(self) -> bool:
        """Whether those days are there already; then the field says so."""
        part = Part(self.part.data)
        known = any(
            absence.part.span.overlaps(part.span)
            for absence in reading.absences(self.first.data, self.until)
            if absence.person_id == self.who.id
        )
        if known:
            self.first.errors = [*self.first.errors, _("Deze dagen staan al als afwezig")]
        return known


@pages.get("/roster/absences")
@requires(Permission.ROTA_ABSENCE)
def index():
    return _page(_form(formdata=None))


@pages.post("/roster/absences")
@requires(Permission.ROTA_ABSENCE)
def add():
    form = _form()
    if not form.people or not form.validate() or form.is_known():
        return _page(form), 422
    absence, lost = actions.register_absence(
        form.who,
        form.first.data,
        form.until,
        Part(form.part.data),
        AbsenceKind(form.kind.data),
        me(),
        utc_now(),
    )
    db.session.commit()
    if not lost:
        flash(_("De afwezigheid staat in het rooster. Er valt geen dienst open."), "success")
    return redirect(url_for(".show", key=absence.id), 303)


@pages.get("/roster/absences/<int:key>")
@requires(Permission.ROTA_ABSENCE)
def show(key: int):
    """What an absence opens: the duties with who can take them, and the applications."""
    absence = find(
        Absence, key, Permission.ROTA_ABSENCE, options=[joinedload(Absence.person)]
    )
    lost = _lost(absence)
    empty = [seat for seat in lost if seat.person_id is None]
    people = {person.id: person for person in reading.people()}
    last = min(absence.last, absence.first + loading.QUARTER)
    return render_template(
        "rota/absence.html",
        absence=absence,
        plans=may(me(), Permission.ROTA_PLAN),
        part=PART[absence.part],
        kind=ABSENCE_KIND[absence.kind],
        is_withdrawn=absence.state == AbsenceState.WITHDRAWN,
        taken=[(seat, seat_title(seat)) for seat in lost if seat.person_id is not None],
        proposals=[
            roster_cover.proposal(one, people)
            for one in reading.lost_cover(empty, absence.person_id)
        ],
        asked=_asked(empty),
        uncovered=[
            one
            for one in reading.uncovered_applications(absence.first, last)
            if one.days and absence.person_id in (one.item.manager_id, one.item.deputy_id)
        ],
        short_day=short_day,
    )


@pages.post("/roster/absences/<int:key>/withdraw")
@requires(Permission.ROTA_ABSENCE)
def withdraw(key: int):
    absence = find(Absence, key, Permission.ROTA_ABSENCE, lock=True)
    if absence.state == AbsenceState.REGISTERED:
        actions.withdraw_absence(absence, me(), utc_now())
        db.session.commit()
    text = _("De afwezigheid is ingetrokken. Wie een dienst overnam, houdt die.")
    flash(text, "success")
    return redirect(url_for(".index"), 303)


def _form(**values) -> AbsenceForm:
    people = reading.people()
    if not may(me(), Permission.ROTA_PLAN):
        people = [person for person in people if person.id == me().id]
    return AbsenceForm(people, **values)


def _page(form: AbsenceForm) -> str:
    today = local(utc_now()).date()
    since, _dot, key = request.args.get("after", "").partition(".")
    after = day_of(since)
    chosen = (
        visible(Absence, me(), Permission.ROTA_ABSENCE)
        .where(Absence.last >= today, Absence.state == AbsenceState.REGISTERED)
        .options(joinedload(Absence.person))
        .order_by(Absence.first, Absence.id)
        .limit(PAGE + 1)
    )
    if after and key.isdecimal() and len(key) < 10:
        place = sa.and_(Absence.first == after, Absence.id > int(key))
        chosen = chosen.where(sa.or_(Absence.first > after, place))
    found = list(db.session.scalars(chosen))
    shown = found[:PAGE]
    more = len(found) > PAGE and f"{shown[-1].first.isoformat()}.{shown[-1].id}"
    return render_template(
        "rota/absences.html",
        form=form,
        absences=shown,
        next_url=more and url_for(".index", after=more),
        first_url=after and url_for(".index"),
        plans=may(me(), Permission.ROTA_PLAN),
        parts=PART,
        kinds=ABSENCE_KIND,
        whole=Part.DAY,
        short_day=short_day,
    )


def _lost(absence: Absence) -> list[Seat]:
    """The seats of those days that somebody lost by being away, as they stand now."""
    opened = sa.select(SeatLog.seat_id).where(
        SeatLog.before_id == absence.person_id, SeatLog.reason == "absence"
    )
    return list(
        db.session.scalars(
            sa.select(Seat)
            .where(
                Seat.date.between(absence.first, absence.last),
                Seat.is_needed,
                Seat.id.in_(opened),
                Seat.person_id.is_distinct_from(absence.person_id),
            )
            .options(*reading.SEAT_WITH_ALL)
            .order_by(Seat.date, Seat.duty_id, Seat.nr)
        )
    )


def _asked(seats: list[Seat]) -> dict[int, SwapRequest]:
    """The open request about each seat that has one."""
    chosen = (
        sa.select(SwapRequest)
        .where(
            SwapRequest.seat_id.in_([seat.id for seat in seats]),
            SwapRequest.state.in_(swapping.OPEN),
        )
        .options(joinedload(SwapRequest.to))
    )
    return {one.seat_id: one for one in db.session.scalars(chosen)} if seats else {}
