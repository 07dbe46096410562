"""Calendars: the secret addresses that somebody made, and the feed behind each of them."""

import datetime as dt

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, Length

from cmdb.database import db, read_only, utc_now
from cmdb.organisation import Municipality
from cmdb.permissions import Permission, may, visible
from cmdb.tenancy import everything
from servicedesk.access import find, me, public, requires
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.rota import feeds
from servicedesk.rota.models import FeedToken
from servicedesk.rota.words import FeedScope
from servicedesk.web.forms import Form
from servicedesk.web.layout import options
from servicedesk.pace import Pace
from servicedesk.web.signin import home

pages = Blueprint("calendars", __name__)

# A calendar program asks once an hour or less; a whole office may stand behind one address.
_PER_ADDRESS = Pace(300, dt.timedelta(minutes=15))
_PER_SECRET = Pace(30, dt.timedelta(minutes=15))
MOST = 20


class CalendarForm(Form):
    """`what` is "person", "team", or "municipality-" with a key."""

    name = StringField(
        lazy_gettext("Naam"),
        [
            DataRequired(lazy_gettext("Geef het adres een naam, zodat u het later herkent")),
            Length(max=80),
        ],
        filters=[lambda text: " ".join((text or "").split())],
    )
    what = SelectField(lazy_gettext("Wat staat erin?"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.what.choices = _choices()

    @property
    def scope(self) -> FeedScope:
        return FeedScope(self.what.data.partition("-")[0])

    @property
    def municipality(self) -> Municipality | None:
        key = self.what.data.partition("-")[2]
        return db.session.get(Municipality, int(key)) if key else None


def _choices() -> list[SelectChoice]:
    """One's own calendar and the team's for the centre; of a municipality, who comes to it."""
    if not may(me(), Permission.ROTA_READ):
        name = me().municipality.name
        return [SelectChoice(f"municipality-{me().municipality_id}", _site_days(name))]
    return [
        SelectChoice("person", _("Mijn rooster")),
        SelectChoice("team", _("Het hele rooster")),
        *(
            SelectChoice(f"municipality-{key}", _site_days(name))
            for key, name in options().municipality
        ),
    ]


def _site_days(name: str) -> str:
    return _("Locatiedagen %(name)s", name=name)


@pages.get("/account/calendars")
@requires(Permission.ROTA_FEED)
def index():
    return _page(CalendarForm(formdata=None))


@pages.post("/account/calendars")
@requires(Permission.ROTA_FEED)
def add():
    """Make an address. It is shown on this very answer and never again: only its digest is kept."""
    form = CalendarForm()
    if len(_mine()) >= MOST:
        form.form_errors.append(_("U hebt er al %(n)s. Trek er eerst een in.", n=MOST))
        return _page(form), 422
    if not form.validate():
        return _page(form), 422
    _token, secret = feeds.create_token(
        me(), form.scope, form.municipality, form.name.data, utc_now()
    )
    db.session.commit()
    address = current_app.config["SITE_URL"].rstrip("/") + url_for(".feed", secret=secret)
    return _page(CalendarForm(formdata=None), address, form.name.data)


@pages.post("/account/calendars/<int:key>/revoke")
@requires(Permission.ROTA_FEED)
def revoke(key: int):
    token = find(FeedToken, key, Permission.ROTA_FEED, lock=True)
    feeds.revoke(token, utc_now())
    db.session.commit()
    flash(_("Het adres %(name)s werkt niet meer.", name=token.name), "success")
    return redirect(url_for(".index"), 303)


@pages.get("/calendar/<secret>.ics")
@public
def feed(secret: str):
    """The calendar behind a secret address; what is unknown, ended or no longer theirs is 404."""
    now = utc_now()
    if not (_PER_ADDRESS.admits(request.remote_addr or "", now) and _PER_SECRET.admits(secret, now)):
        abort(Response(status=429, headers={"Retry-After": "900"}))
    read_only.set(False)  # it notes when the address was last used
    with everything():
        found = feeds.read(secret, now) or abort(404)
        db.session.commit()
    answer = Response(found.text, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'inline; filename="rooster.ics"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.last_modified = found.changed_at
    answer.add_etag()
    return answer.make_conditional(request)


def _mine() -> list[FeedToken]:
    chosen = visible(FeedToken, me(), Permission.ROTA_FEED).where(FeedToken.revoked_at.is_(None))
    return list(db.session.scalars(chosen.order_by(FeedToken.id.desc()).limit(MOST)))


def _page(form: CalendarForm, address: str | None = None, name: str = "") -> str:
    words = {choice.value: choice.label for choice in form.what.choices}
    return render_template(
        "account/calendars.html",
        form=form,
        address=address,
        name=name,
        tokens=[(token, words.get(_what(token), _site_days(""))) for token in _mine()],
        home=home(),
    )


def _what(token: FeedToken) -> str:
    if token.scope == FeedScope.MUNICIPALITY:
        return f"municipality-{token.municipality_id}"
    return token.scope.value
