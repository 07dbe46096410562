"""What browsers are asked about passkeys, and whether their answers hold (WebAuthn level 3).

Questions and answers are the JSON of the standard. The library that knows them is loaded by whoever
needs it, since few requests do.
"""

import ipaddress
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import current_app

TIMEOUT = 300_000  # milliseconds that a browser waits for its holder
MOST_CHARACTERS = 20_000  # of an answer
_LONGEST_ID = 1023  # bytes
# ES256, EdDSA and RS256 (IANA COSE): every device has one of them.
_ALGORITHMS = (-7, -8, -257)
_TRANSPORTS = ("usb", "nfc", "ble", "smart-card", "hybrid", "internal")


class Refused(Exception):
    """The answer proves nothing. The sentence is for the log."""


class Site(NamedTuple):
    """For whom passkeys are made: the name (relying party), and the one origin that may use them."""

    name: str
    origin: str


class Made(NamedTuple):
    """A new key: how browsers name it (base64url), its public half (COSE), and how it may be reached."""

    credential_id: str
    public_key: bytes
    count: int
    is_backup_eligible: bool
    transports: str


def site() -> Site | None:
    """As SERVICEDESK_URL says, whatever a request says; None where browsers make no passkeys.

    They make them for a name over https, and for localhost.
    """
    parts = urlsplit(current_app.config["SITE_URL"])
    host = parts.hostname or ""
    if host != "localhost" and (parts.scheme != "https" or _is_address(host)):
        return None
    is_usual = parts.port in (None, 443 if parts.scheme == "https" else 80)
    return Site(host, f"{parts.scheme}://{host}{'' if is_usual else f':{parts.port}'}")


def creation(
    challenge: str, handle: bytes, login: str, name: str, known: Iterable[tuple[str, str]]
) -> dict[str, Any]:
    """The question for a new passkey, of who has those `known` already (name, transports)."""
    server = _server()
    server.allowed_algorithms = [
        each for each in server.allowed_algorithms if each.alg in _ALGORITHMS
    ]
    question, _state = server.register_begin(
        {"id": handle, "name": login, "displayName": name},
        credentials=[
            {"type": "public-key", "id": _bytes(key), "transports": transports.split()}
            for key, transports in known
        ],
        resident_key_requirement="required",
        user_verification="required",
        challenge=_bytes(challenge),
    )
    return dict(question.public_key)


def request(challenge: str) -> dict[str, Any]:
    """The question for a passkey of this site, whosever it is."""
    return dict(_request(challenge)[0].public_key)


def read(answer: str) -> Mapping[str, Any]:
    """The credential that a browser answered.

    Raises:
        Refused: it is none.
    """
    told = _attempt(lambda: json.loads(answer[: MOST_CHARACTERS + 1]))
    if not isinstance(told, dict) or not isinstance(told.get("id"), str):
        raise Refused("the answer is no credential")
    return told


def made(told: Mapping[str, Any], challenge: str) -> Made:
    """The key that the browser made when `creation` asked.

    Raises:
        Refused: it was not made by its holder, for this site, at that challenge.
    """
    return _attempt(lambda: _made(told, challenge))


def count(
    told: Mapping[str, Any], challenge: str, public_key: bytes, user_handle: bytes
) -> int:
    """How often the key of that public half was used by its own count, when `request` asked for it.

    Raises:
        Refused: it was not used by its holder, for this site, at that challenge.
    """
    return _attempt(lambda: _count(told, challenge, public_key, user_handle))


def _made(told: Mapping[str, Any], challenge: str) -> Made:
    from fido2 import cbor
    from fido2.utils import websafe_encode

    # What the library keeps between question and answer is the same for both questions.
    data = _server().register_complete(_request(challenge)[1], told)
    key = data.credential_data
    if key is None or key.public_key.get(3) not in _ALGORITHMS or len(key.credential_id) > _LONGEST_ID:
        raise ValueError("Key of a kind that was not asked.")
    named = told["response"].get("transports") or []
    return Made(
        websafe_encode(key.credential_id),
        cbor.encode(dict(key.public_key)),
        data.counter,
        data.is_backup_eligible(),
        " ".join(each for each in _TRANSPORTS if each in named),
    )


def _count(told: Mapping[str, Any], challenge: str, public_key: bytes, user_handle: bytes) -> int:
    from fido2 import cbor
    from fido2.cose import CoseKey
    from fido2.webauthn import Aaguid, AttestedCredentialData, AuthenticationResponse

    answer = AuthenticationResponse.from_dict(told)
    key = CoseKey.parse(cbor.decode(public_key))
    known = AttestedCredentialData.create(Aaguid.NONE, answer.raw_id, key)
    _server().authenticate_complete(_request(challenge)[1], [known], answer)
    if answer.response.user_handle != user_handle:
        raise ValueError("Wrong user handle in response.")
    return answer.response.authenticator_data.counter


def _request(challenge: str):
    return _server().authenticate_begin(
        user_verification="required", challenge=_bytes(challenge)
    )


def _server():
    from fido2.server import Fido2Server

    here = site()
    if here is None:
        raise Refused("there are no passkeys at this address")
    party = {"id": here.name, "name": f"Servicepunt {current_app.config['CENTRE_NAME']}"}
    server = Fido2Server(party, attestation="none", verify_origin=lambda origin: origin == here.origin)
    server.timeout = TIMEOUT
    return server


def _attempt(check: Callable[[], Any]) -> Any:
    """What `check` gives; whatever goes wrong with something from outside is a refusal."""
    try:
        return check()
    except Exception as error:
        raise Refused(f"{type(error).__name__}: {error}"[:200]) from error


def _bytes(text: str) -> bytes:
    from fido2.utils import websafe_decode

    return websafe_decode(text)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
