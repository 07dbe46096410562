"""A connection to a directory: encrypted, its certificate verified, and ended by its clock.

ldap3 verifies no certificate unless told to, and its own check is not the one of the standard
library; it looks names up without a time limit; it delays small packets by 40 ms. So the socket is
prepared here, and ldap3 speaks the protocol over it.
"""

import contextlib
import enum
import functools
import ipaddress
import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import ldap3
from flask import current_app
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import to_unicode

from servicedesk.directory.models import Directory, Security
from servicedesk.secrets import Unreadable

# Seconds: for everything that one sign-in asks of a directory, for a host, and for an answer.
WALL_CLOCK = 8
_PER_HOST, _PER_ANSWER = 3, 5
PAGE = 500
_PORTS = {Security.STARTTLS: 389, Security.LDAPS: 636}
_SUCCESS, _SIZE_LIMIT, _NO_SUCH_OBJECT = 0, 4, 32
# Of the messages of LDAP (RFC 4511, 4.5.2) the one with an entry that was found.
_ENTRY = 4
# Invalid credentials, inappropriate authentication, unwilling (locked): the answer is no.
_REFUSALS = {48, 49, 53}


class Step(enum.StrEnum):
    """What is done in turn, so that one can say where it went wrong."""

    NAME = "name"
    PORT = "port"
    TLS = "tls"
    CERTIFICATE = "certificate"
    BIND = "bind"
    SEARCH = "search"


class Failure(Exception):
    """The directory gave no answer, at `step`; `detail` is technical, in English."""

    def __init__(self, step: Step, host: str, detail: str):
        super().__init__(f"{step} at {host}: {detail}")
        self.step, self.host, self.detail = step, host, detail


class Clock:
    """A number of seconds for all that follows."""

    def __init__(self, seconds: float):
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, at least one: who asks too late is stopped by the connection's own timer."""
        return max(1.0, self._end - time.monotonic())


class _Tls(ldap3.Tls):
    """TLS as the standard library does it: the certificate and the name in it are verified."""

    def __init__(self, ca: str, name: str):
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._ca, self._name, self.error = ca, name, None

    def wrap_socket(self, connection, do_handshake=False):
        try:
            # The timer must reach the socket during the handshake too.
            connection.socket = context(self._ca).wrap_socket(
                connection.socket, server_hostname=self._name, do_handshake_on_connect=False
            )
            connection.socket.do_handshake()
        except (OSError, ValueError) as error:
            self.error = error
            raise


@functools.lru_cache(maxsize=32)
def context(ca: str) -> ssl.SSLContext:
    """What trusts the authorities of the PEM text `ca` alone, or without it those of the machine.

    Raises:
        ssl.SSLError, ValueError: `ca` is no certificate.
    """
    made = ssl.create_default_context(cadata=ca or None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


class Line:
    """An open connection that ends, whatever the other side does, when the clock has run out."""

    def __init__(self, connection: ldap3.Connection, host: str, clock: Clock):
        self._connection, self.host = connection, host
        self._timer = threading.Timer(clock.left(), self._cut)
        self._timer.daemon = True
        self._timer.start()

    def bind(self, dn: str, password: str) -> bool:
        """Whether the directory takes the password; an empty one is never sent.

        Raises:
            Failure: no answer, or neither yes nor no.
        """
        if not password:
            return False
        with self._failing(Step.BIND):
            self._connection.rebind(
                dn, password, authentication=ldap3.SIMPLE, read_server_info=False
            )
        result = self._connection.result
        if result["result"] in _REFUSALS or result["result"] == _NO_SUCH_OBJECT:
            return False
        self._expect(Step.BIND, result)
        return True

    def search(
        self, base: str, filter: str, attributes: list[str], scope: str = ldap3.SUBTREE, limit=0
    ) -> list[dict]:
        """What is found; nothing under a base that is not there. At most `limit`, if not 0.

        Each with its name, "dn", and "raw_attributes": lists of bytes.

        Raises:
            Failure: no answer, or not a whole one.
        """
        with self._failing(Step.SEARCH):
            self._connection.search(base, filter, scope, attributes=attributes, size_limit=limit)
        result = self._connection.result
        if result["result"] == _NO_SUCH_OBJECT:
            return []
        if not (limit and result["result"] == _SIZE_LIMIT):
            self._expect(Step.SEARCH, result)
        return self._entries()

    def everything(self, base: str, filter: str, attributes: list[str]) -> Iterator[dict]:
        """All that is found, by pages, each of which is checked to be whole.

        Raises:
            Failure: no answer, a page that broke off, or a base that is not there.
        """
        cookie = None
        while True:
            with self._failing(Step.SEARCH):
                self._connection.search(
                    base, filter, ldap3.SUBTREE, attributes=attributes,
                    paged_size=PAGE, paged_cookie=cookie, paged_criticality=True,
                )  # fmt: skip
            result = self._connection.result
            self._expect(Step.SEARCH, result)
            yield from self._entries()
            control = result.get("controls", {}).get("1.2.840.113556.1.4.319")
            cookie = control and control["value"]["cookie"]
            if not cookie:
                return

    def close(self) -> None:
        self._timer.cancel()
        # ldap3 leaves the socket of a connection that failed to the garbage collector.
        with contextlib.closing(self._connection.socket or contextlib.ExitStack()):
            with contextlib.suppress(LDAPException, OSError):
                self._connection.unbind()

    def start_tls(self) -> None:
        self._connection.start_tls()

    def open(self) -> None:
        self._connection.open(read_server_info=False)
        self._connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _entries(self) -> list[dict]:
        """References to other directories are left out: nobody follows them."""
        return [one for one in self._connection.response if one["type"] == "searchResEntry"]

    def _expect(self, step: Step, result: dict) -> None:
        if result["result"] != _SUCCESS:
            said = f"{result['description']} {result.get('message') or ''}".strip()
            raise Failure(step, self.host, said)

    @contextlib.contextmanager
    def _failing(self, step: Step) -> Iterator[None]:
        try:
            yield
        # ldap3 has no error of its own for some of the filters that are none.
        except (LDAPException, OSError, ValueError, AttributeError) as error:
            raise Failure(step, self.host, str(error) or type(error).__name__) from error

    def _cut(self) -> None:
        """Wake whoever waits for an answer; the socket itself is closed by its own thread."""
        with contextlib.suppress(OSError, AttributeError):
            socket.socket.shutdown(self._connection.socket, socket.SHUT_RDWR)


@contextlib.contextmanager
def opened(directory: Directory, clock: Clock, host: str = "") -> Iterator[Line]:
    """A connection to the first host that answers, of those of the directory or `host` alone.

    Raises:
        Failure: none does; what the last one said.
    """
    line, failure = None, None
    for name in [host] if host else directory.hosts:
        try:
            line = _line(directory, name, clock)
            break
        except Failure as error:
            failure = error
    if line is None:
        raise failure or Failure(Step.NAME, "", "no host")
    try:
        yield line
    finally:
        line.close()


@contextlib.contextmanager
def opened_to_search(directory: Directory, clock: Clock) -> Iterator[Line]:
    """A connection as the directory's own service account.

    Raises:
        Failure: as `opened`, or the account is refused.
    """
    with opened(directory, clock) as line:
        try:
            password = directory.bind_password.reveal() if directory.bind_password else ""
        except Unreadable:
            raise Failure(Step.BIND, line.host, "the password was sealed with a lost key") from None
        if not line.bind(directory.bind_dn, password):
            raise Failure(Step.BIND, line.host, "the account and its password are refused")
        yield line


def address(host: str, security: Security) -> tuple[str, int]:
    """Name and port of "name", "name:port", "[::1]:port".

    Raises:
        ValueError: it is none of these.
    """
    name, port = host, ""
    if host.startswith("["):
        name, _, port = host[1:].partition("]")
        port = port.removeprefix(":")
    elif host.count(":") == 1:
        name, _, port = host.partition(":")
    number = int(port) if port else _PORTS[security]
    if not name or not 0 < number < 65536:
        raise ValueError(host)
    return name, number


def _line(directory: Directory, host: str, clock: Clock) -> Line:
    name, port = address(host, directory.security)
    failure = Failure(Step.NAME, host, "no address")
    for ip in _addresses(name, port, host, clock):
        try:
            return _connected(directory, host, name, ip, port, clock)
        except Failure as error:
            failure = error
    raise failure


def _connected(
    directory: Directory, host: str, name: str, ip: str, port: int, clock: Clock
) -> Line:
    tls = _Tls(directory.ca, name)
    server = ldap3.Server(
        f"[{ip}]" if ":" in ip else ip, port, use_ssl=directory.security == Security.LDAPS,
        get_info=ldap3.NONE, tls=tls, connect_timeout=min(_PER_HOST, clock.left()),
    )  # fmt: skip
    connection = ldap3.Connection(
        server, client_strategy=ldap3.SYNC, auto_referrals=False, check_names=False, read_only=True,
        raise_exceptions=False, return_empty_attributes=False,
        receive_timeout=math.ceil(min(_PER_ANSWER, clock.left())),
    )  # fmt: skip
    usual = connection.strategy.decode_response_fast
    connection.strategy.decode_response_fast = functools.partial(_decoded, usual)
    line = Line(connection, host, clock)
    step = Step.PORT
    try:
        line.open()
        step = Step.TLS
        if directory.security == Security.STARTTLS:
            line.start_tls()
    except (LDAPException, OSError, ValueError) as error:
        line.close()
        if isinstance(tls.error, ssl.SSLCertVerificationError):
            raise Failure(Step.CERTIFICATE, host, tls.error.verify_message) from error
        raise Failure(Step.TLS if tls.error else step, host, str(tls.error or error)) from error
    return line


def _decoded(usual: Callable[[dict], dict], message: dict) -> dict:
    """A message of the directory. ldap3 reads each value of an entry twice: half of a search.

    What comes in parts (";range=", of Active Directory) is left to ldap3, which asks for the rest.
    """
    if message["protocolOp"] != _ENTRY:
        return usual(message)
    # A part is a tuple, of which the last is its value.
    (*_, name), (*_, attributes) = message["payload"]
    found = {}
    for *_, ((*_, attribute), (*_, values)) in attributes:
        found[attribute.decode().lower()] = [value for *_, value in values]
    if any(";range=" in attribute for attribute in found):
        return usual(message)
    return {"type": "searchResEntry", "dn": to_unicode(name, from_server=True),
            "raw_attributes": found}  # fmt: skip


def _addresses(name: str, port: int, host: str, clock: Clock) -> list[str]:
    """The addresses of a name that a directory may have."""
    try:
        known = look_up(name, port, clock)
    except OSError as error:
        raise Failure(Step.NAME, host, str(error)) from error
    allowed = [ip for ip in known if is_allowed(ip)]
    if not allowed:
        raise Failure(Step.NAME, host, f"{known[0]} is no address for a directory")
    return allowed


def look_up(name: str, port: int, clock: Clock) -> list[str]:
    """The addresses of a name, one or more.

    Raises:
        OSError: it has none, or there was no answer in time.
    """
    found, errors = [], []

    def look() -> None:
        try:
            found.extend(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            errors.append(error)

    # The system's own look-up has no time limit.
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(min(_PER_HOST, clock.left()))
    if not found:
        raise OSError(str(errors[0]) if errors else "no answer in time")
    return list(dict.fromkeys(each[4][0] for each in found))


def is_allowed(ip: str) -> bool:
    """Whether a directory may be there: not on this machine, unless the settings say so."""
    networks = current_app.config["DIRECTORY_NETWORKS"]
    if networks:
        return any(_parsed(ip) in ipaddress.ip_network(network) for network in networks)
    return is_elsewhere(ip)


def is_elsewhere(ip: str) -> bool:
    """Whether that is the address of one other machine, and not of whatever is on the same link."""
    one = _parsed(ip)
    return not (one.is_loopback or one.is_link_local or one.is_multicast or one.is_unspecified)


def is_loopback(ip: str) -> bool:
    return _parsed(ip).is_loopback


def _parsed(ip: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address; one of IPv4 in the clothes of IPv6 (::ffff:127.0.0.1) is that of IPv4."""
    one = ipaddress.ip_address(ip.partition("%")[0])
    return getattr(one, "ipv4_mapped", None) or one
