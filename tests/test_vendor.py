"""The third-party files are the ones that were reviewed, without asking the network."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "servicedesk" / "static"
LOCK = json.loads((STATIC / "vendor.lock.json").read_text())
IN_TEMPLATES = re.compile(r"""icon\("([a-z0-9-]+)"|icon=["']([a-z0-9-]+)["']""")


@pytest.mark.parametrize("path", LOCK["files"])
def test_a_vendored_file_has_the_hash_of_the_lock(path):
    assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == LOCK["files"][path]


def test_nothing_lies_in_vendor_that_the_lock_does_not_name():
    here = {
        path.relative_to(ROOT).as_posix()
        for path in (STATIC / "vendor").iterdir()
        if path.name != "README.md"
    }
    assert here <= set(LOCK["files"])


def test_every_package_is_pinned_with_a_sha512():
    for spec, integrity in LOCK["packages"].items():
        assert re.search(r"@\d+\.\d+\.\d+$", spec), spec
        assert integrity.startswith("sha512-")


def test_every_icon_that_a_template_names_is_in_the_sprite():
    sprite = (STATIC / "vendor" / "icons.svg").read_text()
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    asked = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for pair in IN_TEMPLATES.findall(path.read_text())
        for name in pair
        if name
    }
    assert asked <= known, sorted(asked - known)
