"""One's own second step: set up the app, print codes, and turn it off again."""

from flask import Blueprint, flash, redirect, render_template, url_for

from cmdb.database import db, utc_now
from servicedesk.access import me, signed_in
from servicedesk.language import gettext as _
from servicedesk.signin import passkeys, second_step, webauthn
from servicedesk.web.own_proof import ProofForm, refusal
from servicedesk.web.signin import home
from servicedesk.web.signin_code import CodeForm, described

pages = Blueprint("second_step", __name__)


@pages.get("/account/second-step")
@signed_in
def show():
    return _page()


@pages.post("/account/second-step/begin")
@signed_in
def begin():
    """Make a key for the app; nothing is asked before its first code. Who has a passkey proves it."""
    if not me().password_hash or second_step.is_on(second_step.of(me())):
        return redirect(url_for(".show"), 303)
    if second_step.is_asked(me()):
        form = ProofForm(prefix="begin")
        if status := refusal(form):
            return _page(beginning=form), status
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
    return shown_once(codes)


@pages.post("/account/second-step/codes")
@signed_in
def renew():
    """New codes for on paper, shown on this very answer and never again."""
    form = ProofForm(prefix="codes")
    status = 422 if not second_step.is_asked(me()) else refusal(form)
    if status:
        return _page(renewing=form), status
    codes = second_step.renew_codes(me(), utc_now())
    db.session.commit()
    return shown_once(codes)


@pages.post("/account/second-step/off")
@signed_in
def off():
    form = ProofForm(prefix="off")
    status = 422 if not second_step.is_asked(me()) else refusal(form)
    if not status and second_step.is_required(me()):
        form.form_errors.append(_("Bij uw rol hoort een tweede stap. U kunt hem niet uitzetten."))
        status = 422
    if status:
        return _page(ending=form), status
    second_step.remove(me(), me(), utc_now())
    db.session.commit()
    flash(_("De tweede stap is uit. Alleen uw wachtwoord wordt nog gevraagd."), "success")
    return redirect(url_for(".show"), 303)


def shown_once(codes: list[str]):
    """The page with codes for on paper; back to one's second step when there are no new ones."""
    if not codes:
        return redirect(url_for("second_step.show"), 303)
    return render_template("account/codes.html", codes=codes, onward=url_for("second_step.show"))


def _page(form=None, renewing=None, ending=None, beginning=None) -> str:
    person, step = me(), second_step.of(me())
    kept = passkeys.of(person)
    return render_template(
        "account/second_step.html",
        form=form or CodeForm(formdata=None),
        renewing=renewing or ProofForm(prefix="codes", formdata=None),
        ending=ending or ProofForm(prefix="off", formdata=None),
        beginning=beginning or ProofForm(prefix="begin", formdata=None),
        is_local=bool(person.password_hash),
        is_on=second_step.is_asked(person),
        since=step.confirmed_at if second_step.is_on(step) else None,
        passkeys=kept,
        may_add=passkeys.can_add(person),
        is_possible=webauthn.site() is not None,
        left=second_step.codes_left(person),
        required=second_step.is_required(person),
        home=home(),
        **described(step, person),
    )
