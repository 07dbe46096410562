"""The providers of single sign-on: made, changed, tested and switched off here."""

import sqlalchemy as sa
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from wtforms import SelectChoice

from cmdb.database import db
from cmdb.organisation import Municipality
from cmdb.permissions import Permission
from servicedesk.access import find, requires
from servicedesk.directory.connection import Clock
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.openid import claims, discovery
from servicedesk.openid.failure import TESTED, Failure, Step
from servicedesk.openid.http import WALL_CLOCK
from servicedesk.openid.models import Kind, OpenIdAccount, OpenIdProvider
from servicedesk.web import sso
from servicedesk.web.openid_form import CENTRE, KINDS, ProviderForm

pages = Blueprint("openid_providers", __name__)

STEPS = {
    Step.NAME: lazy_gettext("Adres van de server opzoeken"),
    Step.REACH: lazy_gettext("Versleuteld verbinden"),
    Step.DOCUMENT: lazy_gettext("Gegevens van de uitgever ophalen"),
    Step.ISSUER: lazy_gettext("Adres van de uitgever vergelijken"),
    Step.KEYS: lazy_gettext("Sleutels ophalen"),
}


@pages.get("/openid")
@requires(Permission.DIRECTORY_WRITE)
def index():
    counted = sa.select(OpenIdAccount.provider_id, sa.func.count()).group_by(
        OpenIdAccount.provider_id
    )
    rows = db.session.execute(
        sa.select(Municipality, OpenIdProvider)
        .outerjoin(OpenIdProvider, OpenIdProvider.municipality_id == Municipality.id)
        .order_by(Municipality.name)
    ).all()
    centre = db.session.scalars(_of_centre()).first()
    return render_template(
        "openid/index.html",
        rows=[*rows, (None, centre)],
        counts=dict(db.session.execute(counted).all()),
        kinds=KINDS,
    )


@pages.route("/openid/new", methods=["GET", "POST"])
@requires(Permission.DIRECTORY_WRITE)
def new():
    taken = sa.select(OpenIdProvider.municipality_id).where(
        OpenIdProvider.municipality_id.is_not(None)
    )
    is_open = db.session.scalars(_of_centre()).first() is None
    form = _form(sa.select(Municipality).where(Municipality.id.not_in(taken)), is_open)
    if request.method == "GET":
        form.municipality.data = request.args.get("municipality", CENTRE, type=int)
        form.show_usual(_kind(request.args.get("kind")))
    if form.validate_on_submit() and _is_whole(form, OpenIdProvider(domain="")):
        home = form.municipality.data
        return _saved(form, OpenIdProvider(municipality_id=None if home == CENTRE else home))
    return _page(form), 422 if form.is_submitted() else 200


@pages.route("/openid/<int:key>", methods=["GET", "POST"])
@requires(Permission.DIRECTORY_WRITE)
def edit(key: int):
    provider = find(OpenIdProvider, key, Permission.DIRECTORY_WRITE)
    form = _form_of(provider)
    if request.method == "GET":
        form.show(provider)
    elif form.validate_on_submit() and _is_whole(form, provider):
        return _saved(form, provider)
    return _page(form, provider), 422 if form.is_submitted() else 200


@pages.post("/openid/<int:key>/test")
@requires(Permission.DIRECTORY_WRITE)
def test(key: int):
    """Ask the provider as it is saved for what it says of itself, and say where that ends."""
    provider = find(OpenIdProvider, key, Permission.DIRECTORY_WRITE)
    form = _form_of(provider)
    form.show(provider)
    db.session.commit()  # no transaction is open while a provider thinks
    discovery.forget()
    try:
        found = discovery.metadata(provider, Clock(WALL_CLOCK))
    except Failure as failure:
        return _page(form, provider, failure=failure)
    return _page(form, provider, tested=found)


def _kind(asked: str | None) -> Kind:
    return Kind(asked) if asked in set(Kind) else Kind.ENTRA_ID


def _of_centre() -> sa.Select:
    return sa.select(OpenIdProvider).where(OpenIdProvider.municipality_id.is_(None))


def _form_of(provider: OpenIdProvider) -> ProviderForm:
    own = sa.select(Municipality).where(Municipality.id == provider.municipality_id)
    return _form(own, provider.municipality_id is None)


def _form(municipalities: sa.Select, with_centre: bool) -> ProviderForm:
    form = ProviderForm()
    ordered = db.session.scalars(municipalities.order_by(Municipality.name))
    form.municipality.choices = [SelectChoice(one.id, one.name) for one in ordered]
    if with_centre:
        choice = SelectChoice(CENTRE, current_app.config["CENTRE_NAME"])
        form.municipality.choices.append(choice)
    return form


def _is_whole(form: ProviderForm, provider: OpenIdProvider) -> bool:
    """Whether what one field alone cannot tell is right too."""
    twin = sa.select(OpenIdProvider.id).where(OpenIdProvider.domain == form.domain.data)
    if db.session.scalar(twin) not in (None, provider.id):
        form.domain.errors = [_("Een andere gemeente heeft dit domein al")]
    if not form.client_secret.data and form.needs_secret(provider):
        form.client_secret.errors = [
            _("Vul de client secret in, of kies hieronder voor zonder")
        ]
    return not form.errors


def _saved(form: ProviderForm, provider: OpenIdProvider):
    form.fill(provider)
    db.session.add(provider)
    db.session.commit()
    discovery.forget()
    flash(_("De inlogpagina is opgeslagen. Test nu de verbinding."), "success")
    return redirect(url_for(".edit", key=provider.id), 303)


def _page(form: ProviderForm, provider: OpenIdProvider | None = None, failure=None, tested=None):
    return render_template(
        "openid/edit.html",
        form=form,
        provider=provider,
        is_centre=form.municipality.data == CENTRE,
        failure=failure,
        tested=tested,
        steps={step: STEPS[step] for step in TESTED},
        kinds=KINDS,
        usual=claims.USUAL,
        callback=provider and sso.callback(provider),
        logout=provider and sso.logout_address(provider),
        home=f"{current_app.config['SITE_URL']}{url_for('signin.signin')}",
    )
