"""Sessions of browsers: a row on the server, which can be ended whatever the cookie says."""

import datetime as dt
import hashlib
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.people import Person
from cmdb.tenancy import EVERYTHING, NOTHING, Scope, enter, everything
from servicedesk.signin.models import WebSession
from servicedesk.signin.passwords import keep_current

# Writing each visit would make every page a write.
_SEEN_STEP = dt.timedelta(minutes=1)
# Every page begins with this one, so it is put together once.
_BY_TOKEN = (
    sa.select(WebSession)
    .where(WebSession.token_hash == sa.bindparam("token_hash"))
    .options(joinedload(WebSession.person).joinedload(Person.municipality))
)


def account(login: str) -> Person | None:
    """Whose name that is. The person is detached: good for comparing the password, no more."""
    with everything():
        return db.session.scalar(sa.select(Person).where(Person.login == login))


def start(
    account: Person, password: str | None, address: str, user_agent: str, now: dt.datetime
) -> str | None:
    """Start a session for who gave the right password; the key for the cookie.

    `password` is the local one that fitted, None when a directory vouched for it. The key is None
    for somebody who may not come in any more.
    """
    if not account.is_active:
        return None
    token = secrets.token_urlsafe(32)
    with everything():
        person = db.session.get(Person, account.id)
        if password is not None:
            keep_current(person, password)
        db.session.add(
            WebSession(
                token_hash=hash_token(token),
                municipality_id=person.municipality_id,
                person_id=person.id,
                created_at=now,
                seen_at=now,
                address=address,
                user_agent=user_agent[:200],
                role=person.role,
            )
        )
    return f"{account.municipality_id or ''}:{token}"


def resume(
    key: str, now: dt.datetime, idle: dt.timedelta, absolute: dt.timedelta
) -> WebSession | None:
    """Enter the scope that the cookie names, and give the session if it still holds there.

    The wall itself guards this look-up: a cookie that names another municipality finds nothing.
    """
    home, _, token = key.partition(":")
    if home and not (home.isascii() and home.isdigit()):
        return None
    enter(Scope(frozenset({int(home)})) if home else EVERYTHING)
    session = db.session.scalar(_BY_TOKEN, {"token_hash": hash_token(token)})
    if session is None or not _holds(session, home, now, idle, absolute):
        enter(NOTHING)
        return None
    return session


def open_sessions(
    person: Person, now: dt.datetime, idle: dt.timedelta, absolute: dt.timedelta
) -> list[WebSession]:
    """The browsers in which `person` is signed in at this moment, the last seen first."""
    return list(
        db.session.scalars(
            sa.select(WebSession)
            .where(
                WebSession.person_id == person.id,
                WebSession.ended_at.is_(None),
                WebSession.seen_at > now - idle,
                WebSession.created_at > now - absolute,
            )
            .order_by(WebSession.seen_at.desc(), WebSession.token_hash)
        )
    )


def is_due_for_touch(session: WebSession, now: dt.datetime) -> bool:
    return now - session.seen_at >= _SEEN_STEP


def touch(session: WebSession, now: dt.datetime) -> None:
    session.seen_at = now


def end(session: WebSession, now: dt.datetime) -> None:
    session.ended_at = now


def end_all(person: Person, now: dt.datetime, besides: WebSession | None = None) -> None:
    """End every session of `person`, `besides` one: a lost account counts at the next request."""
    db.session.execute(
        sa.update(WebSession)
        .where(WebSession.person_id == person.id, WebSession.ended_at.is_(None))
        .where(WebSession.token_hash != (besides.token_hash if besides else ""))
        .values(ended_at=now)
    )


def _holds(session, home: str, now, idle, absolute) -> bool:
    person = session.person
    return (
        session.ended_at is None
        and person is not None
        and person.is_active
        and session.role == person.role
        and str(person.municipality_id or "") == home
        and now - session.seen_at < idle
        and now - session.created_at < absolute
    )


def hash_token(token: str) -> str:
    """What is kept of a token: enough to know it again, not to use it."""
    return hashlib.sha256(token.encode()).hexdigest()
