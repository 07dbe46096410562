"""Tokens with which a program of somebody calls the API: made once, kept as a hash."""

import datetime as dt
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.tenancy import EVERYTHING, NOTHING, OutsideScope, Scope, enter
from servicedesk.signin.models import ApiToken
from servicedesk.signin.sessions import hash_token

LONGEST = dt.timedelta(days=365)
# What finds lost secrets in texts knows a token by how it begins.
_PREFIX = "sdt_"
# Writing each use would make every question a write.
_USED_STEP = dt.timedelta(minutes=1)
_BY_TOKEN = (
    sa.select(ApiToken)
    .where(ApiToken.token_hash == sa.bindparam("token_hash"))
    .options(joinedload(ApiToken.person).joinedload(Person.municipality))
)


def create(
    person: Person, name: str, may_write: bool, expires_on: dt.date, now: dt.datetime
) -> tuple[ApiToken, str]:
    """A new token, and its secret, which is given once and never again.

    Raises:
        ValueError: `expires_on` is past, or farther away than `LONGEST`.
    """
    today = local(now).date()
    if not today <= expires_on <= today + LONGEST:
        raise ValueError("a token expires within a year")
    home = str(person.municipality_id or "")
    secret = f"{_PREFIX}{home}.{secrets.token_urlsafe(32)}"
    token = ApiToken(
        token_hash=hash_token(secret),
        municipality_id=person.municipality_id,
        person_id=person.id,
        name=name,
        may_write=may_write,
        created_at=now,
        expires_on=expires_on,
    )
    db.session.add(token)
    db.session.flush()
    return token, secret


def resume(secret: str, now: dt.datetime) -> ApiToken | None:
    """Enter the scope that the secret names, and give its token if that still holds there.

    The wall itself guards this look-up: a secret that names another municipality finds nothing.
    """
    home = secret.removeprefix(_PREFIX).partition(".")[0]
    if not secret.startswith(_PREFIX) or home and not _is_key(home):
        return None
    enter(Scope(frozenset({int(home)})) if home else EVERYTHING)
    try:
        token = db.session.scalar(_BY_TOKEN, {"token_hash": hash_token(secret)})
    except OutsideScope:  # whose it is moved to another municipality
        token = None
    if token is None or not _holds(token, home, now):
        enter(NOTHING)
        return None
    return token


def active(person: Person, now: dt.datetime, limit: int) -> list[ApiToken]:
    """The tokens of `person` that hold, the newest first."""
    return list(
        db.session.scalars(
            sa.select(ApiToken)
            .where(
                ApiToken.person_id == person.id,
                ApiToken.revoked_at.is_(None),
                ApiToken.expires_on >= local(now).date(),
            )
            .order_by(ApiToken.id.desc())
            .limit(limit)
        )
    )


def is_due_for_touch(token: ApiToken, now: dt.datetime) -> bool:
    return token.used_at is None or now - token.used_at >= _USED_STEP


def touch(token: ApiToken, now: dt.datetime) -> None:
    token.used_at = now


def revoke(token: ApiToken, now: dt.datetime) -> None:
    """End one token; the others go on."""
    token.revoked_at = token.revoked_at or now


def revoke_all(person: Person, now: dt.datetime) -> None:
    """End every token of `person`: who was shut out or got another role makes new ones."""
    db.session.execute(
        sa.update(ApiToken)
        .where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def _is_key(home: str) -> bool:
    return home.isascii() and home.isdigit() and len(home) < 10


def _holds(token: ApiToken, home: str, now: dt.datetime) -> bool:
    person = token.person
    return (
        token.revoked_at is None
        and token.expires_on >= local(now).date()
        and person is not None
        and person.is_active
        and str(person.municipality_id or "") == home
    )
