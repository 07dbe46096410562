"""Ending together: who leaves here may leave there too, and who left there is out here at once.

OpenID Connect RP-Initiated Logout 1.0 and Back-Channel Logout 1.0.
"""

import datetime as dt

import sqlalchemy as sa

from cmdb.database import db
from cmdb.tenancy import everything
from servicedesk.directory.connection import Clock
from servicedesk.openid import discovery, flow, tokens
from servicedesk.openid.http import WALL_CLOCK, Session
from servicedesk.openid.models import OpenIdProvider, OpenIdSession
from servicedesk.secrets import Secret, Unreadable
from servicedesk.signin.models import WebSession
from servicedesk.signin.sessions import hash_token

# For how long a logout token is remembered as used: longer than one is taken.
_REMEMBERED = dt.timedelta(minutes=30)


def note(provider: OpenIdProvider, key: str, vouched: flow.Vouched) -> None:
    """Keep which session of the provider the session with the cookie `key` came from."""
    sid = vouched.claims.get("sid")
    db.session.add(
        OpenIdSession(
            token_hash=hash_token(key.partition(":")[2]),
            municipality_id=provider.municipality_id,
            provider_id=provider.id,
            issuer=provider.issuer,
            subject=vouched.claims["sub"],
            sid=sid if tokens.is_key(sid) else None,
            id_token=Secret.of(vouched.id_token),
        )
    )


def came_in_by(token_hash: str) -> OpenIdProvider | None:
    """The provider, detached, by which that session began, if it is in use."""
    with everything():
        return db.session.scalar(
            sa.select(OpenIdProvider)
            .join(OpenIdSession, OpenIdSession.provider_id == OpenIdProvider.id)
            .where(OpenIdSession.token_hash == token_hash, OpenIdProvider.is_active)
        )


def hint(token_hash: str) -> str | None:
    """The ID token of that session, which is forgotten here."""
    with everything():
        session = db.session.get(OpenIdSession, token_hash)
        if session is None or session.id_token is None:
            return None
        sealed, session.id_token = session.id_token, None
    try:
        return sealed.reveal()
    except Unreadable:
        return None


def address(provider: OpenIdProvider, id_token: str | None, back: str) -> str | None:
    """Where a browser signs out there, to come `back` afterwards; None if the provider has no such page.

    Raises:
        Failure: the provider gives no answer.
    """
    from authlib.common.urls import add_params_to_uri

    known = discovery.metadata(provider, Clock(WALL_CLOCK))
    if known.end_session_endpoint is None:
        return None
    asked = [("client_id", provider.client_id), ("post_logout_redirect_uri", back)]
    if id_token:
        asked.append(("id_token_hint", id_token))
    return add_params_to_uri(known.end_session_endpoint, asked)


def told(provider: OpenIdProvider, text: str, now: dt.datetime) -> dict:
    """The claims of a logout token that the provider sent. Holds no transaction.

    Raises:
        Refused: it does not hold.
        Failure: the provider gives no answer.
    """
    clock = Clock(WALL_CLOCK)
    known = discovery.metadata(provider, clock)
    return tokens.logout_token(provider, known, Session(provider.ca, clock), text, now)


def end(provider: OpenIdProvider, claims: dict, now: dt.datetime) -> int:
    """End the sessions that a logout token is about; how many. In a session that sees everything.

    Raises:
        Refused: that token came before.
    """
    flow.spend(f"logout:{provider.id}:{claims['jti']}", now + _REMEMBERED, now)
    chosen = sa.select(OpenIdSession.token_hash).where(
        OpenIdSession.provider_id == provider.id, OpenIdSession.issuer == provider.issuer
    )
    # With a session and a person, it is that session alone.
    for column, name in ((OpenIdSession.sid, "sid"), (OpenIdSession.subject, "sub")):
        if tokens.is_key(claims.get(name)):
            chosen = chosen.where(column == claims[name])
    ended = sa.update(WebSession).where(
        WebSession.token_hash.in_(chosen), WebSession.ended_at.is_(None)
    )
    return db.session.execute(
        ended.values(ended_at=now), execution_options={"synchronize_session": False}
    ).rowcount
