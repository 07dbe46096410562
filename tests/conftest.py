"""One application and one migrated database for the whole run; every test rolls its own work back."""

import datetime as dt
import os
import secrets

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


def pytest_addoption(parser):
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


def pytest_collection_modifyitems(config, items):
    """Leave what is about PostgreSQL alone to the run on PostgreSQL."""
    if config.getoption("--database") == "sqlite":
        other = [item for item in items if "cluster" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=other)
        items[:] = [item for item in items if item not in other]


@pytest.fixture(scope="session")
def cluster():
    """The process's own PostgreSQL, started when the first test asks for it."""
    if programs() is None:
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report("PostgreSQL's server is not installed: apt-get install postgresql")
    # What it would learn of tables whose rows are always rolled back misleads its planner.
    cluster = Cluster("-c", "autovacuum=off")
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def database_urls(request, tmp_path_factory) -> tuple[str, str]:
    """The chosen database's URLs: of the application, and of the owner."""
    if request.config.getoption("--database") == "postgresql":
        return request.getfixturevalue("cluster").create("suite")
    url = f"sqlite:///{tmp_path_factory.mktemp('database')}/suite.db"
    return url, url


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
def app(database_urls, tmp_path_factory):
    application_url, owner_url = database_urls
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
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(autouse=True)
def session(request, app, monkeypatch):
    """A session that sees everything, inside a transaction that is rolled back."""
    if "no_database" in request.keywords:
        yield None
        return
    with app.app_context():
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
