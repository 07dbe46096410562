"""What a directory says of a person: a key that never changes, a name, and if they work there.

Active Directory: userAccountControl bit 2, accountExpires (MS-ADA1, MS-ADTS). OpenLDAP: the
permanent lock of its password policy (draft-behera-ldap-password-policy, 5.3.3), and shadowExpire
(RFC 2307). A lock that passes by itself is left to the directory, which refuses the password.
"""

import base64
import contextlib
import datetime as dt
import re
import unicodedata
import uuid
from dataclasses import dataclass

from servicedesk.directory.models import Directory, Kind

FIELDS = ("key", "login", "name", "email", "phone", "department")
USUAL: dict[Kind, dict[str, str]] = {
    Kind.ACTIVE_DIRECTORY: {
        "key": "objectGUID", "login": "sAMAccountName", "name": "displayName", "email": "mail",
        "phone": "telephoneNumber", "department": "department",
    },
    Kind.OPENLDAP: {
        "key": "entryUUID", "login": "uid", "name": "displayName", "email": "mail",
        "phone": "telephoneNumber", "department": "departmentNumber",
    },
}  # fmt: skip
PEOPLE = {
    Kind.ACTIVE_DIRECTORY: "(&(objectCategory=person)(objectClass=user))",
    Kind.OPENLDAP: "(objectClass=inetOrgPerson)",
}
_STATE = {
    Kind.ACTIVE_DIRECTORY: ("userAccountControl", "accountExpires"),
    Kind.OPENLDAP: ("pwdAccountLockedTime", "shadowExpire"),
}
_LONGEST = 200
_DISABLED = 0x0002
_NEVER = {0, 0x7FFFFFFFFFFFFFFF}
_LOCKED_FOR_EVER = "000001010000Z"
_ACTIVE_DIRECTORY_EPOCH = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)
_UNIX_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Entry:
    """Somebody in a directory; `login` is what they sign in with, the domain included."""

    key: str
    dn: str
    login: str
    name: str
    email: str
    phone: str
    department: str
    is_enabled: bool


def attributes(directory: Directory) -> dict[str, str]:
    """The name of the attribute for each of `FIELDS`."""
    return USUAL[directory.kind] | {k: v for k, v in directory.attributes.items() if v}


def asked(directory: Directory) -> list[str]:
    """Everything that `read` reads."""
    names = (*attributes(directory).values(), "givenName", "sn", "cn", *_STATE[directory.kind])
    return list(dict.fromkeys(names))


def people_filter(directory: Directory) -> str:
    return directory.people_filter or PEOPLE[directory.kind]


def read(directory: Directory, found: dict, now: dt.datetime) -> Entry | None:
    """The entry, or None for one without a key or a name to sign in with."""
    raw = {name.lower(): values for name, values in found["raw_attributes"].items() if values}
    names = attributes(directory)
    key = _key(raw.get(names["key"].lower(), [b""])[0])
    login = plain(_text(raw, names["login"]))
    if not key or not login or len(login) > _LONGEST or " " in login:
        return None
    email = _text(raw, names["email"])
    given = f"{_text(raw, 'givenName')} {_text(raw, 'sn')}".strip()
    return Entry(
        key=key,
        dn=found["dn"],
        login=login if "@" in login else f"{login}@{directory.domain}",
        name=_text(raw, names["name"]) or given or _text(raw, "cn") or login,
        email=email if re.fullmatch(r"[^@\s]+@[^@\s]+", email) else "",
        phone=_text(raw, names["phone"])[:40],
        department=_text(raw, names["department"])[:80],
        is_enabled=_is_enabled(directory.kind, raw, now),
    )


def plain(login: str) -> str:
    """A name as it is compared: directories take other forms of a letter for the same."""
    return unicodedata.normalize("NFKC", login).strip().lower()


def _key(value: bytes) -> str:
    """Sixteen bytes of Active Directory, of which the first three numbers are turned, or text."""
    try:
        if len(value) == 16:
            return uuid.UUID(bytes_le=value).hex
        return uuid.UUID(value.decode()).hex
    except ValueError:
        return ""


def key_of(text: str) -> str:
    """The key as it stands elsewhere: as text, or as the base64 of Active Directory's 16 bytes."""
    with contextlib.suppress(ValueError):
        return uuid.UUID(text).hex
    with contextlib.suppress(ValueError):
        raw = base64.b64decode(text, validate=True)
        return uuid.UUID(bytes_le=raw).hex
    return ""


def _text(raw: dict, name: str) -> str:
    """The first value, on one line, without what is no text; cut to what a page can show."""
    value = raw.get(name.lower(), [b""])[0].decode(errors="replace")
    if not value.isprintable():
        value = "".join(c if c.isprintable() else " " for c in value)
    return " ".join(value.split())[:_LONGEST]


def _is_enabled(kind: Kind, raw: dict, now: dt.datetime) -> bool:
    if kind == Kind.ACTIVE_DIRECTORY:
        control, expires = _number(raw, "userAccountControl"), _number(raw, "accountExpires")
        # In units of 100 nanoseconds since 1601.
        passed = (now - _ACTIVE_DIRECTORY_EPOCH) // dt.timedelta(microseconds=1) * 10
        return not control & _DISABLED and (expires in _NEVER or passed < expires)
    expires = _number(raw, "shadowExpire") if "shadowexpire" in raw else -1
    is_over = 0 <= expires <= (now.date() - _UNIX_EPOCH).days
    return not is_over and _text(raw, "pwdAccountLockedTime") != _LOCKED_FOR_EVER


def _number(raw: dict, name: str) -> int:
    text = _text(raw, name)
    return int(text) if re.fullmatch(r"-?[0-9]{1,20}", text) else 0
