"""Sessions of browsers: a row on the server that ends, and can be ended, whatever the cookie says."""

import datetime as dt
import hashlib
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.people import Person
from cmdb.tenancy import EVERYTHING, Scope, enter, everything
from servicedesk.signin.models import SignInAttempt, WebSession
from servicedesk.signin.passwords import is_password_of

# Writing each visit would make every page a write.
_SEEN_STEP = dt.timedelta(minutes=1)
_WINDOW = dt.timedelta(minutes=15)
_PER_LOGIN = 10
_PER_ADDRESS = 50


class TooManyAttempts(Exception):
    """This name or this address failed too often in the last quarter of an hour."""


def sign_in(login: str, password: str, address: str, user_agent: str, now: dt.datetime) -> str | None:
    """Start a session; the key for the cookie, or None when name and password do not fit.

    Raises:
        TooManyAttempts: the limit is reached, per name or per address.
    """
    with everything():
        _check_rate(login, address, now)
        person = db.session.scalar(sa.select(Person).where(Person.login == login.strip().lower()))
        fits = is_password_of(person, password)
        if not fits or not person.is_active:
            db.session.add(SignInAttempt(login=login.strip().lower()[:200], address=address, at=now))
            db.session.flush()
            return None
        token = secrets.token_urlsafe(32)
        db.session.add(
            WebSession(
                token_hash=hash_token(token),
                municipality_id=person.municipality_id,
                person_id=person.id,
                created_at=now,
                seen_at=now,
                address=address,
                user_agent=user_agent[:200],
            )
        )
        db.session.flush()
    return f"{person.municipality_id or ''}:{token}"


def resume(key: str, now: dt.datetime, idle: dt.timedelta, absolute: dt.timedelta) -> WebSession | None:
    """Enter the scope that the cookie names, and give the session if it still holds there.

    The wall itself guards this look-up: a cookie that names another municipality finds nothing.
    """
    home, _, token = key.partition(":")
    if home and not home.isdigit():
        return None
    enter(Scope(frozenset({int(home)})) if home else EVERYTHING)
    session = db.session.scalar(
        sa.select(WebSession)
        .where(WebSession.token_hash == hash_token(token))
        .options(
            joinedload(WebSession.person).joinedload(Person.municipality),
        )
    )
    if session is None or not _holds(session, home, now, idle, absolute):
        return None
    return session


def is_due_for_touch(session: WebSession, now: dt.datetime) -> bool:
    return now - session.seen_at >= _SEEN_STEP


def touch(session: WebSession, now: dt.datetime) -> None:
    session.seen_at = now


def end(session: WebSession, now: dt.datetime) -> None:
    session.ended_at = now


def end_all(person: Person, now: dt.datetime) -> None:
    """End every session of `person`: a new role or a lost account counts at the next request."""
    db.session.execute(
        sa.update(WebSession)
        .where(WebSession.person_id == person.id, WebSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def _holds(session, home: str, now, idle, absolute) -> bool:
    person = session.person
    return (
        session.ended_at is None
        and person is not None
        and person.is_active
        and str(person.municipality_id or "") == home
        and now - session.seen_at < idle
        and now - session.created_at < absolute
    )


def _check_rate(login: str, address: str, now: dt.datetime) -> None:
    for column, value, limit in (
        (SignInAttempt.login, login.strip().lower()[:200], _PER_LOGIN),
        (SignInAttempt.address, address, _PER_ADDRESS),
    ):
        failed = db.session.scalar(
            sa.select(sa.func.count()).select_from(SignInAttempt).where(column == value, SignInAttempt.at > now - _WINDOW)
        )
        if failed >= limit:
            raise TooManyAttempts


def hash_token(token: str) -> str:
    """What is kept of a token: enough to know it again, not to use it."""
    return hashlib.sha256(token.encode()).hexdigest()
