"""The versions of items: where one ends the next begins, each by a change set."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cmdb import item_state
from cmdb.database import db
from cmdb.items import ChangeSet, Item, ItemVersion

_BATCH = 900  # SQLite takes a bounded number of parameters in a statement
BESIDE = ("identifiers", "roles")  # what a state holds beside the fields of the item itself


def batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    """The keys in parts that fit a statement."""
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]


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
            {key: state.get(key, []) for key in BESIDE} | more
            for state, more in zip(former, beside, strict=True)
        ],
    )


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
