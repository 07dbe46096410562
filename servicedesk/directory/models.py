"""A directory per municipality, and the people that came out of it."""

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Model
from cmdb.items import choice
from cmdb.organisation import Municipality
from cmdb.people import Person
from cmdb.tenancy import Owned, Walled
from servicedesk.secrets import Sealed, Secret


class Kind(enum.StrEnum):
    ACTIVE_DIRECTORY = "active-directory"
    OPENLDAP = "openldap"


class Security(enum.StrEnum):
    """How the connection is encrypted; without is no choice."""

    STARTTLS = "starttls"
    LDAPS = "ldaps"


class Directory(Walled, Model):
    """Where the people of one municipality come from; only who serves everybody sees it.

    `hosts` are "name" or "name:port", tried in order. `ca` is PEM text, or empty for the
    authorities that the machine trusts. `attributes` replaces names of `entries.USUAL`. `groups`
    are the distinguished names by role; people of none of the groups of employees stay out, unless
    there are none. `last_sync` is what `sync.Report` says.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(sa.ForeignKey("municipality.id"), unique=True)
    domain: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    hosts: Mapped[list[Any]]
    security: Mapped[Security] = mapped_column(choice(Security))
    ca: Mapped[str] = mapped_column(sa.Text, default="")
    base: Mapped[str]
    bind_dn: Mapped[str]
    bind_password: Mapped[Secret | None] = mapped_column(Sealed)
    people_filter: Mapped[str] = mapped_column(default="")
    group_base: Mapped[str] = mapped_column(default="")
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    groups: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_active: Mapped[bool] = mapped_column(default=True)
    may_shrink: Mapped[bool] = mapped_column(default=False)
    next_sync_at: Mapped[dt.datetime]
    synced_at: Mapped[dt.datetime | None]
    last_sync: Mapped[dict[str, Any]] = mapped_column(default=dict)

    municipality: Mapped[Municipality] = relationship()


class DirectoryAccount(Owned, Model):
    """A person by the key that never changes in a directory, whatever becomes of the name."""

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["municipality_id", "person_id"], ["person.municipality_id", "person.id"]
        ),
    )

    directory_id: Mapped[int] = mapped_column(sa.ForeignKey("directory.id"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    municipality_id: Mapped[int] = mapped_column(sa.ForeignKey("municipality.id"))
    person_id: Mapped[int] = mapped_column(unique=True)
    is_enabled: Mapped[bool]

    person: Mapped[Person] = relationship(viewonly=True)
