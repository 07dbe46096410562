"""Run all tests on SQLite and on PostgreSQL, browsers after them, and close with a summary.

Debian's server packages are installed first where that is allowed. Without the right to do so the
tests that need them are skipped, and named; under CI=true a missing package is a failure instead.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Each process has databases and servers of its own; the tests of a file share theirs.
SPREAD = ("--numprocesses=logical", "--dist=loadfile", "--no-loadscope-reorder")
PACKAGES = {
    "postgresql": "initdb", "chromium": "chromium", "slapd": "slapd", "ldap-utils": "ldapmodify",
    "nodejs": "node", "npm": "npm", "nginx-light": "nginx",
}  # fmt: skip


@dataclass
class Result:
    """How one part of the run ended."""

    name: str
    ok: bool
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def missing() -> list[str]:
    """The Debian packages whose program is not there."""
    servers = map(str, Path("/usr/lib/postgresql").glob("*/bin"))
    folders = os.pathsep.join([os.environ["PATH"], "/usr/sbin", *servers])
    return [name for name, program in PACKAGES.items() if not shutil.which(program, path=folders)]


def provide() -> list[str]:
    """Install what is missing; the packages that are still missing afterwards."""
    wanted = missing()
    if wanted:
        print("Installing", *wanted, flush=True)
        subprocess.run([ROOT / ".ci" / "apt", *wanted])
    return missing()


def compiled() -> dict[str, str]:
    """An environment in which Python keeps what it compiled: each of some fifty processes needs it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def suite(name: str, database: str, *options: str) -> Result:
    """Run pytest on one kind of database."""
    print(f"\n== {name}: pytest --database={database}", flush=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = ["pytest", "-q", "-rsfE", f"--database={database}", f"--junitxml={report}"]
        command += [*SPREAD, *options]
        code = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=compiled()).returncode
        if not report.exists():
            print(f"pytest ended with code {code} and no report: it was stopped, or could not start")
            return Result(name, False, time.monotonic() - begin)
        counts = ET.parse(report).find("testsuite").attrib
    total, skipped = int(counts["tests"]), int(counts.get("skipped", 0))
    failed = int(counts.get("failures", 0)) + int(counts.get("errors", 0))
    passed = total - failed - skipped
    return Result(name, code == 0, time.monotonic() - begin, passed, failed, skipped)


def imports() -> Result:
    """Check the arrows between the packages."""
    print("\n== lint-imports", flush=True)
    begin = time.monotonic()
    code = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT).returncode
    return Result("imports", code == 0, time.monotonic() - begin)


def main() -> int:
    lacking = provide()
    for name in lacking:
        print(f"{name} is missing, its tests are skipped: as root, apt-get install {name}")
    if lacking and os.environ.get("CI"):
        print("Nothing may be skipped where CI is set.")
        return 1
    databases = ["sqlite"] if "postgresql" in lacking else ["sqlite", "postgresql"]
    results = [suite(database, database, "--ignore=tests/browser") for database in databases]
    results += [suite("browser", databases[-1], "tests/browser"), imports()]

    print("\n== summary")
    for result in results:
        counts = f"{result.passed} passed, {result.failed} failed, {result.skipped} skipped"
        detail = counts if result.name != "imports" else ""
        print(
            f"{result.name:<12}{'ok' if result.ok else 'FAILED':<8}{result.seconds:6.1f} s  {detail}"
        )
    for name in lacking:
        print(f"{name:<12}missing  its tests were skipped")
    passed, failed, skipped = (
        sum(getattr(r, n) for r in results) for n in ("passed", "failed", "skipped")
    )
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if all(result.ok for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
