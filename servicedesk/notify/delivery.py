"""Sending the outbox: claim a message, hand it to the mail server, write down how that went.

A message is sent at least once and seen once: its Message-ID comes from its key, so that a mail
program knows a second copy. Nothing here commits; `servicedesk.jobs` does, after each step.
"""

import datetime as dt
import hashlib
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db
from servicedesk.notify.models import SECRET, Message
from servicedesk.secrets import Unreadable

# How long to wait after each failed attempt; after the last one the message has failed.
PAUSES = tuple(
    dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60, 24 * 60)
)
UNREACHABLE_PAUSE = dt.timedelta(minutes=1)
TIMEOUT = 20  # seconds
NO_ADDRESS = "no mail address"
# Mail about a municipality is not for who went away from it while it waited.
LEFT = "the recipient left"
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_MAX_ERROR = 500


class Unreachable(Exception):
    """The mail server does not answer, refuses us, or is not safe to give the password to."""


class Post:
    """The mail server behind an URL; it is called when the first message leaves.

    `smtps:` speaks TLS at once. `smtp:` turns to TLS when the server offers it; a password is sent
    to another machine over TLS only. Certificates are verified, except that plain SMTP to this
    machine itself needs none.
    """

    def __init__(self, url: str, sender: str, sender_name: str):
        self.url = urlsplit(url)
        if self.url.scheme not in ("smtp", "smtps") or not self.url.hostname:
            raise ValueError(
                "SERVICEDESK_SMTP: an address as smtp://user:password@host:587 is needed"
            )
        self.sender, self.sender_name = sender, sender_name
        self._client: smtplib.SMTP | None = None

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        if self._client:
            self._client.close()

    def hand_over(self, mail: EmailMessage) -> None:
        """Give `mail` to the server.

        Raises:
            Unreachable: there was no one to give it to.
            smtplib.SMTPException, OSError: the server refused it, or went away.
        """
        if self._client is None:
            try:
                self._client = self._call()
            except (OSError, smtplib.SMTPException) as error:
                raise Unreachable(str(error)) from error
        self._client.send_message(mail)

    def hang_up(self) -> None:
        """Forget the line after an error; the next message gets a new one."""
        if self._client:
            self._client.close()
        self._client = None

    def _call(self) -> smtplib.SMTP:
        host, tls = self.url.hostname, ssl.create_default_context()
        if self.url.scheme == "smtps":
            client = smtplib.SMTP_SSL(host, self.url.port or 465, timeout=TIMEOUT, context=tls)
        else:
            client = smtplib.SMTP(host, self.url.port or 25, timeout=TIMEOUT)
            client.ehlo()
            if host not in _THIS_MACHINE and client.has_extn("starttls"):
                client.starttls(context=tls)
            elif host not in _THIS_MACHINE and self.url.username:
                client.close()
                raise Unreachable(f"{host} offers no TLS, so it does not get the password")
        if self.url.username:
            client.login(unquote(self.url.username), unquote(self.url.password or ""))
        return client


def claim(now: dt.datetime) -> Message | None:
    """Take the oldest message whose time has come, if nobody else holds it; None when none waits.

    The claim writes when to try again, so that a sender which dies is followed by another.
    """
    message = db.session.scalar(
        sa.select(Message)
        .where(Message.sent_at.is_(None), Message.failed_at.is_(None), Message.not_before <= now)
        .order_by(Message.not_before, Message.id)
        .limit(1)
        .options(joinedload(Message.recipient))
        .with_for_update(skip_locked=True, of=Message)
    )
    if message is None:
        return None
    message.not_before = now + PAUSES[min(message.attempts, len(PAUSES) - 1)]
    message.attempts += 1
    db.session.flush()
    return message


def send(message: Message, post: Post, now: dt.datetime) -> bool:
    """Send a claimed message and note how it went; False when the server cannot be reached."""
    if hindrance := _hindrance(message):
        message.failed_at, message.error, message.secret = now, hindrance, None
        return True
    try:
        post.hand_over(compose(message, post.sender, post.sender_name))
    except Unreachable as error:
        # The fault of the line, not of the message: it costs no attempt.
        message.attempts -= 1
        message.not_before = now + UNREACHABLE_PAUSE
        message.error = str(error)[:_MAX_ERROR]
        return False
    except (smtplib.SMTPException, OSError, ValueError, Unreadable) as error:
        post.hang_up()
        message.error = str(error)[:_MAX_ERROR]
        if message.attempts > len(PAUSES):
            message.failed_at, message.secret = now, None
        return True
    message.sent_at, message.error, message.secret = now, "", None
    return True


def _hindrance(message: Message) -> str | None:
    """Why a message is not sent at all; who may read it is asked again now that it leaves."""
    person = message.recipient
    homes = {message.municipality_id, person.municipality_id} - {None}
    if not person.is_active or len(homes) > 1:
        return LEFT
    return None if person.email else NO_ADDRESS


def compose(message: Message, sender: str, sender_name: str) -> EmailMessage:
    """The mail of a message, marked as sent by a program (RFC 3834)."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(sender_name, sender)
    mail["To"] = _address(message.recipient.name, message.recipient.email)
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = message_id(message.dedup_key, sender)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(_body(message) + "\n")
    return mail


def _body(message: Message) -> str:
    secret = message.secret.reveal() if message.secret else ""
    return message.body.replace(SECRET, secret) if secret else message.body


def message_id(dedup_key: str, sender: str) -> str:
    """The same for the same message, however often it is sent."""
    digest = hashlib.sha256(dedup_key.encode()).hexdigest()[:32]
    return f"<{digest}@{sender.rpartition('@')[2]}>"


def _address(name: str, address: str) -> Address:
    return Address(display_name=" ".join(name.split()), addr_spec=address)
