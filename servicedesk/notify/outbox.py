"""Putting a message in the outbox, in the transaction of what it tells about."""

import datetime as dt

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale

from cmdb.database import db
from cmdb.people import Person
from servicedesk.notify.models import SECRET, Message
from servicedesk.secrets import Secret


def enqueue(recipient: Person, template: str, *, dedup_key: str, **told) -> None:
    """Do as `write`, unless the key exists: the same news is told once, whoever tells it."""
    key = _key(dedup_key, recipient)
    if not db.session.scalar(sa.select(Message.id).where(Message.dedup_key == key)):
        write(recipient, template, dedup_key=dedup_key, **told)


def write(
    recipient: Person,
    template: str,
    *,
    dedup_key: str,
    municipality_id: int | None,
    now: dt.datetime,
    not_before: dt.datetime | None = None,
    secret: str | None = None,
    **context,
) -> None:
    """Write `templates/mail/<template>.txt` to `recipient`, in their language.

    The first line of the template is the subject; what stands around a page is not there.
    `dedup_key` is new, as that of a row that was made just now.
    It leaves at once, or not before `not_before` when that is given.
    `secret` is kept sealed; the template writes `SECRET` where it belongs.
    """
    with force_locale(recipient.locale):
        page = current_app.jinja_env.get_template(f"mail/{template}.txt")
        text = page.render(recipient=recipient, SECRET=SECRET, **context)
    subject, _, body = text.strip().partition("\n")
    db.session.add(
        Message(
            dedup_key=_key(dedup_key, recipient),
            municipality_id=municipality_id,
            recipient_id=recipient.id,
            subject=" ".join(subject.split()),
            body=body.strip(),
            secret=Secret.of(secret) if secret else None,
            created_at=now,
            not_before=not_before or now,
        )
    )


def _key(dedup_key: str, recipient: Person) -> str:
    return f"{dedup_key}:{recipient.id}"
