"""Sessions, tokens of programs, and attempts to sign in."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Model
from cmdb.items import choice
from cmdb.people import Person
from cmdb.permissions import Role
from cmdb.tenancy import Owned


class WebSession(Owned, Model):
    """A signed-in browser; only the hash of its token is kept."""

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    address: Mapped[str]
    user_agent: Mapped[str]
    # As it was at the start: with another role, somebody signs in again.
    role: Mapped[Role] = mapped_column(choice(Role))

    person: Mapped[Person] = relationship(viewonly=True)


class ApiToken(Owned, Model):
    """What lets a program call the API as somebody; only its hash is kept.

    It holds up to and including the local day `expires_on`.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    may_write: Mapped[bool]
    created_at: Mapped[dt.datetime]
    expires_on: Mapped[dt.date]
    used_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]

    person: Mapped[Person] = relationship(viewonly=True)


class SignInAttempt(Model):
    """A failed attempt: what the rate limit counts, over all web processes."""

    __table_args__ = (
        sa.Index("ix_sign_in_attempt_login", "login", "at"),
        sa.Index("ix_sign_in_attempt_address", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str]
    address: Mapped[str]
    at: Mapped[dt.datetime]
