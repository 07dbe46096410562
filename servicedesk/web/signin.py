"""Signing in and out."""

import datetime as dt
import logging
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from cmdb.database import db, utc_now
from cmdb.people import Person
from cmdb.permissions import Permission, may
from cmdb.tenancy import everything
from servicedesk.access import me, public, signed_in
from servicedesk.config import LOCALES
from servicedesk.directory import connection, entries, people, proof
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.openid import providers
from servicedesk.openid import signout as signout_there
from servicedesk.signin import attempts, passkeys, pending, sessions
from servicedesk.signin.passwords import is_password_of
from servicedesk.web import attempt_words
from servicedesk.web.forms import Form

pages = Blueprint("signin", __name__)
log = logging.getLogger(__name__)


class SignInForm(Form):
    login = StringField(
        lazy_gettext("Gebruikersnaam"),
        [InputRequired(lazy_gettext("Vul uw gebruikersnaam in")), Length(max=200)],
    )
    password = PasswordField(
        lazy_gettext("Wachtwoord"),
        [InputRequired(lazy_gettext("Vul uw wachtwoord in")), Length(max=1000)],
    )


@pages.route("/signin", methods=["GET", "POST"])
@public
def signin():
    if current_user.is_authenticated:
        return redirect(home())
    form = SignInForm()
    problem, status = None, 200
    if form.validate_on_submit():
        session.pop("pending", None)
        key, problem, status = _try(form)
        if "pending" in session:
            return redirect(url_for("signin_code.give", next=request.args.get("next")))
        if key:
            return redirect(landing(welcome(key)))
    elif form.is_submitted():
        status = 422
    way = providers.of_login(form.login.data) if form.login.data and status != 200 else None
    if way and not form.password.data:
        return _onward(way)
    return page(form, problem, status, way)


def page(
    form: SignInForm | None = None, problem: str | None = None, status: int = 200, way=None
) -> tuple[str, int]:
    """The page to sign in, with one sentence about what went wrong."""
    form = form or SignInForm(formdata=None)
    with everything():
        by_passkey = passkeys.are_in_use()
    shown = {"problem": problem, "way": way, "by_passkey": by_passkey}
    return render_template("signin/signin.html", form=form, **shown), status


def _onward(way: providers.Way):
    """To the provider of who typed a name only; by itself, since a form may not lead to another site."""
    there = url_for("sso.start", key=way.key, next=own_path(request.args.get("next")))
    return render_template("signin/onward.html", way=way, url=there), 200, {"Refresh": f"0; url={there}"}


def _try(form: SignInForm) -> tuple[str | None, str | None, int]:
    login = entries.plain(form.login.data)
    try:
        key = _key(login, form.password.data, request.remote_addr or "", utc_now())
    except attempts.TooManyAttempts:
        return None, attempt_words.too_often(), 429
    except connection.Failure as failure:
        log.warning("sign-in is not possible: %s", failure)
        said = _("Uw gemeente kan uw wachtwoord nu niet controleren. Probeer het over een paar minuten.")
        return None, said, 503
    return (
        key,
        None if key else _("Deze naam en dit wachtwoord horen niet bij elkaar."),
        200 if key else 422,
    )


def _key(login: str, password: str, address: str, now: dt.datetime) -> str | None:
    """The key of a new session. The attempt counts before the comparison, which locks nothing.

    Raises:
        attempts.TooManyAttempts: there were too many.
        connection.Failure: the directory that knows the password gave no answer.
    """
    attempts.admit(login, address, now)
    account = sessions.account(login)
    directory = proof.directory_of(login, account)
    db.session.commit()
    if directory is not None:
        account = _account_of_directory(directory, login, password, address, now)
    elif not is_password_of(account, password):
        account = None
    if account is None:
        return None
    if directory is None and _waits_for_code(account, password, now):
        return None
    fitted = None if directory else password
    key = sessions.start(account, fitted, address, request.user_agent.string, now)
    if key:
        attempts.forgive(login, address)
    db.session.commit()
    return key


def _waits_for_code(account: Person, password: str, now: dt.datetime) -> bool:
    """Whether the right password is not all that is asked; then the browser remembers who that is."""
    with everything():
        person = db.session.get(Person, account.id)
        if not person.is_active or not pending.is_needed(person):
            return False
        session["pending"] = pending.begin(person, password, now)
    db.session.commit()
    return True


def _account_of_directory(directory, login, password, address, now) -> Person | None:
    """Who the directory says that is, as it is known from now on."""
    try:
        proven = proof.prove(directory, login, password, now)
    except connection.Failure:
        attempts.withdraw(login, address)
        db.session.commit()
        raise
    if proven is None:
        return None
    with everything():
        register = people.Register(directory, [proven.entry.key])
        register.write([(proven.entry, proven.roles)])
        return register.person(proven.entry.key)


def welcome(key: str) -> Person:
    """Let the browser have the session of that key; who signed in."""
    # A new cookie: what was in the old one could have been put there by somebody else.
    chosen = session.get("locale")
    session.clear()
    session["key"] = key
    signed = sessions.resume(
        key, utc_now(), current_app.config["SESSION_IDLE"], current_app.config["SESSION_ABSOLUTE"]
    )
    if chosen in LOCALES:
        signed.person.locale = chosen
        db.session.commit()
    return signed.person


def landing(person: Person) -> str:
    """Where somebody goes who just signed in: the page that was asked for, else the work."""
    return own_path(request.args.get("next")) or home(person)


@pages.post("/signout")
@signed_in
def signout():
    sessions.end(g.web_session, utc_now())
    left = g.web_session.token_hash if signout_there.came_in_by(g.web_session.token_hash) else None
    db.session.commit()
    session.clear()
    if left:
        session["left"] = left
    flash(_("U bent uitgelogd."), "success")
    return redirect(url_for("signin.signin"))


@pages.post("/signin/keepalive")
@signed_in
def keepalive():
    sessions.touch(g.web_session, utc_now())
    db.session.commit()
    return "", 204


@pages.post("/locale")
@public
def locale():
    """Choose the language of the pages; remembered for who signed in, else in the cookie."""
    chosen = request.form.get("locale", "")
    if chosen in LOCALES:
        session["locale"] = chosen
        if current_user.is_authenticated:
            me().locale = chosen
            db.session.commit()
    return redirect(own_path(request.form.get("next")) or url_for("signin.signin"))


def home(person: Person | None = None) -> str:
    """Where somebody's work starts; without `person`, that of who asks."""
    if may(person or me(), Permission.QUEUE_READ):
        return url_for("start.index")
    return url_for("portal.mine")


def own_path(target: str | None) -> str | None:
    """`target` if it is a path on this site; links elsewhere are dropped."""
    if (
        not target
        or not target.startswith("/")
        or target.startswith(("//", "/\\"))
        or "\\" in target
    ):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc and target.isprintable() else None
