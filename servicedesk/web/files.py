"""Attachments, always as a file to keep: a browser never shows one as a page of this site."""

import io
from typing import BinaryIO

import sqlalchemy as sa
from flask import Blueprint, Response, abort, send_file
from sqlalchemy.orm import joinedload, undefer

from cmdb.database import db
from cmdb.permissions import Permission
from servicedesk.access import find, me, requires
from servicedesk.tickets.models import Attachment, Blob, Entry, Ticket

pages = Blueprint("files", __name__)


@pages.get("/attachments/<int(max=2147483647):key>")
@requires(Permission.TICKET_READ)
def attachment(key: int):
    """The file, to whom may read its ticket and its entry; its type is what its content told.

    A name beyond ASCII goes out in both forms of RFC 6266.
    """
    found = db.session.scalar(
        sa.select(Attachment)
        .join(Attachment.entry)
        .where(Attachment.id == key, Entry.readable_by(me()))
        .options(joinedload(Attachment.blob).options(undefer(Blob.data)))
    ) or abort(404)
    find(Ticket, found.ticket_id, Permission.TICKET_READ)
    return as_download(io.BytesIO(found.blob.data), found.name, found.content_type)


def as_download(data: BinaryIO, name: str, content_type: str) -> Response:
    """A file to keep, that a browser never shows as a page of this site."""
    answer = send_file(
        data, mimetype=content_type, as_attachment=True, download_name=name, etag=False
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "no-store"
    return answer
