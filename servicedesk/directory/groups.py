"""Groups within groups: walked here, since no two directories do it alike.

Active Directory's own rule for it (1.2.840.113556.1.4.1941) finds nothing in OpenLDAP, without an
error. A walk goes through each group once, so that circles end.
"""

import re
from collections.abc import Callable, Collection, Iterable

from cmdb.permissions import Role
from servicedesk.directory.connection import Failure, Step
from servicedesk.directory.models import Directory

MUNICIPAL = (Role.EMPLOYEE, Role.MUNICIPALITY_MANAGER)
# A search for the groups of this many at a time.
_AT_ONCE = 50
# What ldap3 calls the scope of a search that is one entry.
_ITSELF = "BASE"
_SPECIAL = ',+"\\<>;=# '


def reached(start: Iterable[str], neighbours: Callable[[list[str]], Iterable[str]]) -> set[str]:
    """All that can be reached; `neighbours` gives those of many, and may give them again."""
    seen: set[str] = set()
    front = set(start)
    while front:
        seen |= front
        front = set(neighbours(sorted(front))) - seen
    return seen


def canonical(dn: str) -> str:
    """A distinguished name as it is compared (RFC 4514): escapes, spaces and case alike."""
    text = re.sub(r"((?:\\[0-9a-fA-F]{2})+)|\\(.)", _unescaped, dn) if "\\" in dn else dn
    return re.sub(r" +(?=[,=+])|(?<=[,=+]) +", "", text.strip()).casefold()


def roles_of(line, directory: Directory, dn: str) -> set[Role]:
    """The roles that the groups of one person give, upwards from the person.

    Raises:
        Failure: as a search.
    """
    from ldap3.utils.conv import escape_filter_chars

    if not any(directory.groups.values()):
        return set()

    def parents(names: list[str]) -> Iterable[str]:
        for index in range(0, len(names), _AT_ONCE):
            some = names[index : index + _AT_ONCE]
            wanted = "".join(f"(member={escape_filter_chars(name)})" for name in some)
            base = directory.group_base or directory.base
            yield from (one["dn"] for one in line.search(base, f"(|{wanted})", ["1.1"]))

    within = {canonical(name) for name in reached([dn], parents)}
    return {role for role in MUNICIPAL if within & set(map(canonical, _groups(directory, role)))}


def members(line, directory: Directory, people: Collection[str]) -> dict[Role, set[str]]:
    """For each role the canonical names of who has it, of `people`, downwards from its groups.

    Raises:
        Failure: as a search, or a group of the configuration is not there.
    """
    base = canonical(directory.group_base or directory.base)
    found: dict[Role, set[str]] = {}
    for role in MUNICIPAL:
        inside: set[str] = set()

        def children(names: list[str], inside: set[str] = inside) -> Iterable[str]:
            for name in names:
                for member in _members(line, name):
                    plain = canonical(member)
                    if plain in people:
                        inside.add(plain)
                    elif plain.endswith(f",{base}"):
                        yield member

        reached(_groups(directory, role), children)
        found[role] = inside
    for name in (each for role in MUNICIPAL for each in _groups(directory, role)):
        if not line.search(name, "(objectClass=*)", ["1.1"], _ITSELF):
            raise Failure(Step.SEARCH, line.host, f"there is no group {name}")
    return found


def is_admitted(directory: Directory, roles: Collection[Role]) -> bool:
    """Whether somebody with these groups belongs to the people of the service desk."""
    return not _groups(directory, Role.EMPLOYEE) or bool(roles)


def _groups(directory: Directory, role: Role) -> list[str]:
    return directory.groups.get(role.value) or []


def _members(line, group: str) -> list[str]:
    from ldap3.utils.conv import to_unicode

    found = line.search(group, "(member=*)", ["member"], _ITSELF)
    values = (value for one in found for value in one["raw_attributes"].get("member") or ())
    return [to_unicode(value, from_server=True) for value in values]


def _unescaped(match: re.Match) -> str:
    """The character itself, unless it has a meaning in a name: that one as two digits."""
    raw = match[2] or bytes.fromhex(match[1].replace("\\", "")).decode(errors="replace")
    return "".join(f"\\{ord(c):02x}" if c in _SPECIAL else c for c in raw)
