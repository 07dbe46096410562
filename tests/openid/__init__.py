"""OpenID providers of our own for a test: a real one, and one that lies."""

import fcntl
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

_FOLDER = Path(__file__).parent
_INSTALLED = _FOLDER / "node_modules" / ".package-lock.json"


def programs() -> bool:
    """Whether Node and npm are there."""
    return bool(shutil.which("node") and shutil.which("npm"))


def install() -> None:
    """Install what package-lock.json names, once for all processes.

    Raises:
        RuntimeError: npm could not, with what it said.
    """
    with open(Path(tempfile.gettempdir()) / "servicedesk-openid.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (_FOLDER / "package-lock.json").stat().st_mtime
        if _INSTALLED.exists() and _INSTALLED.stat().st_mtime >= wanted:
            return
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=_FOLDER, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"npm ci: {done.stderr[-1000:]}")


class OpenId:
    """A running oidc-provider; `accounts` are the claims by what is typed as the login."""

    def __init__(self, clients: list[dict], accounts: dict[str, dict]):
        self._log = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            ["node", _FOLDER / "provider.mjs"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
        )  # fmt: skip
        self._process.stdin.write(json.dumps({"clients": clients, "accounts": accounts}))
        self._process.stdin.close()
        self.issuer = self._process.stdout.readline().strip()
        if not self.issuer:
            self._log.seek(0)
            raise RuntimeError(f"the OpenID provider did not start: {self._log.read()[-2000:]}")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._process.stdout.close()
        self._log.close()
