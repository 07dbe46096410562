"""One's own passkeys: add, name and remove them."""

import logging

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from cmdb.database import db, utc_now
from servicedesk.access import me, signed_in
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.signin import attempts, passkeys, second_step
from servicedesk.signin.passkey_models import Passkey
from servicedesk.web import attempt_words
from servicedesk.web.account import browser_name
from servicedesk.web.forms import Form
from servicedesk.web.own_proof import ProofForm, refusal
from servicedesk.web.second_step import shown_once
from servicedesk.web.signin_passkey import PasskeyForm

pages = Blueprint("passkeys", __name__)
log = logging.getLogger(__name__)


class NameForm(Form):
    name = StringField(
        lazy_gettext("Naam"),
        [
            DataRequired(lazy_gettext("Geef de passkey een naam, zodat u hem later herkent")),
            Length(max=80),
        ],
        filters=[lambda text: " ".join((text or "").split())],
    )


class NewForm(NameForm, PasskeyForm):
    """The name, with what the browser answered."""


@pages.route("/account/passkeys/new", methods=["GET", "POST"])
@signed_in
def new():
    """Ask for proof, then show the button that lets the browser make a passkey, on this very answer."""
    if not passkeys.can_add(me()):
        return redirect(url_for("second_step.show"), 303)
    form = ProofForm(prefix="proof")
    if not form.is_submitted():
        return _page(proof=form)
    if status := refusal(form):
        return _page(proof=form), status
    now = utc_now()
    try:
        session["passkey"], question = passkeys.begin(me(), request.remote_addr or "", now)
    except attempts.TooManyAttempts:
        form.form_errors.append(attempt_words.too_often())
        return _page(proof=form), 429
    db.session.commit()
    named = NewForm(formdata=None, name=browser_name(request.user_agent.string))
    return _page(form=named, question=question)


@pages.post("/account/passkeys")
@signed_in
def add():
    form = NewForm()
    challenge = session.pop("passkey", "")
    if not form.validate_on_submit():
        return _page(proof=_failed(form)), 422
    try:
        codes = passkeys.add(me(), challenge, form.credential.data, form.name.data, utc_now())
    except passkeys.Refused as refused:
        log.warning("passkey refused: %s", refused)
        db.session.commit()
        return _page(proof=_failed()), 422
    db.session.commit()
    flash(_("De passkey %(name)s is toegevoegd.", name=form.name.data), "success")
    return shown_once(codes)


def _failed(form: NewForm | None = None) -> ProofForm:
    """Begin anew, with what was wrong: a challenge is good once."""
    proof = ProofForm(prefix="proof", formdata=None)
    wrong = form.name.errors if form else ()
    proof.form_errors += wrong or [_("De passkey is niet toegevoegd. Probeer het nog een keer.")]
    return proof


@pages.route("/account/passkeys/<int:key>", methods=["GET", "POST"])
@signed_in
def show(key: int):
    passkey = _mine(key)
    form = NameForm(name=passkey.name)
    if form.validate_on_submit():
        passkey.name = form.name.data
        db.session.commit()
        flash(_("De naam is gewijzigd."), "success")
        return redirect(url_for("second_step.show"), 303)
    return _page_of(passkey, form), 422 if form.is_submitted() else 200


@pages.post("/account/passkeys/<int:key>/remove")
@signed_in
def remove(key: int):
    passkey, proof = _mine(key), ProofForm(prefix="proof")
    status = refusal(proof)
    if not status and _is_needed(passkey):
        proof.form_errors.append(_("Bij uw rol hoort een tweede stap. Dit is uw laatste."))
        status = 422
    if status:
        return _page_of(passkey, NameForm(formdata=None, name=passkey.name), proof), status
    name = passkey.name
    passkeys.remove(passkey, me(), utc_now())
    db.session.commit()
    flash(_("De passkey %(name)s is verwijderd.", name=name), "success")
    return redirect(url_for("second_step.show"), 303)


def _is_needed(passkey: Passkey) -> bool:
    """Whether it is the last way of a second step of who must have one."""
    has_another = second_step.is_on(second_step.of(me())) or passkeys.of(me()) != [passkey]
    return second_step.is_required(me()) and not has_another


def _mine(key: int) -> Passkey:
    chosen = sa.select(Passkey).where(Passkey.id == key, Passkey.person_id == me().id)
    return db.session.scalar(chosen) or abort(404)


def _page(proof: ProofForm | None = None, form: NewForm | None = None, question=None) -> str:
    return render_template(
        "account/passkey_new.html",
        proof=proof,
        form=form or proof,
        question=question,
        is_asked=second_step.is_asked(me()),
        has_passkey=bool(passkeys.of(me())),
        has_app=second_step.is_on(second_step.of(me())),
    )


def _page_of(passkey: Passkey, form: NameForm, proof: ProofForm | None = None) -> str:
    return render_template(
        "account/passkey.html",
        passkey=passkey,
        form=form,
        proof=proof or ProofForm(prefix="proof", formdata=None),
        has_app=second_step.is_on(second_step.of(me())),
    )
