"""`servicedesk run`, worker and doctor as real processes, in a folder of their own."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from servicedesk.config import settings

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.no_database


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> dict[str, str]:
    return made(tmp_path_factory.mktemp("instance"))


def made(folder: Path) -> dict[str, str]:
    """The environment of an installation with tables and nothing in them, on SQLite."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("SERVICEDESK_")}
    environment = ours | {"SERVICEDESK_INSTANCE": str(folder)}
    assert _servicedesk(environment, "db", "upgrade").returncode == 0
    return environment


@pytest.fixture
def running(installation):
    with started(installation) as known:
        yield known


@contextlib.contextmanager
def started(installation: dict[str, str]):
    """`servicedesk run` on a free port, and its address."""
    process = subprocess.Popen(
        [*_COMMAND, "run", "--port", "0"],
        env=installation | {"PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, re.search(r"http://\S+", process.stdout.readline())[0]
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


def test_run_serves_the_pages_and_the_jobs_and_ctrl_c_stops_both(running):
    process, address = running
    _await(lambda: _health(address) == {"worker": "ok", "clocks": "ok"})
    children = psutil.Process(process.pid).children(recursive=True)

    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (0, "Stopped.\n", "")
    assert not [child for child in children if child.is_running()]


def test_a_worker_that_died_is_reported_and_started_again(running):
    process, _address = running
    _worker_of(process).kill()
    assert "The worker ended (code -9)" in process.stderr.readline()
    _await(lambda: _worker_of(process) is not None)


def test_nothing_is_left_behind_when_run_is_killed(running):
    process, address = running
    _await(lambda: _health(address) == {"worker": "ok", "clocks": "ok"})
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) > 2
    process.kill()
    _await(lambda: not any(map(_is_alive, children)))


def test_a_port_that_is_taken_is_said_with_the_remedy(installation):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = _servicedesk(installation, "run", "--port", str(port))
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"Error: Port {port} is taken by another program: choose another, as in"
        f" servicedesk run --port {port + 1} (make run PORT={port + 1})."
    ]


def test_a_database_without_tables_is_said_with_the_remedy(installation, tmp_path):
    ended = _servicedesk(installation | {"SERVICEDESK_INSTANCE": str(tmp_path)}, "run")
    assert ended.returncode == 1
    assert "servicedesk db upgrade" in ended.stderr


def test_the_doctor_names_what_is_to_be_done(installation):
    examined = _servicedesk(installation, "doctor")
    assert examined.returncode == 1
    assert "ok    migrations" in examined.stdout
    assert "todo  mail: messages wait: set SERVICEDESK_SMTP" in examined.stdout


@pytest.mark.parametrize(
    ("roles", "line"),
    [
        (
            "",
            "todo  second step (required for nobody): administrators need none:"
            ' set SERVICEDESK_SECOND_STEP="administrator"',
        ),
        (
            "agent",
            "todo  second step (required for agent): administrators need none:"
            ' set SERVICEDESK_SECOND_STEP="administrator agent"',
        ),
        ("agent administrator", "ok    second step (required for administrator, agent)"),
    ],
)
def test_the_doctor_tells_whose_second_step_is_required(installation, roles, line):
    examined = _servicedesk(installation | {"SERVICEDESK_SECOND_STEP": roles}, "doctor")
    assert line in examined.stdout.splitlines()


def test_the_doctor_sees_a_key_that_others_can_read(installation):
    key = Path(installation["SERVICEDESK_INSTANCE"]) / "secret-key"
    key.chmod(0o644)
    assert f"chmod 600 {key}" in _servicedesk(installation, "doctor").stdout
    key.chmod(0o600)
    assert "ok    secret key" in _servicedesk(installation, "doctor").stdout


def test_the_doctor_refuses_a_role_above_the_wall(cluster, installation):
    _, owner = cluster.create("doctor")
    above = installation | {"SERVICEDESK_DATABASE": owner.replace("servicedesk_owner", "postgres")}
    examined = _servicedesk(above, "doctor")
    assert examined.returncode == 1
    assert "neither superuser nor BYPASSRLS" in examined.stdout


def test_the_manual_tells_every_setting():
    manual = (ROOT / "docs" / "install.md").read_text()
    named = set(re.findall(r"SERVICEDESK_[A-Z_]+", settings.__doc__))
    assert named and named <= set(re.findall(r"SERVICEDESK_[A-Z_]+", manual))


_COMMAND = (sys.executable, "-m", "servicedesk.cli")


def _servicedesk(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*_COMMAND, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def _worker_of(process: subprocess.Popen) -> psutil.Process | None:
    children = psutil.Process(process.pid).children()
    return next((child for child in children if child.cmdline()[-1:] == ["worker"]), None)


def _health(address: str) -> dict | None:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:
            return json.load(answer)
    except OSError:
        return None


def _is_alive(process: psutil.Process) -> bool:
    """Whether it runs; what ended and nobody asked about is no longer alive."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _await(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.2)
