"""The site that the browser tests visit: the demo behind gunicorn, in a process of its own."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import sqlalchemy as sa
from playwright.sync_api import Browser
from werkzeug.routing import Map

from cmdb.database import db, utc_now
from cmdb.people import Person
from cmdb.tenancy import EVERYTHING, enter
from servicedesk.app import create_app
from servicedesk.commands.database import upgrade
from servicedesk.demo import fill, ninety_days
from servicedesk.demo.organisation import PASSWORD
from servicedesk.signin import sessions
from servicedesk.tickets.models import Ticket
from tests.makers import make_ticket

ROOT = Path(__file__).resolve().parents[2]
TICKETS = 90  # a third of the demo's past: enough for every page, and sooner there


class Site:
    """A running site on a database that this process reads and writes too; give it back with `stop`."""

    def __init__(self, application_url: str, owner_url: str, instance: Path):
        self.url = f"http://127.0.0.1:{_free_port()}"
        self._cookies: dict[str, dict] = {}
        self._app = create_app(
            SECRET_KEY="of the test process only",
            SQLALCHEMY_DATABASE_URI=application_url,
            OWNER_DATABASE_URI=owner_url,
            INSTANCE=instance,
        )
        with self._app.app_context():
            upgrade()
        with self.database(), mock.patch.object(ninety_days, "TICKETS", TICKETS):
            fill.fill(utc_now())
        self._log = open(instance / "gunicorn.log", "w+")
        self._environment = os.environ | {
            "SERVICEDESK_DATABASE": application_url,
            "SERVICEDESK_INSTANCE": str(instance),
            "SERVICEDESK_OPENID_LOOPBACK": "1",
        }
        self._process = self._start(self.url)

    @property
    def rules(self) -> Map:
        """The addresses of the site."""
        return self._app.url_map

    @contextlib.contextmanager
    def database(self) -> Iterator[None]:
        """A session beside the site's own, that sees everything and commits at the end."""
        with self._app.app_context():
            enter(EVERYTHING)
            yield
            db.session.commit()

    def file(self, login: str, **values) -> str:
        """File a ticket for who signs in as `login`; its number."""
        with self.database():
            return make_ticket(person(login), now=utc_now(), **values).number

    def session_of(self, login: str, browser: Browser) -> dict:
        """The cookies of somebody who signed in; the form is filled in once a person."""
        if login not in self._cookies:
            with browser.new_context(base_url=self.url, locale="nl-NL") as context:
                sign_in(context.new_page(), login)
                self._cookies[login] = context.storage_state()
        return self._cookies[login]

    def end_sessions(self, login: str) -> None:
        """End all sessions of somebody; who is visited next signs in again."""
        with self.database():
            sessions.end_all(person(login), utc_now())
        self._cookies.pop(login, None)

    @contextlib.contextmanager
    def by_name(self) -> Iterator[str]:
        """The same site at an address with a name: browsers make no passkeys for 127.0.0.1."""
        url = f"http://localhost:{_free_port()}"
        process = self._start(url)
        yield url
        process.terminate()
        process.wait(20)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._log.close()
        with self._app.app_context():
            db.engine.dispose()

    def _start(self, url: str) -> subprocess.Popen:
        """A process that serves the site at `url`, once it does."""
        address = url.replace("localhost", "127.0.0.1").removeprefix("http://")
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "wsgi:app",
            "--bind",
            address,
        ]
        command += [
            "--worker-class",
            "gthread",
            "--threads",
            "4",
            "--no-control-socket",
            "--log-level",
            "warning",
        ]
        process = subprocess.Popen(
            command,
            env=self._environment | {"SERVICEDESK_URL": url},
            cwd=ROOT,
            stdout=self._log,
            stderr=self._log,
        )
        self._wait(address, process)
        return process

    def _wait(self, address: str, process: subprocess.Popen) -> None:
        for _attempt in range(600):
            connection = http.client.HTTPConnection(address, timeout=30)
            try:
                connection.request("GET", "/health")
                connection.getresponse().read()
                return
            except OSError:
                if process.poll() is not None:
                    break
                time.sleep(0.05)
            finally:
                connection.close()
        raise RuntimeError(f"the site did not start: {Path(self._log.name).read_text()[-1000:]}")


def sign_in(page, login: str) -> None:
    """Fill in the sign-in form, from wherever `page` is."""
    page.goto("/signin")
    page.get_by_label("Gebruikersnaam").fill(login)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Inloggen", exact=True).click()
    page.wait_for_url(lambda url: "/signin" not in url)


def person(login: str) -> Person:
    return db.session.scalars(sa.select(Person).where(Person.login == login)).one()


def ticket(number: str) -> Ticket:
    return db.session.scalars(sa.select(Ticket).where(Ticket.number == number)).one()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
