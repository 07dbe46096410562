"""The second page of signing in: a code or a passkey, or setting an app up where one must have it."""

import logging
from collections.abc import Callable

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from cmdb.database import db, utc_now
from cmdb.people import Person
from cmdb.tenancy import everything
from servicedesk.access import public
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.signin import attempts, passkeys, pending, second_step, sessions
from servicedesk.signin.account_models import PendingSignIn, SecondStep
from servicedesk.web import attempt_words, qr
from servicedesk.web.forms import Form
from servicedesk.web.signin import landing, welcome
from servicedesk.web.signin_passkey import PasskeyForm

pages = Blueprint("signin_code", __name__)
log = logging.getLogger(__name__)


class CodeForm(Form):
    code = StringField(
        lazy_gettext("Code"), [InputRequired(lazy_gettext("Vul de code in")), Length(max=40)]
    )


@pages.route("/signin/code", methods=["GET", "POST"])
@public
def give():
    """Ask the code; a first one of a new app makes that the app counts, and shows codes for on paper."""
    form = CodeForm()
    if form.validate_on_submit():
        wrong = _("Deze code klopt niet. Wacht op de volgende code en typ die.")
        return _page(form, lambda person, step: _by_code(person, step, form.code.data), wrong)
    return _page(form)


@pages.post("/signin/code/passkey")
@public
def give_passkey():
    form, wrong = PasskeyForm(), _("Deze passkey kan niet worden gebruikt.")
    if not form.validate_on_submit():
        return _page(CodeForm(formdata=None), lambda person, step: (False, None), wrong)
    return _page(
        CodeForm(formdata=None),
        lambda person, step: (_by_passkey(person, form.credential.data), None),
        wrong,
    )


# Whether it is right, and codes for on paper where a first one was.
Judge = Callable[[Person, SecondStep | None], tuple[bool, list[str] | None]]


def _page(form: CodeForm, judge: Judge | None = None, wrong: str = ""):
    """The page for who gave the right password, or what follows it when `judge` finds the answer right."""
    problem, status, key, codes = None, 422 if request.method == "POST" else 200, None, None
    with everything():
        waiting = pending.find(session.get("pending", ""), utc_now())
        if waiting is None:
            return _from_the_start()
        person, step = waiting.person, second_step.of(waiting.person)
        has_passkey = bool(passkeys.of(person))
        shown = {
            "login": person.login,
            "has_passkey": has_passkey,
            "has_app": second_step.is_on(step),
            **described(None if has_passkey else step, person),
        }
        if judge:
            try:
                key, codes = _judge(waiting, person, step, judge)
                problem = wrong
            except attempts.TooManyAttempts:
                problem, status = attempt_words.too_often(), 429
            db.session.commit()
            is_over = waiting.failures >= pending.MOST_FAILURES
    if key:
        return _inside(key, codes)
    if problem and is_over:
        return _from_the_start()
    page = render_template("signin/code.html", form=form, problem=problem, **shown)
    return page, status


def _judge(
    waiting: PendingSignIn, person: Person, step: SecondStep | None, judge: Judge
) -> tuple[str | None, list[str] | None]:
    """The key of a session when the answer is right, and codes for on paper when it is a first one.

    Raises:
        attempts.TooManyAttempts: there were too many; this one was not looked at.
    """
    now, address = utc_now(), request.remote_addr or ""
    attempts.admit(person.login, address, now)
    is_right, codes = judge(person, step)
    if not is_right:
        pending.fail(waiting)
        return None, None
    pending.end(waiting)
    attempts.forgive(person.login, address)
    return sessions.start(person, None, address, request.user_agent.string, now), codes


def _by_code(person: Person, step: SecondStep | None, code: str) -> tuple[bool, list[str] | None]:
    """Who has a passkey already sets up no app here: a password alone would be enough for that."""
    if second_step.is_asked(person) or step is None:
        return second_step.accepts(step, person, code, utc_now()), None
    codes = second_step.confirm(step, person, code, utc_now())
    return codes is not None, codes


def _by_passkey(person: Person, credential: str) -> bool:
    try:
        passkeys.use(session.pop("passkey", ""), credential, utc_now(), person)
    except passkeys.Refused as refused:
        log.warning("passkey refused: %s", refused)
        return False
    return True


def _inside(key: str, codes: list[str] | None):
    target = landing(welcome(key))
    if codes is None:
        return redirect(target)
    return render_template("account/codes.html", codes=codes, onward=target)


def _from_the_start():
    """The time is over, or there were too many codes: the password is asked again."""
    session.pop("pending", None)
    return redirect(url_for("signin.signin", next=request.args.get("next")))


def described(step: SecondStep | None, person: Person) -> dict[str, object]:
    """For who sets up the app: the key as QR code and as text, in groups of four; else nothing.

    Who looks with the eyes of somebody else sees no key of theirs.
    """
    if step is None or second_step.is_on(step) or g.get("eyes"):
        return {"qr": None, "seed": None}
    seed = step.seed.reveal()
    return {
        "qr": qr.code(second_step.address(step, person), "qr-code"),
        "seed": " ".join(seed[n : n + 4] for n in range(0, len(seed), 4)),
    }
