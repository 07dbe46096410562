"""An empty database becomes, by the migrations, exactly what the models describe; data survives them."""

import contextlib
import datetime as dt
import re

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from cmdb import register, registry
from cmdb.database import Model, db
from cmdb.item_parts import ItemTerm
from cmdb.items import Environment, Item, ItemVersion, Relation
from cmdb.registry import ItemClass
from cmdb.tenancy import EVERYTHING, enter
from servicedesk import paths
from servicedesk.app import create_app
from servicedesk.commands.database import upgrade

pytestmark = pytest.mark.no_database

AT = "2026-11-23 09:00:00+00:00"
LATER = "2026-11-24 09:00:00+00:00"
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
# The register from before 0004: a class of the product's and one of the centre's own, two versions, a relation.
OLD_ITEM = {
    "name": "Zaaksysteem", "municipality_id": None, "description": "", "hosting": "central", "status": "in-use",
    "attributes": '{"leeftijd": "oud"}',
}
OLD_VERSION = {"item_id": 101, "municipality_id": None, "change_set_id": 101, "valid_from": AT, "valid_to": None}
OLD_REGISTER = (
    ("item_class", {"key": "application", "name": "Applicatie", "prefix": "APP", "parent_key": None}),
    ("item_class", {"key": "drone", "name": "Drone", "prefix": "DRN", "parent_key": "application"}),
    ("change_set", {"id": 101, "at": AT, "source": "test", "reason": ""}),
    ("change_set", {"id": 102, "at": LATER, "source": "test", "reason": ""}),
    ("item", OLD_ITEM | {"id": 101, "uid": "APP-0031", "class_key": "application", "version": 2}),
    ("item", OLD_ITEM | {"id": 102, "uid": "DRN-0001", "class_key": "drone", "version": 1}),
    ("item_version", OLD_VERSION | {"id": 101, "valid_to": LATER, "state": '{"class_key": "application", "name": "Zaken"}'}),
    ("item_version", OLD_VERSION | {
        "id": 102, "valid_from": LATER, "change_set_id": 102, "state": '{"class_key": "application", "name": "Zaaksysteem"}',
    }),
    ("item_consumer", {"item_id": 101, "municipality_id": 1, "valid_from": "2026-11-23"}),
    ("relation", {"id": 101, "source_id": 101, "target_id": 102, "kind": "filmt-met"}),
    ("relation_version", {
        "id": 101, "relation_id": 101, "source_id": 101, "target_id": 102, "kind": "filmt-met", "valid_from": AT,
        "valid_to": None, "change_set_id": 101,
    }),
)  # fmt: skip
ITEM_BEFORE_0011 = (
    ("change_set", {"id": 101, "at": AT, "source": "test", "reason": ""}),
    ("item", {
        "id": 101, "uid": "APP-0031", "class_key": "application", "version": 2, "name": "Zaaksysteem",
        "description": "", "hosting": "central", "status": "in-use", "attributes": "{}", "environment": "none",
        "serial": "", "asset_tag": "", "tags": "[]", "groups": "[]",
    }),
    ("item_version", OLD_VERSION | {
        "id": 101, "valid_to": LATER, "class_key": "application", "name": "Zaken", "state": '{"name": "Zaken"}',
    }),
    ("item_version", OLD_VERSION | {
        "id": 102, "valid_from": LATER, "class_key": "application", "name": "Zaaksysteem",
        "state": '{"name": "Zaaksysteem"}',
    }),
    ("item_consumer", {"item_id": 101, "municipality_id": 1, "valid_from": "2026-11-23", "share": 250}),
)  # fmt: skip
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
    """The full-text tables and the full-text and JSON indexes are written in each database's own SQL."""
    return not (name and ("_text" in name or name.endswith("_gin")) and kind in ("index", "table"))


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
        insert(connection, OLD_ROWS.items())
    upgrade()
    with as_owner(empty) as connection:
        search = SEARCH[connection.dialect.name]
        for table, column, word in (("ticket", "title", "printers"), ("entry", "body", "zaaksystemen")):
            found = connection.scalars(sa.text(search.format(table=table, column=column)), {"word": word})
            assert found.all() == [1]


@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
def test_postgresql_keeps_room_to_change_tickets(cluster, empty):
    upgrade()
    with as_owner(empty) as connection:
        kept = "SELECT reloptions FROM pg_class WHERE oid = 'ticket'::regclass"
        assert connection.scalar(sa.text(kept)) == ["fillfactor=80"]


def insert(connection, rows):
    for table, values in rows:
        names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
        connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)


def test_the_register_from_before_the_catalogue_is_whole_after_it(empty):
    upgrade(revision="0003")
    with as_owner(empty) as connection:
        insert(connection, [("municipality", OLD_ROWS["municipality"]), *OLD_REGISTER])
    upgrade()
    with empty.test_request_context():
        enter(EVERYTHING)
        item, drone = db.session.scalars(sa.select(Item).order_by(Item.id))
        assert (item.uid, item.version, item.attributes) == ("APP-0031", 2, {"leeftijd": "oud"})
        assert (item.environment, item.tags, item.groups, item.serial) == (Environment.NONE, [], [], "")
        assert [consumer.municipality_id for consumer in item.consumers] == [1]
        assert list(db.session.scalars(sa.select(ItemClass.key))) == ["drone"]
        assert registry.classes()["drone"].is_a("application")
        versions = db.session.execute(
            sa.select(ItemVersion.name, ItemVersion.class_key, ItemVersion.ended_by_id).order_by(ItemVersion.id)
        )
        assert versions.all() == [("Zaken", "application", 102), ("Zaaksysteem", "application", None)]
        assert registry.relation_kinds()["filmt-met"].effect == "hard"
        register.unrelate(db.session.scalars(sa.select(Relation)).all(), change_set := begin())
        assert register.add("drone", change_set, name="Drone 2", hosting="central").uid == "DRN-0002"
        register.change(item, change_set, name="Zaaksysteem 2")
        register.remove([drone], change_set)
        db.session.rollback()


def test_items_from_before_the_index_of_words_are_found_by_what_they_are_and_were(empty):
    upgrade(revision="0010")
    with as_owner(empty) as connection:
        insert(connection, [("municipality", OLD_ROWS["municipality"]), *ITEM_BEFORE_0011])
    upgrade()
    with empty.test_request_context():
        enter(EVERYTHING)
        held = dict(db.session.execute(sa.select(ItemTerm.term, ItemTerm.is_current)).all())
    assert held["zaaksysteem"] is True and held["app-0031"] is True and held["zaken"] is False


def test_the_present_states_from_before_0011_are_whole_after_it(empty):
    upgrade(revision="0010")
    step = {"id": 1, "item_id": 101, "status": "retired", "planned_on": "2027-01-01"}
    with as_owner(empty) as connection:
        insert(connection, [("municipality", OLD_ROWS["municipality"]), *ITEM_BEFORE_0011, ("item_step", step)])
    upgrade()
    with empty.test_request_context():
        enter(EVERYTHING)
        states = db.session.scalars(sa.select(ItemVersion.state).order_by(ItemVersion.id)).all()
    assert states == [
        {"name": "Zaken"},
        {
            "name": "Zaaksysteem",
            "shares": [{"municipality_id": 1, "share": 250, "valid_from": "2026-11-23", "valid_to": None}],
            "steps": [{"status": "retired", "planned_on": "2027-01-01", "done_on": None}],
            "documents": [],
            "ports": None,
        },
    ]


def begin():
    return register.begin(None, "test", dt.datetime(2026, 11, 25, tzinfo=dt.UTC))


def test_sqlite_gives_no_key_twice(tmp_path):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    app = create_app(SQLALCHEMY_DATABASE_URI=url, OWNER_DATABASE_URI=url, INSTANCE=tmp_path)
    with app.app_context():
        upgrade()
        enter(EVERYTHING)
        made = sa.select(sa.column("sql")).select_from(sa.table("sqlite_master"))
        for table in ("item", "relation"):
            assert "AUTOINCREMENT" in db.session.scalar(made.where(sa.column("name") == table))
        db.session.remove()
        db.engine.dispose()


def test_the_revisions_form_one_line():
    script = ScriptDirectory(str(paths.MIGRATIONS))
    assert len(script.get_heads()) == 1
    assert [revision.revision for revision in script.walk_revisions()][-1] == "0001"


def test_an_old_migration_imports_nothing_of_the_application():
    """Models move on; a migration must still run years later."""
    for path in (paths.MIGRATIONS / "versions").glob("*.py"):
        text = path.read_text()
        assert not re.search(r"^\s*(from|import) (cmdb|sla|servicedesk)\b", text, re.MULTILINE)
