"""A sign of life of the worker, so that a silent one is noticed."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cmdb.database import Model, db

LATE_AFTER = dt.timedelta(seconds=60)


class Heartbeat(Model):
    name: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    at: Mapped[dt.datetime]


def beat(name: str, now: dt.datetime) -> None:
    db.session.merge(Heartbeat(name=name, at=now))


def is_worker_alive(now: dt.datetime) -> bool:
    """Whether some worker was seen in the last minute."""
    last = db.session.scalar(sa.select(sa.func.max(Heartbeat.at)))
    return last is not None and now - last <= LATE_AFTER
