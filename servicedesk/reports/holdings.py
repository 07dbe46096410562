"""What each municipality has of its own and uses of others, and what that costs, as of any day.

Everything counts in scope `EVERYTHING`, as a share is worked out beside those of others; who reads
it gets the rows of the municipalities that she may see. What was retired is not counted.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb import costs
from cmdb.costs import Share
from cmdb.database import db
from cmdb.items import Hosting, ItemConsumer, ItemStatus, ItemVersion
from cmdb.tenancy import everything

Kind = tuple[str, Hosting]
"""A class and where its items are hosted."""


@dataclass(frozen=True)
class Holding:
    """How many items a municipality has of a class and hosting; None is the centre.

    `yearly` and `month` are its part of the costs, in cents: of a year at the shares of that day,
    and of the month of that day with its shares by the day.
    """

    municipality_id: int | None
    class_key: str
    hosting: Hosting
    own: int
    shared: int
    yearly: int
    month: int


def holdings(
    day: dt.date, at: dt.datetime, municipalities: Collection[int | None] | None = None
) -> list[Holding]:
    """What each municipality had at the moment `at` of the local day `day`.

    `municipalities` are those that the reader may see; None means all, and the centre.
    """
    with everything():
        own, shared = _own(at), _shared(at, day)
        yearly, month = _costs(at, day)
    found = [
        Holding(key[0], key[1], key[2], own[key], shared[key], yearly[key], month[key])
        for key in own.keys() | shared.keys() | yearly.keys()
        if municipalities is None or key[0] in municipalities
    ]
    return sorted(found, key=lambda one: (one.municipality_id or 0, one.class_key, one.hosting))


_Key = tuple[int | None, str, Hosting]
_HOSTING = ItemVersion.state["hosting"].as_string()
_YEARLY = sa.cast(ItemVersion.state["yearly_cents"].as_string(), sa.BigInteger)


def in_life(at: dt.datetime) -> sa.ColumnElement[bool]:
    """Whether a version held at a moment, of an item that was not retired."""
    return sa.and_(
        ItemVersion.valid_from <= at,
        sa.or_(ItemVersion.valid_to.is_(None), ItemVersion.valid_to > at),
        ItemVersion.state["status"].as_string() != ItemStatus.RETIRED.value,
    )


def consumed(day: dt.date) -> sa.ColumnElement[bool]:
    """Whether an `ItemConsumer` held on a day."""
    ended = sa.and_(ItemConsumer.valid_to.is_not(None), ItemConsumer.valid_to <= day)
    return sa.and_(ItemConsumer.valid_from <= day, ~ended)


def _own(at: dt.datetime) -> Counter[_Key]:
    columns = (ItemVersion.municipality_id, ItemVersion.class_key, _HOSTING)
    rows = sa.select(*columns, sa.func.count()).where(in_life(at)).group_by(*columns)
    return _counted(rows)


def _shared(at: dt.datetime, day: dt.date) -> Counter[_Key]:
    """What is used and not owned."""
    columns = (ItemConsumer.municipality_id, ItemVersion.class_key, _HOSTING)
    owner = sa.func.coalesce(ItemVersion.municipality_id, 0)
    rows = (
        sa.select(*columns, sa.func.count())
        .join(ItemVersion, ItemVersion.item_id == ItemConsumer.item_id)
        .where(in_life(at), consumed(day), owner != ItemConsumer.municipality_id)
        .group_by(*columns)
    )
    return _counted(rows)


def _counted(rows: sa.Select) -> Counter[_Key]:
    found: Counter[_Key] = Counter()
    for municipality_id, class_key, hosting, number in db.session.execute(rows):
        found[municipality_id, class_key, Hosting(hosting)] += number
    return found


def _costs(at: dt.datetime, day: dt.date) -> tuple[Counter[_Key], Counter[_Key]]:
    """What each pays of a year and of the month of that day."""
    yearly: Counter[_Key] = Counter()
    month: Counter[_Key] = Counter()
    span, one_day = costs.month_of(day), (day, day + dt.timedelta(days=1))
    shares = _shares()
    for item_id, owner_id, class_key, hosting, cents in _paid_for(at):
        held, kind = shares[item_id], (class_key, Hosting(hosting))
        for payer, part in costs.divided(cents, owner_id, held, one_day).items():
            yearly[payer, *kind] += part
        of_month = costs.of_month(cents, day.month)
        for payer, part in costs.divided(of_month, owner_id, held, span).items():
            month[payer, *kind] += part
    return yearly, month


def _paid_for(at: dt.datetime) -> Iterator[tuple[int, int | None, str, str, int]]:
    """The items that cost something: key, owner, class, hosting and cents a year."""
    columns = (ItemVersion.item_id, ItemVersion.municipality_id, ItemVersion.class_key, _HOSTING)
    yield from db.session.execute(sa.select(*columns, _YEARLY).where(in_life(at), _YEARLY > 0))


def _shares() -> Mapping[int, list[Share]]:
    """All shares that were ever agreed, by item."""
    rows = sa.select(
        ItemConsumer.item_id,
        ItemConsumer.municipality_id,
        ItemConsumer.share,
        ItemConsumer.valid_from,
        ItemConsumer.valid_to,
    ).where(ItemConsumer.share > 0)
    found: dict[int, list[Share]] = defaultdict(list)
    for item_id, *share in db.session.execute(rows):
        found[item_id].append(Share(*share))
    return found
