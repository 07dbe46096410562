"""An authenticator in software: what a browser answers when somebody holds a finger on a passkey."""

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

PRESENT, VERIFIED, ELIGIBLE, ATTESTED = 0x01, 0x04, 0x08, 0x40


@dataclass
class Authenticator:
    """One passkey. Every part of its answers can be another one, as a forger's would."""

    name: str = "localhost"
    origin: str = "http://localhost:8000"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    step: int = 0  # what each use adds to the count
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    user_handle: bytes | None = None

    def make(self, question: dict, **other) -> str:
        """The answer to the question for a new passkey."""
        public = ES256.from_cryptography_key(self.key.public_key())
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
        data = self._data(other.get("key", attested + cbor.encode(dict(public))), ATTESTED)
        self.user_handle = websafe_decode(question["user"]["id"])
        return self._answer(
            {
                "clientDataJSON": self._client_data("webauthn.create", question),
                "attestationObject": websafe_encode(
                    cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
                ),
                "transports": ["internal", "hybrid", "pigeon"],
            }
        )

    def sign(self, question: dict) -> str:
        """The answer to the question for a passkey."""
        self.count += self.step
        client_data, data = self._client_data("webauthn.get", question), self._data()
        signed = data + hashlib.sha256(websafe_decode(client_data)).digest()
        return self._answer(
            {
                "clientDataJSON": client_data,
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(self.key.sign(signed, ec.ECDSA(SHA256()))),
                "userHandle": websafe_encode(self.user_handle) if self.user_handle else None,
            }
        )

    def _answer(self, response: dict) -> str:
        key = websafe_encode(self.credential_id)
        told = {"id": key, "rawId": key, "type": "public-key", "response": response}
        return json.dumps(told | {"clientExtensionResults": {}, "authenticatorAttachment": "platform"})

    def _client_data(self, kind: str, question: dict) -> str:
        told = {"type": kind, "challenge": question["challenge"], "origin": self.origin, "crossOrigin": False}
        return websafe_encode(json.dumps(told).encode())

    def _data(self, attested: bytes = b"", flags: int = 0) -> bytes:
        name = hashlib.sha256(self.name.encode()).digest()
        return name + struct.pack(">BI", self.flags | flags, self.count) + attested


