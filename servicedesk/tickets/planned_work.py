"""Planned work: the centre announces it, and everybody who will notice sees it in advance.

The writers flush and never commit.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from cmdb.database import db
from cmdb.dependencies import Register
from cmdb.impact import State
from cmdb.items import Item
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Permission, visible
from cmdb.tenancy import everything
from servicedesk.tickets.models import PlannedWork
from servicedesk.tickets.standing import STATES
from servicedesk.tickets.workflow import Severity

AHEAD = dt.timedelta(days=14)
"""How long in advance people are told."""
_MOST = 20


class AlreadyOver(Exception):
    """The work was done or called off: it cannot be called off any more."""


@dataclass(frozen=True)
class Felt:
    """Work that a person will notice, and how; `message` only when an item of it is hers to see."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    message: str
    items: Sequence[tuple[str, str, State]]  # uid, name and what becomes of it, worst first


def announce(
    items: Sequence[Item],
    message: str,
    severity: Severity,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    by: Person,
) -> PlannedWork:
    """Tell of work on `items`, which ends after it starts."""
    work = PlannedWork(
        message=message,
        severity=severity,
        starts_at=starts_at,
        ends_at=ends_at,
        announced_by_id=by.id,
        items=list(items),
    )
    db.session.add(work)
    db.session.flush()
    return work


def call_off(work: PlannedWork, now: dt.datetime) -> None:
    """Say that it does not happen, or is over already.

    Raises:
        AlreadyOver: it is.
    """
    if work.cancelled_at is not None or work.ends_at <= now:
        raise AlreadyOver
    work.cancelled_at = now
    db.session.flush()


def coming(now: dt.datetime) -> sa.Select:
    """The select of work that goes on or lies ahead, soonest first."""
    return (
        sa.select(PlannedWork)
        .where(PlannedWork.ends_at > now, PlannedWork.cancelled_at.is_(None))
        .order_by(PlannedWork.starts_at, PlannedWork.id)
    )


def felt_by(person: Person, classes: Sequence[str], now: dt.datetime) -> list[Felt]:
    """The work of the coming two weeks that `person` will notice, soonest first.

    She hears of what she uses herself, of what has one of `classes`, and of the items of the work
    that she may see. What it hangs on is not named.
    """
    with everything():
        soon = coming(now).where(PlannedWork.starts_at < now + AHEAD).limit(_MOST)
        works = db.session.scalars(soon.options(selectinload(PlannedWork.items))).all()
        if not works:
            return []
        on = {work.id: {item.id for item in work.items} for work in works}
        said = {
            work.id: dict.fromkeys(on[work.id], STATES[work.severity]) for work in works
        }
        graph = Register(local(now).date()).below(set().union(*on.values()))
        told = [(work.id, work.starts_at, work.ends_at, work.message) for work in works]
    states = {key: graph.impact(each).states for key, each in said.items()}
    seen = _seen(person, classes, {key for each in states.values() for key in each})
    found = []
    for key, starts_at, ends_at, message in told:
        hit = [
            (*seen[item_id][:2], state) for item_id, state in states[key].items()
            if item_id in seen and state > State.AT_RISK and (seen[item_id][2] or item_id in on[key])
        ]  # fmt: skip
        if hit:
            is_named = any(item_id in seen for item_id in on[key])
            found.append(Felt(starts_at, ends_at, message if is_named else "", hit))
    return found


def _seen(
    person: Person, classes: Sequence[str], keys: set[int]
) -> dict[int, tuple[str, str, bool]]:
    """Of the items that the person may see: uid, name, and whether she works with it."""
    rows = db.session.execute(
        visible(Item, person, Permission.ITEM_READ)
        .where(Item.id.in_(keys))
        .with_only_columns(Item.id, Item.uid, Item.name, Item.class_key, Item.user_id)
    )
    return {
        key: (uid, name, class_key in classes or user_id == person.id)
        for key, uid, name, class_key, user_id in rows
    }
