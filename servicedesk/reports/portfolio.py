"""The applications of every municipality by domain and reference component, and the licences."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import ItemConsumer, ItemVersion, RelationVersion
from cmdb.key_lists import among
from cmdb.tenancy import everything
from servicedesk.reports.holdings import consumed, in_life

_LICENSED = "licensed-by"
_BY_MACHINE = ("kern", "processor", "apparaat")


@dataclass(frozen=True)
class Use:
    """An application that a municipality owns or shares."""

    municipality_id: int
    domain: str
    component: str
    product: str
    version: str
    hosting: str


@dataclass(frozen=True)
class Licence:
    """How many were bought and are used, and how many items say that they fall under it.

    `assigned` is what those items take: each its own quantity, else one. It is None where the
    licence is not counted by machines.
    """

    uid: str
    name: str
    product: str
    metric: str
    bought: int | float | None
    used: int | float | None
    items: int
    assigned: int | None
    ends_on: dt.date | None

    @property
    def left(self) -> int | float | None:
        """Bought less what is used or assigned, whichever is more; None when that is not known."""
        taken = [number for number in (self.used, self.assigned) if number is not None]
        return None if self.bought is None or not taken else self.bought - max(taken)


def uses(day: dt.date, at: dt.datetime, municipalities: Collection[int]) -> list[Use]:
    """The applications of these municipalities at a moment."""
    state = ItemVersion.state
    keys = ("domain", "reference_component", "product", "product_version")
    held = [state["attributes"][key].as_string() for key in keys]
    columns = (*held, state["hosting"].as_string())
    is_application = (in_life(at), ItemVersion.class_key == "application")
    owner = sa.func.coalesce(ItemVersion.municipality_id, 0)
    own = sa.select(ItemVersion.municipality_id, *columns).where(
        *is_application, ItemVersion.municipality_id.in_(municipalities)
    )
    shared = (
        sa.select(ItemConsumer.municipality_id, *columns)
        .join(ItemVersion, ItemVersion.item_id == ItemConsumer.item_id)
        .where(*is_application, consumed(day), owner != ItemConsumer.municipality_id)
        .where(ItemConsumer.municipality_id.in_(municipalities))
    )
    with everything():
        rows = [row for chosen in (own, shared) for row in db.session.execute(chosen)]
    return [Use(row[0], *(value or "" for value in row[1:])) for row in rows]


def licences(at: dt.datetime) -> list[Licence]:
    """The licences within the session's scope, by name."""
    chosen = (
        sa.select(ItemVersion.item_id, ItemVersion.state)
        .where(in_life(at), ItemVersion.class_key == "licence")
        .order_by(ItemVersion.name)
    )
    found = db.session.execute(chosen).all()
    taken = _taken(at, [key for key, _state in found])
    return [_licence(state, taken.get(key, ())) for key, state in found]


def _taken(at: dt.datetime, licences: Collection[int]) -> dict[int, list[int]]:
    """How many of these licences each item takes that falls under them, by licence."""
    quantity = ItemVersion.state["attributes"]["licence_quantity"].as_float()
    tied = (
        sa.select(RelationVersion.target_id, quantity)
        .join(ItemVersion, ItemVersion.item_id == RelationVersion.source_id)
        .where(
            in_life(at),
            among(RelationVersion.target_id, licences),
            RelationVersion.kind == _LICENSED,
            RelationVersion.valid_from <= at,
            sa.or_(RelationVersion.valid_to.is_(None), RelationVersion.valid_to > at),
        )
    )
    found: dict[int, list[int]] = defaultdict(list)
    for key, number in db.session.execute(tied):
        found[key].append(1 if number is None else math.ceil(number))
    return found


def _licence(state: dict, taken: Sequence[int]) -> Licence:
    held = state.get("attributes") or {}
    by_machine = held.get("licence_metric") in _BY_MACHINE
    ends_on = held.get("ends_on")
    return Licence(
        state["uid"],
        state["name"],
        held.get("product", ""),
        held.get("licence_metric", ""),
        held.get("bought"),
        held.get("used"),
        len(taken),
        sum(taken) if by_machine else None,
        ends_on and dt.date.fromisoformat(ends_on),
    )
