"""What is kept sealed in the database, such as the passwords of directories.

A sealed text is opened with any key that is known and sealed with the first, so that keys can be
replaced while the product runs (`servicedesk secrets rotate`).
"""

import os
import tempfile
from pathlib import Path

import sqlalchemy as sa
from flask import current_app

from cmdb.database import Model, db

FILE = "encryption-keys"


class Unreadable(Exception):
    """No known key opens this secret: it was sealed with one that is lost."""


class Secret:
    """A sealed text. Only `reveal` shows it, so that no page and no log does by accident."""

    def __init__(self, sealed: str):
        self.sealed = sealed

    @classmethod
    def of(cls, text: str) -> "Secret":
        return cls(_keys().encrypt(text.encode()).decode())

    def reveal(self) -> str:
        """The text itself.

        Raises:
            Unreadable: it was sealed with a key that is not there any more.
        """
        from cryptography.fernet import InvalidToken

        try:
            return _keys().decrypt(self.sealed).decode()
        except InvalidToken:
            raise Unreadable from None

    def renewed(self) -> "Secret":
        """The same text under the first key.

        Raises:
            Unreadable: as `reveal`.
        """
        from cryptography.fernet import InvalidToken

        try:
            return Secret(_keys().rotate(self.sealed).decode())
        except InvalidToken:
            raise Unreadable from None

    def __repr__(self) -> str:
        return "<Secret>"


class Sealed(sa.TypeDecorator[Secret]):
    """A column of secrets."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return value and value.sealed

    def process_result_value(self, value, dialect):
        return value and Secret(value)


def add_key() -> None:
    """Put a new key in front in the file, and keep the one before it for who is just reading."""
    path = _path()
    _ensure(path)
    lines = [_new_key(), *path.read_text().split()[:1]]
    os.replace(_written(path.parent, lines), path)


def reseal() -> int:
    """Seal every secret with the first key; how many there are.

    Raises:
        Unreadable: one was sealed with a key that is lost; nothing is to be committed then.
    """
    count = 0
    for mapper in Model.registry.mappers:
        for column in mapper.columns:
            if not isinstance(column.type, Sealed):
                continue
            attribute = mapper.get_property_by_column(column).key
            kept = sa.select(mapper.class_).where(column.is_not(None)).with_for_update()
            for row in db.session.scalars(kept):
                setattr(row, attribute, getattr(row, attribute).renewed())
                count += 1
    db.session.flush()
    return count


def _new_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()


def _keys():
    """What seals and opens. Read at each use: another process may have put a new key in front."""
    from cryptography.fernet import Fernet, MultiFernet

    keys = current_app.config["ENCRYPTION_KEYS"]
    if not keys:
        path = _path()
        _ensure(path)
        keys = path.read_text().split()
    return MultiFernet([Fernet(key) for key in keys])


def _path() -> Path:
    return current_app.config["INSTANCE"] / FILE


def _ensure(path: Path) -> None:
    """Make the file once, whole at the moment it appears, readable by its user alone."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    written = _written(path.parent, [_new_key()])
    try:
        os.link(written, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(written)


def _written(folder: Path, lines: list[str]) -> str:
    handle, name = tempfile.mkstemp(dir=folder, prefix=FILE)
    with os.fdopen(handle, "w") as file:
        file.write("\n".join(lines) + "\n")
    return name
