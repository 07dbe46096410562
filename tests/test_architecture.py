"""The picture in CONTRIBUTING.md, checked: arrows, layers, sizes, and what is kept out."""

import ast
import configparser
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cmdb", "sla", "servicedesk")
SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for top in (*PACKAGES, "migrations")
    for path in sorted((ROOT / top).rglob("*.py"))
} | {"wsgi": ROOT / "wsgi.py"}
TREES = {name: ast.parse(path.read_text()) for name, path in SOURCES.items()}

# Only what starts something ends its transaction: a page, a job, a command, the demo.
ENTRY_POINTS = (
    "servicedesk.web", "servicedesk.api", "servicedesk.jobs", "servicedesk.commands", "servicedesk.demo",
    "servicedesk.cli", "servicedesk.notify.delivery",
)  # fmt: skip

# SQL that the wall between municipalities cannot narrow, and who writes it for a reason.
UNNARROWED = {
    "text", "literal_column", "exec_driver_sql", "from_statement", "__table__", "bulk_save_objects",
    "bulk_insert_mappings", "bulk_update_mappings", "raw_connection", "driver_connection",
}  # fmt: skip
MAY_WRITE_SQL = {
    "cmdb.database": "pragmas and BEGIN of SQLite",
    "cmdb.acts": "which transactions PostgreSQL sees; asked in scope EVERYTHING only",
    "cmdb.tenancy": "tells PostgreSQL the scope",
    "servicedesk.tickets.search": "full text, in the SQL of each database",
    "migrations.env": "grants",
}
# `sa.text` in the condition of an index is no statement.
DECLARATIONS = (
    "sla.models", "servicedesk.tickets.models", "servicedesk.notify.models", "servicedesk.rota.models",
    "servicedesk.tickets.handover_models",
)  # fmt: skip

pytestmark = pytest.mark.no_database


def calls(tree: ast.AST, name: str):
    """The calls of a method or function with that last name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if getattr(function, "attr", getattr(function, "id", None)) == name:
                yield node


def names(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr, node
        elif isinstance(node, ast.Name):
            yield node.id, node


def test_imports_follow_the_arrows():
    """The contracts of setup.cfg, by import-linter."""
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", [name for name in TREES if name.startswith(("cmdb", "sla"))])
def test_the_domain_knows_no_web(module):
    """Two doors are open: the session of the database, and the mixin of who signs in."""
    web = {
        name
        for name in imported(TREES[module])
        if name.startswith(("flask", "werkzeug", "wtforms"))
    }
    assert web <= {"flask_sqlalchemy", "flask_login"}


def imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


# A library that makes each web process larger by megabytes, and that few requests need; of our own
# what cannot do without one.
LOADED_LATE = {
    "alembic", "authlib", "cryptography", "fido2", "icalendar", "joserfc", "jsonschema", "ldap3",
    "openpyxl", "segno", "servicedesk.directory.protocol",
}  # fmt: skip


def is_late(module: str) -> bool:
    return module in LOADED_LATE or module.partition(".")[0] in LOADED_LATE


@pytest.mark.parametrize("module", TREES)
def test_imports_stand_at_the_top(module):
    top = {id(node) for node in TREES[module].body}
    inside = [
        node.lineno
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in top
        and not (isinstance(node, ast.ImportFrom) and is_late(node.module))
    ]
    assert not inside, f"{SOURCES[module]}: imports on lines {inside}"


@pytest.mark.parametrize("module", TREES)
def test_only_an_entry_point_commits(module):
    if module.startswith(ENTRY_POINTS):
        return
    found = [call.lineno for call in calls(TREES[module], "commit")]
    assert not found, f"{SOURCES[module]}: commits on lines {found}"


@pytest.mark.parametrize("module", TREES)
def test_sql_that_the_wall_cannot_narrow_stays_in_few_places(module):
    if module in MAY_WRITE_SQL or module.startswith("migrations.versions"):
        return
    found = [
        (name, node.lineno)
        for name, node in names(TREES[module])
        if name in UNNARROWED and not (name == "text" and not is_of_sqlalchemy(node))
    ]
    if module in DECLARATIONS:
        found = [pair for pair in found if pair[0] != "text"]
    assert not found, f"{SOURCES[module]}: {found}"


def is_of_sqlalchemy(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("sa", "sqlalchemy")
    )


@pytest.mark.parametrize("module", TREES)
def test_sqlalchemy_is_named_where_it_is_used(module):
    """`text` from sqlalchemy by another name would pass the test above."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.ImportFrom) and node.module == "sqlalchemy":
            taken = {alias.name for alias in node.names} & UNNARROWED
            assert not taken, f"{SOURCES[module]}: imports {taken}"


@pytest.mark.parametrize("module", TREES)
def test_no_moment_without_a_zone(module):
    """A naive "now" is wrong twice a year; `utcnow` and `today` give one."""
    for name in ("utcnow", "utcfromtimestamp", "today"):
        assert not list(calls(TREES[module], name)), f"{SOURCES[module]}: {name}()"
    for name in ("now", "fromtimestamp"):
        for call in calls(TREES[module], name):
            of_datetime = isinstance(call.func, ast.Attribute) and "datetime" in ast.unparse(
                call.func.value
            )
            assert not of_datetime or len(call.args) + len(call.keywords) > (
                name == "fromtimestamp"
            ), f"{SOURCES[module]}:{call.lineno}: a moment without a zone"


@pytest.mark.parametrize(
    "path", [*SOURCES.values(), *sorted((ROOT / "tests").rglob("*.py"))], ids=str
)
def test_a_file_is_short_and_says_what_it_is(path):
    if path.parent.name == "versions":
        return
    text = path.read_text()
    assert len(text.splitlines()) <= 400, f"{path} holds more than one subject"
    assert not text.strip() or ast.get_docstring(ast.parse(text)), f"{path} has no docstring"


def test_every_package_is_in_the_wheel():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    listed = set(config["options"]["packages"].split())
    there = {
        ".".join(init.parent.relative_to(ROOT).parts)
        for top in PACKAGES
        for init in (ROOT / top).rglob("__init__.py")
    }
    assert there <= listed
    folders = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for top in PACKAGES
        for path in (ROOT / top).rglob("*.py")
    }
    assert folders <= there, "a folder with modules has no __init__.py"


def test_no_module_is_a_drawer():
    drawers = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert not [name for name in SOURCES if name.rpartition(".")[2] in drawers]


def test_the_top_level_is_fixed():
    fixed = {
        ".ci", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "cmdb",
        "docs", "migrations", "publiccode.yml", "pyproject.toml", "servicedesk", "setup.cfg", "sla",
        "templates", "tests", "wsgi.py",
    }  # fmt: skip
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        assert {line.split("/")[0] for line in listed.stdout.split("\n") if line} <= fixed
