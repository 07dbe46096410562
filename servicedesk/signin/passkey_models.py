"""Passkeys of local accounts, and the challenges that browsers were given to answer with one."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Model
from cmdb.people import Person
from cmdb.tenancy import Owned


class Passkey(Owned, Model):
    """The public half of a key that somebody keeps in a device or a vault (WebAuthn)."""

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    # As browsers write it: base64url of at most 1,023 bytes.
    credential_id: Mapped[str] = mapped_column(sa.String(1364), unique=True)
    public_key: Mapped[bytes]  # COSE
    # What the key's holder calls the account; the same for all passkeys of a person.
    user_handle: Mapped[bytes]
    # How the browser may reach it, as "internal hybrid".
    transports: Mapped[str]
    is_backup_eligible: Mapped[bool]
    # How often it was used, by its own count; always 0 for one that is kept in a vault.
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    created_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    # Since then it opens nothing: the count went back, so there may be a copy.
    stopped_at: Mapped[dt.datetime | None]

    person: Mapped[Person] = relationship(viewonly=True)


class PasskeyChallenge(Model):
    """What a browser was asked to sign, once and soon; only its hash is kept."""

    __table_args__ = (sa.Index("ix_passkey_challenge_address", "address", "made_at"),)

    challenge_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    # Who may add a passkey by it; with one that is None, somebody proves to have one.
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    address: Mapped[str]
    made_at: Mapped[dt.datetime]
