"""What the pages share that change one part of an item: the act, and what was typed."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, request

from cmdb import kinds, register
from cmdb.database import db, utc_now
from cmdb.items import ChangeSet, Item
from cmdb.kinds import Kind
from cmdb.permissions import Permission
from servicedesk.access import find, me

Page = Callable[[Item, Mapping[str, str]], str]
Deed = Callable[[Item, Mapping[str, str], ChangeSet], None]


def act(uid: str, form: str, deed: Deed, said: str, page: Page, address: str):
    """Do the deed and go on to the address, or show the page again: why not, with what was typed.

    Args:
        form: the form on the page at which a refusal is shown.
    """
    item = find(Item, uid, Permission.ITEM_WRITE, by="uid", lock=True)
    try:
        reason = kinds.clean(request.form.get("reason", ""))
        deed(item, request.form, register.begin(me(), "browser", utc_now(), reason))
    except ValueError as error:
        db.session.rollback()
        refused = {"form": form, "text": str(error)}
        return page(find(Item, uid, Permission.ITEM_WRITE, by="uid"), refused), 422
    db.session.commit()
    flash(said, "success")
    return redirect(address, 303)


def number(text: str | None) -> Any:
    """The number that a field holds; None when it is blank.

    Raises:
        ValueError: it is none; one Dutch sentence.
    """
    return kinds.format_of(Kind.NUMBER).parse(text) if text and text.strip() else None


def day(text: str | None) -> dt.date | None:
    """The day that a field holds; None when it is blank.

    Raises:
        ValueError: it is none; one Dutch sentence.
    """
    if not text or not text.strip():
        return None
    return dt.date.fromisoformat(kinds.format_of(Kind.DATE).parse(text))
