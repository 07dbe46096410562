"""LDAP as ldap3 speaks it, over a socket that is encrypted and verified by the standard library.

ldap3 verifies no certificate unless told to, and its own check is not the one of the standard
library; it looks names up without a time limit; it delays small packets by 40 ms.
"""

import contextlib
import functools
import math
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import to_unicode

from servicedesk.directory.connection import PER_HOST, Clock, Failure, Step, context
from servicedesk.directory.models import Directory, Security

_PER_ANSWER = 5  # seconds
_PAGE = 500
_SUCCESS, _SIZE_LIMIT, _NO_SUCH_OBJECT = 0, 4, 32
# Of the messages of LDAP (RFC 4511, 4.5.2) the one with an entry that was found.
_ENTRY = 4
# Invalid credentials, inappropriate authentication, unwilling (locked): the answer is no.
_REFUSALS = {48, 49, 53}


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
                    paged_size=_PAGE, paged_cookie=cookie, paged_criticality=True,
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


def connected(
    directory: Directory, host: str, name: str, ip: str, port: int, clock: Clock
) -> Line:
    """An encrypted connection to one address of `host`, whose certificate is for `name`.

    Raises:
        Failure: there is none, at the step where it ended.
    """
    tls = _Tls(directory.ca, name)
    server = ldap3.Server(
        f"[{ip}]" if ":" in ip else ip, port, use_ssl=directory.security == Security.LDAPS,
        get_info=ldap3.NONE, tls=tls, connect_timeout=min(PER_HOST, clock.left()),
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
