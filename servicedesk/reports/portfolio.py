"""The applications of every municipality by domain and reference component, and the licences."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import ItemConsumer, ItemVersion, RelationVersion
from cmdb.tenancy import everything
from servicedesk.reports.holdings import consumed, in_life

_LICENSED = "licensed-by"


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
    """How many were bought and are used, and how many items say that they fall under it."""

    uid: str
    name: str
    product: str
    metric: str
    bought: int | float | None
    used: int | float | None
    items: int
    ends_on: dt.date | None


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
    tied = (
        sa.select(sa.func.count())
        .where(
            RelationVersion.target_id == ItemVersion.item_id,
            RelationVersion.kind == _LICENSED,
            RelationVersion.valid_from <= at,
            sa.or_(RelationVersion.valid_to.is_(None), RelationVersion.valid_to > at),
        )
        .correlate(ItemVersion)
        .scalar_subquery()
    )
    chosen = (
        sa.select(ItemVersion.state, tied)
        .where(in_life(at), ItemVersion.class_key == "licence")
        .order_by(ItemVersion.name)
    )
    return [_licence(state, items) for state, items in db.session.execute(chosen)]


def _licence(state: dict, items: int) -> Licence:
    held = state.get("attributes") or {}
    ends_on = held.get("ends_on")
    return Licence(
        state["uid"],
        state["name"],
        held.get("product", ""),
        held.get("licence_metric", ""),
        held.get("bought"),
        held.get("used"),
        items,
        ends_on and dt.date.fromisoformat(ends_on),
    )
