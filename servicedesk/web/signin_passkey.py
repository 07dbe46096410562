"""Signing in with a passkey instead of a name and a password, and the question for one."""

import logging

from flask import Blueprint, jsonify, redirect, request, session
from flask_login import current_user
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from cmdb.database import db, utc_now
from cmdb.tenancy import everything
from servicedesk.access import public
from servicedesk.language import gettext as _
from servicedesk.signin import attempts, passkeys, sessions, webauthn
from servicedesk.web import attempt_words
from servicedesk.web.forms import Form
from servicedesk.web.signin import home, landing, page, welcome

pages = Blueprint("signin_passkey", __name__)
log = logging.getLogger(__name__)


class PasskeyForm(Form):
    """What the browser answered, filled in by the script."""

    credential = HiddenField(
        validators=[InputRequired(), Length(max=webauthn.MOST_CHARACTERS)]
    )


@pages.post("/signin/passkey/ask")
@public
def ask():
    """The question for a passkey, for the script; the challenge in it holds for this browser alone."""
    try:
        session["passkey"], question = passkeys.ask(request.remote_addr or "", utc_now())
    except attempts.TooManyAttempts:
        return jsonify(), 429
    except passkeys.Refused:
        return jsonify(), 404
    db.session.commit()
    return jsonify(question)


@pages.post("/signin/passkey")
@public
def signin():
    if current_user.is_authenticated:
        return redirect(home())
    form = PasskeyForm()
    if not form.validate_on_submit():
        return page(problem=_("Inloggen met een passkey is niet gelukt."), status=422)
    try:
        key = _key(session.pop("passkey", ""), form.credential.data)
    except attempts.TooManyAttempts:
        said = attempt_words.too_often()
        return page(problem=said, status=429)
    if key:
        return redirect(landing(welcome(key)))
    return page(problem=_("Inloggen met een passkey is niet gelukt."), status=422)


def _key(challenge: str, credential: str) -> str | None:
    """The key of a new session. The attempt counts before the answer is looked at.

    Raises:
        attempts.TooManyAttempts: there were too many.
    """
    now, address = utc_now(), request.remote_addr or ""
    with everything():
        login = passkeys.login_of(credential)
        attempts.admit(login, address, now)
        db.session.commit()
        try:
            person = passkeys.use(challenge, credential, now)
        except passkeys.Refused as refused:
            log.warning("passkey refused: %s", refused)
            db.session.commit()
            return None
        attempts.forgive(login, address)
        key = sessions.start(person, None, address, request.user_agent.string, now)
        db.session.commit()
    return key
