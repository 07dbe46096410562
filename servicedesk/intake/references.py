"""What a cell can point at by name: people, places, suppliers and contracts, read once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item
from cmdb.organisation import Location
from cmdb.people import Person
from cmdb.permissions import Role
from servicedesk.language import gettext as _

_Names = Mapping[str, set[int]]


class References:
    """What items of one owner may point at; the centre itself is the owner None."""

    def __init__(self, owner_id: int | None):
        self._locations, self._location_names = _gathered(
            sa.select(Location.id, Location.name).where(Location.municipality_id == owner_id)
        )
        people = db.session.execute(
            sa.select(
                Person.id, Person.login, Person.name, Person.municipality_id, Person.role
            ).where(sa.or_(Person.municipality_id == owner_id, Person.municipality_id.is_(None)))
        ).all()
        self._logins = {person.id: person.login for person in people}
        self._users = _by_name(
            (person.id, text)
            for person in people
            if person.municipality_id == owner_id
            for text in (person.login, person.name)
        )
        self._staff = _by_name(
            (person.id, text)
            for person in people
            if Role(person.role).serves_everyone
            for text in (person.login, person.name)
        )
        self._suppliers, names = _items("supplier")
        self._contracts, more = _items("contract")
        self._item_names = names | more

    def location(self, text: str) -> int:
        return _one(self._locations, text, _("Deze locatie kennen wij niet bij de eigenaar."))

    def location_name(self, key: int) -> str:
        return self._location_names.get(key, "")

    def user(self, text: str) -> int:
        return _one(self._users, text, _("Er is bij de eigenaar niemand met deze naam."))

    def staff(self, text: str) -> int:
        return _one(self._staff, text, _("Er is in het centrum niemand met deze naam."))

    def login(self, key: int) -> str:
        return self._logins.get(key, "")

    def supplier(self, text: str) -> int:
        return _one(self._suppliers, text, _("Deze leverancier staat niet in het register."))

    def contract(self, text: str) -> int:
        return _one(self._contracts, text, _("Dit contract staat niet in het register."))

    def item_name(self, key: int) -> str:
        return self._item_names.get(key, "")


def _gathered(query: sa.Select) -> tuple[_Names, dict[int, str]]:
    rows = db.session.execute(query).all()
    return _by_name((key, name) for key, name in rows), {key: name for key, name in rows}


def _items(class_key: str) -> tuple[_Names, dict[int, str]]:
    """Items of a class by their names and numbers."""
    rows = db.session.execute(
        sa.select(Item.id, Item.uid, Item.name).where(Item.class_key == class_key)
    ).all()
    pairs = [(key, text) for key, uid, name in rows for text in (uid, name)]
    return _by_name(pairs), {key: name for key, uid, name in rows}


def _by_name(pairs: Iterable[tuple[int, str]]) -> _Names:
    found = defaultdict(set)
    for key, name in pairs:
        found[_plain(name)].add(key)
    return found


def _one(names: _Names, text: str, unknown: str) -> int:
    keys = names.get(_plain(text), set())
    if not keys:
        raise ValueError(unknown)
    if len(keys) > 1:
        raise ValueError(_("Deze naam komt vaker voor. Vul het nummer in."))
    return next(iter(keys))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
