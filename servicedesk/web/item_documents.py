"""Files about an item: added, listed, taken along, and removed; the past keeps them."""

import contextlib
import hashlib
import io
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.orm import undefer

from cmdb import register
from cmdb.database import db, utc_now
from cmdb.item_parts import ItemDocument
from cmdb.items import ChangeSet, Item
from cmdb.permissions import Permission
from servicedesk import allowance
from servicedesk.access import find, me, requires
from servicedesk.config import MAX_ATTACHMENT_BYTES
from servicedesk.downloads import as_download
from servicedesk.language import gettext as _
from servicedesk.tickets.attachments import safe_name, type_of
from servicedesk.web import allowance_words, item_acts
from servicedesk.web.words import file_size

pages = Blueprint("item_documents", __name__)

_MOST = 100


@pages.get("/items/<uid>/documents")
@requires(Permission.ITEM_WRITE)
def edit(uid: str):
    return _page(find(Item, uid, Permission.ITEM_WRITE, by="uid"), {})


@pages.post("/items/<uid>/documents")
@requires(Permission.ITEM_WRITE)
def add(uid: str):
    return _acted(uid, _add, _("Het document is toegevoegd."))


@pages.get("/items/<uid>/documents/<int:key>")
@requires(Permission.ITEM_READ)
def document(uid: str, key: int):
    """The file, to whom may read its item; also one that the item had before."""
    item = find(Item, uid, Permission.ITEM_READ, by="uid")
    found = _of(item, key, undefer(ItemDocument.data))
    return as_download(io.BytesIO(found.data), found.name, found.content_type)


@pages.post("/items/<uid>/documents/<int:key>/remove")
@requires(Permission.ITEM_WRITE)
def remove(uid: str, key: int):
    def detach(item: Item, typed: Mapping[str, str], change_set: ChangeSet) -> None:
        found = _of(item, key)
        if not found.is_removed:
            register.detach(item, found, change_set)

    return _acted(uid, detach, _("Het document is verwijderd. In de historie blijft het staan."))


def listed(uid: str, held: list[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The documents that the state of an item names, with address and size."""
    return [
        {
            "id": one["id"],
            "name": one["name"],
            "size": file_size(one["size"]),
            "url": url_for("item_documents.document", uid=uid, key=one["id"]),
        }
        for one in held
    ]


def of_item(item: Item) -> list[Mapping[str, Any]]:
    """The documents that an item has now, as its state names them."""
    found = sa.select(ItemDocument.id, ItemDocument.name, ItemDocument.size)
    held = found.where(ItemDocument.item_id == item.id, ~ItemDocument.is_removed)
    return list(db.session.execute(held.order_by(ItemDocument.id)).mappings())


def _of(item: Item, key: int, *options: Any) -> ItemDocument:
    mine = sa.select(ItemDocument).where(ItemDocument.id == key, ItemDocument.item_id == item.id)
    return db.session.scalar(mine.options(*options)) or abort(404)


def _add(item: Item, typed: Mapping[str, str], change_set: ChangeSet) -> None:
    upload = request.files.get("file")
    if not upload or not upload.filename:
        raise ValueError(_("Kies een bestand."))
    with contextlib.closing(upload):
        data = upload.read(MAX_ATTACHMENT_BYTES + 1)
    if len(data) > MAX_ATTACHMENT_BYTES:
        raise ValueError(_("Dit bestand is te groot. Een bestand mag hoogstens 25 MB zijn."))
    if not data:
        raise ValueError(_("Dit bestand is leeg. Kies een ander bestand."))
    if len(of_item(item)) >= _MOST:
        raise ValueError(_("Dit object heeft al honderd documenten. Verwijder er eerst een."))
    try:
        allowance.spend(me(), utc_now(), sizes=[len(data)])
    except allowance.TooMuch as error:
        raise ValueError(allowance_words.sentence(error)) from None
    register.attach(
        item, safe_name(upload.filename), type_of(data), data,
        hashlib.sha256(data).hexdigest(), change_set,
    )  # fmt: skip


def _acted(uid: str, deed: item_acts.Deed, said: str):
    return item_acts.act(uid, "document", deed, said, _page, url_for(".edit", uid=uid))


def _page(item: Item, refused: Mapping[str, str]) -> str:
    return render_template(
        "items/documents.html",
        item=item,
        documents=listed(item.uid, of_item(item)),
        refused=refused,
        typed=request.form if refused else {},
    )
