"""How often access is looked over: the centre each quarter, a municipality each year.

BIO2 5.18.01, 5.18.02 and 8.02.01 ask for a look at all rights each year, and at privileged ones each
quarter. Who is of the centre sees all municipalities, so the whole centre counts as privileged.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb.database import db
from cmdb.localtime import local
from cmdb.organisation import Municipality
from servicedesk.reviews.models import AccessReview, Rhythm

DAYS = {Rhythm.QUARTERLY: 92, Rhythm.YEARLY: 366}
MEASURES = ("5.18.01", "5.18.02", "8.02.01")


@dataclass(frozen=True)
class Standing:
    """When a municipality, or the centre (None), was looked over last, and whether that is too long ago."""

    municipality: Municipality | None
    signed_at: dt.datetime | None
    is_overdue: bool
    is_running: bool


def usual(municipality_id: int | None) -> Rhythm:
    return Rhythm.QUARTERLY if municipality_id is None else Rhythm.YEARLY


def standing(now: dt.datetime) -> list[Standing]:
    """The centre and every municipality; ask in scope `EVERYTHING`."""
    last = dict(
        db.session.execute(
            sa.select(AccessReview.municipality_id, sa.func.max(AccessReview.signed_at))
            .where(AccessReview.signed_at.is_not(None))
            .group_by(AccessReview.municipality_id)
        ).all()
    )
    running = set(
        db.session.scalars(sa.select(AccessReview.open_for).where(AccessReview.open_for.is_not(None)))
    )
    towns = db.session.scalars(sa.select(Municipality).order_by(Municipality.name))
    return [_standing(town, last, running, now) for town in (None, *towns)]


def overdue(now: dt.datetime) -> list[Standing]:
    return [one for one in standing(now) if one.is_overdue]


def _standing(town, last, running, now) -> Standing:
    key = town and town.id
    signed_at = last.get(key)
    days = DAYS[usual(key)]
    late = signed_at is None or (local(now).date() - local(signed_at).date()).days > days
    return Standing(town, signed_at, late, (key or 0) in running)
