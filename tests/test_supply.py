"""What is installed is what was chosen: pinned, hashed, listed; without asking the network."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SUPPLY = runpy.run_path(str(ROOT / ".ci" / "supply.py"))
HASH = "--hash=sha256:" + "0" * 64

pytestmark = pytest.mark.no_database


def test_both_locks_are_pinned_hashed_and_fit_setup_cfg():
    assert list(SUPPLY["faults"]()) == []


@pytest.mark.parametrize(
    "line",
    [
        f"flask>=3 {HASH}", "flask==3.1.3", "flask==3.1.3 --hash=sha256:12", f"flask @ https://x/f.whl {HASH}",
        f"git+https://x/flask {HASH}", "--index-url https://x", "--extra-index-url=https://x", "-e .",
        "flask==3.1.3 --hash=md5:" + "0" * 32,
    ],
)  # fmt: skip
def test_a_line_that_leaves_a_choice_is_refused(line):
    with pytest.raises(ValueError, match="not pinned"):
        SUPPLY["pins"](line)


def test_a_lock_that_lags_behind_is_named(monkeypatch, tmp_path):
    lock = tmp_path / "lock.txt"
    text = SUPPLY["LOCKS"]["run"].read_text()
    lock.write_text(re.sub(r"(?m)^flask==\S+", "flask==2.0.0", text).replace("segno==", "segno-x=="))
    monkeypatch.setitem(SUPPLY["LOCKS"], "run", lock)
    told = "\n".join(SUPPLY["faults"]())
    assert "flask 2.0.0 of the lock is not" in told and "segno of setup.cfg is not in the lock" in told
    assert "flask is another one in the two locks" in told


def test_what_the_benchmark_compares_with_is_pinned_too_and_no_part_of_the_product():
    peer = SUPPLY["pins"]((ROOT / ".ci" / "requirements-helpdesk.txt").read_text())
    assert peer["django-helpdesk"].version == "2.6.1" and peer["django"].version.startswith("5.2.")
    for lock in SUPPLY["LOCKS"].values():
        assert "django" not in SUPPLY["pins"](lock.read_text())


def test_only_what_the_lock_names_is_installed_to_install():
    """`--require-hashes` makes pip refuse everything else; nothing is fetched beside it."""
    script = (ROOT / ".ci" / "venv").read_text()
    installs = re.findall(r"pip install .*", script)
    assert len(installs) == 2
    assert "--require-hashes" in installs[0] and "--no-deps --no-build-isolation" in installs[1]


def test_the_bill_of_materials_holds_every_part_with_version_hash_and_licence():
    command = [sys.executable, ROOT / ".ci" / "supply.py", "sbom"]
    bill = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    parts = {part["name"]: part for part in bill["components"]}
    assert len(parts) == len(bill["components"])
    assert set(SUPPLY["pins"](SUPPLY["LOCKS"]["run"].read_text())) < set(parts)
    assert {"htmx.org", "lucide-static", "@fontsource-variable/source-sans-3"} < set(parts)
    for part in bill["components"]:
        assert part["purl"].endswith(f"@{part['version']}") and part["bom-ref"] == part["purl"]
    flask = parts["flask"]
    assert flask["externalReferences"][0]["hashes"][0]["alg"] == "SHA-256"
    assert flask["licenses"] == [{"license": {"name": "BSD-3-Clause"}}]
