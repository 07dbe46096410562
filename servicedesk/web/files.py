"""Attachments, always as a file to keep: a browser never shows one as a page of this site."""

import io

from flask import Blueprint, abort

from cmdb.permissions import Permission
from servicedesk.access import find, me, requires
from servicedesk.downloads import as_download
from servicedesk.tickets import attachments
from servicedesk.tickets.models import Ticket

pages = Blueprint("files", __name__)


@pages.get("/attachments/<int:key>")
@requires(Permission.TICKET_READ)
def attachment(key: int):
    """The file, to whom may read its ticket and its entry; its type is what its content told.

    A name beyond ASCII goes out in both forms of RFC 6266.
    """
    found = attachments.readable(key, me()) or abort(404)
    find(Ticket, found.ticket_id, Permission.TICKET_READ)
    return as_download(io.BytesIO(found.blob.data), found.name, found.content_type)
