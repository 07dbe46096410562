"""One's own account: where one is signed in, and how messages come."""

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)

from wtforms import SelectChoice, SelectField

from cmdb.database import db, utc_now
from servicedesk.access import me, signed_in
from servicedesk.config import LOCALES
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.reviews import viewing
from servicedesk.rota import telling
from servicedesk.signin import sessions
from servicedesk.signin.models import WebSession
from servicedesk.web.forms import Form
from servicedesk.web.signin import home

pages = Blueprint("account", __name__)

_VIEWINGS = 20  # the last of them that the page tells
_HOURS = [SelectChoice(str(hour), f"{hour:02d}:00") for hour in range(24)]

# The first that a browser's own description holds: others name their ancestors too.
_BROWSERS = {
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS",
    "Linux": "Linux",
}  # fmt: skip


@pages.get("/account/sessions")
@signed_in
def show_sessions():
    return render_template(
        "account/sessions.html",
        sessions=[(session, browser_name(session.user_agent)) for session in _open()],
        current=g.web_session,
        home=home(),
        viewings=viewing.of(me(), _VIEWINGS),
    )


@pages.post("/account/sessions/end")
@signed_in
def end_session():
    """End one of one's own sessions, by the hash of its token."""
    asked = request.form.get("session", "")
    chosen = next((session for session in _open() if session.token_hash == asked), None)
    if chosen is None or chosen.token_hash == g.web_session.token_hash:
        abort(404)
    sessions.end(chosen, utc_now())
    db.session.commit()
    flash(_("Die sessie is beëindigd."), "success")
    return redirect(url_for("account.show_sessions"))


@pages.post("/account/sessions/end-others")
@signed_in
def end_other_sessions():
    sessions.end_all(me(), utc_now(), besides=g.web_session)
    db.session.commit()
    flash(_("U bent nu alleen nog hier aangemeld."), "success")
    return redirect(url_for("account.show_sessions"))


class MessagesForm(Form):
    """In which language messages come, and between which local hours those that can wait do not."""

    locale = SelectField(lazy_gettext("Taal"), choices=[SelectChoice(*pair) for pair in LOCALES.items()])
    quiet_from = SelectField(lazy_gettext("Stil vanaf"), choices=_HOURS)
    quiet_until = SelectField(
        lazy_gettext("Stil tot"),
        choices=_HOURS,
        description=lazy_gettext("Kies twee keer hetzelfde uur als u geen stille uren wilt."),
    )


@pages.route("/account/messages", methods=["GET", "POST"])
@signed_in
def messages():
    person = me()
    form = MessagesForm(
        locale=person.locale,
        quiet_from=str(telling.QUIET_FROM if person.quiet_from is None else person.quiet_from),
        quiet_until=str(telling.QUIET_UNTIL if person.quiet_until is None else person.quiet_until),
    )
    if form.validate_on_submit():
        person.locale = form.locale.data
        person.quiet_from, person.quiet_until = int(form.quiet_from.data), int(form.quiet_until.data)
        db.session.commit()
        flash(_("Uw berichten zijn ingesteld."), "success")
        return redirect(url_for(".messages"), 303)
    page = render_template("account/messages.html", form=form, mail=person.email, home=home())
    return page, 422 if form.is_submitted() else 200


def _open() -> list[WebSession]:
    config = current_app.config
    return sessions.open_sessions(
        me(), utc_now(), config["SESSION_IDLE"], config["SESSION_ABSOLUTE"]
    )


def browser_name(user_agent: str) -> str:
    """The browser and its system in words: "Firefox, Windows"."""
    found = (
        next((name for mark, name in names.items() if mark in user_agent), None)
        for names in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(filter(None, found)) or _("Onbekende browser")
