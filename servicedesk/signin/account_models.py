"""What belongs to an account beside its password: links by mail, the second step, and its story."""

import datetime as dt
import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Model
from cmdb.items import choice
from cmdb.people import Person
from cmdb.tenancy import Owned
from servicedesk.secrets import Sealed, Secret


class Purpose(enum.StrEnum):
    """What a link to choose a password is for."""

    RESET = "reset"
    INVITATION = "invitation"


class AccountLink(Owned, Model):
    """A link by which somebody chooses a password, once; only the hash of its token is kept."""

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose))
    made_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    # Used, withdrawn, or followed by a newer one.
    ended_at: Mapped[dt.datetime | None]

    person: Mapped[Person] = relationship(viewonly=True)


class PasswordAsk(Model):
    """Somebody forgot a password, as was typed by whoever it was; a worker answers by mail."""

    __table_args__ = (sa.Index("ix_password_ask_address", "address", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    address: Mapped[str]
    at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None]


class SecondStep(Owned, Model):
    """The authenticator app of somebody (TOTP, RFC 6238); before the first code it asks nothing."""

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    seed: Mapped[Secret] = mapped_column(Sealed)
    made_at: Mapped[dt.datetime]
    confirmed_at: Mapped[dt.datetime | None]
    # The half minute (since 1970) of the last code that was accepted: a code is good once.
    last_used: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    # Wrong codes since the last right one.
    failures: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Owned, Model):
    """A code on paper for who lost the app; good once."""

    code_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    used_at: Mapped[dt.datetime | None]


class PendingSignIn(Owned, Model):
    """Somebody who gave the right password and not yet the code; only the hash of the token is kept."""

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    made_at: Mapped[dt.datetime]
    failures: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship(viewonly=True)


class Deed(enum.StrEnum):
    """What was done to an account."""

    ADDED = "added"
    INVITED = "invited"
    WITHDRAWN = "withdrawn"
    ACCEPTED = "accepted"
    RESET = "reset"
    PASSWORD = "password"  # noqa: S105 - the name of a deed
    ROLE = "role"
    ACTIVE = "active"
    INACTIVE = "inactive"
    STEP_ON = "step-on"
    STEP_OFF = "step-off"
    STEP_RESET = "step-reset"
    CODES = "codes"
    CODE_USED = "code-used"
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    PASSKEY_STOPPED = "passkey-stopped"


class AccountEvent(Owned, Model):
    """Who did what to an account, and when; `actor` is None for the product itself."""

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[dt.datetime]
    deed: Mapped[Deed] = mapped_column(choice(Deed))
    # Of a change of role: the role before and after it; of a passkey: its name.
    detail: Mapped[str] = mapped_column(default="")

    actor: Mapped[Person | None] = relationship(foreign_keys=actor_id, viewonly=True)
