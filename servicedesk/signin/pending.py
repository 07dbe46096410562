"""Between the password and the second step: a short time in which the server knows who that is.

No session exists yet. The key for the cookie is as that of a session: home and token.
"""

import datetime as dt
import secrets

import sqlalchemy as sa

from cmdb.database import db
from cmdb.people import Person
from servicedesk.signin import second_step
from servicedesk.signin.account_models import PendingSignIn
from servicedesk.signin.passwords import keep_current
from servicedesk.signin.sessions import hash_token

LIFE = dt.timedelta(minutes=10)
MOST_FAILURES = 5


def is_needed(person: Person) -> bool:
    """Whether signing in takes more than the right password."""
    return second_step.is_required(person) or second_step.is_asked(person)


def begin(person: Person, password: str, now: dt.datetime) -> str:
    """Remember who gave the right password; the token for the cookie."""
    keep_current(person, password)
    if not second_step.is_asked(person):
        second_step.begin(person, now)
    token = secrets.token_urlsafe(32)
    db.session.add(
        PendingSignIn(
            token_hash=hash_token(token),
            municipality_id=person.municipality_id,
            person_id=person.id,
            made_at=now,
        )
    )
    db.session.flush()
    return token


def find(token: str, now: dt.datetime) -> PendingSignIn | None:
    """Who that is, as long as they may still give a code; of two requests the second waits."""
    found = db.session.get(PendingSignIn, hash_token(token), with_for_update=True)
    if found is None or found.made_at <= now - LIFE or found.failures >= MOST_FAILURES:
        return None
    return found if found.person.is_active else None


def fail(waiting: PendingSignIn) -> None:
    """Count a wrong code; at the last one the password is asked again."""
    waiting.failures = PendingSignIn.failures + 1
    db.session.flush()


def end(waiting: PendingSignIn) -> None:
    """Forget it, as the session begins."""
    db.session.delete(waiting)
    db.session.flush()
