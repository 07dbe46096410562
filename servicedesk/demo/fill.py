"""Filling an empty database with the demo."""

import datetime as dt
import random

import sqlalchemy as sa

from cmdb.database import db
from cmdb.organisation import Municipality
from cmdb.people import Person
from servicedesk.demo import estate_quality, inventory, ninety_days, organisation, rota
from servicedesk.inventory import views

_SEED = 2004  # the same people and stories every time; only the dates follow today
_REGISTERED = 400  # days since the first inventory


_VIEWS = {
    "Servers zonder back-up, support stopt dit jaar":
        "class=server&relation.backed-up-by=none&support_until.this-year=1"
        "&columns=support_until,used_by,manager",
}  # fmt: skip


class HoldsRealData(Exception):
    """There are municipalities in the database that are not those of the demo."""


def is_filled() -> bool:
    """Whether the demo is there already.

    Raises:
        HoldsRealData: something else is.
    """
    present = set(db.session.scalars(sa.select(Municipality.code)))
    demo = {code for _, code, _, _ in organisation.MUNICIPALITIES}
    if present - demo:
        raise HoldsRealData
    return bool(present)


def fill(now: dt.datetime) -> int:
    """Store the demo as of `now`, with how it came to be in the ninety days before; how many tickets."""
    rng = random.Random(_SEED)
    who = organisation.build(rng)
    items = inventory.build(who, rng, now - dt.timedelta(days=_REGISTERED), now)
    rota.build(who, now)
    _keep_views()
    hours = ninety_days.hours_of(who)
    filed = ninety_days.play(ninety_days.Desk(who, items, hours, rng, now))
    estate_quality.ask(now, rng)
    return filed


def _keep_views() -> None:
    """Lists of items that everybody at the desk may use."""
    keeper = db.session.scalars(sa.select(Person).where(Person.login == "youssef")).one()
    for name, query in _VIEWS.items():
        views.keep(keeper, name, query, is_shared=True)
