"""Tickets that nobody reported: about an item, for who manages the municipality that it is of."""

import datetime as dt

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item, ItemConsumer
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Role
from cmdb.register import is_consumer
from servicedesk.tickets import actions
from servicedesk.tickets.models import Category, Ticket
from servicedesk.tickets.workflow import Channel, TicketType
from sla.priority import Impact, Urgency


def file_about(
    item: Item, title: str, body: str, token: str, by: Person | None, now: dt.datetime
) -> Ticket | None:
    """File a ticket and hand it to the manager of the item; None when there is none to file.

    The requester is the manager of its municipality, or of the one with the largest share when the
    centre owns it. Without one there is no ticket, nor when the `token` was used before.
    """
    requester = _manager_at(item, now)
    category = db.session.scalar(
        sa.select(Category).where(Category.position.is_not(None)).order_by(Category.position.desc())
    )
    by = by or item.manager or item.deputy or requester
    if requester is None or category is None or is_filed(token):
        return None
    try:
        with db.session.begin_nested():
            ticket = actions.file_ticket(
                requester, by, now, type=TicketType.SERVICE_REQUEST, category=category,
                title=title, body=body, impact=Impact.PERSON, urgency=Urgency.LOW,
                channel=Channel.IMPORT, items=[item], form_token=token,
            )  # fmt: skip
    except sa.exc.IntegrityError:  # another worker was first
        return None
    if item.manager and item.manager.teams:
        actions.assign(ticket, item.manager.teams[0], item.manager, by, now)
    return ticket


def is_filed(token: str) -> bool:
    return db.session.scalar(sa.select(Ticket.id).where(Ticket.form_token == token)) is not None


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
