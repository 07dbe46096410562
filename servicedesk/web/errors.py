"""Answers to what went wrong: a sentence that says what to do, never a stack trace."""

import uuid

import sqlalchemy as sa
from flask import Flask, current_app, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from cmdb.database import db
from cmdb.tenancy import OutsideScope

_PAGES = {400, 403, 404, 405, 409, 413, 422, 429, 500, 503}


def init_app(app: Flask) -> None:
    app.register_error_handler(CSRFError, lambda error: _page(400))
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(OutsideScope, lambda error: _page(404))
    app.register_error_handler(StaleDataError, lambda error: _page(409))
    app.register_error_handler(sa.exc.OperationalError, _unavailable)
    app.register_error_handler(Exception, _failed)


def _refused(error: HTTPException):
    if error.response is not None or error.code not in _PAGES:
        return error
    return _page(error.code)


def _unavailable(error):
    current_app.logger.error("database unavailable: %s", error)
    return _page(503)


def _failed(error):
    """An error of ours: its details go to the log, under the number that the reader sees."""
    reference = uuid.uuid4().hex[:8]
    current_app.logger.exception("failure %s", reference)
    return _page(500, reference=reference)


def _page(code: int, **context):
    db.session.rollback()
    return render_template(f"errors/{code}.html", **context), code
