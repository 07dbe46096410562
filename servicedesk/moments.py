"""Moments and spans in words, in the language of the reader."""

import datetime as dt
import functools

from babel.dates import format_date
from flask_babel import get_locale

from cmdb.database import utc_now
from cmdb.localtime import local
from servicedesk.language import gettext as _
from servicedesk.language import reader_language


def moment(at: dt.datetime | None, now: dt.datetime | None = None) -> str:
    """A moment as people say it: "vandaag 16:30", "morgen 09:00", "ma 30 nov 16:30"."""
    if at is None:
        return ""
    then = local(at)
    return f"{_day(then.date(), local(now or utc_now()).date())} {then:%H:%M}"


def before(at: dt.datetime, now: dt.datetime | None = None) -> str:
    """A deadline as people say it: "vandaag vóór 16:30"."""
    return _("%(day)s vóór %(time)s", day=day(at, now), time=clock_time(at))


def clock_time(at: dt.datetime) -> str:
    return f"{local(at):%H:%M}"


def day(at: dt.datetime, now: dt.datetime | None = None) -> str:
    """A day as people say it; with its year when that is another."""
    return _day(local(at).date(), local(now or utc_now()).date())


def _day(then: dt.date, today: dt.date) -> str:
    match (then - today).days:
        case 0:
            return _("vandaag")
        case 1:
            return _("morgen")
        case -1:
            return _("gisteren")
    return _written(then, "EEE d MMM" if then.year == today.year else "d MMM y", reader_language())


def written_day(day: dt.date) -> str:
    """A local day written out: "donderdag 26 november"."""
    return _written(day, "EEEE d MMMM", reader_language())


def written_moment(at: dt.datetime) -> str:
    """A moment written out: "donderdag 26 november 16:30"."""
    return f"{written_day(local(at).date())} {clock_time(at)}"


def weekday_short(day: dt.date) -> str:
    """A local day as the head of a column: "do"."""
    return _written(day, "EEE", reader_language())


def month_short(day: dt.date) -> str:
    """The month of a local day: "nov"."""
    return _written(day, "MMM", reader_language())


@functools.lru_cache(maxsize=4096)
def _written(day: dt.date, pattern: str, language: str) -> str:
    """A list shows the same few days in every row; `language` is the one of this moment."""
    return format_date(day, pattern, get_locale()).replace(".", "")


def duration(seconds: int) -> str:
    """A span in its two largest units: "1 d 2 u", "1 u 05", "38 min"."""
    minutes = max(0, seconds) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return _("%(d)s d %(h)s u", d=days, h=hours) if hours else _("%(d)s d", d=days)
    if hours:
        return _("%(h)s u %(m)02d", h=hours, m=rest)
    return _("%(m)s min", m=rest)
