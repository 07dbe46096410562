"""The product or a peer as it runs in production: gunicorn with two workers, and what it uses."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from servicedesk.commands.serve import WEB
from tests.bench import load
from tests.postgres import Cluster

WORKERS = 2


class Server:
    """gunicorn with an application on a database of `cluster`; give it back with `stop`.

    `command` is gunicorn, its options and the application; `first` is the page that says it is there.
    """

    def __init__(
        self,
        cluster: Cluster,
        port: int,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        log: Path,
        first: str,
    ):
        self.port = port
        self._cluster = cluster
        self._first = first
        begun = time.monotonic()
        self._log = open(log, "w")
        self._process = subprocess.Popen(
            [*command, f"--workers={WORKERS}", f"--bind=127.0.0.1:{port}"],
            env=os.environ | environment,
            stdout=self._log,
            stderr=self._log,
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        self.cold_start = time.monotonic() - begun  # seconds until the first page

    def processes(self) -> list[psutil.Process]:
        """gunicorn's arbiter and its workers."""
        arbiter = psutil.Process(self._process.pid)
        return [arbiter, *arbiter.children(recursive=True)]

    def cpu_seconds(self) -> tuple[float, float]:
        """CPU time used so far, by the application and by PostgreSQL."""
        return _cpu(self.processes()), _cpu(self._backends())

    def memory(self) -> float:
        """MB of the application in proportional set size: shared pages count for their share."""
        return sum(process.memory_full_info().pss for process in self.processes()) / 1e6

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._log.close()

    def _backends(self) -> list[psutil.Process]:
        postmaster = psutil.Process(self._cluster.pid)
        return [postmaster, *postmaster.children()]

    def _request(self) -> bytes:
        return f"GET {self._first} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode()

    def _wait(self) -> None:
        for _ in range(600):
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                    connection.settimeout(30)
                    connection.sendall(self._request())
                    if connection.recv(12).endswith(b"200"):
                        return
            except OSError:
                pass
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"the application did not start, see {self._log.name}")


def product(cluster: Cluster, database_url: str, instance: Path) -> Server:
    port = free_port()
    environment = {
        "SERVICEDESK_DATABASE": database_url,
        "SERVICEDESK_INSTANCE": str(instance),
        "SERVICEDESK_URL": f"http://127.0.0.1:{port}",
        "SERVICEDESK_DAILY_MESSAGES": str(load.MESSAGES),
    }
    command = (sys.executable, "-m", *WEB, "wsgi:app")
    return Server(cluster, port, command, environment, instance / "gunicorn.log", "/signin")


def _cpu(processes: list[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        try:
            used = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system
    return total


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
