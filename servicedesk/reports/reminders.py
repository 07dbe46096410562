"""Tickets in advance for contracts, certificates, licences and lines: one for each deadline.

A ticket is somebody's at a municipality: it is filed for the manager of the owner, or, when the
centre owns the item, of the municipality with the largest share. Without one there is no ticket;
the deadline stands in the report.
"""

import datetime as dt

import sqlalchemy as sa

from cmdb.database import db
from cmdb.deadlines import DeadlineKind
from cmdb.items import Item, ItemConsumer
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Role
from cmdb.register import is_consumer
from servicedesk.language import gettext as _
from servicedesk.reports.ends import End, ends
from servicedesk.tickets import actions
from servicedesk.tickets.models import Category, Ticket
from servicedesk.tickets.workflow import Channel, TicketType
from sla.priority import Impact, Urgency

_CLASSES = ("contract", "certificate", "licence", "wan-line")
_KINDS = (DeadlineKind.NOTICE, DeadlineKind.END)


def remind(now: dt.datetime, days: int) -> int:
    """File the tickets of what ends within so many days; how many. Ask in scope `EVERYTHING`."""
    today = local(now).date()
    coming = {
        _token(one): one
        for one in ends(today, today + dt.timedelta(days=days), now)
        if one.class_key in _CLASSES and one.deadline.kind in _KINDS
    }
    told = set(
        db.session.scalars(sa.select(Ticket.form_token).where(Ticket.form_token.in_(coming)))
    )
    return sum(_file(one, token, now) for token, one in coming.items() if token not in told)


def _token(one: End) -> str:
    return f"{one.uid}:{one.deadline.kind}:{one.deadline.day}"


def _file(one: End, token: str, now: dt.datetime) -> bool:
    item = db.session.get(Item, one.item_id)
    requester = item and _manager_at(item, now)
    category = db.session.scalar(
        sa.select(Category).where(Category.position.is_not(None)).order_by(Category.position.desc())
    )
    by = item and (item.manager or item.deputy or requester)
    if not requester or not category:
        return False
    title, body = _words(one)
    try:
        with db.session.begin_nested():
            ticket = actions.file_ticket(
                requester, by, now, type=TicketType.SERVICE_REQUEST, category=category,
                title=title, body=body, impact=Impact.PERSON, urgency=Urgency.LOW,
                channel=Channel.IMPORT, items=[item], form_token=token,
            )  # fmt: skip
    except sa.exc.IntegrityError:  # another worker was first
        return False
    if item.manager and item.manager.teams:
        actions.assign(ticket, item.manager.teams[0], item.manager, by, now)
    return True


def _manager_at(item: Item, now: dt.datetime) -> Person | None:
    """Who manages the municipality that the item is of, or that takes most of it."""
    largest = (
        sa.select(ItemConsumer.municipality_id)
        .where(ItemConsumer.item_id == item.id, is_consumer(local(now).date()))
        .order_by(ItemConsumer.share.desc().nulls_last(), ItemConsumer.municipality_id)
    )
    home = item.municipality_id or db.session.scalar(largest.limit(1))
    manages = sa.select(Person).where(
        Person.municipality_id == home,
        Person.role == Role.MUNICIPALITY_MANAGER,
        Person.is_active,
    )
    return db.session.scalar(manages.order_by(Person.id).limit(1))


def _words(one: End) -> tuple[str, str]:
    day = f"{one.deadline.day:%d-%m-%Y}"
    if one.deadline.kind == DeadlineKind.NOTICE:
        title = _("%(name)s: opzeggen kan tot en met %(day)s", name=one.name, day=day)
        return title, _("Beslis of dit contract doorloopt. Na deze dag is opzeggen te laat.")
    title = _("%(name)s loopt af op %(day)s", name=one.name, day=day)
    return title, _("Verleng of vervang dit op tijd, of voer het object af.")
