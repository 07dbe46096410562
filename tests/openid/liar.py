"""A provider that says what a test wants it to, also what no provider may say."""

import base64
import functools
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import KeySet, RSAKey

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@functools.cache
def rsa_key(kid: str, _number: int = 1) -> RSAKey:
    """A key of that name; another one for another number."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


class Liar:
    """A small provider on this machine. What is in `lies` replaces an answer, by its path."""

    def __init__(self):
        self.key, self.other_key = rsa_key("first"), rsa_key("first", 2)
        self.published = [self.key]
        self.claims: dict = {}
        self.header: dict = {}
        self.document: dict = {}
        self.user_info: dict = {}
        self.lies: dict[str, tuple[int, dict, bytes]] = {}
        self.drip = 0.0  # seconds between two bytes of an answer
        self.signer = self.key
        self.asked: list[str] = []
        self.posted: dict = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.issuer = f"http://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def id_token(self, **claims) -> str:
        now = int(time.time())
        usual = {
            "iss": self.issuer, "aud": "desk", "sub": "one", "iat": now, "exp": now + 300,
            "preferred_username": "anna", "name": "Anna Bakker", "email": "anna@example.org",
        }  # fmt: skip
        return self.signed({k: v for k, v in (usual | claims | self.claims).items() if v is not None})

    def logout_token(self, **claims) -> str:
        now = int(time.time())
        usual = {
            "iss": self.issuer, "aud": "desk", "sub": "one", "iat": now, "exp": now + 120,
            "jti": f"jti-{time.monotonic_ns()}", "events": {EVENT: {}},
        }  # fmt: skip
        return self.signed({k: v for k, v in (usual | claims).items() if v is not None})

    def signed(self, claims: dict) -> str:
        """By hand: no library writes all that a test wants to see refused."""
        header = {"alg": "RS256", "kid": "first"} | self.header
        text = b".".join(_b64(json.dumps(part).encode()) for part in (header, claims))
        if header["alg"] == "none":
            raw = b""
        elif header["alg"] == "HS256":
            raw = hmac.digest(self.key.as_pem(private=False), text, "sha256")
        else:
            raw = self.signer.private_key.sign(text, PKCS1v15(), SHA256())
        return f"{text.decode()}.{_b64(raw).decode()}"

    def answer(self, path: str) -> tuple[int, dict, bytes]:
        if path in self.lies:
            return self.lies[path]
        found = {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/me",
                "end_session_endpoint": f"{self.issuer}/leave",
            } | self.document,
            "/keys": KeySet(self.published).as_dict(),
            "/token": {"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token()},
            "/me": {"sub": "one"} | self.user_info,
        }.get(path)  # fmt: skip
        return (404, {}, b"") if found is None else (200, {}, json.dumps(found).encode())


def _b64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _handler(liar: Liar):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            liar.asked.append(self.path)
            status, headers, body = liar.answer(self.path)
            try:
                self._send(status, headers, body)
            except OSError:
                pass  # who asked had enough

        def do_POST(self):
            length = int(self.headers["Content-Length"])
            form = parse_qs(self.rfile.read(length).decode())
            liar.posted = {name: values[0] for name, values in form.items()}
            liar.posted["authorization"] = self.headers.get("Authorization", "")
            self.do_GET()

        def _send(self, status, headers, body):
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json"} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            if not liar.drip:
                self.wfile.write(body)
                return
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(liar.drip)

        def log_message(self, *args):
            pass

    return Handler
