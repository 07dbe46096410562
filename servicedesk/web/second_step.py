"""One's own second step: set up the app, print codes, and turn it off again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from cmdb.database import db, utc_now
from servicedesk.access import me, signed_in
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.signin import attempts, second_step
from servicedesk.signin.passwords import is_password_of
from servicedesk.web.forms import Form
from servicedesk.web.signin import home
from servicedesk.web.signin_code import CodeForm, described

pages = Blueprint("second_step", __name__)


class OffForm(Form):
    """Also for new codes: who borrows the browser of another gets neither."""

    password = PasswordField(
        lazy_gettext("Uw wachtwoord"),
        [InputRequired(lazy_gettext("Vul uw wachtwoord in")), Length(max=1000)],
    )
    code = StringField(
        lazy_gettext("Code"), [InputRequired(lazy_gettext("Vul de code in")), Length(max=40)]
    )


@pages.get("/account/second-step")
@signed_in
def show():
    return _page()


@pages.post("/account/second-step/begin")
@signed_in
def begin():
    """Make a key for the app; nothing is asked before its first code."""
    if me().password_hash and not second_step.is_on(second_step.of(me())):
        second_step.begin(me(), utc_now())
        db.session.commit()
    return redirect(url_for(".show"), 303)


@pages.post("/account/second-step")
@signed_in
def confirm():
    form, step = CodeForm(), second_step.of(me())
    if step is None or second_step.is_on(step):
        return redirect(url_for(".show"), 303)
    if not form.validate_on_submit():
        return _page(form), 422
    codes = second_step.confirm(step, me(), form.code.data, utc_now())
    db.session.commit()
    if codes is None:
        form.code.errors = [_("Deze code klopt niet. Wacht op de volgende code en typ die.")]
        return _page(form), 422
    return render_template("account/codes.html", codes=codes, onward=url_for(".show"))


@pages.post("/account/second-step/codes")
@signed_in
def renew():
    """New codes for on paper, shown on this very answer and never again."""
    form = OffForm(prefix="codes")
    status = _refusal(form)
    if status:
        return _page(renewing=form), status
    codes = second_step.renew_codes(me(), utc_now())
    db.session.commit()
    return render_template("account/codes.html", codes=codes, onward=url_for(".show"))


@pages.post("/account/second-step/off")
@signed_in
def off():
    form = OffForm(prefix="off")
    status = _refusal(form)
    if not status and second_step.is_required(me()):
        form.form_errors.append(_("Bij uw rol hoort een tweede stap. U kunt hem niet uitzetten."))
        status = 422
    if status:
        return _page(ending=form), status
    second_step.remove(me(), me(), utc_now())
    db.session.commit()
    flash(_("De tweede stap is uit. Alleen uw wachtwoord wordt nog gevraagd."), "success")
    return redirect(url_for(".show"), 303)


def _refusal(form: OffForm) -> int | None:
    """The status of the answer when password and code are not both right; guesses are limited."""
    now, address = utc_now(), request.remote_addr or ""
    if not form.validate_on_submit() or not second_step.is_on(second_step.of(me())):
        return 422
    try:
        attempts.admit(me().login, address, now)
    except attempts.TooManyAttempts:
        form.form_errors.append(_("Te vaak geprobeerd. Wacht een kwartier of bel de servicedesk."))
        return 429
    db.session.commit()
    step = second_step.of(me())
    is_right = is_password_of(me(), form.password.data) and second_step.accepts(
        step, me(), form.code.data, now
    )
    if is_right:
        attempts.forgive(me().login, address)
    else:
        form.form_errors.append(_("Dit wachtwoord en deze code kloppen niet allebei."))
    db.session.commit()
    return None if is_right else 422


def _page(form=None, renewing=None, ending=None) -> str:
    person, step = me(), second_step.of(me())
    is_on = second_step.is_on(step)
    return render_template(
        "account/second_step.html",
        form=form or CodeForm(formdata=None),
        renewing=renewing or OffForm(prefix="codes", formdata=None),
        ending=ending or OffForm(prefix="off", formdata=None),
        is_local=bool(person.password_hash),
        is_on=is_on,
        since=step.confirmed_at if is_on else None,
        left=second_step.codes_left(person) if is_on else 0,
        required=second_step.is_required(person),
        home=home(),
        **described(step, person),
    )
