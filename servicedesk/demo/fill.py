"""Filling an empty database with the demo."""

import datetime as dt
import random

import sqlalchemy as sa

from cmdb.database import db
from cmdb.organisation import Municipality
from servicedesk.demo import estate_quality, inventory, ninety_days, organisation, rota

_SEED = 2004  # the same people and stories every time; only the dates follow today
_REGISTERED = 400  # days since the first inventory


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
    hours = ninety_days.hours_of(who)
    filed = ninety_days.play(ninety_days.Desk(who, items, hours, rng, now))
    estate_quality.ask(now, rng)
    return filed
