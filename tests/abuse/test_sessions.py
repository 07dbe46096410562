"""P: passwords, cookies and the key that signs them."""

import contextlib
import re
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from servicedesk.app import create_app
from servicedesk.config import SHORTEST_KEY, settings
from servicedesk.notify.models import Message
from servicedesk.signin import attempts, links
from servicedesk.signin.account_models import Purpose
from tests.makers import make_ticket
from tests.servicedesk.web.test_query_counts import counted


def test_p1_attempts_at_once_are_all_counted(cast):
    """An attempt counts before its password is compared, so that a hundred at once are a hundred."""
    let_in = 0
    for _ in range(attempts.PER_NAME_AND_ADDRESS * 3):
        try:
            attempts.admit(cast.anna.login, "198.51.100.7", utc_now())
            let_in += 1
        except attempts.TooManyAttempts:
            pass
    assert let_in == attempts.PER_NAME_AND_ADDRESS


def let_in(tries) -> int:
    count = 0
    for login, address in tries:
        with contextlib.suppress(attempts.TooManyAttempts):
            attempts.admit(login, address, utc_now())
            count += 1
    return count


def test_p1_a_thousand_guesses_in_every_direction_are_few(cast):
    """One account from everywhere, and one password over a thousand accounts."""
    everywhere = [f"10.0.{n // 250}.{n % 250}" for n in range(1000)]
    assert let_in((cast.anna.login, address) for address in everywhere) == attempts.PER_NAME
    names = [f"naam{n}" for n in range(1000)]
    assert let_in((name, "198.51.100.9") for name in names) == attempts.PER_ADDRESS


@pytest.fixture
def own_app(fresh_database, tmp_path):
    """An application on a database of its own, in which transactions really end."""
    application_url, owner_url = fresh_database()
    app = create_app(
        SQLALCHEMY_DATABASE_URI=application_url, OWNER_DATABASE_URI=owner_url, INSTANCE=tmp_path
    )
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.no_database
def test_p1_a_thousand_at_once_are_no_more_than_ten(own_app):
    """Of eight that try at the same moment, none is overlooked."""
    found, start = [], threading.Barrier(8)

    def guess():
        start.wait()
        for _ in range(125):
            with own_app.app_context():
                try:
                    attempts.admit("anna", "198.51.100.7", utc_now())
                    db.session.commit()
                    found.append(1)
                except attempts.TooManyAttempts:
                    db.session.rollback()

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == attempts.PER_NAME_AND_ADDRESS


def test_p2_the_page_of_a_forgotten_password_does_the_same_for_every_name(app, client, cast):
    """The same statements, so that it takes as long; who that is, a worker finds out later."""
    cast.anna.email = "anna@oosterveen.example"
    db.session.commit()

    def asked(name):
        with counted() as seen:
            answer = client.post("/password/forgotten", data={"name": name})
        return answer.status_code, answer.text, [text for text in seen if "INSERT" in text or "person" in text]

    known, mailed, unknown = map(asked, (cast.anna.login, cast.anna.email, "niemand"))
    assert known == mailed == unknown and known[0] == 200 and len(known[2]) == 1


def test_p4_links_in_mail_come_from_the_configuration(cast, sign_in, app, monkeypatch):
    monkeypatch.setitem(app.config, "SITE_URL", "https://servicepunt.example")
    anna = sign_in(cast.anna)
    refused = anna.get("/my/tickets", headers={"Host": "evil.example"})
    assert refused.status_code == 400
    with app.test_request_context(headers={"Host": "evil.example"}):
        make_ticket(cast.anna)
        for purpose in Purpose:
            links.send(cast.anna, purpose, utc_now())
    asked = {"data": {"name": cast.anna.login}, "headers": {"Host": "evil.example"}}
    assert app.test_client().post("/password/forgotten", **asked).status_code == 400
    bodies = db.session.scalars(sa.select(Message.body)).all()
    sites = [site for body in bodies for site in re.findall(r"https?://[^/\s]+", body)]
    assert len(sites) >= 3 and set(sites) == {"https://servicepunt.example"}


@pytest.mark.parametrize(("address", "secure"), [("https://desk.example", True), ("http://localhost", False)])
def test_p8_over_https_the_cookie_never_travels_in_the_clear(monkeypatch, tmp_path, address, secure):
    monkeypatch.setenv("SERVICEDESK_URL", address)
    app = create_app(INSTANCE=tmp_path, SECRET_KEY="x", SQLALCHEMY_DATABASE_URI="sqlite://")
    answer = app.test_client().get("/signin", base_url=address)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert ("; Secure" in cookie) == secure
    assert "; HttpOnly" in cookie and "; SameSite=Lax" in cookie and "Domain=" not in cookie
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("key", ["dev", "changeme", "x" * 64, " " * 40, "a" * (SHORTEST_KEY - 1)])
def test_p9_a_key_that_can_be_guessed_is_refused_at_the_start(monkeypatch, tmp_path, key):
    monkeypatch.setenv("SERVICEDESK_INSTANCE", str(tmp_path))
    monkeypatch.setenv("SERVICEDESK_SECRET_KEY", key)
    with pytest.raises(ValueError, match="can be guessed"):
        settings()
    monkeypatch.setenv("SERVICEDESK_SECRET_KEY", "")
    made = settings()["SECRET_KEY"]
    assert len(made) == 64 and made == settings()["SECRET_KEY"]
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_p9_processes_that_start_together_have_one_key(monkeypatch, tmp_path):
    monkeypatch.setenv("SERVICEDESK_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("SERVICEDESK_SECRET_KEY", "")
    keys, start = [], threading.Barrier(8)

    def ask():
        start.wait()
        keys.append(settings()["SECRET_KEY"])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8 and len(set(keys)) == 1


def test_p9_the_command_says_it_in_one_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "servicedesk.cli", "doctor"], capture_output=True, text=True,
        env={"SERVICEDESK_SECRET_KEY": "dev", "SERVICEDESK_INSTANCE": str(tmp_path), "PATH": "/bin"},
    )  # fmt: skip
    assert done.returncode != 0 and "can be guessed" in done.stderr
