"""`servicedesk rota solve`: from a file, and how it refuses."""

import json

import pytest
from click.testing import CliRunner

from servicedesk.commands import rota
from tests.servicedesk.rota.test_cases import CASES

pytestmark = pytest.mark.no_database


def run(text):
    return CliRunner().invoke(rota.group, ["solve", "-"], input=text)


def test_the_answers_are_json_by_case():
    done = run(json.dumps({"cases": [CASES["S01"], CASES["W05"]]}))
    assert done.exit_code == 0 and done.stderr == ""
    assert list(json.loads(done.stdout)) == ["S01", "W05"]


def test_a_bad_file_is_told_in_one_line():
    done = run("{")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("rota solve: not JSON") and done.stderr.count("\n") == 1
