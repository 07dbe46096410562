"""A connection to a directory: encrypted, its certificate verified, and ended by its clock.

Names are looked up and addresses tried here; `servicedesk.directory.protocol` speaks LDAP to them.
"""

import contextlib
import enum
import functools
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator

from flask import current_app

from servicedesk.directory.models import Directory, Security
from servicedesk.secrets import Unreadable

# Seconds: for everything that one sign-in asks of a directory, and for a host.
WALL_CLOCK = 8
PER_HOST = 3
_PORTS = {Security.STARTTLS: 389, Security.LDAPS: 636}


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


@functools.lru_cache(maxsize=32)
def context(ca: str) -> ssl.SSLContext:
    """What trusts the authorities of the PEM text `ca` alone, or without it those of the machine.

    Raises:
        ssl.SSLError, ValueError: `ca` is no certificate.
    """
    made = ssl.create_default_context(cadata=ca or None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


@contextlib.contextmanager
def opened(directory: Directory, clock: Clock, host: str = "") -> Iterator:
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
def opened_to_search(directory: Directory, clock: Clock) -> Iterator:
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


def _line(directory: Directory, host: str, clock: Clock):
    name, port = address(host, directory.security)
    # Here, as many installations have no directory.
    from servicedesk.directory.protocol import connected

    failure = Failure(Step.NAME, host, "no address")
    for ip in _addresses(name, port, host, clock):
        try:
            return connected(directory, host, name, ip, port, clock)
        except Failure as error:
            failure = error
    raise failure


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
    thread.join(min(PER_HOST, clock.left()))
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
