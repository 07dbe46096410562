"""What happens around every request: who asks, in which language, and how the answer is guarded."""

from urllib.parse import urlsplit

from babel import negotiate_locale
from flask import Flask, abort, current_app, g, has_request_context, request, session
from flask_babel import get_locale
from flask_login import current_user

from cmdb.database import db, read_only, utc_now
from servicedesk.config import LOCALES
from servicedesk.extensions import login
from servicedesk.problems import is_api
from servicedesk.signin import sessions, tokens
from servicedesk.web import viewing

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_LARGEST_KEY = 2**31 - 1
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self),"
        " publickey-credentials-create=(self)"
    ),
}


def init_app(app: Flask) -> None:
    login.login_view = "signin.signin"
    login.login_message = None
    login.request_loader(_who)
    app.before_request(_read_or_write)
    app.before_request(_refuse_impossible_keys)
    app.before_request(_refuse_unstorable_text)
    app.before_request(_refuse_json)
    app.after_request(_guard_answer)
    app.add_template_global(get_locale)
    app.add_template_global(LOCALES, "locales")
    app.teardown_request(_end_reading)


def trusted_hosts(site_url: str) -> list[str]:
    """The names under which the site answers: its own, and this machine's."""
    return [urlsplit(site_url).hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]


def chosen_locale() -> str | None:
    """The language of the person, else of the cookie, else of the browser."""
    if not has_request_context():
        return None
    if current_user.is_authenticated:
        return current_user.locale
    asked = (tag.lower() for tag, quality in request.accept_languages if quality)
    return session.get("locale") or negotiate_locale(asked, LOCALES, sep="-") or "nl"


def _who(_request):
    """Who is asking; called by Flask-Login once a request.

    The API knows tokens alone and pages know cookies alone: no site can make a browser call the API.
    """
    return _behind_token() if is_api() else _behind_cookie()


def _behind_token():
    sent = request.authorization
    if sent is None or sent.type != "bearer" or not sent.token:
        return None
    now = utc_now()
    found = tokens.resume(sent.token, now)
    if found is None:
        return None
    g.api_token = found
    if tokens.is_due_for_touch(found, now):
        _write_touch(tokens.touch, found, now)
    return found.person


def _behind_cookie():
    key = session.get("key")
    if not key:
        return None
    now = utc_now()
    found = sessions.resume(
        key, now, current_app.config["SESSION_IDLE"], current_app.config["SESSION_ABSOLUTE"]
    )
    if found is None:
        session.pop("key", None)
        return None
    g.web_session = found
    if sessions.is_due_for_touch(found, now):
        _write_touch(sessions.touch, found, now)
    return viewing.subject_of(found) or found.person


def _write_touch(touch, found, now) -> None:
    """A reading request writes this one thing, in a transaction of its own."""
    reading = read_only.get()
    db.session.commit()
    read_only.set(False)
    touch(found, now)
    db.session.commit()
    read_only.set(reading)


def _read_or_write() -> None:
    read_only.set(request.method in ("GET", "HEAD", "OPTIONS"))


def _refuse_impossible_keys() -> None:
    """No row has a number that large, and a database would make an error of it."""
    if any(isinstance(key, int) and key > _LARGEST_KEY for key in (request.view_args or {}).values()):
        abort(404)


def _end_reading(error) -> None:
    """End what only read by COMMIT, with nothing to write: at a ROLLBACK psycopg forgets its plans."""
    if error is None and read_only.get() and db.session.is_active:
        db.session.expunge_all()
        db.session.commit()
    read_only.set(False)


def _refuse_unstorable_text() -> None:
    """A NUL or half a surrogate pair is no text: databases refuse them."""
    values = [request.path, *request.args.values()]
    if not is_api():  # it reads no forms, and its own bodies it checks itself
        values += request.form.values()
    text = "".join(values)
    if "\0" in text or not _is_text(text):
        abort(400)


def _refuse_json() -> None:
    """No page takes JSON; a form would read it all the same, however deep it is nested."""
    if request.is_json and request.method == "POST" and not is_api():
        abort(400)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _guard_answer(response):
    present = set(response.headers.keys(lower=True))
    response.headers.extend(
        (name, value) for name, value in _HEADERS.items() if name.lower() not in present
    )
    if request.endpoint != "assets":
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    response.vary.add("HX-Request-Type")
    return response
