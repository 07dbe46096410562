"""Directories to sign in by: a whole one that nobody changes, and a small one to change."""

import os

import pytest

from cmdb.database import db
from servicedesk.directory.models import Directory, Kind, Security
from servicedesk.secrets import Secret
from tests.makers import NOW
from tests.slapd import Slapd, program


def started(*options):
    if program() is None:
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report("OpenLDAP's server is not installed: apt-get install slapd ldap-utils")
    return Slapd(*options)


@pytest.fixture(scope="session")
def slapd():
    """Two municipalities of 1,500 people each, which stay as they are."""
    server = started()
    yield server
    server.stop()


@pytest.fixture
def small():
    """Two municipalities of 60 people each, to change or to stop."""
    server = started("--users", 60)
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def on_this_machine(app, monkeypatch):
    monkeypatch.setitem(app.config, "DIRECTORY_NETWORKS", ["127.0.0.0/8", "::1/128"])


def make_directory(server: Slapd, municipality, tenant="alfa", **values) -> Directory:
    """The directory of `tenant`, as an administrator would describe it."""
    there = server.info["tenants"][tenant]
    security = values.get("security", Security.STARTTLS)
    port = server.port + (security == Security.LDAPS)
    usual = {
        "domain": f"{tenant}.example",
        "kind": Kind.ACTIVE_DIRECTORY,
        "hosts": [f"localhost:{port}"],
        "security": security,
        "ca": server.ca,
        "base": there["suffix"],
        "bind_dn": there["sync_dn"],
        "bind_password": Secret.of(there["sync_password"]),
        "people_filter": "",
        "group_base": there["groups"],
        "attributes": {},
        "groups": {
            "employee": [f"cn=sd-users,{there['groups']}"],
            "municipality-manager": [f"cn=sd-managers,{there['groups']}"],
        },
        "next_sync_at": NOW,
    }
    directory = Directory(municipality_id=municipality.id, **(usual | values))
    db.session.add(directory)
    db.session.commit()
    return directory


@pytest.fixture
def alfa(slapd, cast):
    """Oosterveen has the directory alfa."""
    return make_directory(slapd, cast.oosterveen)


@pytest.fixture
def beta(slapd, cast):
    """Lindhoven has the directory beta."""
    return make_directory(slapd, cast.lindhoven, "beta")
