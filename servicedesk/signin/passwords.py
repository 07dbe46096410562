"""Local passwords: Argon2id with the library's current parameters."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cmdb.people import Person

_hasher = PasswordHasher()
# Compared when a name is unknown, so that the answer takes as long as for a known one.
_NOBODY = _hasher.hash("nobody has this password")


def set_password(person: Person, password: str) -> None:
    person.password_hash = _hasher.hash(password)


def is_password_of(person: Person | None, password: str) -> bool:
    """Whether `password` is that of `person`; False, and as slow, for None or an empty one."""
    kept = person.password_hash if person and person.password_hash else _NOBODY
    try:
        matches = _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
    return matches and kept is not _NOBODY and password != ""


def keep_current(person: Person, password: str) -> None:
    """Hash the password that just fitted again, when the parameters have grown since."""
    if _hasher.check_needs_rehash(person.password_hash):
        set_password(person, password)
