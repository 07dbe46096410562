"""Asking a provider: encrypted, at an address that may be, one answer of a limited size, by the clock.

The standard library's client follows no redirect and knows no proxy; what it lacks is an end to all
its waiting, and a look at the address that a name turned out to have. No client library has the
latter, and the lightest of those that Authlib works with costs a worker 10 MB.
"""

import contextlib
import http.client
import json
import socket
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import SplitResult, urlencode, urlsplit

from flask import current_app

from servicedesk.directory import connection
from servicedesk.directory.connection import Clock
from servicedesk.openid.failure import Failure, Step

# Seconds: for everything that one sign-in asks of a provider, and to reach an address.
WALL_CLOCK = 8
_PER_ADDRESS = 3
LARGEST = 1024 * 1024
_USER_AGENT = "servicedesk"


@dataclass(frozen=True)
class Answer:
    """What came back; the names are those that Authlib's client reads."""

    status_code: int
    content: bytes

    def json(self) -> object:
        """Raises ValueError when it is none, or nested too deeply."""
        try:
            return json.loads(self.content)
        except RecursionError:
            raise ValueError("too deeply nested") from None

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise ValueError(f"status {self.status_code}")


class Session:
    """All that is asked of one provider within one clock; `post` is what Authlib's client calls."""

    def __init__(self, ca: str, clock: Clock):
        self._ca, self._clock = ca, clock

    def get(self, url: str, step: Step, headers: dict[str, str] | None = None) -> Answer:
        """Raises Failure: no answer, at the earliest step that failed."""
        return self._ask("GET", url, step, headers or {}, None)

    def post(self, url: str, data=None, headers=None, auth=None) -> Answer:
        """Raises Failure: no answer."""
        body, sent = urlencode(data or {}), dict(headers or {})
        if auth is not None:
            url, sent, body = auth.prepare("POST", url, sent, body)
        return self._ask("POST", url, Step.TOKEN, sent, body)

    def _ask(self, method: str, url: str, step: Step, headers: dict, body: str | None) -> Answer:
        parts = checked(url, step)
        there = _Connection(parts, _addresses(parts, self._clock), self._ca, self._clock)
        # A server that sends a byte now and then outlasts every time limit of a socket.
        timer = threading.Timer(self._clock.left(), there.cut)
        timer.daemon = True
        timer.start()
        try:
            there.connect()
            path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            sent = {"Accept": "application/json", "User-Agent": _USER_AGENT} | headers
            there.request(method, path, body, sent)
            answer = there.getresponse()
            content = answer.read(LARGEST + 1)
        except ssl.SSLCertVerificationError as error:
            raise Failure(Step.REACH, parts.netloc, error.verify_message) from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            where = step if there.is_connected else Step.REACH
            said = str(error) or type(error).__name__
            raise Failure(where, parts.netloc, said) from error
        finally:
            timer.cancel()
            there.close()
        if len(content) > LARGEST:
            raise Failure(step, parts.netloc, f"more than {LARGEST} bytes")
        if there.was_cut:
            raise Failure(step, parts.netloc, "no whole answer in time")
        if 300 <= answer.status < 400:
            raise Failure(step, parts.netloc, f"status {answer.status}: a redirect is not followed")
        return Answer(answer.status, content)


def checked(url: object, step: Step) -> SplitResult:
    """The parts of an address that may be asked: https, or http on this machine where that is set.

    Raises:
        Failure: it may not, or is no address.
    """
    text = url if isinstance(url, str) else ""
    try:
        parts = urlsplit(text)
        schemes = ("https", "http") if current_app.config["OPENID_LOOPBACK"] else ("https",)
        # Reading the port raises for one that is none.
        is_right = parts.port != 0 and parts.scheme in schemes and bool(parts.hostname)
    except ValueError:
        is_right = False
    if not is_right or not text.isascii() or not text.isprintable() or " " in text or "@" in parts.netloc:
        raise Failure(step, text[:100], "this is no address that begins with https://")
    return parts


def _addresses(parts: SplitResult, clock: Clock) -> list[str]:
    """The addresses at which a provider may be: not on this machine, unless the settings say so."""
    try:
        known = connection.look_up(parts.hostname, _port(parts), clock)
    except OSError as error:
        raise Failure(Step.NAME, parts.netloc, str(error)) from error
    is_demo = current_app.config["OPENID_LOOPBACK"]
    allowed = [
        ip
        for ip in known
        if (is_demo and connection.is_loopback(ip))
        or (parts.scheme == "https" and connection.is_elsewhere(ip))
    ]
    if not allowed:
        raise Failure(Step.NAME, parts.netloc, f"{known[0]} is no address for a provider")
    return allowed


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was looked at, whatever the name becomes meanwhile."""

    def __init__(self, parts: SplitResult, ips: list[str], ca: str, clock: Clock):
        super().__init__(parts.hostname, _port(parts), timeout=clock.left())
        self._ips, self._ca, self._is_https = ips, ca, parts.scheme == "https"
        self.is_connected = self.was_cut = False
        self._held: socket.socket | None = None  # the library forgets it once an answer begins
        # What is left out of the Host header.
        self.default_port = 443 if self._is_https else 80

    def connect(self) -> None:
        self.sock = self._reached()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._is_https:
            # The timer must reach the socket during the handshake too.
            self.sock = connection.context(self._ca).wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()
        self.is_connected, self._held = True, self.sock

    def _reached(self) -> socket.socket:
        for ip in self._ips[:-1]:
            with contextlib.suppress(OSError):
                return socket.create_connection((ip, self.port), min(_PER_ADDRESS, self.timeout))
        return socket.create_connection((self._ips[-1], self.port), min(_PER_ADDRESS, self.timeout))

    def cut(self) -> None:
        """Wake whoever waits for an answer; the socket itself is closed by its own thread."""
        self.was_cut = True
        with contextlib.suppress(OSError, AttributeError):
            socket.socket.shutdown(self._held or self.sock, socket.SHUT_RDWR)
