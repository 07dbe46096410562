"""How complete and how fresh the register is, as of any day, by class, owner and manager.

Fresh is what somebody confirmed within the last year. What was retired is not counted. It counts
within the scope of the session.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import ItemConsumer, ItemStatus
from servicedesk.inventory import fields
from servicedesk.inventory.columns import Source

FRESH = dt.timedelta(days=365)


@dataclass(frozen=True)
class Quality:
    """Items of one class, owner and manager; None is the centre, and nobody.

    `percent` is the sum of their percents of completeness. `stale` were confirmed before the last
    year, `never` not at all.
    """

    class_key: str
    owner_id: int | None
    manager_id: int | None
    items: int
    percent: int
    incomplete: int
    stale: int
    never: int


def since(day: dt.date) -> dt.date:
    """From which day on a confirmation is fresh."""
    return day - FRESH


def qualities(
    day: dt.date, at: dt.datetime | None, municipality_id: int | None = None
) -> list[Quality]:
    """The figures as of the moment `at` of a day, or of now; of what a municipality has or uses."""
    source, known = Source(at), fields.envelope()
    kept = {key: source.value(known[key]) for key in ("status", "confirmed_on", "completeness")}
    confirmed = kept["confirmed_on"]
    limit: Any = since(day) if isinstance(confirmed.type, sa.Date) else since(day).isoformat()
    percent = kept["completeness"]
    owner, manager = source.model.municipality_id, source.value(known["manager"])
    rows = (
        sa.select(
            source.model.class_key,
            owner,
            manager,
            sa.func.count(),
            sa.func.sum(percent),
            sa.func.sum(sa.case((percent < 100, 1), else_=0)),
            sa.func.sum(sa.case((confirmed < limit, 1), else_=0)),
            sa.func.sum(sa.case((confirmed.is_(None), 1), else_=0)),
        )
        .where(source.holds, kept["status"] != ItemStatus.RETIRED.value)
        .group_by(source.model.class_key, owner, manager)
    )
    if municipality_id is not None:
        used = sa.select(ItemConsumer.item_id).where(
            ItemConsumer.municipality_id == municipality_id
        )
        rows = rows.where(sa.or_(owner == municipality_id, source.key.in_(used)))
    return [Quality(*row[:3], *map(int, row[3:])) for row in db.session.execute(rows)]


def together(several: Iterable[Quality]) -> Quality:
    """The sums of several, of which the class, owner and manager say nothing any more."""
    found = list(several)
    names = ("items", "percent", "incomplete", "stale", "never")
    return Quality("", None, None, *(sum(getattr(one, name) for one in found) for name in names))


def by(found: Iterable[Quality], name: str) -> dict[Hashable, Quality]:
    """The sums by one of `class_key`, `owner_id` and `manager_id`."""
    groups: dict[Hashable, list[Quality]] = defaultdict(list)
    for one in found:
        groups[getattr(one, name)].append(one)
    return {key: together(several) for key, several in groups.items()}
