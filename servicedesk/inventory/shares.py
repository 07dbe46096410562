"""The shares of an item through time, in words."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.costs import WHOLE
from cmdb.database import db
from cmdb.items import Item, ItemConsumer
from servicedesk.language import gettext as _


@dataclass(frozen=True)
class Period:
    """Who uses an item from a day until before another: name and thousandths, largest first."""

    since: dt.date
    until: dt.date | None
    users: list[tuple[str, int | None]]

    @property
    def note(self) -> str:
        return note([part for _name, part in self.users])

    @property
    def said(self) -> str:
        """The users with their shares in one line."""
        return ", ".join(
            name if part is None else f"{name} {percent(part)}%" for name, part in self.users
        )

    def holds(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


def percent(thousandths: int | None) -> str:
    """A share in percent, as a form takes it; empty when there is none."""
    return "" if thousandths is None else f"{thousandths / 10:g}".replace(".", ",")


def note(parts: list[int | None]) -> str:
    """What must be said of shares that do not add up to a whole; else empty."""
    known = [part for part in parts if part is not None]
    total = sum(known)
    if not known or total == WHOLE:
        return ""
    if total < WHOLE:
        rest = percent(WHOLE - total)
        return _(
            "Samen %(total)s%%. De andere %(rest)s%% is voor de eigenaar.",
            total=percent(total),
            rest=rest,
        )
    return _(
        "Samen %(total)s%%, meer dan het geheel. De kosten worden naar verhouding verdeeld.",
        total=percent(total),
    )


def periods(item: Item) -> list[Period]:
    """The shares of an item between the days on which they change, the latest first."""
    found = (
        sa.select(ItemConsumer)
        .where(ItemConsumer.item_id == item.id)
        .options(joinedload(ItemConsumer.municipality))
    )
    rows = sorted(
        db.session.scalars(found), key=lambda one: (-(one.share or 0), one.municipality.name)
    )
    days = {one.valid_from for one in rows} | {one.valid_to for one in rows if one.valid_to}
    borders: list[dt.date | None] = [*sorted(days), None]
    told = [
        Period(
            since,
            until,
            [
                (one.municipality.name, one.share)
                for one in rows
                if one.valid_from <= since and (one.valid_to is None or since < one.valid_to)
            ],
        )
        for since, until in zip(borders, borders[1:], strict=False)
    ]
    return [one for one in reversed(told) if one.users]
