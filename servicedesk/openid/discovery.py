"""What a provider says of itself: its addresses and its keys (OpenID Connect Discovery 1.0).

Each process keeps it for an hour, and asks for the keys again when one is used that it does not
know. Keys that anybody could make, and those that are too short, are not taken.
"""

import contextlib
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from servicedesk.directory.connection import Clock
from servicedesk.openid.failure import Failure, Step
from servicedesk.openid.http import Session, checked
from servicedesk.openid.models import OpenIdProvider

# Seconds that a document and its keys are good for, and that a failure is not tried again.
KEPT, FAILED = 3600, 10
_MOST_PROVIDERS, _MOST_KEYS = 64, 50
# Asymmetric only: with the others, a public key would do as the secret.
ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
)  # fmt: skip
_SHORTEST_RSA = 2048
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_MAY_BE = ("userinfo_endpoint", "end_session_endpoint")


@dataclass
class Metadata:
    """The document of a provider, checked, and its keys; `at` in seconds of the monotonic clock."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    auth_methods: tuple[str, ...]
    tells_issuer: bool  # every answer of its sign-in page names it (RFC 9207)
    tells_end: bool  # it says here when somebody signs out there
    keys: object = None  # joserfc.jwk.KeySet
    at: float = field(default_factory=time.monotonic)
    keys_at: float = 0


_known: OrderedDict[tuple[str, str], Metadata | tuple[float, Failure]] = OrderedDict()
_lock = threading.Lock()


def metadata(provider: OpenIdProvider, clock: Clock) -> Metadata:
    """What is known of the provider, asked at most once an hour.

    Raises:
        Failure: at the step that did not work; the next try is in `FAILED` seconds.
    """
    place = (provider.issuer, provider.ca)
    with _lock:
        known = _known.get(place)
    now = time.monotonic()
    if isinstance(known, Metadata) and now - known.at < KEPT:
        return known
    if isinstance(known, tuple) and now - known[0] < FAILED:
        raise Failure(known[1].step, known[1].host, known[1].detail)
    try:
        found = fetch(provider, clock)
    except Failure as failure:
        _keep(place, (now, failure))
        raise
    _keep(place, found)
    return found


def fetch(provider: OpenIdProvider, clock: Clock) -> Metadata:
    """Ask the provider for its document and its keys.

    Raises:
        Failure: at the step that did not work.
    """
    session = Session(provider.ca, clock)
    where = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    document = _object(session.get(where, Step.DOCUMENT), where, Step.DOCUMENT)
    if document.get("issuer") != provider.issuer:
        raise Failure(Step.ISSUER, where, f"it says {document.get('issuer')!r}")
    for name in _NEEDED:
        checked(document.get(name), Step.DOCUMENT)
    for name in _MAY_BE:
        if document.get(name) is not None:
            checked(document[name], Step.DOCUMENT)
    methods = document.get("token_endpoint_auth_methods_supported")
    found = Metadata(
        issuer=provider.issuer,
        **{name: document.get(name) for name in (*_NEEDED, *_MAY_BE)},
        auth_methods=tuple(methods) if isinstance(methods, list) else ("client_secret_basic",),
        tells_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        tells_end=document.get("backchannel_logout_supported") is True,
    )
    refresh(found, session)
    return found


def refresh(known: Metadata, session: Session) -> None:
    """Ask for the keys again.

    Raises:
        Failure: no answer, or no key that can be used.
    """
    found = _object(session.get(known.jwks_uri, Step.KEYS), known.jwks_uri, Step.KEYS)
    known.keys, known.keys_at = _key_set(found.get("keys"), known.jwks_uri), time.monotonic()


def forget() -> None:
    """Ask everything again: an administrator tests, or changed something."""
    with _lock:
        _known.clear()


def _keep(place: tuple[str, str], what) -> None:
    with _lock:
        _known[place] = what
        _known.move_to_end(place)
        while len(_known) > _MOST_PROVIDERS:
            _known.popitem(last=False)


def _object(answer, where: str, step: Step) -> dict:
    try:
        answer.raise_for_status()
        found = answer.json()
    except ValueError as error:
        raise Failure(step, where, str(error)) from error
    if not isinstance(found, dict):
        raise Failure(step, where, "this is no JSON object")
    return found


def _key_set(keys: object, where: str):
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry, KeySet

    taken = []
    for data in keys[:_MOST_KEYS] if isinstance(keys, list) else ():
        if not isinstance(data, dict) or data.get("kty") not in ("RSA", "EC"):
            continue
        if data.get("use", "sig") != "sig" or _is_short(data):
            continue
        with contextlib.suppress(JoseError, ValueError, TypeError, KeyError, AttributeError):
            taken.append(JWKRegistry.import_key(data))
    if not taken:
        raise Failure(Step.KEYS, where, "there is no key that can be used")
    return KeySet(taken)


def _is_short(key: dict) -> bool:
    """Whether an RSA key has fewer bits than `_SHORTEST_RSA`; six are in each character."""
    return key["kty"] == "RSA" and len(str(key.get("n", ""))) * 6 < _SHORTEST_RSA
