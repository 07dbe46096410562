"""Whether a password is somebody's, asked of the directory of their municipality.

One search as the service account, then a new connection as the person found. Who is unknown is
tried as well, under a name that is nobody's, so that the answer is the same and takes as long.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db
from cmdb.people import Person
from cmdb.permissions import Role
from cmdb.tenancy import everything
from servicedesk.directory import connection, entries, groups
from servicedesk.directory.entries import Entry
from servicedesk.directory.models import Directory, DirectoryAccount


@dataclass(frozen=True)
class Proven:
    """Who gave the right password, and the roles of their groups."""

    entry: Entry
    roles: Collection[Role]


def directory_of(login: str, person: Person | None) -> Directory | None:
    """The directory that is asked about a sign-in name; None: the password is a local one.

    That of the person who has the name already; else that of the domain after the @. A local
    account of that name keeps its own password.
    """
    with everything():
        chosen = sa.select(Directory).where(Directory.is_active)
        if person is not None:
            linked = chosen.join(DirectoryAccount).where(DirectoryAccount.person_id == person.id)
            known = db.session.scalar(linked)
            if known or person.password_hash:
                return known
        return db.session.scalar(chosen.where(Directory.domain == login.rpartition("@")[2]))


def prove(directory: Directory, login: str, password: str, now: dt.datetime) -> Proven | None:
    """Who that is, if the password is right and the account may be used.

    Takes no more than `connection.WALL_CLOCK` seconds. Holds no transaction.

    Raises:
        connection.Failure: the directory gave no answer.
    """
    if not password:
        return None
    clock = connection.Clock(connection.WALL_CLOCK)
    with connection.opened_to_search(directory, clock) as line:
        entry = _found(line, directory, login, now)
        with connection.opened(directory, clock, line.host) as own:
            is_theirs = own.bind(entry.dn if entry else f"cn=nobody,{directory.base}", password)
        if entry is None or not is_theirs or not entry.is_enabled:
            return None
        roles = groups.roles_of(line, directory, entry.dn)
    return Proven(entry, roles) if groups.is_admitted(directory, roles) else None


def _found(line, directory: Directory, login: str, now: dt.datetime) -> Entry | None:
    """The one entry of that name; a name that only resembles it is another's."""
    from ldap3.utils.conv import escape_filter_chars

    attribute = entries.attributes(directory)["login"]
    names = (login, login.removesuffix(f"@{directory.domain}"))
    wanted = "".join(f"({attribute}={escape_filter_chars(name)})" for name in names)
    found = line.search(
        directory.base,
        f"(&{entries.people_filter(directory)}(|{wanted}))",
        entries.asked(directory),
        limit=2,
    )
    if len(found) != 1:
        return None
    entry = entries.read(directory, found[0], now)
    return entry if entry and entry.login == entries.plain(login) else None
