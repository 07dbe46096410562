"""The outbox meets a real mail server: sent once, tried again, never lost."""

import datetime as dt
import email
import email.policy
import shutil
import socket
import ssl
import subprocess

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from cmdb.database import db
from servicedesk import jobs
from servicedesk.notify import delivery
from servicedesk.notify.models import Message
from tests.makers import NOW, make_ticket

DAY = dt.timedelta(days=1)


class Mailroom:
    """What the mail server of the municipality does with what it gets."""

    def __init__(self):
        self.mails: list = []
        self.refusal = ""
        self.over_tls: list[bool] = []

    async def handle_DATA(self, server, session, envelope):
        if self.refusal:
            return self.refusal
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.over_tls.append(session.ssl is not None)
        return "250 OK"


@pytest.fixture
def mailroom():
    return Mailroom()


@pytest.fixture
def serve(app, mailroom, monkeypatch):
    """`serve(**options)` starts a mail server and lets the product use it."""
    controllers = []

    def start(host="127.0.0.1", login="", **options):
        controller = Controller(mailroom, hostname=host, port=_free_port(host), **options)
        controller.start()
        controllers.append(controller)
        monkeypatch.setitem(app.config, "SMTP_URL", f"smtp://{login}{host}:{controller.port}")
        return controller

    yield start
    for controller in controllers:
        controller.stop()


def test_without_a_mail_server_messages_wait(cast):
    make_ticket(cast.anna)
    jobs.outbox_send(NOW)
    assert _only_message().sent_at is None


def test_anna_gets_her_confirmation_once(cast, serve, mailroom):
    serve()
    ticket = make_ticket(cast.anna)
    jobs.outbox_send(NOW)
    jobs.outbox_send(NOW + DAY)

    (mail,) = mailroom.mails
    assert mail["To"] == f"{cast.anna.name} <{cast.anna.email}>"
    assert ticket.number in mail["Subject"]
    assert mail["Auto-Submitted"] == "auto-generated"
    message = _only_message()
    assert mail["Message-ID"] == delivery.message_id(message.dedup_key, "servicedesk@localhost")
    assert message.sent_at == NOW


def test_a_message_that_was_sent_but_not_marked_goes_again_under_the_same_id(cast, serve, mailroom):
    serve()
    make_ticket(cast.anna)
    jobs.outbox_send(NOW)
    message = _only_message()
    message.sent_at = None  # as if the worker was killed between sending and marking
    db.session.commit()
    jobs.outbox_send(NOW + DAY)
    assert len(mailroom.mails) == 2
    assert len({mail["Message-ID"] for mail in mailroom.mails}) == 1


def test_a_refused_message_is_tried_again_later_and_fails_visibly_at_last(cast, serve, mailroom):
    serve()
    mailroom.refusal = "451 try again later"
    make_ticket(cast.anna)
    now = NOW
    for pause in delivery.PAUSES:
        jobs.outbox_send(now)
        assert _only_message().not_before == now + pause
        jobs.outbox_send(now + pause - dt.timedelta(seconds=1))
        now += pause
    assert _only_message().failed_at is None
    jobs.outbox_send(now)

    message = _only_message()
    assert message.failed_at == now
    assert "try again later" in message.error


def test_one_refused_message_does_not_hold_up_the_next(cast, serve, mailroom):
    serve()
    make_ticket(cast.anna)
    cast.anna.email = "not an address"
    make_ticket(cast.bram)
    jobs.outbox_send(NOW)
    assert [mail["To"] for mail in mailroom.mails] == [f"{cast.bram.name} <{cast.bram.email}>"]


def test_a_server_that_is_down_costs_no_attempt(app, cast, monkeypatch):
    nobody = f"smtp://127.0.0.1:{_free_port('127.0.0.1')}"
    monkeypatch.setitem(app.config, "SMTP_URL", nobody)
    make_ticket(cast.anna)
    for minutes in range(0, 3 * 24 * 60, 60):
        jobs.outbox_send(NOW + dt.timedelta(minutes=minutes))
    message = _only_message()
    assert (message.attempts, message.failed_at) == (0, None)


def test_somebody_without_an_address_is_told_of_in_the_outbox(cast, serve):
    serve()
    cast.anna.email = ""
    make_ticket(cast.anna)
    jobs.outbox_send(NOW)
    assert _only_message().error == delivery.NO_ADDRESS


def test_a_message_in_the_hands_of_another_worker_is_left_alone(cast):
    make_ticket(cast.anna)
    assert delivery.claim(NOW) is not None
    assert delivery.claim(NOW) is None


@pytest.mark.no_database
def test_an_url_that_is_none_is_said_so():
    with pytest.raises(ValueError, match="SERVICEDESK_SMTP"):
        delivery.Post("mail.example.org", "a@example.org", "Desk")


def test_mail_to_another_machine_goes_over_tls_with_the_password(
    cast, serve, mailroom, tmp_path, monkeypatch
):
    certificate = _certificate(tmp_path, monkeypatch)
    given = []

    def check(server, session, envelope, mechanism, data):
        given.append((data.login, data.password))
        return AuthResult(success=True)

    # 127.0.0.2 is not a name of this machine for us, so it counts as another one.
    serve("127.0.0.2", login="desk:p%40ss@", tls_context=certificate, authenticator=check)
    make_ticket(cast.anna)
    jobs.outbox_send(NOW)
    assert given == [(b"desk", b"p@ss")]
    assert mailroom.over_tls == [True]


def test_a_password_is_never_sent_in_the_clear_to_another_machine(cast, serve, mailroom):
    serve("127.0.0.2", login="desk:secret@", auth_require_tls=False)
    make_ticket(cast.anna)
    jobs.outbox_send(NOW)
    assert mailroom.mails == []
    assert "no TLS" in _only_message().error


def _certificate(folder, monkeypatch) -> ssl.SSLContext:
    """A certificate for 127.0.0.2 that this test trusts."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.2",
         "-addext", "subjectAltName=IP:127.0.0.2", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as probe:
        return probe.getsockname()[1]


def _only_message() -> Message:
    return db.session.scalars(sa.select(Message)).one()
