"""Signing in at a provider: the authorization code with PKCE (RFC 7636), and what comes of it.

Between the two halves the browser keeps a `Begun` in its own signed cookie; the state in it is good
for ten minutes, for that browser, once.
"""

import datetime as dt
import hashlib
import secrets
from dataclasses import asdict, dataclass
from urllib.parse import quote_plus

import sqlalchemy as sa

from cmdb.database import db
from servicedesk.directory.connection import Clock
from servicedesk.openid import discovery, tokens
from servicedesk.openid.discovery import Metadata
from servicedesk.openid.failure import Failure, Reason, Refused, Step
from servicedesk.openid.http import WALL_CLOCK, Session
from servicedesk.openid.models import Kind, OpenIdMark, OpenIdProvider
from servicedesk.secrets import Unreadable

GOOD_FOR = dt.timedelta(minutes=10)
# What a provider says when it is the person, or the choice of the municipality, that ended it.
_CANCELLED = ("access_denied", "login_required", "interaction_required", "consent_required")
# Entra ID: the person is not assigned to the application; ADFS: the policy does not let them in.
_NOT_ASSIGNED = ("AADSTS50105", "MSIS9605", "MSIS5007")
# AD FS leaves the claims of its own rules out of the token of who asks for an answer in the address.
_MODES = {Kind.ADFS: "form_post"}
_MIXED_UP = "the answer is of another provider"


@dataclass(frozen=True)
class Begun:
    """What the browser keeps between the halves; `at` in seconds since 1970."""

    provider: int
    state: str
    nonce: str
    verifier: str
    at: int
    next: str = ""


@dataclass(frozen=True)
class Vouched:
    """What the provider says: the claims of the token and of the user info, and the token itself."""

    claims: dict
    id_token: str


def begin(
    provider: OpenIdProvider, redirect_uri: str, next: str, now: dt.datetime
) -> tuple[str, dict]:
    """Where the browser goes, and what it keeps.

    Raises:
        Failure: the provider gives no answer.
    """
    known = discovery.metadata(provider, Clock(WALL_CLOCK))
    begun = Begun(
        provider.id, _random(), _random(), _random(), int(now.timestamp()), next
    )
    client = _client(provider, known, None, redirect_uri)
    url, _state = client.create_authorization_url(
        known.authorization_endpoint,
        state=begun.state,
        code_verifier=begun.verifier,
        nonce=begun.nonce,
        response_mode=_MODES.get(provider.kind, "query"),
    )
    return url, asdict(begun)


def kept(values: object, provider: OpenIdProvider, answer: dict, now: dt.datetime) -> Begun:
    """What the browser kept, if `answer` belongs to it; the state is spent from here on.

    Raises:
        Refused: it does not, is too late, or came before.
    """
    try:
        begun = Begun(**values)
    except TypeError:
        raise Refused(Reason.STALE, "this browser began nothing") from None
    given = answer.get("state", "")
    if begun.provider != provider.id or not secrets.compare_digest(
        begun.state.encode(), given.encode()
    ):
        raise Refused(Reason.STALE, "another state")
    if not 0 <= now.timestamp() - begun.at <= GOOD_FOR.total_seconds():
        raise Refused(Reason.STALE, "too late")
    spend(f"state:{begun.state}", now + GOOD_FOR, now)
    return begun


def finish(
    provider: OpenIdProvider, begun: Begun, answer: dict, redirect_uri: str, now: dt.datetime
) -> Vouched:
    """Who the provider says that is. Takes at most `WALL_CLOCK` seconds; holds no transaction.

    Raises:
        Refused: it lets nobody in, or what it says does not hold.
        Failure: it gives no good answer.
    """
    from authlib.oauth2.base import OAuth2Error

    clock = Clock(WALL_CLOCK)
    known = discovery.metadata(provider, clock)
    _check_sender(known, answer)
    if "error" in answer:
        raise _refusal(answer)
    if not answer.get("code"):
        raise Refused(Reason.PROVIDER, "neither a code nor an error")
    session = Session(provider.ca, clock)
    client = _client(provider, known, session, redirect_uri)
    try:
        token = client.fetch_token(
            known.token_endpoint,
            grant_type="authorization_code",
            code=answer["code"],
            code_verifier=begun.verifier,
        )
    except OAuth2Error as error:
        raise Failure(Step.TOKEN, known.token_endpoint, str(error)) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise Failure(Step.TOKEN, known.token_endpoint, str(error)) from error
    claims = tokens.id_token(provider, known, session, token, begun.nonce, now)
    return Vouched(_with_user_info(provider, known, session, token, claims), token["id_token"])


def spend(mark: str, until: dt.datetime, now: dt.datetime) -> None:
    """Use up what may be used once.

    Raises:
        Refused: it was used before.
    """
    digest = hashlib.sha256(mark.encode()).hexdigest()
    db.session.execute(sa.delete(OpenIdMark).where(OpenIdMark.until < now))
    try:
        with db.session.begin_nested():
            db.session.add(OpenIdMark(digest=digest, until=until))
    except sa.exc.IntegrityError:
        raise Refused(Reason.STALE, "used before") from None


def _random() -> str:
    return secrets.token_urlsafe(32)


def _client(
    provider: OpenIdProvider, known: Metadata, session: Session | None, redirect_uri: str
):
    from authlib.oauth2.client import OAuth2Client

    method, name, secret = "none", provider.client_id, None
    if provider.client_secret is not None:
        try:
            secret = provider.client_secret.reveal()
        except Unreadable:
            said = "the secret was sealed with a lost key"
            raise Failure(Step.TOKEN, known.token_endpoint, said) from None
        method = "client_secret_post"
        if method not in known.auth_methods:
            # RFC 6749, 2.3.1: encoded first, which Authlib leaves to who calls it.
            method, name, secret = "client_secret_basic", quote_plus(name), quote_plus(secret)
    return OAuth2Client(
        session,
        client_id=name,
        client_secret=secret,
        token_endpoint_auth_method=method,
        scope=provider.scopes,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )


def _check_sender(known: Metadata, answer: dict) -> None:
    """Against answers of one provider that are passed off as those of another (RFC 9207)."""
    if "iss" in answer or known.tells_issuer:
        if answer.get("iss") != known.issuer:
            raise Refused(Reason.FORGED, _MIXED_UP)


def _refusal(answer: dict) -> Refused:
    said = f"{answer['error']} {answer.get('error_description', '')}"
    if any(code in said for code in _NOT_ASSIGNED):
        return Refused(Reason.NOT_ASSIGNED, said)
    if answer["error"] in _CANCELLED:
        return Refused(Reason.CANCELLED, said)
    if answer["error"] in ("server_error", "temporarily_unavailable"):
        raise Failure(Step.TOKEN, "", said)
    return Refused(Reason.PROVIDER, said)


def _with_user_info(
    provider: OpenIdProvider, known: Metadata, session: Session, token: dict, claims: dict
) -> dict:
    """The claims, with what only the user info tells; of the same person, or nothing."""
    wanted = [provider.claims.get(name) for name in ("login", "name", "email")]
    if any(provider.groups.values()):
        wanted.append(provider.claims.get("groups"))
    wanted.append(provider.directory_claim)
    access = token.get("access_token")
    if not known.userinfo_endpoint or not isinstance(access, str):
        return claims
    if all(name in claims for name in wanted if name):
        return claims
    headers = {"Authorization": f"Bearer {access}"}
    if not access.isascii() or not access.isprintable():
        raise Failure(Step.TOKEN, known.token_endpoint, "an access token that cannot be sent")
    found = session.get(known.userinfo_endpoint, Step.TOKEN, headers)
    try:
        found.raise_for_status()
        told = found.json()
    except ValueError as error:
        raise Failure(Step.TOKEN, known.userinfo_endpoint, str(error)) from error
    if not isinstance(told, dict) or told.get("sub") != claims["sub"]:
        raise Refused(Reason.FORGED, "the user info is of somebody else")
    return {name: told[name] for name in wanted if name in told} | claims
