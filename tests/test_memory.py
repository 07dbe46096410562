"""What the web processes hold from their start, whether a page uses it or not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.no_database

# What few pages or none need is imported where it is used.
RARE = {
    "alembic", "apscheduler", "authlib", "flask_migrate", "icalendar", "joserfc", "mako", "openpyxl",
    "pygments", "segno", "smtplib",
}  # fmt: skip


def test_what_few_pages_need_is_not_loaded_for_all(tmp_path):
    loads = subprocess.run(
        [sys.executable, "-c", "import sys, wsgi; print(*sys.modules)"],
        cwd=ROOT,
        env=os.environ | {"SERVICEDESK_INSTANCE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "servicedesk.app" in loads.stdout.split()
    assert set(loads.stdout.split()) & RARE == set()
