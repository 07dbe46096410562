"""What somebody may do to a ticket as it stands: the buttons of the pages, and the deeds of the API."""

import datetime as dt

from cmdb.people import Person
from cmdb.permissions import Permission, may
from servicedesk.tickets import actions
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import SETTLED, Status, may_become

_STEPS = {"resolve": Status.RESOLVED, "wait": Status.WAITING, "cancel": Status.CANCELLED}


def of_requester(ticket: Ticket, person: Person, now: dt.datetime) -> set[str]:
    """The names of what `person` may do to a ticket of the own municipality."""
    named = set()
    if ticket.status.is_open and may(person, Permission.TICKET_REPLY, ticket):
        named.add("reply")
    if may(person, Permission.TICKET_ACCEPT, ticket):
        if ticket.status.is_open:
            named.add("cancel")
        if ticket.status == Status.RESOLVED:
            named.add("accept")
        if actions.may_reopen(ticket, now):
            named.add("reopen")
    return named


def of_desk(ticket: Ticket, person: Person) -> set[str]:
    """The names of what `person` of the centre may do."""
    named = set()
    if may(person, Permission.TICKET_NOTE, ticket):
        named.add("note")
        if may(person, Permission.TICKET_REPLY, ticket) and ticket.status not in SETTLED:
            named.add("reply")
    if not may(person, Permission.TICKET_WORK, ticket):
        return named
    if not ticket.status.is_open:
        return named | {"reopen"}
    named |= {"assign", "priority", "category", "presence"}
    if ticket.site_task and not ticket.site_task.done_at:
        named.add("unplan")
    named |= {action for action, status in _STEPS.items() if may_become(ticket.status, status)}
    if ticket.assignee_id != person.id:
        named.add("take")
    if ticket.is_waiting:
        named.add("resume")
    return named


def can_have(person: Person | None) -> bool:
    """Whether a ticket can be given to `person`."""
    return person is not None and person.is_active and may(person, Permission.TICKET_WORK)
