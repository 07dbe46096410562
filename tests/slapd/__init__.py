"""A real OpenLDAP of our own for a test, filled with the people of two municipalities."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

_SCRIPTS = Path(__file__).parent
_FOLDERS = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])


def program() -> str | None:
    """Where slapd is, if it is installed."""
    return shutil.which("slapd", path=_FOLDERS)


class Slapd:
    """A running server; see start-slapd.sh for what is in it and for `options`."""

    def __init__(self, *options: object):
        self._folder = Path(tempfile.mkdtemp(prefix="servicedesk-slapd-"))
        self.port = _free_ports()
        subprocess.run(
            [_SCRIPTS / "start-slapd.sh", self._folder, str(self.port), *map(str, options)],
            check=True,
            capture_output=True,
        )
        self.info = json.loads((self._folder / "info.json").read_text())

    @property
    def ca(self) -> str:
        return Path(self.info["ca"]).read_text()

    @property
    def other_ca(self) -> str:
        return Path(self.info["other_ca"]).read_text()

    def root(self, tenant: str) -> tuple[str, str]:
        """The name and password with which entries are changed."""
        there = self.info["tenants"][tenant]
        return there["root_dn"], there["root_password"]

    def change(self, tenant: str, ldif: str) -> None:
        """Change entries, by what ldapmodify reads."""
        name, password = self.root(tenant)
        environment = os.environ | {"LDAPTLS_CACERT": self.info["ca"]}
        subprocess.run(
            ["ldapmodify", "-ZZ", "-H", f"ldap://localhost:{self.port}", "-D", name, "-w", password],
            input=ldif,
            text=True,
            check=True,
            capture_output=True,
            env=environment,
        )

    @contextlib.contextmanager
    def frozen(self):
        """It takes connections, and says nothing."""
        os.kill(self._pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._pid, signal.SIGCONT)

    @property
    def _pid(self) -> int:
        return int(Path(self.info["pidfile"]).read_text())

    def stop(self) -> None:
        subprocess.run([_SCRIPTS / "stop-slapd.sh", self._folder], check=True, capture_output=True)
        shutil.rmtree(self._folder, ignore_errors=True)


def _free_ports() -> int:
    """A port of which the next one is free as well."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port
