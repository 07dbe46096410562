"""Who is in the roster: contract hours, the days that somebody works, and what they know."""

import datetime as dt
from collections import defaultdict

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, url_for
from sqlalchemy.orm import joinedload
from wtforms import BooleanField, DateField, DecimalField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.validators import ValidationError

from cmdb.database import db, utc_now
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Permission, Role
from servicedesk.access import find, requires
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.rota import actions
from servicedesk.rota.facts import Part
from servicedesk.rota.models import Employment, PersonSkill, WorkPattern
from servicedesk.web.forms import Form
from servicedesk.web.roster_words import PART, chosen_of, weekday

pages = Blueprint("roster_team", __name__)

_MOST = 200
_LONGEST_SKILL = 40
_WEEK = range(1, 8)


class MemberForm(Form):
    """Somebody in the roster; the days are valid from a day on, what held before keeps its days."""

    hours = DecimalField(
        lazy_gettext("Contracturen per week"),
        [InputRequired(lazy_gettext("Vul de uren in")), NumberRange(0, 60)],
        places=None,
    )
    at_desk = BooleanField(lazy_gettext("Doet mee aan de balie"))
    starts = DateField(
        lazy_gettext("Deze dagen gelden vanaf"), [DataRequired(lazy_gettext("Kies een dag"))]
    )
    ends = DateField(lazy_gettext("Laatste werkdag"), [Optional()])
    skills = StringField(
        lazy_gettext("Vaardigheden"),
        [Length(max=400)],
        filters=[lambda text: (text or "").strip()],
    )

    def __init__(self, **values):
        super().__init__(**values)
        for n, field in enumerate(self.days, 1):
            field.label.text = weekday(n)

    @property
    def days(self) -> list[SelectField]:
        return [self[f"day_{n}"] for n in _WEEK]

    @property
    def works(self) -> dict[int, Part]:
        return {n: Part(field.data) for n, field in enumerate(self.days, 1) if field.data}

    @property
    def known(self) -> list[str]:
        return [word.strip() for word in self.skills.data.split(",") if word.strip()]

    def validate_skills(self, field):
        if any(len(word) > _LONGEST_SKILL for word in self.known):
            raise ValidationError(_("Maak elke vaardigheid korter: hoogstens 40 tekens"))

    def validate_ends(self, field):
        if field.data and self.starts.data and field.data < self.starts.data:
            raise ValidationError(_("De laatste dag ligt voor de eerste"))


for _number in _WEEK:
    _choices = [SelectChoice("", lazy_gettext("Werkt niet")), *chosen_of(PART)]
    setattr(MemberForm, f"day_{_number}", SelectField("", choices=_choices))


@pages.get("/roster/team")
@requires(Permission.ROTA_PLAN)
def index():
    chosen = sa.select(Employment).join(Employment.person).options(joinedload(Employment.person))
    employed = db.session.scalars(chosen.order_by(Person.name, Person.id).limit(_MOST)).all()
    today = local(utc_now()).date()
    keys = [one.person_id for one in employed]
    patterns, skills = _patterns(keys), _skills(keys)
    outside = (
        sa.select(Person.id, Person.name)
        .where(
            Person.role.in_([role for role in Role if role.serves_everyone]),
            Person.is_active,
            Person.id.not_in(keys),
        )
        .order_by(Person.name, Person.id)
        .limit(_MOST)
    )
    return render_template(
        "rota/team.html",
        rows=[
            (one, _in_words(_holding(patterns[one.person_id], today)), skills[one.person_id])
            for one in employed
        ],
        outside=db.session.execute(outside).all(),
        today=today,
    )


@pages.get("/roster/team/<int:key>")
@requires(Permission.ROTA_PLAN)
def show(key: int):
    person, today = _person(key), local(utc_now()).date()
    row = db.session.get(Employment, key)
    works = _holding(_patterns([key])[key], today)
    values = {f"day_{n}": works.get(n, "") for n in _WEEK}
    if row is None:
        values = {f"day_{n}": Part.DAY if n <= 5 else "" for n in _WEEK}
    return _page(
        person,
        MemberForm(
            formdata=None,
            hours=row and row.weekly_minutes / 60,
            at_desk=row is None or row.at_desk,
            starts=today,
            ends=row and row.ends,
            skills=", ".join(_skills([key])[key]),
            **values,
        ),
    )


@pages.post("/roster/team/<int:key>")
@requires(Permission.ROTA_PLAN)
def save(key: int):
    person, form = _person(key), MemberForm()
    if not form.validate():
        return _page(person, form), 422
    minutes = round(form.hours.data * 60)
    actions.employ(
        person, minutes, form.works, form.starts.data, form.ends.data, form.at_desk.data
    )
    actions.set_skills(person, form.known)
    db.session.commit()
    text = _("%(name)s is opgeslagen. Plan opnieuw om het rooster aan te passen.", name=person.name)
    flash(text, "success")
    return redirect(url_for(".index"), 303)


def _person(key: int) -> Person:
    """Somebody of the centre: others are never in the roster."""
    person = find(Person, key, Permission.ROTA_PLAN)
    if not person.role.serves_everyone or not person.is_active:
        abort(404)
    return person


def _page(person: Person, form: MemberForm) -> str:
    versions = _patterns([person.id])[person.id]
    return render_template(
        "rota/member.html",
        person=person,
        form=form,
        versions=[(day, _in_words(versions[day])) for day in sorted(versions, reverse=True)],
    )


def _patterns(keys: list[int]) -> dict[int, dict[dt.date, dict[int, Part]]]:
    """The days that people work, by person and by the day from which they hold."""
    found = defaultdict(lambda: defaultdict(dict))
    chosen = sa.select(WorkPattern).where(WorkPattern.person_id.in_(keys))
    for row in db.session.scalars(chosen):
        found[row.person_id][row.valid_from][row.weekday] = row.part
    return found


def _skills(keys: list[int]) -> dict[int, list[str]]:
    found = defaultdict(list)
    chosen = sa.select(PersonSkill).where(PersonSkill.person_id.in_(keys))
    for row in db.session.scalars(chosen.order_by(PersonSkill.skill)):
        found[row.person_id].append(row.skill)
    return found


def _holding(versions: dict[dt.date, dict[int, Part]], today: dt.date) -> dict[int, Part]:
    """What holds today; before the first version, that one."""
    begun = [day for day in versions if day <= today]
    chosen = max(begun) if begun else min(versions, default=None)
    return versions[chosen] if chosen else {}


def _in_words(works: dict[int, Part]) -> str:
    """The working days in short: "ma, di, wo ochtend"."""
    return ", ".join(
        weekday(n, "abbreviated") + ("" if part == Part.DAY else f" {PART[part]}".lower())
        for n, part in sorted(works.items())
    )
