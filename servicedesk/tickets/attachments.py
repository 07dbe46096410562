"""Files on tickets: rows in the database, so that one backup holds everything."""

import hashlib
from dataclasses import dataclass

import puremagic
import sqlalchemy as sa
from sqlalchemy.orm import joinedload, undefer

from cmdb.database import db
from cmdb.people import Person
from servicedesk.tickets.models import Attachment, Blob, Entry

UNKNOWN_TYPE = "application/octet-stream"
_MAX_NAME = 150


@dataclass(frozen=True)
class File:
    """A file as it came in: its sender's name for it, and its bytes."""

    name: str
    data: bytes


def attach(entry: Entry, file: File) -> Attachment:
    """Store `file` with `entry`; equal bytes of one municipality are stored once."""
    sha256 = hashlib.sha256(file.data).hexdigest()
    if db.session.get(Blob, (entry.municipality_id, sha256)) is None:
        db.session.add(Blob(municipality_id=entry.municipality_id, sha256=sha256, data=file.data))
        db.session.flush()
    attachment = Attachment(
        municipality_id=entry.municipality_id,
        ticket_id=entry.ticket_id,
        entry_id=entry.id,
        name=safe_name(file.name),
        content_type=type_of(file.data),
        size=len(file.data),
        sha256=sha256,
    )
    db.session.add(attachment)
    db.session.flush()
    return attachment


def readable(key: int, person: Person) -> Attachment | None:
    """A file with its bytes, if `person` may read the entry that it came with; not yet the ticket."""
    return db.session.scalar(
        sa.select(Attachment)
        .join(Attachment.entry)
        .where(Attachment.id == key, Entry.readable_by(person))
        .options(joinedload(Attachment.blob).options(undefer(Blob.data)))
    )


def type_of(data: bytes) -> str:
    """The media type that the bytes themselves tell."""
    try:
        return puremagic.from_string(data, mime=True) or UNKNOWN_TYPE
    except (puremagic.PureError, ValueError):
        return UNKNOWN_TYPE


def safe_name(name: str) -> str:
    """The last part of `name` without what a file system or a reader could be fooled by."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(char for char in last if char.isprintable()).strip(" .")
    if len(shown) > _MAX_NAME:
        stem, dot, extension = shown.rpartition(".")
        shown = f"{stem[: _MAX_NAME - 12]}{dot}{extension[:11]}" if dot else shown[:_MAX_NAME]
    return shown or "bestand"
