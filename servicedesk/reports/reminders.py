"""Tickets in advance for contracts, certificates, licences and lines: one for each deadline.

A ticket is somebody's at a municipality: it is filed for the manager of the owner, or, when the
centre owns the item, of the municipality with the largest share. Without one there is no ticket;
the deadline stands in the report.
"""

import datetime as dt

import sqlalchemy as sa

from cmdb.database import db
from cmdb.deadlines import DeadlineKind
from cmdb.items import Item
from cmdb.localtime import local
from servicedesk.language import gettext as _
from servicedesk.reports.ends import End, ends
from servicedesk.tickets import advance
from servicedesk.tickets.models import Ticket

_CLASSES = ("contract", "certificate", "licence", "wan-line")
_KINDS = (DeadlineKind.NOTICE, DeadlineKind.END)


def remind(now: dt.datetime, days: int) -> int:
    """File the tickets of what ends within so many days; how many. Ask in scope `EVERYTHING`."""
    today = local(now).date()
    coming = {
        _token(one): one
        for one in ends(today, today + dt.timedelta(days=days), kinds=_KINDS)
        if one.class_key in _CLASSES
    }
    told = set(
        db.session.scalars(sa.select(Ticket.form_token).where(Ticket.form_token.in_(coming)))
    )
    return sum(_file(one, token, now) for token, one in coming.items() if token not in told)


def _token(one: End) -> str:
    return f"{one.uid}:{one.deadline.kind}:{one.deadline.day}"


def _file(one: End, token: str, now: dt.datetime) -> bool:
    item = db.session.get(Item, one.item_id)
    return item is not None and advance.file_about(item, *_words(one), token, None, now) is not None


def _words(one: End) -> tuple[str, str]:
    day = f"{one.deadline.day:%d-%m-%Y}"
    if one.deadline.kind == DeadlineKind.NOTICE:
        title = _("%(name)s: opzeggen kan tot en met %(day)s", name=one.name, day=day)
        return title, _("Beslis of dit contract doorloopt. Na deze dag is opzeggen te laat.")
    title = _("%(name)s loopt af op %(day)s", name=one.name, day=day)
    return title, _("Verleng of vervang dit op tijd, of voer het object af.")
