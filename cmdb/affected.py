"""Who and what stands behind keys of items: only what the select and the session let through."""

import datetime as dt
import functools
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item, ItemConsumer
from cmdb.key_lists import among, among_given, gathered, packed
from cmdb.register import is_consumer


@dataclass(frozen=True, slots=True)
class Known:
    """What is told of an item wherever it is named."""

    uid: str
    name: str
    class_key: str
    users: int


def classes_and_owners(
    seen: sa.Select, keys: Iterable[int]
) -> tuple[dict[int, str], dict[int | None, list[int]]]:
    """Of those items that `seen`, a select of items, holds: the class of each, and whose they are."""
    kinds = (Item.class_key, Item.municipality_id)
    rows = db.session.execute(
        seen.where(among(Item.id, keys)).with_only_columns(*kinds, packed(Item.id)).group_by(*kinds)
    )
    classes: dict[int, str] = {}
    owned: dict[int | None, list[int]] = defaultdict(list)
    for class_key, owner, some in rows:
        classes |= dict.fromkeys(some, class_key)
        owned[owner] += some
    return classes, owned


def known(seen: sa.Select, keys: Collection[int]) -> dict[int, Known]:
    """Those of the items that `seen` holds, by key."""
    rows = db.session.execute(_named(seen), {"keys": keys})
    return {
        key: Known(uid, name, class_key, users if isinstance(users, int) else 0)
        for key, uid, name, class_key, users in rows
    }


@functools.lru_cache(maxsize=64)
def _named(seen: sa.Select) -> sa.Select:
    """Who may see all gives the same select each time: then it is put together once."""
    return seen.where(among_given(Item.id, "keys")).with_only_columns(
        Item.id, Item.uid, Item.name, Item.class_key, Item.attributes["users"]
    )


def uses(
    owned: Mapping[int | None, Collection[int]], today: dt.date
) -> dict[int, dict[int, int | None]]:
    """By municipality, which of those items it owns or uses, with its share in thousandths.

    `owned` are the items by whose they are.
    """
    consumed = (
        sa.select(
            ItemConsumer.municipality_id,
            gathered(ItemConsumer.item_id),
            gathered(ItemConsumer.share),
        )
        .where(among(ItemConsumer.item_id, chain(*owned.values())), is_consumer(today))
        .group_by(ItemConsumer.municipality_id)
    )
    found: dict[int, dict[int, int | None]] = defaultdict(dict)
    for owner, keys in owned.items():
        if owner is not None:
            found[owner] |= dict.fromkeys(keys, 1000)
    for municipality_id, item_ids, shares in db.session.execute(consumed):
        found[municipality_id] |= zip(item_ids, shares, strict=True)
    return found


def people(keys: Collection[int]) -> dict[int | None, int]:
    """How many people use one of those items as their own, by the municipality of the item."""
    counted = (
        sa.select(Item.municipality_id, sa.func.count(sa.distinct(Item.user_id)))
        .where(among(Item.id, keys), Item.user_id.is_not(None))
        .group_by(Item.municipality_id)
    )
    return dict(db.session.execute(counted).all())
