"""Proof that it is the person who signed in, for what a thief of a session must not do."""

import logging

from flask import request, session
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import Length

from cmdb.database import db, utc_now
from servicedesk.access import me
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.signin import attempts, passkeys, second_step, webauthn
from servicedesk.signin.passwords import is_password_of
from servicedesk.web import attempt_words
from servicedesk.web.forms import Form

log = logging.getLogger(__name__)


class ProofForm(Form):
    """The password, with a code where a second step is asked; or a passkey, which is both."""

    password = PasswordField(lazy_gettext("Uw wachtwoord"), [Length(max=1000)])
    code = StringField(lazy_gettext("Code"), [Length(max=40)])
    credential = HiddenField(validators=[Length(max=webauthn.MOST_CHARACTERS)])

    def validate(self, extra_validators=None) -> bool:
        is_valid = super().validate(extra_validators)
        if self.credential.data:
            return is_valid
        if not self.password.data:
            self.password.errors = [_("Vul uw wachtwoord in")]
        if not self.code.data and second_step.is_asked(me()):
            self.code.errors = [_("Vul de code in")]
        return not self.errors


def refusal(form: ProofForm) -> int | None:
    """The status of the answer when `form` proves nothing; guesses are limited, and each is committed."""
    now, address = utc_now(), request.remote_addr or ""
    if not form.validate_on_submit():
        return 422
    try:
        attempts.admit(me().login, address, now)
    except attempts.TooManyAttempts:
        form.form_errors.append(attempt_words.too_often())
        return 429
    db.session.commit()
    is_right = _by_passkey(form) if form.credential.data else _by_password(form)
    if is_right:
        attempts.forgive(me().login, address)
    db.session.commit()
    return None if is_right else 422


def _by_password(form: ProofForm) -> bool:
    person = me()
    is_right = is_password_of(person, form.password.data)
    if not second_step.is_asked(person):
        if not is_right:
            form.password.errors = [_("Dit is niet uw wachtwoord")]
        return is_right
    step = second_step.of(person)
    is_right = is_right and second_step.accepts(step, person, form.code.data, utc_now())
    if not is_right:
        form.form_errors.append(_("Dit wachtwoord en deze code kloppen niet allebei."))
    return is_right


def _by_passkey(form: ProofForm) -> bool:
    try:
        passkeys.use(session.pop("passkey", ""), form.credential.data, utc_now(), me())
    except passkeys.Refused as refused:
        log.warning("passkey refused: %s", refused)
        form.form_errors.append(_("Deze passkey kan niet worden gebruikt."))
        return False
    return True
