"""Abuse that is impossible because the product has no such door; these tests see one being built."""

import ast
import re

import pytest

from servicedesk.app import create_app
from tests.test_architecture import SOURCES, TREES, calls, imported

pytestmark = pytest.mark.no_database

# Each can make the product call an address; whoever needs one closes S1-S6 of the abuse cases.
CALLERS = {
    "urllib.request", "http.client", "requests", "httpx", "aiohttp", "urllib3", "ftplib", "telnetlib", "xmlrpc",
    "xmlrpc.client", "socket", "authlib", "imaplib", "imap_tools", "weasyprint", "pdfkit", "paramiko",
}  # fmt: skip
# What they call is named by who installs the product, and is this machine or the mail server.
MAY_CALL = {
    "servicedesk.commands.serve": {"http.client", "socket"},  # its own port
    "servicedesk.jobs": {"socket"},  # the name of this machine
    "servicedesk.directory.connection": {"socket"},  # within the allowed networks: see L11
    "servicedesk.directory.protocol": {"socket"},  # to an address that the former allowed
    # What an administrator entered, at an address that was looked at: see S1-S5.
    "servicedesk.openid.http": {"http.client", "socket"},
    # Authlib asks by that module alone.
    "servicedesk.openid.flow": {"authlib"},
    "servicedesk.openid.signout": {"authlib"},
    "servicedesk.openid.tokens": {"authlib"},
}
# Each runs what it is given.
RUNNERS = {"pickle", "marshal", "shelve", "dill", "yaml", "code", "runpy"}
RUNNING = ("eval", "exec", "compile", "system", "popen", "render_template_string", "from_string")


def test_s1_to_s6_nothing_requests_an_address():
    for module, tree in TREES.items():
        called = loaded(tree) & CALLERS
        assert called <= MAY_CALL.get(module, set()), f"{SOURCES[module]}: {called}"


def loaded(tree: ast.AST) -> set[str]:
    """Every module that is imported, also as `from urllib import request`."""
    parts = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return imported(tree) | parts | {name.partition(".")[0] for name in imported(tree)} - {"urllib", "http"}


def test_q8_nothing_that_came_in_is_run():
    for module, tree in TREES.items():
        assert not loaded(tree) & RUNNERS, SOURCES[module]
        run = [ast.unparse(call) for name in RUNNING for call in calls(tree, name)]
        run = [text for text in run if not text.startswith(("re.compile", "puremagic.from_string"))]
        shells = [node for node in ast.walk(tree) if isinstance(node, ast.keyword)]
        assert not run and "shell" not in {node.arg for node in shells}, f"{SOURCES[module]}: {run}"


def test_f9_no_address_holds_a_path():
    """Only the files of the face have slashes in their names, and those are a fixed list."""
    app = create_app(SQLALCHEMY_DATABASE_URI="sqlite://", SECRET_KEY="only to list the routes")
    assert [rule.endpoint for rule in app.url_map.iter_rules() if "<path:" in rule.rule] == ["assets"]
    opened = [
        (module, call.lineno)
        for module, tree in TREES.items()
        if module.startswith("servicedesk.web")
        for name in ("open", "send_from_directory", "read_bytes", "read_text")
        for call in calls(tree, name)
    ]
    assert not opened


def test_p12_a_secret_is_compared_as_a_hash_or_in_constant_time():
    """A `==` on a secret tells by its time how much of a guess was right."""
    secret = re.compile(r"\b(password|secret|token)$")
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
                if "Ticket.form_token" in sides:
                    continue  # what makes that a form is filed once: its own sender knows it
                fixed = any(side in ("''", '""', "None") for side in sides)
                assert fixed or not any(map(secret.search, sides)), (
                    f"{SOURCES[module]}:{node.lineno}: {ast.unparse(node)}"
                )
