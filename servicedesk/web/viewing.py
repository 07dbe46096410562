"""Seeing the pages as somebody else: who is asking is then that person, and nothing is written.

The cookie names the viewing; what it may show is decided by the row, at every request. The two doors
out, `stop` and sign-out, see the administrator herself. All others refuse whatever is not a GET,
and give no files: a file would stay after the quarter of an hour.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    g,
    redirect,
    request,
    session,
    url_for,
)
from flask_login import current_user
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import Forbidden

from cmdb.database import db, utc_now
from cmdb.people import Person
from cmdb.permissions import Permission
from cmdb.tenancy import EVERYTHING, Scope, enter
from servicedesk.access import find, requires
from servicedesk.language import gettext as _
from servicedesk.problems import is_api
from servicedesk.reviews import viewing
from servicedesk.signin.models import WebSession
from servicedesk.web.signin import home

pages = Blueprint("viewing", __name__)

_WAYS_OUT = ("viewing.stop", "signin.signout")
_READING = ("GET", "HEAD", "OPTIONS")
_LONGEST_REASON = 300


@dataclass(frozen=True)
class Eyes:
    """With whose eyes this request looks, and until when."""

    name: str
    ends_at: dt.datetime


def init_app(app: Flask) -> None:
    """After `servicedesk.web.request`, whose work comes first."""
    app.before_request(_guard)
    app.after_request(_keep_files)
    app.context_processor(lambda: {"viewing": g.get("eyes")})


def subject_of(signed: WebSession) -> Person | None:
    """Who is asking instead of the person of `signed`; from here on in the scope of that person."""
    key = session.get("viewing")
    if key is None or request.endpoint in _WAYS_OUT:
        return None
    found = viewing.running(key, signed, utc_now())
    if found is None:
        return None
    home_of, ends_at = found.municipality_id, found.ends_at
    enter(EVERYTHING if home_of is None else Scope(frozenset({home_of})))
    subject = db.session.scalar(
        sa.select(Person)
        .where(Person.id == found.subject_id)
        .options(joinedload(Person.municipality))
    )
    g.eyes = Eyes(subject.name, ends_at)
    return subject


@pages.post("/access/people/<int:key>/view")
@requires(Permission.ACCESS_VIEW_AS)
def start(key: int):
    subject = find(Person, key, Permission.ACCESS_VIEW_AS)
    reason = request.form.get("reason", "")[:_LONGEST_REASON]
    try:
        begun = viewing.start(g.web_session, subject, reason, utc_now())
    except viewing.Refused as refused:
        flash(str(refused), "error")
        return redirect(url_for("access_rights.person", key=key), 303)
    db.session.commit()
    _change_cookie(begun.id)
    return redirect(home(subject), 303)


@pages.post("/access/view/stop")
@requires(Permission.ACCESS_VIEW_AS)
def stop():
    key = _stop()
    db.session.commit()
    if key is None:
        return redirect(url_for("access_rights.index"), 303)
    return redirect(url_for("access_rights.person", key=key), 303)


def _stop() -> int | None:
    """End the viewing of this browser, if one runs; the key of whose eyes it was."""
    key = session.get("viewing")
    found = None if key is None else viewing.running(key, g.web_session, utc_now())
    _change_cookie(None)
    if found is None:
        return None
    viewing.stop(found, utc_now())
    return found.subject_id


def _change_cookie(key: int | None) -> None:
    """Look with other eyes; forms that were opened with the eyes of before are refused from now on."""
    session.pop("csrf_token", None)
    session.pop("viewing", None)
    if key is not None:
        session["viewing"] = key


def _guard():
    if "viewing" not in session or request.endpoint == "assets" or is_api():
        return None
    is_known = current_user.is_authenticated
    if request.endpoint in _WAYS_OUT:
        if request.endpoint == "signin.signout" and is_known:
            _stop()
        return None
    # Also when the quarter of an hour is over: what was typed was meant for other eyes.
    if request.method not in _READING:
        abort(403)
    if "eyes" not in g:
        _change_cookie(None)
        if not is_known:
            return None
        flash(_("Het meekijken is gestopt. U ziet de pagina’s weer als uzelf."), "info")
        return redirect(url_for("access_rights.index"), 303)
    db.session.info["is_frozen"] = True
    return None


def _keep_files(response):
    if "eyes" in g and "attachment" in response.headers.get("Content-Disposition", ""):
        response.close()
        return current_app.make_response(current_app.handle_user_exception(Forbidden()))
    return response


@sa.event.listens_for(db.session, "before_flush")
def _refuse_flush(changed, context, instances):
    """Whatever a page would write while it reads is refused, too."""
    if changed.info.get("is_frozen") and (changed.new or changed.deleted or changed.dirty):
        abort(403)


@sa.event.listens_for(db.session, "do_orm_execute")
def _refuse_statement(state):
    if state.session.info.get("is_frozen") and not (state.is_select or state.is_column_load):
        abort(403)
