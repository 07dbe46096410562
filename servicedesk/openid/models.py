"""The OpenID providers, who came in by them, and in which browsers."""

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Model
from cmdb.items import choice
from cmdb.organisation import Municipality
from cmdb.people import Person
from cmdb.permissions import Role
from cmdb.tenancy import Owned, Walled
from servicedesk.secrets import Sealed, Secret

MUNICIPAL = (Role.EMPLOYEE, Role.MUNICIPALITY_MANAGER)
CENTRAL = (Role.AGENT, Role.CENTRE_MANAGER, Role.ADMINISTRATOR)


class Kind(enum.StrEnum):
    """Whose product it is: that fills in what is usual there."""

    ENTRA_ID = "entra-id"
    KEYCLOAK = "keycloak"
    ADFS = "adfs"
    OTHER = "other"


class OpenIdProvider(Walled, Model):
    """Who vouches for the people of one municipality, or for those of the centre (None).

    `claims` names the claims for "key", "login", "name", "email" and "groups". `groups` are the
    values of that claim by role; people without any of them stay out, unless there are none.
    `directory_claim` holds the key that the municipality's directory knows people by; with it only
    people of the directory come in. `takes_over` gives who is new the local account of that name.
    """

    __tablename__ = "openid_provider"

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("municipality.id"), unique=True
    )
    domain: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    issuer: Mapped[str]
    client_id: Mapped[str]
    client_secret: Mapped[Secret | None] = mapped_column(Sealed)
    ca: Mapped[str] = mapped_column(sa.Text, default="")
    scopes: Mapped[str]
    claims: Mapped[dict[str, Any]]
    groups: Mapped[dict[str, Any]] = mapped_column(default=dict)
    directory_claim: Mapped[str] = mapped_column(default="")
    takes_over: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)

    municipality: Mapped[Municipality | None] = relationship()

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that groups can give here, the least first."""
        return CENTRAL if self.municipality_id is None else MUNICIPAL


class OpenIdAccount(Owned, Model):
    """A person by the key that never changes at an issuer, whatever becomes of the name."""

    __tablename__ = "openid_account"

    provider_id: Mapped[int] = mapped_column(sa.ForeignKey("openid_provider.id"), primary_key=True)
    issuer: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(255), primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)

    person: Mapped[Person] = relationship(viewonly=True)


class OpenIdSession(Owned, Model):
    """Which session of the provider a browser came in by, so that both can end together."""

    __tablename__ = "openid_session"
    __table_args__ = (sa.Index("ix_openid_session_subject", "provider_id", "subject"),)

    token_hash: Mapped[str] = mapped_column(
        sa.ForeignKey("web_session.token_hash", ondelete="CASCADE"), primary_key=True
    )
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    provider_id: Mapped[int] = mapped_column(sa.ForeignKey("openid_provider.id"))
    issuer: Mapped[str]
    subject: Mapped[str] = mapped_column(sa.String(255))
    sid: Mapped[str | None] = mapped_column(sa.String(255))
    id_token: Mapped[Secret | None] = mapped_column(Sealed)


class OpenIdMark(Model):
    """What may be used once and has been: a state of ours, the number of a logout token."""

    __tablename__ = "openid_mark"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    until: Mapped[dt.datetime] = mapped_column(index=True)
