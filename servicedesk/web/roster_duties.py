"""What the roster asks for: shifts of the desk and site days, their people and their turns."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload, selectinload
from wtforms import (
    DateField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.validators import ValidationError

from cmdb.database import db, utc_now
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.people import Person
from cmdb.permissions import Permission
from servicedesk.access import find, me, requires
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.rota import actions, reading
from servicedesk.rota.facts import Kind, Span
from servicedesk.rota.models import Duty, DutyPerson, Turn, TurnMember
from servicedesk.rota.titles import clock, hours_of
from servicedesk.web.forms import Form
from servicedesk.web.roster_asked import day_of
from servicedesk.web.roster_words import chosen_of, short_day, weekday

pages = Blueprint("roster_duties", __name__)

_MOST = 200
_MOST_TURNS = 20
KIND = {Kind.DESK: lazy_gettext("Balie"), Kind.SITE: lazy_gettext("Op locatie")}


def _text(value: str | None) -> str:
    return (value or "").strip()


class DutyForm(Form):
    """Recurring demand for people; to change one, end it and add another."""

    kind = SelectField(lazy_gettext("Soort"), choices=chosen_of(KIND))
    municipality = SelectField(lazy_gettext("Gemeente (bij op locatie)"), coerce=int)
    name = StringField(
        lazy_gettext("Naam"),
        [DataRequired(lazy_gettext("Geef de dienst een naam")), Length(max=80)],
        filters=[_text],
    )
    weekdays = SelectMultipleField(
        lazy_gettext("Dagen"), [DataRequired(lazy_gettext("Kies minstens een dag"))], coerce=int
    )
    starts = TimeField(lazy_gettext("Van"), [InputRequired(lazy_gettext("Vul een tijd in"))])
    ends = TimeField(lazy_gettext("Tot"), [InputRequired(lazy_gettext("Vul een tijd in"))])
    seats = IntegerField(
        lazy_gettext("Aantal mensen"), [InputRequired(), NumberRange(1, 20)], default=1
    )
    skill = StringField(
        lazy_gettext("Vaardigheid"), [Optional(), Length(max=40)], filters=[_text]
    )
    skilled_seats = IntegerField(
        lazy_gettext("Hoeveel van hen kunnen dat"), [Optional(), NumberRange(0, 20)], default=0
    )
    every = IntegerField(
        lazy_gettext("Eens in de hoeveel weken"), [InputRequired(), NumberRange(1, 52)], default=1
    )
    room = StringField(lazy_gettext("Kamer"), [Optional(), Length(max=80)], filters=[_text])
    valid_from = DateField(
        lazy_gettext("Vanaf"), [DataRequired(lazy_gettext("Kies de eerste dag"))]
    )
    valid_to = DateField(lazy_gettext("Tot en met"), [Optional()])

    def __init__(self, **values):
        super().__init__(**values)
        towns = [SelectChoice(key, name) for key, name in _towns()]
        self.municipality.choices = [SelectChoice(0, _("Geen")), *towns]
        self.weekdays.choices = [SelectChoice(n, weekday(n)) for n in range(1, 8)]

    def validate_municipality(self, field):
        if (self.kind.data == Kind.SITE) != bool(field.data):
            raise ValidationError(_("Kies een gemeente bij op locatie, en geen bij de balie"))

    def validate_ends(self, field):
        if self.starts.data and field.data and field.data <= self.starts.data:
            raise ValidationError(_("Het einde ligt na het begin"))

    def validate_skilled_seats(self, field):
        if (field.data or 0) > (self.seats.data or 0):
            raise ValidationError(_("Dat zijn er meer dan er mensen nodig zijn"))
        if field.data and not self.skill.data:
            raise ValidationError(_("Vul ook in welke vaardigheid"))

    def validate_valid_to(self, field):
        if field.data and self.valid_from.data and field.data < self.valid_from.data:
            raise ValidationError(_("De laatste dag ligt voor de eerste"))


@pages.get("/roster/duties")
@requires(Permission.ROTA_PLAN)
def index():
    today = local(utc_now()).date()
    chosen = (
        sa.select(Duty)
        .options(joinedload(Duty.municipality))
        .order_by(Duty.kind, Duty.name, Duty.valid_from, Duty.id)
        .limit(_MOST)
    )
    duties = db.session.scalars(chosen).all()
    return render_template(
        "rota/duties.html",
        running=[one for one in duties if one.valid_to is None or one.valid_to >= today],
        ended=[one for one in duties if one.valid_to is not None and one.valid_to < today],
        clashes=_clashes(duties, today),
        kinds=KIND,
        days_of=days_of,
        hours_of=hours_of,
    )


def _clashes(duties: Sequence[Duty], today: dt.date) -> list[str]:
    """Deputies who cannot stand in because they are the face of another site that day."""
    towns = {duty.id: duty.name for duty in duties}
    names = {person.id: person.name for person in reading.people()}
    return [
        _(
            "%(name)s is op %(day)s vervanger voor %(town)s,"
            " maar dan zelf vast gezicht in %(other)s.",
            name=names[one.person], day=weekday(one.weekday),
            town=towns[one.deputy_at], other=towns[one.face_at],
        )
        for one in reading.deputy_clashes(today)
        if one.person in names and {one.deputy_at, one.face_at} <= towns.keys()
    ]  # fmt: skip


@pages.get("/roster/duties/new")
@requires(Permission.ROTA_PLAN)
def new():
    """An empty form, or one filled in as the duty `like`."""
    like = request.args.get("like", "")
    duty = db.session.get(Duty, int(like)) if like.isdecimal() and len(like) < 10 else None
    return _form_page(DutyForm(formdata=None, **(_values(duty) if duty else {})))


@pages.post("/roster/duties")
@requires(Permission.ROTA_PLAN)
def add():
    form = DutyForm()
    if not form.validate():
        return _form_page(form), 422
    town = db.session.get(Municipality, form.municipality.data) if form.municipality.data else None
    duty = actions.add_duty(
        Kind(form.kind.data),
        form.name.data,
        Span(_minutes(form.starts.data), _minutes(form.ends.data)),
        form.weekdays.data,
        form.valid_from.data,
        municipality=town,
        seats=form.seats.data,
        skill=form.skill.data or None,
        skilled_seats=form.skilled_seats.data or 0,
        every=form.every.data,
        room=form.room.data,
        valid_to=form.valid_to.data,
    )
    db.session.commit()
    flash(_("De dienst staat klaar. Plan opnieuw om hem in het rooster te zetten."), "success")
    return redirect(url_for(".show", key=duty.id), 303)


@pages.get("/roster/duties/<int:key>")
@requires(Permission.ROTA_PLAN)
def show(key: int):
    return _page(_duty(key))


@pages.post("/roster/duties/<int:key>/end")
@requires(Permission.ROTA_PLAN)
def end(key: int):
    duty, last = _duty(key), day_of(request.form.get("last"))
    if last is None or last < duty.valid_from:
        return _page(duty, "end", _("Kies een laatste dag na de eerste.")), 422
    actions.end_duty(duty, last, me(), utc_now())
    db.session.commit()
    text = _("De dienst eindigt op %(day)s. Wie het raakt, krijgt bericht.", day=short_day(last))
    flash(text, "success")
    return redirect(url_for(".show", key=key), 303)


@pages.post("/roster/duties/<int:key>/people")
@requires(Permission.ROTA_PLAN)
def people(key: int):
    """The face and the deputy of all days, those of single days, and who may come besides."""
    duty = _duty(key)
    known = {str(person.id): person for person in reading.people()}
    faces = {}
    for day in (None, *duty.weekdays):
        typed = (request.form.get(f"{rank}-{day or 0}", "") for rank in ("face", "deputy"))
        ranked = [known.get(key) for key in typed]
        if ranked[0] and ranked[0] is ranked[1]:
            return _page(duty, "people", _("Kies voor vast gezicht en vervanger twee mensen.")), 422
        if any(ranked):
            faces[day] = tuple(ranked)
    named = [known[key] for key in request.form.getlist("may") if key in known]
    actions.set_people(duty, named, faces)
    db.session.commit()
    flash(_("De mensen zijn opgeslagen. Plan opnieuw om het rooster aan te passen."), "success")
    return redirect(url_for(".show", key=key), 303)


@pages.post("/roster/duties/<int:key>/turn")
@requires(Permission.ROTA_PLAN)
def turn(key: int):
    """Who takes the duty in which order: a number for each person, the same number together."""
    duty, places = _duty(key), {}
    since, length = day_of(request.form.get("since")), request.form.get("length", "")
    unit = request.form.get("unit")
    for person in reading.people():
        text = request.form.get(f"place-{person.id}", "").strip()
        if text and not (text.isdecimal() and len(text) <= 3):
            return _page(duty, "turn", _("Gebruik voor de volgorde hele getallen.")), 422
        if text:
            places.setdefault(int(text), []).append(person)
    if since is None or unit not in ("week", "workday") or not _is_count(length):
        return _page(duty, "turn", _("Kies vanaf welke dag, en hoe lang een beurt duurt.")), 422
    if not places:
        return _page(duty, "turn", _("Geef minstens een collega een plaats.")), 422
    actions.set_turn(duty, [places[n] for n in sorted(places)], since, unit, int(length))
    db.session.commit()
    flash(_("De volgorde is opgeslagen. Plan opnieuw om het rooster aan te passen."), "success")
    return redirect(url_for(".show", key=key), 303)


def days_of(duty: Duty) -> str:
    """The weekdays of a duty in short: "ma, wo"."""
    return ", ".join(weekday(n, "abbreviated") for n in duty.weekdays)


def _is_count(text: str) -> bool:
    return text.isdecimal() and len(text) <= 2 and int(text) > 0


def _minutes(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def _towns() -> list[tuple[int, str]]:
    found = sa.select(Municipality.id, Municipality.name).order_by(Municipality.name)
    return [tuple(row) for row in db.session.execute(found)]


def _values(duty: Duty) -> dict[str, object]:
    names = ("kind", "name", "weekdays", "seats", "skill", "skilled_seats", "every", "room")
    values = {name: getattr(duty, name) for name in names}
    starts, ends = (dt.time.fromisoformat(clock(m % 1440)) for m in (duty.starts, duty.ends))
    return values | {"municipality": duty.municipality_id or 0, "starts": starts, "ends": ends}


def _duty(key: int) -> Duty:
    with_all = [
        joinedload(Duty.municipality),
        selectinload(Duty.people).joinedload(DutyPerson.person),
    ]
    return find(Duty, key, Permission.ROTA_PLAN, options=with_all)


def _form_page(form: DutyForm) -> str:
    return render_template("rota/duty_new.html", form=form)


def _page(duty: Duty, form: str = "", refused: str = "") -> str:
    turns = (
        sa.select(Turn)
        .where(Turn.duty_id == duty.id)
        .options(selectinload(Turn.members))
        .order_by(Turn.valid_from.desc())
        .limit(_MOST_TURNS)
    )
    found = db.session.scalars(turns).all()
    everybody: list[Person] = reading.people()
    held = {(one.rank, one.weekday or 0): one.person_id for one in duty.people if one.rank}
    return render_template(
        "rota/duty.html",
        duty=duty,
        hours=hours_of(duty),
        days=days_of(duty),
        people=everybody,
        names={person.id: person.name for person in everybody},
        held=held,
        may_come={one.person_id for one in duty.people},
        weekdays=[(0, _("Alle dagen")), *((n, weekday(n)) for n in duty.weekdays)],
        turns=[(one, _positions(one.members)) for one in found],
        places={one.person_id: one.position + 1 for one in (found[0].members if found else ())},
        refused=(form, refused),
        typed=request.form,
        today=local(utc_now()).date(),
        kinds=KIND,
    )


def _positions(members: list[TurnMember]) -> list[list[int]]:
    places: dict[int, list[int]] = {}
    for member in members:
        places.setdefault(member.position, []).append(member.person_id)
    return [places[n] for n in sorted(places)]
