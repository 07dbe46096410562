"""Who can see a ticket, and why: with names for the desk, in plain words for who filed it."""

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy.orm import joinedload

from cmdb.permissions import Permission, Reach, may
from servicedesk.access import find, me, requires
from servicedesk.reviews import readers
from servicedesk.tickets.models import Ticket

pages = Blueprint("ticket_readers", __name__)

_SHOWN = (joinedload(Ticket.requester), joinedload(Ticket.municipality))


@pages.get("/desk/tickets/<number>/readers")
@requires(Permission.TICKET_WORK)
def desk(number: str):
    return _page("desk/readers.html", number)


@pages.get("/my/tickets/<number>/readers")
@requires(Permission.TICKET_READ)
def portal(number: str):
    if may(me(), Permission.TICKET_WORK):
        return redirect(url_for(".desk", number=number))
    return _page("portal/readers.html", number)


def _page(template: str, number: str) -> str:
    ticket = find(Ticket, number, Permission.TICKET_READ, by="number", options=_SHOWN)
    return render_template(template, ticket=ticket, groups=readers.groups(ticket), Reach=Reach)
