"""What a requester may point at, and which item the desk means by a number or a name."""

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item, ItemStatus
from cmdb.people import Person
from cmdb.permissions import Permission, visible
from servicedesk.access import me
from servicedesk.language import gettext as _
from servicedesk.tickets import pickable

_MAX_CHOICES = 5


def offered(requester: Person, own: str, shared: str) -> dict[str, list[tuple[str, str]]]:
    """What to choose from as (uid, name): devices under `own`, applications under `shared`."""
    devices, applications = [], []
    columns = pickable.by(requester).with_only_columns(Item.uid, Item.name, Item.user_id)
    for uid, name, user_id in db.session.execute(columns.order_by(Item.name, Item.uid)):
        (devices if user_id == requester.id else applications).append((uid, name))
    return {label: items for label, items in ((own, devices), (shared, applications)) if items}


def named(words: str) -> Item:
    """The item in use that has this number, this name, or alone this part of a name.

    Raises:
        ValueError: there is none, or more than one; a sentence in the reader's language.
    """
    known = visible(Item, me(), Permission.ITEM_READ).where(Item.status != ItemStatus.RETIRED)
    for condition in (
        Item.uid == words.upper(),
        sa.func.lower(Item.name) == words.lower(),
        Item.name.icontains(words, autoescape=True),
    ):
        found = db.session.scalars(
            known.where(condition).order_by(Item.name, Item.uid).limit(_MAX_CHOICES + 1)
        ).all()
        if len(found) > 1:
            names = ", ".join(f"{item.name} ({item.uid})" for item in found[:_MAX_CHOICES])
            raise ValueError(_("Er zijn er meer: %(names)s. Vul het nummer in.", names=names))
        if found:
            return found[0]
    raise ValueError(_("Er is geen object met deze naam of dit nummer"))
