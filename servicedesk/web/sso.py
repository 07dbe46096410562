"""Single sign-on: to the provider of a municipality and back, and out again.

The way there is a link and no form: a form that ends at another site is refused by browsers, as the
policy of every page says (form-action).
"""

import logging

import sqlalchemy as sa
from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for

from cmdb.database import db, read_only, utc_now
from cmdb.tenancy import everything
from servicedesk.access import public
from servicedesk.extensions import csrf
from servicedesk.language import lazy_gettext as _
from servicedesk.openid import claims, flow, people, providers, signout
from servicedesk.openid.failure import Failure, Reason, Refused
from servicedesk.openid.models import OpenIdProvider
from servicedesk.signin import sessions
from servicedesk.web.signin import SignInForm, home, own_path, welcome

pages = Blueprint("sso", __name__)
log = logging.getLogger(__name__)

_SAID = {
    Reason.CANCELLED: _("U hebt het inloggen bij uw gemeente afgebroken."),
    Reason.NOT_ASSIGNED: _("Uw gemeente heeft u geen toegang gegeven tot de servicedesk. Vraag dat bij uw gemeente aan."),
    Reason.PROVIDER: _("De inlogpagina van uw gemeente gaf een fout. Probeer het nog eens."),
    Reason.STALE: _("Deze poging om in te loggen is verlopen. Begin opnieuw."),
    Reason.FORGED: _("Het antwoord van de inlogpagina klopt niet. Bel de servicedesk."),
    Reason.INCOMPLETE: _("Uw gemeente stuurt te weinig gegevens mee om u te herkennen. Bel de servicedesk."),
    Reason.NO_GROUP: _("U zit bij uw gemeente niet in een groep die de servicedesk mag gebruiken."),
    Reason.TOO_MANY_GROUPS: _("U zit in zo veel groepen dat uw gemeente ze niet meestuurt. Bel de servicedesk."),
    Reason.UNKNOWN: _("U staat nog niet in de directory van uw gemeente. Probeer het over een halfuur nog eens, of bel de servicedesk."),
    Reason.TAKEN: _("Uw gebruikersnaam is hier al van iemand anders. Bel de servicedesk."),
    Reason.INACTIVE: _("Uw account is hier niet meer in gebruik. Bel de servicedesk."),
}  # fmt: skip
_NO_ANSWER = _("De inlogpagina van uw gemeente antwoordt nu niet. Probeer het over een paar minuten.")
# Attempts that a browser may have open at once, in several tabs.
_MOST_TABS = 4
_ASKED = ("code", "state", "iss", "error", "error_description")


@pages.get("/signin/openid/<int:key>")
@public
def start(key: int):
    """Send the browser to the sign-in page of the provider."""
    provider = _provider(key)
    target = own_path(request.args.get("next")) or ""
    try:
        url, begun = flow.begin(provider, callback(provider), target, utc_now())
    except Failure as failure:
        return _told_of(failure, provider)
    kept = session.get("openid", [])
    session["openid"] = [*kept[1 - _MOST_TABS :], begun]
    return redirect(url, 303)


@pages.get("/signin/openid/<int:key>/return")
@public
def back(key: int):
    """Let in who comes back from the provider, if what it says holds."""
    _begin_writing()
    provider, now = _provider(key), utc_now()
    answer = {name: request.args[name] for name in _ASKED if name in request.args}
    kept = session.get("openid", [])
    mine = next((one for one in kept if one.get("state") == answer.get("state")), None)
    session["openid"] = [one for one in kept if one is not mine]
    try:
        begun = flow.kept(mine, provider, answer, now)
        db.session.commit()  # no transaction is open while a provider thinks
        vouched = flow.finish(provider, begun, answer, callback(provider), now)
        cookie = _started(provider, vouched, now)
    except Failure as failure:
        return _told_of(failure, provider)
    except Refused as refused:
        db.session.rollback()
        log.warning("sign-in by %s refused: %s", provider.issuer, refused)
        return _page(_SAID[refused.reason], 422)
    person = welcome(cookie)
    return redirect(own_path(begun.next) or home(person))


@pages.post("/signin/openid/<int:key>/return")
@csrf.exempt
@public
def posted(key: int):
    """Take an answer that came as a form to where an answer comes as an address.

    Browsers send no cookie along with a form of another site, and do with the address after it.
    """
    answer = {name: request.form[name] for name in _ASKED if name in request.form}
    return redirect(url_for("sso.back", key=_provider(key).id, **answer), 303)


@pages.get("/signout/openid")
@public
def leave():
    """Send the browser of who just signed out here to sign out at the provider too."""
    token_hash = session.pop("left", "")
    _begin_writing()
    provider = signout.came_in_by(token_hash)
    hint = signout.hint(token_hash) if provider else None
    db.session.commit()
    home = url_for("signin.signin")
    if provider is None:
        return redirect(home, 303)
    try:
        url = signout.address(provider, hint, f"{current_app.config['SITE_URL']}{home}")
    except Failure as failure:
        return _told_of(failure, provider)
    return redirect(url or home, 303)


@pages.post("/signin/openid/<int:key>/logout")
@csrf.exempt
@public
def told(key: int):
    """End the sessions of who signed out at the provider, which says so itself (back-channel)."""
    provider, now = _provider(key), utc_now()
    db.session.commit()
    try:
        token = signout.told(provider, request.form.get("logout_token", ""), now)
        with everything():
            count = signout.end(provider, token, now)
    except (Refused, Failure) as error:
        db.session.rollback()
        log.warning("logout token of %s refused: %s", provider.issuer, error)
        return {"error": "invalid_request"}, 400
    db.session.commit()
    log.info("%s sessions ended by %s", count, provider.issuer)
    return "", 200


def callback(provider: OpenIdProvider) -> str:
    """The address that is registered at the provider for coming back."""
    return f"{current_app.config['SITE_URL']}{url_for('sso.back', key=provider.id)}"


def logout_address(provider: OpenIdProvider) -> str:
    """The address that is registered at the provider for telling that somebody signed out."""
    return f"{current_app.config['SITE_URL']}{url_for('sso.told', key=provider.id)}"


@pages.app_template_global("ways_to_sign_in")
def ways_to_sign_in() -> providers.Ways:
    return providers.ways()


def _provider(key: int) -> OpenIdProvider:
    provider = providers.active(key)
    if provider is None:
        abort(404)
    return provider


def _started(provider: OpenIdProvider, vouched: flow.Vouched, now) -> str:
    """The cookie of a new session for who was vouched for."""
    try:
        with everything():
            person = people.person_of(provider, claims.read(provider, vouched.claims), now)
            address, browser = request.remote_addr or "", request.user_agent.string
            cookie = sessions.start(person, None, address, browser, now)
            db.session.flush()
            signout.note(provider, cookie, vouched)
    except sa.exc.IntegrityError as error:
        raise Refused(Reason.TAKEN, "two came in at once") from error
    db.session.commit()
    return cookie


def _begin_writing() -> None:
    """The provider sends the browser here by a link, and this one writes."""
    db.session.commit()
    read_only.set(False)


def _told_of(failure: Failure, provider: OpenIdProvider):
    log.warning("sign-in by %s is not possible: %s", provider.issuer, failure)
    return _page(_NO_ANSWER, 503)


def _page(problem, status: int):
    return render_template("signin/signin.html", form=SignInForm(formdata=None), problem=problem), status
