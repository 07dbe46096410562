"""A wheel built from the checkout works from another folder, with nothing of the checkout in sight."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("cmdb", "sla", "servicedesk", "migrations", "templates")
FILES = ("setup.cfg", "pyproject.toml", "wsgi.py", "README.md", "LICENSE")
pytestmark = pytest.mark.no_database


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> dict[str, str]:
    """The environment in which the wheel, and not the checkout, is found first."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / "source" / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, folder / "source" / name)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    _run(
        [
            *pip,
            "wheel",
            "--no-deps",
            "--no-build-isolation",
            "--wheel-dir",
            folder,
            folder / "source",
        ]
    )
    (wheel,) = folder.glob("*.whl")
    _run([*pip, "install", "--no-deps", "--target", folder / "site", wheel])
    (folder / "elsewhere").mkdir()
    ours = {key: value for key, value in os.environ.items() if not key.startswith("SERVICEDESK_")}
    return ours | {
        "PYTHONPATH": str(folder / "site"),
        "PATH": f"{folder / 'site' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PWD": str(folder / "elsewhere"),
    }


def test_the_wheel_holds_all_but_the_sources(installed):
    _run(["servicedesk", "db", "upgrade"], env=installed, cwd=installed["PWD"])
    found = _run(
        [sys.executable, "-c", "import servicedesk, sla, cmdb, wsgi; print(servicedesk.__file__)"],
        env=installed,
        cwd=installed["PWD"],
    )
    assert found.stdout.startswith(installed["PYTHONPATH"])
    assert (Path(installed["PWD"]) / "instance" / "servicedesk.db").exists()


def test_gunicorn_serves_it_from_another_folder(installed):
    _run(["servicedesk", "db", "upgrade"], env=installed, cwd=installed["PWD"])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        bind = f"--bind=fd://{listener.fileno()}"
        command = [sys.executable, "-m", "gunicorn", "--no-control-socket", bind, "wsgi:app"]
        server = subprocess.Popen(
            command, env=installed, cwd=installed["PWD"], pass_fds=[listener.fileno()]
        )
        try:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            page = _read(address + "/")
            assert "<form" in page
            stylesheet = re.search(r'href="(/static/[^"]+\.css)"', page)[1]
            assert "--" in _read(address + stylesheet)
        finally:
            server.terminate()
            server.wait(60)


def _read(address: str, seconds: float = 60) -> str:
    """The answer, once the server gives one."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=seconds) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise


def _run(command: list, **options) -> subprocess.CompletedProcess:
    return subprocess.run(command, check=True, capture_output=True, text=True, **options)
