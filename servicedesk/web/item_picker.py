"""What a requester may point at: her own devices, and the applications of her municipality."""

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item, ItemStatus
from cmdb.people import Person
from cmdb.permissions import Permission, visible


def offered(requester: Person, own: str, shared: str) -> dict[str, list[tuple[str, str]]]:
    """What to choose from as (uid, name): devices under `own`, applications under `shared`."""
    devices, applications = [], []
    columns = _pickable(requester).with_only_columns(Item.uid, Item.name, Item.user_id)
    for uid, name, user_id in db.session.execute(columns.order_by(Item.name, Item.uid)):
        (devices if user_id == requester.id else applications).append((uid, name))
    return {label: items for label, items in ((own, devices), (shared, applications)) if items}


def picked(requester: Person, uid: str | None) -> Item | None:
    """The item of that number, when the requester may point at it."""
    return db.session.scalar(_pickable(requester).where(Item.uid == uid)) if uid else None


def _pickable(requester: Person) -> sa.Select:
    return visible(Item, requester, Permission.ITEM_READ).where(
        sa.or_(Item.user_id == requester.id, Item.class_key == "application"),
        Item.status.in_((ItemStatus.IN_USE, ItemStatus.IN_REPAIR)),
    )
