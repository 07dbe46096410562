"""What the product is made of: `supply.py audit` looks for faults in it, `supply.py sbom` lists it.

The audit compares the locks with setup.cfg without a network, then asks pip-audit for known
vulnerabilities; where that cannot be asked it says so in one line. The list is CycloneDX 1.6 (JSON),
with the hashes of the lock, the licences that the installed packages state, and the vendored files.
"""

import configparser
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"run": ROOT / ".ci/requirements.txt", "test": ROOT / ".ci/requirements-test.txt"}
PINNED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)")


@dataclass(frozen=True)
class Pin:
    """A line of a lock: the one version that is installed, and the SHA-256 of each of its files."""

    name: str
    version: str
    hashes: tuple[str, ...]


def pins(text: str) -> dict[str, Pin]:
    """A lock by name.

    Raises:
        ValueError: a line is not pinned to one version of PyPI, or has no hash.
    """
    found = {}
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = PINNED.match(line)
        hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})(?!\S)", line))
        if not match or not hashes or "@" in line:
            raise ValueError(f"not pinned with a hash: {line[:60]}")
        found[canonicalize_name(match[1])] = Pin(canonicalize_name(match[1]), match[2], hashes)
    return found


def wanted(extra: str = "") -> list[Requirement]:
    """What setup.cfg asks for, to run or for an extra."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    text = config["options.extras_require"][extra] if extra else config["options"]["install_requires"]
    return [Requirement(line) for line in text.split("\n") if line.strip()]


def faults() -> Iterator[str]:
    """What is wrong with the locks, one sentence each."""
    run, test = (pins(path.read_text()) for path in LOCKS.values())
    for requirements, lock, name in ((wanted(), run, "run"), (wanted("dev"), test, "test")):
        for one in requirements:
            pin = lock.get(canonicalize_name(one.name))
            if pin is None:
                yield f"{one.name} of setup.cfg is not in the lock to {name}: make lock"
            elif not one.specifier.contains(pin.version):
                yield f"{one.name} {pin.version} of the lock is not {one.specifier}: make lock"
    for name, pin in run.items():
        if test.get(name) != pin:
            yield f"{name} is another one in the two locks: make lock"


def vulnerabilities() -> int:
    """Ask pip-audit; 1 when it knows of something, 0 when not or when it cannot be asked."""
    asked = ["--requirement", str(LOCKS["run"]), "--require-hashes", "--disable-pip", "--progress-spinner=off"]
    if program := shutil.which("pip-audit"):
        command = [program]
    elif program := shutil.which("uvx"):
        command = [program, "--quiet", "pip-audit"]
    else:
        print("skipped: known vulnerabilities (neither pip-audit nor uv is installed)")
        return 0
    try:
        done = subprocess.run([*command, *asked], capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        print("skipped: known vulnerabilities (no answer within five minutes)")
        return 0
    if done.returncode and "known vulnerabilit" not in done.stderr:
        reason = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"skipped: known vulnerabilities ({reason[:160]})")
        return 0
    unknown = done.stdout.count("could not be audited")
    if unknown:
        print(f"skipped: known vulnerabilities of {unknown} packages (PyPI does not answer about them)")
    if done.returncode or not unknown:
        print(done.stdout + done.stderr, end="")
    return done.returncode


def sbom() -> dict[str, object]:
    """The bill of materials: what is installed to run, and the files of others in static/."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    version = config["metadata"]["version"]
    vendored = json.loads((ROOT / "servicedesk/static/vendor.lock.json").read_text())["packages"]
    parts = [_library(pin) for pin in pins(LOCKS["run"].read_text()).values()]
    parts += [
        _component(name, number, f"pkg:npm/{name.replace('@', '%40')}@{number}")
        for name, _, number in (spec.rpartition("@") for spec in vendored)
        if name != "axe-core"  # of the tests alone
    ]
    root = _component("servicedesk", version, f"pkg:pypi/servicedesk@{version}")
    root |= {"type": "application", "licenses": [{"license": {"id": "EUPL-1.2"}}]}
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": root}, "components": parts,
        "dependencies": [{"ref": root["bom-ref"], "dependsOn": [part["bom-ref"] for part in parts]}],
    }  # fmt: skip


def _library(pin: Pin) -> dict[str, object]:
    part = _component(pin.name, pin.version, f"pkg:pypi/{pin.name}@{pin.version}")
    # One hash for each file that an installer may choose from.
    part["externalReferences"] = [
        {"type": "distribution", "url": f"https://pypi.org/project/{pin.name}/{pin.version}/",
         "hashes": [{"alg": "SHA-256", "content": digest} for digest in pin.hashes]}
    ]  # fmt: skip
    if licence := _licence(pin.name):
        part["licenses"] = [{"license": {"name": licence}}]
    return part


def _component(name: str, version: str, purl: str) -> dict[str, object]:
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def _licence(name: str) -> str:
    """What an installed package says of its licence; empty for one of another platform."""
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    classes = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier", []) if "License ::" in one]
    short = (told["License"] or "").strip().split("\n")[0][:80]
    return told["License-Expression"] or ", ".join(classes) or short


def main() -> int:
    if sys.argv[1:] == ["sbom"]:
        print(json.dumps(sbom(), indent=1, sort_keys=True))
        return 0
    found = list(faults())
    print(*found or ["ok: every requirement is pinned and hashed, both locks fit setup.cfg"], sep="\n")
    return vulnerabilities() or bool(found)


if __name__ == "__main__":
    sys.exit(main())
