"""Whether a token was written by the provider, for us, and now.

Authlib and joserfc check the signature and the claims (OpenID Connect Core 1.0, 3.1.3.7; Back-Channel
Logout 1.0, 2.6); what they leave open is closed here: which algorithms, and what must be there.
"""

import datetime as dt
import time

from servicedesk.openid import discovery
from servicedesk.openid.discovery import Metadata
from servicedesk.openid.failure import Reason, Refused
from servicedesk.openid.http import Session
from servicedesk.openid.models import OpenIdProvider

# Seconds that two clocks may differ, and that a logout token is good for.
LEEWAY = 60
_LOGOUT_TOKEN = 300
# Seconds between two looks at the keys for what anybody can send.
_KEYS_AGE = 60
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LONGEST = 255


def id_token(
    provider: OpenIdProvider,
    known: Metadata,
    session: Session,
    token: dict,
    nonce: str,
    now: dt.datetime,
) -> dict:
    """The claims of the ID token in the answer `token` of the provider.

    Raises:
        Refused: it does not hold.
        Failure: the keys are new, and could not be had.
    """
    from authlib.oidc.core import CodeIDToken
    from joserfc.errors import JoseError

    claims, header = _opened(known, session, token.get("id_token"), oldest_keys=0)
    wanted = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }
    checks = {"nonce": nonce, "client_id": provider.client_id}
    if isinstance(token.get("access_token"), str):
        checks["access_token"] = token["access_token"]
    try:
        read = CodeIDToken(claims, header, wanted, checks)
        read.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise Refused(Reason.FORGED, str(error)) from error
    if not is_key(claims.get("sub")):
        raise Refused(Reason.FORGED, "no sub")
    return claims


def logout_token(
    provider: OpenIdProvider, known: Metadata, session: Session, text: str, now: dt.datetime
) -> dict:
    """The claims of a logout token.

    Raises:
        Refused, Failure: as `id_token`.
    """
    from authlib.oauth2.claims import JWTClaims
    from joserfc.errors import JoseError

    claims, header = _opened(known, session, text, oldest_keys=_KEYS_AGE)
    wanted = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "iat": {"essential": True},
        "jti": {"essential": True},
    }
    try:
        JWTClaims(claims, header, wanted).validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise Refused(Reason.FORGED, str(error)) from error
    events, sid = claims.get("events"), claims.get("sid")
    if (
        "nonce" in claims
        or not isinstance(events, dict)
        or not isinstance(events.get(_LOGOUT_EVENT), dict)
        or not is_key(claims.get("jti"))
        or not (is_key(claims.get("sub")) or is_key(sid))
        or str(header.get("typ", "logout+jwt")).lower() not in ("logout+jwt", "jwt")
        or now.timestamp() - claims["iat"] > _LOGOUT_TOKEN
    ):
        raise Refused(Reason.FORGED, "this is no logout token")
    return claims


def is_key(value: object) -> bool:
    """Whether that can be the key of somebody or something at a provider."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable()


def _opened(
    known: Metadata, session: Session, text: object, oldest_keys: float
) -> tuple[dict, dict]:
    """The claims and the header of a token with a good signature.

    A key that is not known yet is asked for, if the keys are older than `oldest_keys` seconds.
    """
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError
    from joserfc.jws import JWSRegistry

    if not isinstance(text, str) or not text.isascii():
        raise Refused(Reason.FORGED, "no token")
    registry = JWSRegistry(algorithms=discovery.ALGORITHMS, strict_check_header=False)
    try:
        try:
            read = jwt.decode(text, known.keys, registry=registry)
        except InvalidKeyIdError:
            if time.monotonic() - known.keys_at < oldest_keys:
                raise
            discovery.refresh(known, session)
            read = jwt.decode(text, known.keys, registry=registry)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise Refused(Reason.FORGED, f"{type(error).__name__} {error}") from error
    return read.claims, read.header

