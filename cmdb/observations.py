"""What inventories saw otherwise than was agreed: kept by item and field, beside the register.

A field is named as in the state of an item; an attribute by its own key.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from cmdb import item_state
from cmdb.database import db
from cmdb.item_parts import Observation
from cmdb.items import Item
from cmdb.key_lists import batches

Place = tuple[int, str]
"""The key of an item, and a field."""


def record(
    differing: Mapping[Place, Any], settled: Collection[Place], source: str, now: dt.datetime
) -> None:
    """Keep what `source` saw otherwise, and forget what it saw as agreed.

    What somebody rejected stays so while the same is seen.
    """
    former = _of_items({item_id for item_id, _field in (*differing, *settled)})
    for place, value in differing.items():
        row = former.get(place)
        if row is None:
            item_id, field = place
            row = Observation(item_id=item_id, field=field, value=value)
            db.session.add(row)
        elif row.value != value:
            row.value, row.rejected_by_id, row.rejected_at = value, None, None
        row.source, row.seen_at = source[:80], now
    for place in settled & former.keys():
        db.session.delete(former[place])
    db.session.flush()


def settle(items: Iterable[Item]) -> None:
    """Forget what was seen of items that hold the same by now."""
    changed = {item.id: item for item in items}
    for (item_id, field), row in _of_items(changed).items():
        if held(changed[item_id], field) == row.value:
            db.session.delete(row)
    db.session.flush()


def held(item: Item, field: str) -> Any:
    """What is agreed of a field, as a state holds it; None when nothing."""
    if field in item_state.FIELDS:
        return item_state.plain(getattr(item, field)) or None
    return item.attributes.get(field)


def _of_items(keys: Collection[int]) -> dict[Place, Observation]:
    found: dict[Place, Observation] = {}
    for some in batches(sorted(keys)):
        rows = sa.select(Observation).where(Observation.item_id.in_(some))
        found.update(((row.item_id, row.field), row) for row in db.session.scalars(rows))
    return found
