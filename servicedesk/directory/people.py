"""Bringing the people of a directory in line with what it says of them.

A person is known by the directory and the key in it, so that a new name, address or place in the
tree changes nothing but that. The municipality is that of the directory, whatever an entry says.
Nobody is ever removed: who is gone may not sign in any more, and stays the author of their words.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db
from cmdb.organisation import Department
from cmdb.people import Person
from cmdb.permissions import Role
from servicedesk.directory.entries import Entry
from servicedesk.directory.models import Directory, DirectoryAccount

_AT_ONCE = 500

# Somebody who belongs to the service desk, with the roles that the groups of the directory give.
Present = tuple[Entry, Collection[Role]]


@dataclass
class Figures:
    """How many people were added, changed, and left; entries whose sign-in name is another's."""

    added: int = 0
    changed: int = 0
    left: int = 0
    refused: int = 0


class Register:
    """The people of a directory as they are known; nobody else writes them meanwhile."""

    def __init__(self, directory: Directory, keys: Collection[str] | None = None):
        """All of them, or those with `keys` only."""
        # A sign-in and a synchronisation of the same people take turns.
        self._directory = db.session.scalars(
            sa.select(Directory)
            .where(Directory.id == directory.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        chosen = sa.select(DirectoryAccount, Person).join(
            Person, Person.id == DirectoryAccount.person_id
        )
        chosen = chosen.where(DirectoryAccount.directory_id == directory.id)
        if keys is not None:
            chosen = chosen.where(DirectoryAccount.key.in_(keys))
        self._known = {
            account.key: (account, person) for account, person in db.session.execute(chosen)
        }
        self.figures = Figures()

    def present(self) -> set[str]:
        """The keys of who may sign in, as far as the directory goes."""
        return {key for key, (account, _) in self._known.items() if account.is_enabled}

    def person(self, key: str) -> Person | None:
        return self._known[key][1] if key in self._known else None

    def write(self, people: Iterable[Present]) -> None:
        """Add and change; who was gone and is there again may sign in again."""
        people, before = list(people), set(self._known)
        departments = self._departments({entry.department for entry, _ in people})
        people, renamed = self._named(people, departments)
        changed = renamed & before
        for entry, roles in people:
            account, person = self._known[entry.key]
            _describe(person, entry, departments)
            person.role = self._role(person, roles)
            # Somebody who was barred by hand stays barred while the directory has no news.
            if not account.is_enabled:
                account.is_enabled = person.is_active = True
            if entry.key in before and db.session.is_modified(person):
                changed.add(entry.key)
        self.figures.changed = len(changed)
        db.session.flush()

    def leave(self, keys: Iterable[str]) -> None:
        """Shut out who is not there any more."""
        for key in keys:
            account, person = self._known[key]
            account.is_enabled = person.is_active = False
            self.figures.left += 1
        db.session.flush()

    def _named(
        self, people: list[Present], departments: dict[str, int]
    ) -> tuple[list[Present], set[str]]:
        """Give everybody their sign-in name; leave out who would take that of another.

        Who is left, and the keys of those whose name is new.
        """
        logins = [entry.login for entry, _ in people if self._login(entry) != entry.login]
        holders = _holders(logins)
        given: set[str] = set()
        kept, renamed = [], []
        for entry, roles in people:
            holder, link = holders.get(entry.login, (None, None))
            if entry.login in given or not self._may_have(entry, holder, link):
                self.figures.refused += 1
                continue
            given.add(entry.login)
            kept.append((entry, roles))
            if self._login(entry) != entry.login:
                renamed.append((entry, holder, link))
        self._rename(renamed, departments)
        return kept, {entry.key for entry, _, _ in renamed}

    def _rename(
        self, renamed: list[tuple[Entry, Person | None, int | None]], departments: dict[str, int]
    ) -> None:
        # A name passes on from who left, and two who change names would meet in the middle.
        for entry, holder, link in renamed:
            if holder is not None and link is not None:
                holder.login = f"{holder.login}#{holder.id}"
            if (known := self.person(entry.key)) is not None:
                known.login = f"#{known.id}"
        db.session.flush()
        made = self._made(
            [
                entry
                for entry, holder, link in renamed
                if entry.key not in self._known and (holder is None or link is not None)
            ],
            departments,
        )
        for entry, holder, _ in renamed:
            person = self.person(entry.key)
            if person is None:
                person = made.get(entry.login) or holder
                self._link(entry, person)
            person.login = entry.login
            _describe(person, entry, departments)
        db.session.flush()

    def _made(self, people: list[Entry], departments: dict[str, int]) -> dict[str, Person]:
        """New people by their sign-in name; by one statement, since there may be thousands."""
        if not people:
            return {}
        fixed = {"municipality_id": self._directory.municipality_id, "role": Role.EMPLOYEE}
        db.session.execute(
            sa.insert(Person),
            [fixed | {"login": one.login} | _described(one, departments) for one in people],
        )
        holders = _holders([one.login for one in people])
        return {login: person for login, (person, _) in holders.items()}

    def _link(self, entry: Entry, person: Person) -> None:
        """From here on the directory knows the password."""
        person.password_hash, person.is_active = None, True
        account = DirectoryAccount(
            directory_id=self._directory.id,
            key=entry.key,
            municipality_id=self._directory.municipality_id,
            person_id=person.id,
            is_enabled=True,
        )
        db.session.add(account)
        self._known[entry.key] = account, person
        self.figures.added += 1

    def _login(self, entry: Entry) -> str | None:
        person = self.person(entry.key)
        return person and person.login

    def _may_have(self, entry: Entry, holder: Person | None, link: int | None) -> bool:
        """Whether the name is free, of this directory, or that of an account made for it here."""
        if holder is None or link is not None:
            return holder is None or link == self._directory.id
        is_ours = holder.municipality_id == self._directory.municipality_id
        return is_ours and entry.key not in self._known

    def _role(self, person: Person, roles: Collection[Role]) -> Role:
        if Role.MUNICIPALITY_MANAGER in roles:
            return Role.MUNICIPALITY_MANAGER
        if self._directory.groups.get(Role.MUNICIPALITY_MANAGER.value):
            return Role.EMPLOYEE
        return person.role

    def _departments(self, names: set[str]) -> dict[str, int]:
        """The departments of the municipality by name; those that are new are made."""
        home = self._directory.municipality_id
        chosen = sa.select(Department).where(Department.municipality_id == home)
        known = {one.name.casefold(): one for one in db.session.scalars(chosen)}
        for name in sorted(names):
            if name and name.casefold() not in known:
                known[name.casefold()] = Department(municipality_id=home, name=name)
                db.session.add(known[name.casefold()])
        db.session.flush()
        return {name: one.id for name, one in known.items()}


def _describe(person: Person, entry: Entry, departments: dict[str, int]) -> None:
    for name, value in _described(entry, departments).items():
        setattr(person, name, value)


def _described(entry: Entry, departments: dict[str, int]) -> dict[str, str | int | None]:
    return {
        "name": entry.name,
        "email": entry.email,
        "phone": entry.phone,
        "department_id": departments.get(entry.department.casefold()),
    }


def _holders(logins: list[str]) -> dict[str, tuple[Person, int | None]]:
    """Who has these names now, with the directory of each, None for a local account."""
    found = {}
    for index in range(0, len(logins), _AT_ONCE):
        chosen = (
            sa.select(Person, DirectoryAccount.directory_id)
            .outerjoin(DirectoryAccount, DirectoryAccount.person_id == Person.id)
            .where(Person.login.in_(logins[index : index + _AT_ONCE]))
        )
        found |= {person.login: (person, link) for person, link in db.session.execute(chosen)}
    return found
