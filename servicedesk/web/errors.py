"""Answers to what went wrong: a sentence that says what to do, never a stack trace."""

import uuid

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from cmdb.database import db, utc_now
from cmdb.tenancy import OutsideScope
from servicedesk import allowance, problems
from servicedesk.extensions import login

_PAGES = {400, 403, 404, 405, 409, 413, 422, 429, 500, 503}


def init_app(app: Flask) -> None:
    app.register_error_handler(CSRFError, lambda error: _page(400))
    app.register_error_handler(SecurityError, _misnamed)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(OutsideScope, _outside)
    app.register_error_handler(allowance.TooMuch, _too_much)
    app.register_error_handler(StaleDataError, lambda error: _page(409))
    app.register_error_handler(sa.exc.DataError, _unstorable)
    app.register_error_handler(OverflowError, _unstorable)
    app.register_error_handler(sa.exc.OperationalError, _unavailable)
    app.register_error_handler(Exception, _failed)


def _refused(error: HTTPException):
    if problems.is_api():
        db.session.rollback()
        return problems.of(error)
    if error.response is not None or error.code not in _PAGES:
        return error
    return _page(error.code)


def _misnamed(error: SecurityError):
    """The request names another site than ours, so that no page can be drawn: it has links.

    Anybody can ask this; who set up the site with a wrong name must be able to find out why.
    """
    named = request.headers.get("Host", "")
    current_app.logger.warning("%.80r is no name of this site: see SERVICEDESK_URL", named)
    if problems.is_api():
        return problems.of(error)
    return Response(
        "Fout 400. Dit is niet het adres van de servicedesk. Controleer het adres in uw browser.",
        400,
        mimetype="text/plain",
    )


def _outside(error: OutsideScope):
    """Somebody reached over the wall: a hole in a page, or an attempt. Both are worth a line."""
    current_app.logger.warning("outside the scope, at %s: %s", request.endpoint, error)
    return _page(404)


def _too_much(error: allowance.TooMuch):
    """The API says it here; a page says it in its form."""
    if not problems.is_api():
        return _page(429)
    db.session.rollback()
    wait = {"Retry-After": str(allowance.renewed_in(utc_now()))}
    return problems.answer(429, f"This is {error}: wait until tomorrow.", headers=wait)


def _unstorable(error: Exception):
    """A number or a text that no column holds; both databases say so only when they are asked."""
    current_app.logger.warning(
        "refused by the database, at %s: %s", request.endpoint, type(error).__name__
    )
    return _page(400)


def _unavailable(error: sa.exc.OperationalError):
    current_app.logger.error("database unavailable: %s", error)
    # Who is asking is in the database as well; the page is drawn for nobody.
    g._login_user = login.anonymous_user()
    return _page(503)


def _failed(error: Exception):
    """An error of ours: its details go to the log, under the number that the reader sees."""
    reference = uuid.uuid4().hex[:8]
    current_app.logger.exception("failure %s", reference)
    return _page(500, reference=reference)


def _page(code: int, **context):
    try:
        db.session.rollback()
        if problems.is_api():
            return problems.answer(code, **context)
        return render_template(f"errors/{code}.html", **context), code
    except Exception:
        current_app.logger.exception("the page for error %s failed too", code)
        return Response(
            f"Fout {code}. Probeer het later nog eens, of bel de servicedesk.",
            code,
            mimetype="text/plain",
        )
