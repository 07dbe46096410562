"""The tickets about an item."""

import sqlalchemy as sa

from cmdb.items import Item
from cmdb.permissions import Permission, visible
from servicedesk.access import find, me
from servicedesk.api import ticket_told
from servicedesk.api.door import operation
from servicedesk.api.item_fields import NUMBER
from servicedesk.api.paging import PAGE, page, page_of
from servicedesk.tickets.models import Ticket, TicketItem


@operation(
    "GET", "/items/{number}/tickets", "The tickets about an item", page_of(ticket_told.LISTED),
    permission=Permission.ITEM_READ, keys={"number": NUMBER}, query=PAGE,
)  # fmt: skip
def item_tickets(number, query):
    """The newest first, those that you may read."""
    item = find(Item, number, Permission.ITEM_READ, by="uid")
    about = sa.select(TicketItem.ticket_id).where(TicketItem.item_id == item.id)
    readable = visible(Ticket, me(), Permission.TICKET_READ).options(*ticket_told.LOADED)
    return page(
        readable.where(Ticket.id.in_(about)), [Ticket.id], ticket_told.listed, query,
        descending=True,
    )  # fmt: skip
