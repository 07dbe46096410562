"""The centre's people: who there is, and what an administrator does with their accounts."""

from typing import NamedTuple

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from wtforms import SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, Regexp

from cmdb.database import db, utc_now
from cmdb.people import Membership, Person, Team
from cmdb.permissions import Permission, Role
from servicedesk.access import find, me, requires
from servicedesk.directory import entries
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.signin import accounts, passkeys, second_step, story
from servicedesk.signin.account_models import AccountLink, Deed, Purpose
from servicedesk.signin.models import WebSession
from servicedesk.tickets.labels import ROLE
from servicedesk.web.forms import Form

pages = Blueprint("people", __name__)

PAGE = 50
_FURTHEST = 200
DEEDS = {
    Deed.ADDED: lazy_gettext("Account gemaakt"),
    Deed.INVITED: lazy_gettext("Uitgenodigd"),
    Deed.WITHDRAWN: lazy_gettext("Uitnodiging ingetrokken"),
    Deed.ACCEPTED: lazy_gettext("Wachtwoord gekozen na uitnodiging"),
    Deed.RESET: lazy_gettext("Nieuw wachtwoord gekozen na ‘wachtwoord vergeten’"),
    Deed.PASSWORD: lazy_gettext("Wachtwoord gewijzigd"),
    Deed.ROLE: lazy_gettext("Andere rol"),
    Deed.ACTIVE: lazy_gettext("Weer toegelaten"),
    Deed.INACTIVE: lazy_gettext("Uitgeschakeld"),
    Deed.STEP_ON: lazy_gettext("Tweede stap aangezet"),
    Deed.STEP_OFF: lazy_gettext("Tweede stap uitgezet"),
    Deed.STEP_RESET: lazy_gettext("Tweede stap gewist"),
    Deed.CODES: lazy_gettext("Nieuwe herstelcodes gemaakt"),
    Deed.CODE_USED: lazy_gettext("Ingelogd met een herstelcode"),
    Deed.PASSKEY_ADDED: lazy_gettext("Passkey toegevoegd"),
    Deed.PASSKEY_REMOVED: lazy_gettext("Passkey verwijderd"),
    Deed.PASSKEY_STOPPED: lazy_gettext("Passkey gestopt, er is misschien een kopie"),
}


def _roles() -> list[SelectChoice]:
    return [SelectChoice(role.value, ROLE[role]) for role in accounts.ROLES]


class PersonForm(Form):
    name = StringField(
        lazy_gettext("Naam"),
        [DataRequired(lazy_gettext("Vul de naam in")), Length(max=120)],
        filters=[lambda text: " ".join((text or "").split())],
    )
    email = StringField(
        lazy_gettext("Mailadres"),
        [
            DataRequired(lazy_gettext("Vul het mailadres in")),
            Length(max=200),
            Regexp(r"[^@\s]+@[^@\s]+$", message=lazy_gettext("Dit is geen mailadres")),
        ],
        filters=[lambda text: (text or "").strip()],
    )
    login = StringField(
        lazy_gettext("Gebruikersnaam"),
        [
            DataRequired(lazy_gettext("Vul de gebruikersnaam in")),
            Length(max=200),
            Regexp(r"\S+$", message=lazy_gettext("In een gebruikersnaam staat geen spatie")),
        ],
        filters=[lambda text: entries.plain(text or "")],
    )
    role = SelectField(lazy_gettext("Rol"), default=Role.AGENT.value)
    teams = SelectMultipleField(lazy_gettext("Teams"), coerce=int)

    def __init__(self):
        super().__init__()
        self.role.choices = _roles()
        self.teams.choices = [
            SelectChoice(team.id, team.name)
            for team in db.session.scalars(sa.select(Team).order_by(Team.name))
        ]


class RoleForm(Form):
    role = SelectField(lazy_gettext("Rol"))

    def __init__(self, **values):
        super().__init__(**values)
        self.role.choices = _roles()


class Row(NamedTuple):
    """Somebody in the list; `invited` is whether an invitation waits for them."""

    person: Person
    signed_in_at: object
    has_step: bool
    invited: bool


@pages.get("/people")
@requires(Permission.PERSON_WRITE)
def index():
    asked, page = " ".join(request.args.get("q", "").split())[:100], _page_number()
    rows = db.session.execute(_listed(asked).limit(PAGE + 1).offset((page - 1) * PAGE)).all()

    def address(number: int) -> str:
        return url_for(".index", q=asked or None, page=number if number > 1 else None)

    return render_template(
        "people/index.html",
        rows=[Row(*row) for row in rows[:PAGE]],
        asked=asked,
        previous_url=address(page - 1) if page > 1 else "",
        next_url=address(page + 1) if len(rows) > PAGE else "",
    )


def _page_number() -> int:
    page = request.args.get("page", 1, type=int)
    return min(max(page, 1), _FURTHEST)


def _listed(asked: str) -> sa.Select:
    now = utc_now()
    signed_in_at = (
        sa.select(sa.func.max(WebSession.created_at))
        .where(WebSession.person_id == Person.id)
        .scalar_subquery()
    )
    invited = sa.exists().where(_open_invitation(now), AccountLink.person_id == Person.id)
    chosen = sa.select(Person, signed_in_at, second_step.has_one(Person.id), invited).where(Person.municipality_id.is_(None))
    if asked:
        like = [
            column.icontains(asked, autoescape=True)
            for column in (Person.name, Person.login, Person.email)
        ]
        chosen = chosen.where(sa.or_(*like))
    return chosen.order_by(Person.is_active.desc(), Person.name, Person.id)


def _open_invitation(now) -> sa.ColumnElement[bool]:
    return sa.and_(
        AccountLink.purpose == Purpose.INVITATION,
        AccountLink.ended_at.is_(None),
        AccountLink.expires_at > now,
    )


@pages.route("/people/new", methods=["GET", "POST"])
@requires(Permission.PERSON_WRITE)
def new():
    form = PersonForm()
    if form.validate_on_submit() and _is_free(form):
        now = utc_now()
        person = Person(
            name=form.name.data,
            email=form.email.data,
            login=form.login.data,
            role=Role(form.role.data),
        )
        accounts.add(person, form.teams.data, me(), now)
        accounts.invite(person, me(), now)
        db.session.commit()
        flash(_("%(name)s krijgt een uitnodiging op %(mail)s.", name=person.name, mail=person.email),
              "success")  # fmt: skip
        return redirect(url_for(".show", key=person.id), 303)
    return render_template("people/new.html", form=form), 422 if form.is_submitted() else 200


def _is_free(form: PersonForm) -> bool:
    if db.session.scalar(sa.select(Person.id).where(Person.login == form.login.data)):
        form.login.errors = [_("Deze gebruikersnaam is al van iemand anders")]
    return not form.errors


@pages.get("/people/<int:key>")
@requires(Permission.PERSON_WRITE)
def show(key: int):
    return _page(_person(key))


@pages.post("/people/<int:key>/role")
@requires(Permission.PERSON_WRITE)
def change_role(key: int):
    person, form = _person(key, lock=True), RoleForm()
    if not form.validate_on_submit():
        return _page(person, form), 422
    return _done(
        person,
        lambda now: accounts.change_role(person, Role(form.role.data), me(), now),
        _("De rol is gewijzigd. %(name)s moet opnieuw inloggen.", name=person.name),
    )


@pages.post("/people/<int:key>/shut")
@requires(Permission.PERSON_WRITE)
def shut(key: int):
    person = _person(key, lock=True)
    said = _("%(name)s kan niet meer inloggen.", name=person.name)
    return _done(person, lambda now: accounts.shut(person, me(), now), said)


@pages.post("/people/<int:key>/let-in")
@requires(Permission.PERSON_WRITE)
def let_in(key: int):
    person = _person(key, lock=True)
    said = _("%(name)s kan weer inloggen.", name=person.name)
    return _done(person, lambda now: accounts.let_in(person, me(), now), said)


@pages.post("/people/<int:key>/invite")
@requires(Permission.PERSON_WRITE)
def invite(key: int):
    """Send an invitation, again if need be: the link before it is void."""
    person = _person(key, lock=True)
    if person.password_hash or not person.is_active:
        return _page(person, problem=_("Deze persoon hoeft niet te worden uitgenodigd.")), 422
    if not person.email:
        return _page(person, problem=_("Van deze persoon is geen mailadres bekend.")), 422
    said = _("De uitnodiging is verstuurd aan %(mail)s.", mail=person.email)
    return _done(person, lambda now: accounts.invite(person, me(), now), said)


@pages.post("/people/<int:key>/withdraw")
@requires(Permission.PERSON_WRITE)
def withdraw(key: int):
    person = _person(key, lock=True)
    said = _("De uitnodiging is ingetrokken.")
    return _done(person, lambda now: accounts.withdraw(person, me(), now), said)


@pages.post("/people/<int:key>/second-step")
@requires(Permission.PERSON_WRITE)
def reset_step(key: int):
    """Forget app and passkeys of who lost them; the password alone is asked, or the set-up begins anew."""
    person = _person(key, lock=True)
    is_there = second_step.of(person) is not None or second_step.is_asked(person)
    if not is_there or person.id == me().id:
        return _page(person, problem=_("Hier is geen tweede stap om te wissen.")), 422
    said = _("De tweede stap is gewist. %(name)s kan die opnieuw instellen.", name=person.name)
    return _done(person, lambda now: second_step.remove(person, me(), now), said)


def _person(key: int, lock: bool = False) -> Person:
    person = find(Person, key, Permission.PERSON_WRITE, lock=lock)
    return person if person.municipality_id is None else abort(404)


def _done(person: Person, deed, said: str):
    try:
        deed(utc_now())
    except accounts.Refused:
        db.session.rollback()
        problem = _("U kunt uw eigen rol niet wijzigen en uzelf niet uitschakelen.")
        return _page(_person(person.id), problem=problem), 422
    db.session.commit()
    flash(said, "success")
    return redirect(url_for(".show", key=person.id), 303)


def _page(person: Person, form: RoleForm | None = None, problem: str | None = None) -> str:
    step = second_step.of(person)
    waiting = sa.select(AccountLink).where(
        _open_invitation(utc_now()), AccountLink.person_id == person.id
    )
    teams = sa.select(Team.name).join(Membership).where(Membership.person_id == person.id)
    return render_template(
        "people/show.html",
        person=person,
        form=form or RoleForm(formdata=None, role=person.role.value),
        problem=problem,
        is_own=person.id == me().id,
        teams=db.session.scalars(teams.order_by(Team.name)).all(),
        invitation=db.session.scalars(waiting).first(),
        step_since=step.confirmed_at if step else None,
        passkeys=passkeys.of(person),
        events=story.of(person),
        deeds=DEEDS,
        roles={role.value: text for role, text in ROLE.items()},
    )
