"""An empty database becomes, by the migrations, exactly what the models describe; data survives them."""

import contextlib
import re

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import upgrade

from cmdb.database import Model, db
from servicedesk import paths
from servicedesk.app import create_app

pytestmark = pytest.mark.no_database

AT = "2026-11-23 09:00:00+00:00"
# The rows of before 0002 that a search must find after it, in an order that foreign keys allow.
OLD_ROWS = {
    "municipality": {"id": 1, "name": "Oosterveen", "code": "9901", "inhabitants": 11000},
    "person": {
        "id": 1, "municipality_id": 1, "login": "anna", "name": "Anna Bakker", "email": "", "phone": "",
        "role": "employee", "locale": "nl", "is_active": True,
    },
    "category": {"id": 1, "key": "application", "name": "Applicatie", "icon": "app-window"},
    "ticket": {
        "id": 1, "municipality_id": 1, "number": "M2611-0001", "type": "incident", "title": "Printers haperen",
        "status": "new", "priority": 3, "channel": "portal", "phone": "", "category_id": 1, "requester_id": 1,
        "created_at": AT, "updated_at": AT, "handoffs": 0, "reopenings": 0, "version": 1,
    },
    "entry": {
        "id": 1, "municipality_id": 1, "ticket_id": 1, "at": AT, "author_id": 1, "is_internal": False,
        "body": "De zaaksystemen reageren traag",
    },
}  # fmt: skip
SEARCH = {
    "postgresql": "SELECT id FROM {table} WHERE to_tsvector('dutch', {column}) @@ plainto_tsquery('dutch', :word)",
    "sqlite": "SELECT rowid FROM {table}_text WHERE {table}_text MATCH :word",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """An application on a database without a table."""
    if request.param == "postgresql":
        application_url, owner_url = request.getfixturevalue("cluster").create(f"m{tmp_path.name}"[:60])
    else:
        application_url = owner_url = f"sqlite:///{tmp_path / 'empty.db'}"
    app = create_app(
        SQLALCHEMY_DATABASE_URI=application_url, OWNER_DATABASE_URI=owner_url, INSTANCE=tmp_path
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@contextlib.contextmanager
def as_owner(app):
    """A connection as the role that owns the tables, which sees everything."""
    engine = sa.create_engine(app.config["OWNER_DATABASE_URI"], poolclass=sa.NullPool)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT set_config('servicedesk.scope', 'all', true)"))
        yield connection


def is_ours(thing, name, kind, reflected, compare_to):
    """The full-text tables and indexes are written in each database's own SQL."""
    return not (name and "_text" in name and kind in ("index", "table"))


def test_the_migrations_make_what_the_models_describe(empty):
    upgrade()
    options = {"include_object": is_ours, "compare_type": True, "compare_server_default": True}
    with as_owner(empty) as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Model.metadata) == []


def test_upgrading_twice_changes_nothing(empty):
    upgrade()
    before = tables_of(empty)
    upgrade()
    assert tables_of(empty) == before


def tables_of(app) -> list[str]:
    with as_owner(app) as connection:
        return sorted(sa.inspect(connection).get_table_names())


def test_rows_from_before_the_full_text_index_are_found_by_it(empty):
    upgrade(revision="0001")
    with as_owner(empty) as connection:
        for table, values in OLD_ROWS.items():
            names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
            connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)
    upgrade()
    with as_owner(empty) as connection:
        search = SEARCH[connection.dialect.name]
        for table, column, word in (("ticket", "title", "printers"), ("entry", "body", "zaaksystemen")):
            found = connection.scalars(sa.text(search.format(table=table, column=column)), {"word": word})
            assert found.all() == [1]


def test_the_revisions_form_one_line():
    script = ScriptDirectory(str(paths.MIGRATIONS))
    assert len(script.get_heads()) == 1
    assert [revision.revision for revision in script.walk_revisions()][-1] == "0001"


def test_an_old_migration_imports_nothing_of_the_application():
    """Models move on; a migration must still run years later."""
    for path in (paths.MIGRATIONS / "versions").glob("*.py"):
        text = path.read_text()
        assert not re.search(r"^\s*(from|import) (cmdb|sla|servicedesk)\b", text, re.MULTILINE)
