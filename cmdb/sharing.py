"""Who uses an item: the municipalities, the share of each in thousandths, and from when to when."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from cmdb import beside, item_state, spans, versions
from cmdb.costs import WHOLE
from cmdb.database import db
from cmdb.items import ChangeSet, Item, ItemConsumer
from cmdb.localtime import local
from cmdb.refusal import Unfit
from cmdb.spans import Span

Shares = Mapping[int, int | None]


def share_among(
    item: Item,
    shares: Shares,
    change_set: ChangeSet,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> None:
    """Let exactly these municipalities use an item, each for its thousandths, if any.

    It holds from `since` (the day of the act) until before `until`; what was agreed for other days
    stays. Equal shares leave no trace.

    Raises:
        ValueError: a share is none, or the span ends before it begins; one Dutch sentence.
    """
    since = since or local(change_set.at).date()
    spans.check(since, until)
    check(shares)
    rows = db.session.scalars(sa.select(ItemConsumer).where(ItemConsumer.item_id == item.id)).all()
    former: dict[int, list[Span]] = {key: [] for key in shares}
    for row in rows:
        held = Span(row.share, row.valid_from, row.valid_to)
        former.setdefault(row.municipality_id, []).append(held)
    wanted = {
        (key, one)
        for key, held in former.items()
        for one in spans.joined(
            [
                *spans.without(held, since, until),
                *([Span(shares[key], since, until)] if key in shares else ()),
            ]
        )
    }
    present = {
        (row.municipality_id, Span(row.share, row.valid_from, row.valid_to)): row for row in rows
    }
    if wanted == present.keys():
        return
    for gone in present.keys() - wanted:
        db.session.delete(present[gone])
    db.session.flush()
    db.session.add_all(_consumer(item, key, one) for key, one in wanted - present.keys())
    db.session.flush()
    versions.touch(item, change_set, shares=beside.read(item, "shares"))


def check(shares: Shares) -> None:
    """Accept the shares of an item. They need not add up to a whole: pages tell when they do not.

    Raises:
        ValueError: one is less than nothing or more than all; one Dutch sentence.
    """
    for thousandths in shares.values():
        if thousandths is not None and not 0 <= thousandths <= WHOLE:
            raise Unfit("Een aandeel ligt tussen 0 en 100 procent.")


def rows_of(shares: Shares, since: dt.date) -> list[dict[str, Any]]:
    """The shares of a new item, as `ItemConsumer` takes them."""
    check(shares)
    return [
        {"municipality_id": key, "share": thousandths, "valid_from": since, "valid_to": None}
        for key, thousandths in sorted(shares.items())
    ]


def store(used: Iterable[tuple[Item, list[dict[str, Any]]]]) -> None:
    """Store the shares of new items, as `rows_of` gave them."""
    rows = [{"item_id": item.id, **row} for item, some in used for row in some]
    if rows:
        db.session.execute(sa.insert(ItemConsumer), rows)


def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same as a version keeps it."""
    return [{key: item_state.plain(value) for key, value in row.items()} for row in rows]


def is_consumer(today: dt.date) -> sa.ColumnElement[bool]:
    """Whether an `ItemConsumer` holds today."""
    ended = sa.and_(ItemConsumer.valid_to.is_not(None), ItemConsumer.valid_to <= today)
    return sa.and_(ItemConsumer.valid_from <= today, ~ended)


def _consumer(item: Item, municipality_id: int, span: Span) -> ItemConsumer:
    return ItemConsumer(
        item_id=item.id, municipality_id=municipality_id, share=span.what,
        valid_from=span.since, valid_to=span.until,
    )  # fmt: skip
