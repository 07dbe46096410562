"""Which providers there are to sign in by."""

from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db
from cmdb.organisation import Municipality
from cmdb.tenancy import everything
from servicedesk.directory import entries
from servicedesk.directory.models import Directory
from servicedesk.openid.models import OpenIdProvider


@dataclass(frozen=True)
class Way:
    """A provider as the sign-in page names it; `municipality` is None for the centre."""

    key: int
    municipality: str | None


@dataclass(frozen=True)
class Ways:
    """How one can sign in, besides with a local password."""

    by_provider: list[Way]
    by_directory: bool


def ways() -> Ways:
    """All of them, by the name of the municipality, the centre last."""
    chosen = (
        sa.select(OpenIdProvider.id, Municipality.name)
        .outerjoin(Municipality, Municipality.id == OpenIdProvider.municipality_id)
        .where(OpenIdProvider.is_active)
        .order_by(Municipality.name.is_(None), Municipality.name)
    )
    directories = sa.select(sa.exists(sa.select(Directory.id).where(Directory.is_active)))
    with everything():
        found = [Way(key, name) for key, name in db.session.execute(chosen)]
        return Ways(found, db.session.scalar(directories))


def of_login(login: str) -> Way | None:
    """Where somebody signs in who types this name: the provider of its domain."""
    domain = entries.plain(login).rpartition("@")[2]
    chosen = (
        sa.select(OpenIdProvider.id, Municipality.name)
        .outerjoin(Municipality, Municipality.id == OpenIdProvider.municipality_id)
        .where(OpenIdProvider.is_active, OpenIdProvider.domain == domain)
    )
    with everything():
        row = db.session.execute(chosen).one_or_none()
    return Way(*row) if row else None


def active(key: int) -> OpenIdProvider | None:
    """The provider, detached, if people may sign in by it."""
    with everything():
        return db.session.scalar(
            sa.select(OpenIdProvider).where(OpenIdProvider.id == key, OpenIdProvider.is_active)
        )
