"""The items that a ticket of somebody may be about: their own devices, and the applications they use."""

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item, ItemStatus
from cmdb.people import Person
from cmdb.permissions import Permission, visible


def by(requester: Person) -> sa.Select[tuple[Item]]:
    """What the requester may point at."""
    return visible(Item, requester, Permission.ITEM_READ).where(
        sa.or_(Item.user_id == requester.id, Item.class_key == "application"),
        Item.status.in_((ItemStatus.IN_USE, ItemStatus.IN_REPAIR)),
    )


def picked(requester: Person, uid: str | None) -> Item | None:
    """The item of that number, when the requester may point at it."""
    return db.session.scalar(by(requester).where(Item.uid == uid)) if uid else None
