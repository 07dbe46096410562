"""The outbox: a message is a row before it is mail."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Model
from cmdb.people import Person
from cmdb.tenancy import Owned
from servicedesk.secrets import Sealed, Secret

SECRET = "[[secret]]"  # noqa: S105 - a place in a text


class Message(Owned, Model):
    """One message to one person; `dedup_key` makes that it exists once, whoever writes it.

    It is about a ticket of a municipality, or about nothing that one municipality owns.
    """

    __table_args__ = (
        sa.Index(
            "ix_message_unsent",
            "not_before",
            postgresql_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
            sqlite_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    dedup_key: Mapped[str] = mapped_column(unique=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    subject: Mapped[str]
    body: Mapped[str]
    # What `SECRET` in the body stands for; only the mail itself has it, and it goes when that left.
    secret: Mapped[Secret | None] = mapped_column(Sealed)
    created_at: Mapped[dt.datetime]
    not_before: Mapped[dt.datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[dt.datetime | None]
    failed_at: Mapped[dt.datetime | None]
    error: Mapped[str] = mapped_column(default="")

    recipient: Mapped[Person] = relationship(viewonly=True)
