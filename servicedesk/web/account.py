"""Where somebody is signed in, and the way to end that elsewhere."""

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

from cmdb.database import db, utc_now
from servicedesk.access import me, signed_in
from servicedesk.language import gettext as _
from servicedesk.signin import sessions
from servicedesk.signin.models import WebSession
from servicedesk.web.signin import home

pages = Blueprint("account", __name__)

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
        sessions=[(session, _browser(session.user_agent)) for session in _open()],
        current=g.web_session,
        home=home(),
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


def _open() -> list[WebSession]:
    config = current_app.config
    return sessions.open_sessions(
        me(), utc_now(), config["SESSION_IDLE"], config["SESSION_ABSOLUTE"]
    )


def _browser(user_agent: str) -> str:
    """The browser and its system in words: "Firefox, Windows"."""
    found = (
        next((name for mark, name in names.items() if mark in user_agent), None)
        for names in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(filter(None, found)) or _("Onbekende browser")
