"""Passwords of local accounts: forgotten, chosen by a link, and changed."""

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from cmdb.database import db, utc_now
from cmdb.people import Person
from cmdb.tenancy import everything
from servicedesk.access import me, public, signed_in
from servicedesk.directory import entries
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.signin import attempts, forgotten, links, password_rule, sessions, story
from servicedesk.signin.account_models import Deed, Purpose
from servicedesk.signin.password_rule import Fault
from servicedesk.signin.passwords import is_password_of
from servicedesk.web import attempt_words
from servicedesk.web.forms import Form
from servicedesk.web.signin import home

pages = Blueprint("passwords", __name__)

_FAULT = {
    Fault.SHORT: lazy_gettext("Maak het wachtwoord langer: ten minste 12 tekens"),
    Fault.LONG: lazy_gettext("Maak het wachtwoord korter: hoogstens 1000 tekens"),
    Fault.COMMON: lazy_gettext(
        "Dit wachtwoord is te makkelijk te raden. Neem bijvoorbeeld drie woorden die niets met"
        " elkaar te maken hebben"
    ),
    Fault.OWN: lazy_gettext("Gebruik niet uw naam, uw mailadres of de naam van deze site"),
}


class ForgottenForm(Form):
    name = StringField(
        lazy_gettext("Gebruikersnaam of mailadres"),
        [DataRequired(lazy_gettext("Vul uw gebruikersnaam of mailadres in")), Length(max=200)],
    )


class ChooseForm(Form):
    password = PasswordField(
        lazy_gettext("Nieuw wachtwoord"), [InputRequired(lazy_gettext("Kies een wachtwoord"))]
    )
    again = PasswordField(
        lazy_gettext("Nog een keer"), [InputRequired(lazy_gettext("Typ het wachtwoord nog een keer"))]
    )

    def fits(self, person: Person) -> bool:
        """Whether both are the same, and the rule lets `person` have it."""
        if self.password.data != self.again.data:
            self.again.errors = [_("Dit is niet hetzelfde wachtwoord")]
        elif found := password_rule.fault(self.password.data, person):
            self.password.errors = [str(_FAULT[found])]
        return not self.errors


class ChangeForm(ChooseForm):
    old = PasswordField(
        lazy_gettext("Uw wachtwoord van nu"),
        [InputRequired(lazy_gettext("Vul uw wachtwoord van nu in")), Length(max=1000)],
    )


@pages.route("/password/forgotten", methods=["GET", "POST"])
@public
def forget():
    """The answer is the same whoever that is; a worker finds out, and mails."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        page = render_template("signin/forgotten.html", form=form, asked=False, too_often=False)
        return page, 422 if form.is_submitted() else 200
    try:
        forgotten.ask(entries.plain(form.name.data), request.remote_addr or "", utc_now())
        db.session.commit()
    except attempts.TooManyAttempts:
        page = render_template("signin/forgotten.html", form=form, asked=False, too_often=True)
        return page, 429
    return render_template("signin/forgotten.html", form=form, asked=True, too_often=False)


@pages.route("/password/<token>", methods=["GET", "POST"])
@public
def choose(token: str):
    """Choose a password by the link of an invitation or after forgetting; looking uses nothing up."""
    form = ChooseForm()
    with everything():
        link = links.find(token, utc_now())
        if link is None:
            return render_template("signin/link_ended.html"), 404
        is_new, login = link.purpose == Purpose.INVITATION, link.person.login
        if form.validate_on_submit() and form.fits(link.person):
            done = links.redeem(link, form.password.data, utc_now())
            db.session.commit()
            return _chosen() if done else (render_template("signin/link_ended.html"), 404)
    page = render_template("signin/choose.html", form=form, is_new=is_new, login=login)
    return page, 422 if form.is_submitted() else 200


def _chosen():
    session.clear()
    flash(_("Uw wachtwoord is opgeslagen. Log ermee in."), "success")
    return redirect(url_for("signin.signin"), 303)


@pages.route("/account/password", methods=["GET", "POST"])
@signed_in
def change():
    """Change one's own password; every other browser is signed out."""
    form, person, status = ChangeForm(), me(), 200
    if not person.password_hash:
        return render_template("account/password.html", form=None, home=home())
    if form.validate_on_submit() and form.fits(person):
        status = _change(form, person)
        if status == 303:
            flash(_("Uw wachtwoord is gewijzigd. U bent nu alleen nog hier aangemeld."), "success")
            return redirect(url_for(".change"), 303)
    elif form.is_submitted():
        status = 422
    return render_template("account/password.html", form=form, home=home()), status


def _change(form: ChangeForm, person: Person) -> int:
    """The status of the answer: 303 when it is done. Guesses of the old password count as sign-ins."""
    now, address = utc_now(), request.remote_addr or ""
    try:
        attempts.admit(person.login, address, now)
    except attempts.TooManyAttempts:
        form.old.errors = [attempt_words.too_often()]
        return 429
    db.session.commit()
    person = db.session.get(Person, person.id)
    if not is_password_of(person, form.old.data):
        form.old.errors = [_("Dit is niet uw wachtwoord")]
        return 422
    attempts.forgive(person.login, address)
    links.end(person, now)
    links.choose(person, form.password.data, now)
    sessions.end_all(person, now, besides=g.web_session)
    story.tell(person, Deed.PASSWORD, person, now)
    links.tell_of_change(person, now)
    db.session.commit()
    return 303
