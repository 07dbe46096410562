"""Local time, at the edges only: inside, every moment is UTC."""

import datetime as dt
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Amsterdam")


def local(moment: dt.datetime) -> dt.datetime:
    """The same moment on the clocks of the Netherlands."""
    return moment.astimezone(ZONE)


def day_start(day: dt.date) -> dt.datetime:
    """The first instant of a local day, in UTC."""
    return dt.datetime.combine(day, dt.time(), ZONE).astimezone(dt.UTC)
