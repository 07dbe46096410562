"""A PostgreSQL of our own for a test run: made in a new folder, gone at the end."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

OWNER, APPLICATION = "servicedesk_owner", "servicedesk"


def programs() -> Path | None:
    """The folder of PostgreSQL's server programs, the newest there is."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4])
    )
    if found:
        return found[-1].parent
    onpath = shutil.which("initdb")
    return Path(onpath).parent if onpath else None


class Cluster:
    """A running server with an owner's role and an application's role that is neither owner nor superuser."""

    def __init__(self, *options: str):
        self._bin = programs()
        if self._bin is None:
            raise RuntimeError("PostgreSQL's server is not installed: apt-get install postgresql")
        self._folder = Path(tempfile.mkdtemp(prefix="servicedesk-pg-"))
        self.port = _free_port()
        self._as_user: dict[str, object] = {}
        if os.geteuid() == 0:  # the server refuses to run as root
            account = pwd.getpwnam("postgres")
            os.chown(self._folder, account.pw_uid, account.pw_gid)
            self._as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self._run(
            "initdb",
            "-D",
            self.data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        )
        settings = ["-p", str(self.port), "-k", self._folder, "-h", "127.0.0.1", "-F", *options]
        command = [self._bin / "postgres", "-D", self.data, *settings]
        log = open(self._folder / "log", "w")
        self._server = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **self._as_user)
        log.close()
        self._wait()
        self.sql(
            f"CREATE ROLE {OWNER} LOGIN CREATEDB",
            f"CREATE ROLE {APPLICATION} LOGIN",
        )

    @property
    def pid(self) -> int:
        """The process that is the parent of all others of the server."""
        return self._server.pid

    @property
    def data(self) -> Path:
        return self._folder / "data"

    def create(self, name: str, template: str = "template1") -> tuple[str, str]:
        """Make a database, a copy of `template` to which nobody is connected; its URLs for the
        application and for the owner."""
        self.sql(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template}")
        return self.url(name, APPLICATION), self.url(name, OWNER)

    def url(self, name: str, role: str) -> str:
        return f"postgresql+psycopg://{role}@127.0.0.1:{self.port}/{name}"

    def sql(self, *statements: str, database: str = "postgres") -> None:
        for statement in statements:
            self._run(
                "psql",
                "-h",
                "127.0.0.1",
                "-p",
                str(self.port),
                "-U",
                "postgres",
                "-q",
                "-c",
                statement,
                database,
            )

    def stop(self) -> None:
        """End it at once: of what it holds nothing is worth waiting for or writing down."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            ready = subprocess.run(
                [self._bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], cwd="/"
            )
            if ready.returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {(self._folder / 'log').read_text()[-500:]}")

    def _run(self, program: str, *arguments: object) -> None:
        subprocess.run(
            [self._bin / program, *arguments],
            check=True,
            capture_output=True,
            cwd="/",
            **self._as_user,
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
