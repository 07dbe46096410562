"""One application on one database for each process; every test rolls its own work back.

What must really commit, or run in other processes, asks `fresh_database()` for a database of its own.
"""

import datetime as dt
import itertools
import os
import secrets
import shutil

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from cmdb.database import db
from cmdb.tenancy import EVERYTHING, current_scope, enter
from servicedesk.app import create_app
from servicedesk.commands.database import upgrade
from servicedesk.signin import passwords, sessions
from servicedesk.signin.models import WebSession
from sla import agreements
from tests.makers import Cast, make_cast
from tests.postgres import Cluster, programs

REAL_HASHER, REAL_NOBODY = passwords._hasher, passwords._NOBODY
# A Monday morning in service hours; tests add to it.
NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)

# What PostgreSQL need not do for data that nobody keeps. What it would learn by vacuuming tables whose
# rows are always rolled back would mislead its planner.
THROWN_AWAY = (
    "autovacuum=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal",
    "max_wal_senders=0", "checkpoint_timeout=1d",
)  # fmt: skip
# The files that take longest, begun first: what began last would run on while the other process is done.
LONGEST = (
    "test_routes", "test_odd_addresses", "test_tenants", "test_serve", "test_slow_callers", "test_locale",
    "test_sync", "test_viewing", "test_migrations", "test_organisation", "test_connection", "test_proof",
    "test_wheel", "test_demo", "test_jobs", "test_forgery", "test_markup", "test_kept_graph", "test_impact",
    "test_visits", "test_estate",
)  # fmt: skip


def pytest_addoption(parser):
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


def pytest_collection_modifyitems(config, items):
    """Run once what is about no database or about PostgreSQL alone; begin with what takes longest."""
    on_sqlite = config.getoption("--database") == "sqlite"
    elsewhere = [item for item in items if (_is_of_postgresql if on_sqlite else _is_of_none)(item)]
    config.hook.pytest_deselected(items=elsewhere)
    left_out = set(elsewhere)
    items[:] = [item for item in items if item not in left_out]
    place = {file: number for number, file in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))


def _is_of_postgresql(item) -> bool:
    return "cluster" in getattr(item, "fixturenames", ())


def _is_of_none(item) -> bool:
    return "no_database" in item.keywords and not {"cluster", "fresh_database"} & set(item.fixturenames)


@pytest.fixture(scope="session")
def cluster():
    """The process's own PostgreSQL, started when the first test asks for it."""
    if programs() is None:
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report("PostgreSQL's server is not installed: apt-get install postgresql")
    cluster = Cluster(*(part for setting in THROWN_AWAY for part in ("-c", setting)))
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def migrated(request, tmp_path_factory) -> str:
    """The migrations, run once: a path on SQLite, a name on PostgreSQL; `fresh_database` copies it."""
    folder = tmp_path_factory.mktemp("migrated")
    if request.config.getoption("--database") == "postgresql":
        urls, made = request.getfixturevalue("cluster").create("migrated"), "migrated"
    else:
        urls, made = [f"sqlite:///{folder}/migrated.db"] * 2, f"{folder}/migrated.db"
    app = create_app(
        SQLALCHEMY_DATABASE_URI=urls[0], OWNER_DATABASE_URI=urls[1], INSTANCE=folder
    )
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return made


@pytest.fixture(scope="session")
def fresh_database(request, migrated, tmp_path_factory):
    """`fresh_database()` makes a database with all tables and nothing in them.

    It gives two URLs: of the application, and of the owner.
    """
    numbers = itertools.count(1)

    def fresh() -> tuple[str, str]:
        name = f"fresh{next(numbers)}"
        if request.config.getoption("--database") == "postgresql":
            return request.getfixturevalue("cluster").create(name, template=migrated)
        path = shutil.copy(migrated, tmp_path_factory.mktemp(name) / "fresh.db")
        return f"sqlite:///{path}", f"sqlite:///{path}"

    return fresh


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords():
    """The least that Argon2id may cost, an instant for a sixth of a second; `real_passwords` costs that."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", hasher)
        patch.setattr(passwords, "_NOBODY", hasher.hash("nobody has this password"))
        yield


@pytest.fixture
def real_passwords(monkeypatch):
    """Passwords that cost what they do in production; ask for it before a password is made."""
    monkeypatch.setattr(passwords, "_hasher", REAL_HASHER)
    monkeypatch.setattr(passwords, "_NOBODY", REAL_NOBODY)


class Visitor(FlaskClient):
    """A browser whose every request gets a database session of its own, as in production."""

    def open(self, *args, **kwargs):
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        _see_again()
        return answer


def _see_again():
    """The test and its browsers share one transaction, in which a browser narrowed what PostgreSQL shows."""
    session = db.session()
    if session.in_transaction() and session.connection().dialect.name == "postgresql":
        scope = {"scope": current_scope().setting}
        session.connection().execute(
            sa.text("SELECT set_config('servicedesk.scope', :scope, true)"), scope
        )


@pytest.fixture(scope="session")
def app(fresh_database, tmp_path_factory):
    application_url, owner_url = fresh_database()
    app = create_app(
        TESTING=True,
        PROPAGATE_EXCEPTIONS=False,
        WTF_CSRF_ENABLED=False,
        SECRET_KEY="for the tests",
        SQLALCHEMY_DATABASE_URI=application_url,
        OWNER_DATABASE_URI=owner_url,
        INSTANCE=tmp_path_factory.mktemp("instance"),
    )
    app.test_client_class = Visitor
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(autouse=True)
def session(request, monkeypatch):
    """A session that sees everything, inside a transaction that is rolled back."""
    if "no_database" in request.keywords:
        yield None
        return
    with request.getfixturevalue("app").app_context():
        connection = db.engine.connect()
        outer = connection.begin()
        monkeypatch.setitem(db.engines, None, connection)
        agreements.forget_timelines()
        enter(EVERYTHING)
        yield db.session
        db.session.remove()
        outer.rollback()
        connection.close()


@pytest.fixture
def cast(session) -> Cast:
    """Anna and Bram of Oosterveen, Carla of Lindhoven, Daan at the desk, Els who manages."""
    return make_cast()


@pytest.fixture
def client(app):
    """Somebody who did not sign in."""
    return app.test_client()


@pytest.fixture
def sign_in(app, session):
    """`sign_in(anna)` gives a browser in which she is signed in."""

    def signed(person):
        token = secrets.token_urlsafe(16)
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        session.add(
            WebSession(
                token_hash=sessions.hash_token(token),
                municipality_id=person.municipality_id,
                person_id=person.id,
                created_at=now,
                seen_at=now,
                address="127.0.0.1",
                user_agent="test",
                role=person.role,
            )
        )
        session.commit()
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie["key"] = f"{person.municipality_id or ''}:{token}"
        return browser

    return signed
