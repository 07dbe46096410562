"""Below the ORM: PostgreSQL itself keeps the wall, whatever statement arrives."""

import importlib

import pytest
import sqlalchemy as sa

from cmdb.database import Model, db
from cmdb.tenancy import EVERYTHING, Scope, Walled, enter
from servicedesk.app import create_app
from servicedesk.tickets.models import Ticket
from tests.makers import make_cast, make_item, make_ticket

wall = importlib.import_module("migrations.versions.0002_search_and_wall")
catalogue = importlib.import_module("migrations.versions.0004_catalogue")
staging = importlib.import_module("migrations.versions.0007_staged_imports")
planned = importlib.import_module("migrations.versions.0009_planned_work")
quality = importlib.import_module("migrations.versions.0010_quality")
directories = importlib.import_module("migrations.versions.0020_directories")
rota = importlib.import_module("migrations.versions.0012_the_roster")
accounts = importlib.import_module("migrations.versions.0024_accounts")
terms = importlib.import_module("migrations.versions.0015_terms")
fields = importlib.import_module("migrations.versions.0017_rules_of_fields")
meeting = importlib.import_module("migrations.versions.0019_tickets_and_the_roster")
api = importlib.import_module("migrations.versions.0022_api")
reviews = importlib.import_module("migrations.versions.0023_access_reviews")
swap_rules = importlib.import_module("migrations.versions.0021_swap_rules_of_teams")
single = importlib.import_module("migrations.versions.0027_single_sign_on")
incoming = importlib.import_module("migrations.versions.0028_sent_in")
passkeys = importlib.import_module("migrations.versions.0029_passkeys")
LATER = (catalogue, staging, planned, quality, rota, terms, fields, meeting, swap_rules)
UNOWNED = wall.UNOWNED | {key: each for module in LATER for key, each in module.UNOWNED.items()}
WALLED = (
    *wall.WALLED, *planned.WALLED, *rota.WALLED, *meeting.WALLED, *directories.WALLED, *api.WALLED,
    *reviews.WALLED, *accounts.WALLED, *single.WALLED, *incoming.WALLED, *passkeys.WALLED,
)  # fmt: skip

# In these a municipality sees what it does not own: the people and the shared items of the centre.
SEEN_BESIDES = {"person", "item", "item_version"}


class Postgres:
    """A filled database, and raw connections to it as the application's role."""

    def __init__(self, application_url: str, owner_url: str, folder):
        self.app = create_app(
            SQLALCHEMY_DATABASE_URI=application_url, OWNER_DATABASE_URI=owner_url, INSTANCE=folder
        )
        with self.app.app_context():
            enter(EVERYTHING)
            cast = make_cast()
            for requester in (cast.anna, cast.carla):
                make_ticket(requester)
                make_item("Werkplek", requester.municipality)
            db.session.commit()
            self.anna_home, self.carla_home = cast.oosterveen.id, cast.lindhoven.id
            db.session.remove()
            db.engine.dispose()
        self.engine = sa.create_engine(application_url, poolclass=sa.NullPool)

    def run(self, sql: str, scope: str | None = None, **values):
        """Run one raw statement in a scope, and take it back."""
        with self.engine.connect() as connection:
            if scope is not None:
                connection.execute(
                    sa.text("SELECT set_config('servicedesk.scope', :scope, true)"), {"scope": scope}
                )
            result = connection.execute(sa.text(sql), values)
            return result.all() if result.returns_rows else result.rowcount


@pytest.fixture(scope="module")
def postgres(cluster, fresh_database, tmp_path_factory):
    return Postgres(*fresh_database(), tmp_path_factory.mktemp("row_security"))


def owned_tables() -> list[str]:
    return sorted(t.name for t in Model.metadata.tables.values() if "municipality_id" in t.columns)


def test_every_table_of_a_municipality_is_in_the_list_of_the_migration():
    assert owned_tables() == sorted(WALLED)


def test_every_other_walled_table_is_in_the_list_of_a_migration():
    others = {
        m.local_table.name
        for m in Model.registry.mappers
        if issubclass(m.class_, Walled) and "municipality_id" not in m.local_table.columns
    }
    assert others == set(UNOWNED)


def test_row_level_security_is_forced_on_every_walled_table(postgres):
    forced = postgres.run(
        "SELECT relname, relforcerowsecurity FROM pg_class WHERE relkind = 'r' AND relrowsecurity"
    )
    assert dict(forced) == {
        # The owner passes where `tickets_with` searches, see the migration.
        table: table not in wall.INDEXED
        for table in (*WALLED, *UNOWNED)
    }


def test_the_role_of_the_application_is_neither_owner_nor_above_the_wall(postgres):
    role = "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
    assert postgres.run(role) == [(False,)]
    assert postgres.run("SELECT count(*) FROM pg_tables WHERE tableowner = current_user") == [(0,)]


def test_what_a_policy_seems_to_cost_makes_no_statement_compile(postgres):
    assert postgres.run("SHOW jit") == [("off",)]


def test_a_cursor_tells_of_a_column_its_name_and_its_type(postgres):
    with postgres.engine.connect() as connection:
        cursor = connection.connection.cursor()
        assert cursor.execute("SELECT 1 AS one, 'a'::text AS word").description == [
            ("one", 23, None, None, None, None, None),
            ("word", 25, None, None, None, None, None),
        ]
        assert cursor.execute("SET jit = off").description is None
        cursor.close()


@pytest.mark.parametrize("scope", [None, "", "0", "999999"])
@pytest.mark.parametrize("table", owned_tables())
def test_without_a_scope_a_raw_connection_sees_no_row_of_a_municipality(postgres, table, scope):
    assert postgres.run(f"SELECT count(*) FROM {table} WHERE municipality_id IS NOT NULL", scope) == [(0,)]


@pytest.mark.parametrize("table", sorted(UNOWNED))
def test_without_a_scope_a_raw_connection_sees_no_row_without_an_owner(postgres, table):
    assert postgres.run(f"SELECT count(*) FROM {table}") == [(0,)]


@pytest.mark.parametrize("table", owned_tables())
def test_with_a_scope_a_raw_connection_sees_its_own_rows_only(postgres, table):
    seen = {key for (key,) in postgres.run(f"SELECT municipality_id FROM {table}", str(postgres.anna_home))}
    assert seen <= {postgres.anna_home} | ({None} if table in SEEN_BESIDES else set())
    both = {key for (key,) in postgres.run(f"SELECT municipality_id FROM {table}", "all")}
    assert not both or both - seen


@pytest.mark.parametrize("table", [*WALLED, *UNOWNED])
def test_with_a_scope_a_raw_connection_changes_nothing_elsewhere(postgres, table):
    scope = str(postgres.anna_home)
    mine = postgres.run(f"SELECT count(*) FROM {table}", scope)[0][0]
    column = Model.metadata.tables[table].columns.keys()[0]
    changed = postgres.run(f"UPDATE {table} SET {column} = {column}", scope)
    assert changed <= mine and (table not in UNOWNED or changed == 0)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO location (municipality_id, name, address) VALUES (:foreign, 'van Anna', '')",
        "UPDATE location SET municipality_id = :foreign",
        "UPDATE person SET municipality_id = :foreign, department_id = NULL, location_id = NULL",
        "INSERT INTO change_set (at, source, reason) VALUES (now(), 'Anna', '')",
    ],
)
def test_a_raw_write_for_another_municipality_is_refused(postgres, sql):
    values = {"foreign": postgres.carla_home} if ":foreign" in sql else {}
    with pytest.raises(sa.exc.DBAPIError, match="row-level security|foreign key"):
        postgres.run(sql, str(postgres.anna_home), **values)


def test_a_raw_link_to_an_item_of_another_municipality_is_refused(postgres):
    link = "INSERT INTO ticket_item (municipality_id, ticket_id, item_id) VALUES (:home, :ticket, :item)"
    (ticket,) = postgres.run("SELECT id FROM ticket", str(postgres.anna_home))[0]
    for home, refused in ((postgres.carla_home, True), (postgres.anna_home, False)):
        (item,) = postgres.run("SELECT id FROM item WHERE municipality_id = :home", "all", home=home)[0]
        values = {"home": postgres.anna_home, "ticket": ticket, "item": item}
        if refused:
            with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
                postgres.run(link, str(postgres.anna_home), **values)
        else:
            assert postgres.run(link, str(postgres.anna_home), **values) == 1


@pytest.mark.parametrize("sql", ["TRUNCATE ticket", "ALTER TABLE ticket DISABLE ROW LEVEL SECURITY", "DROP TABLE draft"])
def test_the_role_of_the_application_cannot_take_the_wall_down(postgres, sql):
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied|must be owner"):
        postgres.run(sql, "all")


def test_a_scope_ends_with_its_transaction(postgres):
    with postgres.engine.connect() as connection:
        connection.execute(sa.text("SELECT set_config('servicedesk.scope', 'all', true)"))
        assert connection.scalar(sa.text("SELECT count(*) FROM ticket")) == 2
        connection.commit()
        assert connection.scalar(sa.text("SELECT count(*) FROM ticket")) == 0


def test_the_application_tells_its_scope_for_one_transaction(postgres):
    told = sa.text("SELECT current_setting('servicedesk.scope')")
    with postgres.app.app_context():
        enter(Scope(frozenset({postgres.anna_home})))
        connection = db.session.connection()
        assert connection.scalar(told) == str(postgres.anna_home)
        enter(EVERYTHING)
        assert connection.scalar(told) == "all"
        db.session.commit()
        with db.engine.connect() as connection:
            assert connection.scalar(told) == ""
        db.engine.dispose()


def test_after_the_server_went_away_one_question_fails_and_not_one_of_each_connection(postgres, cluster):
    ask = sa.select(sa.func.count()).select_from(Ticket)
    with postgres.app.app_context():
        enter(EVERYTHING)
        with db.engine.connect(), db.engine.connect():
            name = db.engine.url.database
        cluster.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(sa.exc.OperationalError) as failure:
            db.session.scalar(ask)
        assert failure.value.connection_invalidated
        db.session.rollback()
        assert db.session.scalar(ask) == 2
        db.session.remove()
        db.engine.dispose()


def test_an_application_with_a_role_above_the_wall_does_not_start(cluster):
    url = cluster.url("postgres", "postgres")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with pytest.raises(RuntimeError, match="passes row-level security"):
        engine.connect()


def test_who_may_see_everything_does_not_pay_for_the_wall(postgres):
    plan = postgres.run("EXPLAIN (ANALYZE, TIMING off) SELECT * FROM change_set", "all")
    looked_up = [line for (line,) in plan if "item_version" in line]
    assert looked_up and all("never executed" in line for line in looked_up)
