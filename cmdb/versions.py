"""The versions of items: where one ends the next begins, each by a change set."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from cmdb import beside as parts
from cmdb import item_state, terms
from cmdb.database import db
from cmdb.items import ChangeSet, Item, ItemVersion
from cmdb.key_lists import batches


def begin(
    items: Sequence[Item], change_set: ChangeSet, beside: Sequence[Mapping[str, Any]]
) -> None:
    """Keep what items are from now on, with what stands beside the fields of each."""
    versions = [
        {
            "item_id": item.id,
            "municipality_id": item.municipality_id,
            "class_key": item.class_key,
            "name": item.name,
            "valid_from": change_set.at,
            "change_set_id": change_set.id,
            "state": {**item_state.written(item), **more},
        }
        for item, more in zip(items, beside, strict=True)
    ]
    if versions:
        db.session.execute(sa.insert(ItemVersion), versions)
        terms.keep({version["item_id"]: version["state"] for version in versions})


def follow(
    items: Sequence[Item], change_set: ChangeSet, beside: Sequence[Mapping[str, Any]]
) -> None:
    """End the present versions and begin the next; what stands beside the fields stays."""
    ended = end([item.id for item in items], change_set)
    former = [ended.get(item.id, {}) for item in items]
    begin(
        items,
        change_set,
        [
            {key: state.get(key, []) for key in parts.NAMES} | more
            for state, more in zip(former, beside, strict=True)
        ],
    )


def touch(item: Item, change_set: ChangeSet, **beside: Any) -> None:
    """Give an item a new version for what stands beside its own fields."""
    flag_modified(item, "tags")  # so that the next version of the row is this one's
    db.session.flush()
    follow([item], change_set, [beside])


def end(keys: Sequence[int], change_set: ChangeSet) -> dict[int, dict[str, Any]]:
    """End the present versions of items; the states that they held, by item."""
    ended = {}
    for some in batches(keys):
        present = ItemVersion.item_id.in_(some), ItemVersion.valid_to.is_(None)
        states = sa.select(ItemVersion.item_id, ItemVersion.state).where(*present)
        ended.update(dict(db.session.execute(states).all()))
        db.session.execute(
            sa.update(ItemVersion)
            .where(*present)
            .values(valid_to=change_set.at, ended_by_id=change_set.id)
        )
    return ended
