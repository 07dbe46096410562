"""Tokens with which one's own programs call the API: make, see the last use, revoke."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from wtforms import DateField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from cmdb.database import db, utc_now
from cmdb.localtime import local
from servicedesk.access import me, signed_in
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.signin import tokens
from servicedesk.signin.models import ApiToken
from servicedesk.web.forms import Form
from servicedesk.web.signin import home

pages = Blueprint("tokens", __name__)

MOST = 20


class TokenForm(Form):
    name = StringField(
        lazy_gettext("Naam"),
        [
            DataRequired(lazy_gettext("Geef het token een naam, zodat u het later herkent")),
            Length(max=80),
        ],
        filters=[lambda text: " ".join((text or "").split())],
    )
    deed = SelectField(
        lazy_gettext("Wat mag het programma?"),
        choices=[
            SelectChoice("read", lazy_gettext("Alleen lezen")),
            SelectChoice("write", lazy_gettext("Lezen en schrijven")),
        ],
    )
    expires_on = DateField(
        lazy_gettext("Geldig tot en met"), [DataRequired(lazy_gettext("Kies een dag"))]
    )

    def validate_expires_on(self, field: DateField) -> None:
        today = local(utc_now()).date()
        if field.data and not today <= field.data <= today + tokens.LONGEST:
            raise ValidationError(_("Kies een dag binnen een jaar vanaf vandaag"))


@pages.get("/account/tokens")
@signed_in
def index():
    return _page(_empty())


@pages.post("/account/tokens")
@signed_in
def add():
    """Make a token. It is shown on this very answer and never again: only its hash is kept."""
    form = TokenForm()
    if len(_mine()) >= MOST:
        form.form_errors.append(_("U hebt er al %(n)s. Trek er eerst een in.", n=MOST))
        return _page(form), 422
    if not form.validate():
        return _page(form), 422
    made, secret = tokens.create(
        me(), form.name.data, form.deed.data == "write", form.expires_on.data, utc_now()
    )
    db.session.commit()
    return _page(_empty(), secret, made.name)


@pages.post("/account/tokens/revoke")
@signed_in
def revoke():
    """End one of one's own tokens, by its key."""
    asked = request.form.get("token", "")
    token = next((token for token in _mine() if str(token.id) == asked), None) or abort(404)
    tokens.revoke(token, utc_now())
    db.session.commit()
    flash(_("Het token %(name)s werkt niet meer.", name=token.name), "success")
    return redirect(url_for(".index"), 303)


def _empty() -> TokenForm:
    return TokenForm(formdata=None, expires_on=local(utc_now()).date() + tokens.LONGEST)


def _mine() -> list[ApiToken]:
    return tokens.active(me(), utc_now(), MOST)


def _page(form: TokenForm, secret: str | None = None, name: str = "") -> str:
    return render_template(
        "account/tokens.html", form=form, secret=secret, name=name, tokens=_mine(), home=home()
    )
