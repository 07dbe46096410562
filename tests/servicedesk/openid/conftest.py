"""Providers to sign in by: a real one that nobody changes, and one that lies."""

import http.server
import os
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from cmdb.database import db
from servicedesk.openid import claims, discovery
from servicedesk.openid.models import Kind, OpenIdProvider
from servicedesk.secrets import Secret
from tests import openid
from tests.openid.browser import Browser
from tests.openid.liar import Liar

SITE = "http://localhost"
KEY = 71  # of the provider in every test: its addresses are registered
GUID = "6f9619ff-8b86-d011-b42d-00c04fc964ff"
ACCOUNTS = {
    "anna": {
        "sub": "anna-1", "name": "Anna Bakker", "preferred_username": "Anna", "email": "anna@oosterveen.nl",
        "groups": ["sd-users"], "objectGUID": GUID,
    },
    "renamed": {
        "sub": "anna-1", "name": "Anna de Wit", "preferred_username": "anna.dewit",
        "email": "anna.dewit@oosterveen.nl", "groups": ["sd-users", "sd-managers"], "objectGUID": GUID,
    },
    "bram": {"name": "Bram", "preferred_username": "bram", "groups": ["elsewhere"]},
    "daan": {"name": "Daan", "preferred_username": "daan@centrum.nl", "groups": ["sd-agents"]},
}  # fmt: skip


class Listener:
    """Where the provider says that somebody signed out; keeps what it was sent."""

    def __init__(self):
        tokens = self.tokens = []
        self.came = threading.Event()
        came = self.came

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                tokens.append(parse_qs(body)["logout_token"][0])
                self.send_response(200)
                self.end_headers()
                came.set()

            def log_message(self, *args):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def started(clients: list[dict]) -> openid.OpenId:
    if not openid.programs():
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report("Node is not installed: apt-get install nodejs npm")
    openid.install()
    return openid.OpenId(clients, ACCOUNTS)


@pytest.fixture(scope="session")
def listener():
    there = Listener()
    yield there
    there.stop()


@pytest.fixture(scope="session")
def real(listener):
    """A real provider, at which the site is known by a secret ("desk") and without one ("public")."""
    usual = {
        "redirect_uris": [f"{SITE}/signin/openid/{KEY}/return"],
        "post_logout_redirect_uris": [f"{SITE}/signin"],
        "backchannel_logout_uri": listener.url,
        "backchannel_logout_session_required": True,
    }
    server = started(
        [
            usual | {"client_id": "desk", "client_secret": "geheim +/%:"},
            usual | {"client_id": "public", "token_endpoint_auth_method": "none"},
        ]
    )
    yield server
    server.stop()


@pytest.fixture
def liar():
    there = Liar()
    yield there
    there.stop()


@pytest.fixture(autouse=True)
def on_this_machine(app, monkeypatch):
    monkeypatch.setitem(app.config, "OPENID_LOOPBACK", True)
    monkeypatch.setitem(app.config, "SITE_URL", SITE)
    discovery.forget()


def make_provider(issuer: str, municipality=None, **values) -> OpenIdProvider:
    """The provider of a municipality, as an administrator would describe it."""
    names = ("key", *claims.FIELDS)
    usual = {
        "id": KEY, "domain": "oosterveen.nl", "kind": Kind.KEYCLOAK, "issuer": issuer,
        "client_id": "desk", "client_secret": Secret.of("geheim +/%:"),
        "scopes": "openid profile email",
        "claims": {name: claims.USUAL[Kind.KEYCLOAK][name] for name in names},
        "groups": {"employee": ["sd-users"], "municipality-manager": ["sd-managers"]},
    }  # fmt: skip
    home = municipality and municipality.id
    provider = OpenIdProvider(municipality_id=home, **(usual | values))
    db.session.add(provider)
    db.session.commit()
    return provider


def own_path(url: str) -> str:
    """What the Flask client asks for, of an address of the site."""
    assert url.startswith(f"{SITE}/"), url
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def come_in(client, login: str = "anna", browser: Browser | None = None, target: str = ""):
    """Sign in by the real provider; the answer of the site to who comes back."""
    browser = browser or Browser()
    there = client.get(f"/signin/openid/{KEY}{target}")
    assert there.status_code == 303, there.text
    url = browser.open(there.location) or browser.submit(login=login, password="x")
    return client.get(own_path(url))


def come_back(client, **answer):
    """Sign in by the liar, who has no page; the answer of the site."""
    there = client.get(f"/signin/openid/{KEY}")
    assert there.status_code == 303, there.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(there.location).query).items()}
    given = {"code": "1", "state": asked["state"]} | answer
    return asked, lambda: client.get(f"/signin/openid/{KEY}/return", query_string=given)
