"""`servicedesk cmdb impact`: from a file or standard input, and how it refuses."""

import json

import pytest
from click.testing import CliRunner

from servicedesk.commands import cmdb

CASE = {
    "id": "één", "items": ["app", "db"], "down": ["db"], "degraded": [],
    "groups": [{"dependent": "app", "rule": {"kind": "all"}, "members": [{"upstream": "db"}]}],
}  # fmt: skip
ANSWER = {"id": "één", "states": {"app": "DOWN", "db": "DOWN"}, "no_spare": []}

pytestmark = pytest.mark.no_database


def run(*arguments, given=None):
    return CliRunner().invoke(cmdb.group, ["impact", *map(str, arguments)], input=given)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_is_answered(tmp_path, encoding):
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": [CASE]}, ensure_ascii=False), encoding=encoding)
    done = run(path)
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {"results": [ANSWER]}
    assert done.stderr == ""


def test_standard_input_is_answered():
    done = run("-", given=json.dumps({"cases": []}))
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"results": []})


@pytest.mark.parametrize("given, told", [
    ('{"cases": ]}', "cmdb impact: not JSON: line 1 column 11: Expecting value\n"),
    (json.dumps({"cases": [{**CASE, "down": ["\ud800\n"]}]}),
     "cmdb impact: cases[0].down[0]: unknown item '\\ud800\\n'\n"),
])  # fmt: skip
def test_a_bad_file_gets_one_line_and_code_2(given, told):
    done = run("-", given=given)
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", told)


def test_a_file_that_is_not_text_or_not_there_gets_code_2(tmp_path):
    path = tmp_path / "cases.json"
    path.write_bytes(b"\xff\xfe{}")
    done = run(path)
    assert done.exit_code == 2
    assert done.stderr.startswith("cmdb impact: ") and done.stderr.count("\n") == 1
    for missing in (tmp_path / "none.json", tmp_path):
        done = run(missing)
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert done.stderr.startswith("cmdb impact: ")
