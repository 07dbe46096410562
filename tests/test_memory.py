"""What the web processes hold from their start, whether a page uses it or not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_architecture import LOADED_LATE

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.no_database

# Held by commands and by the worker, or brought by what is loaded late.
ELSEWHERE = {"apscheduler", "flask_migrate", "mako", "pyasn1", "pygments", "smtplib"}


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
    assert set(loads.stdout.split()) & (LOADED_LATE | ELSEWHERE) == set()
