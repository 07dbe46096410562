"""What is done to a ticket: each deed is a sub-resource, one action, and the ticket as it then stands."""

import datetime as dt
from collections.abc import Callable, Iterable

import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.localtime import day_start, local
from cmdb.people import Person, Team
from cmdb.permissions import Permission, may
from servicedesk import allowance
from servicedesk.access import find, me
from servicedesk.api import bsn_warning, ticket_told
from servicedesk.api.door import Answer, check_match, operation
from servicedesk.api.schemas import Named, boolean, date, nullable, one_of, record, said, text, trimmed
from servicedesk.api.ticket_told import NUMBER, TICKET
from servicedesk.language import gettext as _
from servicedesk.problems import Problem, wrong
from servicedesk.tickets import actions, deeds
from servicedesk.tickets.lifecycle import WrongStep
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import WaitingFor

REPLY = record(
    "NewReply",
    {"body": said(), "isInternal": boolean("A note for people of the centre alone.")},
    optional=("isInternal",),
)
ASSIGNMENT = record(
    "NewAssignment",
    {
        "team": text("Its name; the present team unless told.", least=1),
        "assignee": nullable(text("The sign-in name of who gets it; nobody unless told.", least=1)),
    },
    optional=("team", "assignee"),
)
WAIT = record(
    "NewWait",
    {
        "waitingFor": one_of(WaitingFor),
        "untilDate": date("A day that is still to come."),
        "question": text("What the requester reads; needed when you wait for them.", most=20000),
    },
    optional=("untilDate", "question"),
)
RESOLUTION = record("NewResolution", {"solution": said("The requester reads this.")})
REOPENING = record("NewReopening", {"reason": said()})
CANCELLATION = record(
    "NewCancellation", {"reason": said(most=500)}, ("reason",), "The desk gives a reason."
)
NOTHING = record("Nothing", {})


def _deed(path: str, summary: str, body: Named, permission: Permission):
    """An operation on one ticket."""
    return operation(
        "POST", f"/tickets/{{number}}/{path}", summary, TICKET,
        permission=permission, keys={"number": NUMBER}, body=body, status=201, is_versioned=True,
    )  # fmt: skip


@_deed("replies", "Write to the other side, or to colleagues", REPLY, Permission.TICKET_REPLY)
def reply_to_ticket(number, body):
    """Yours, or at the desk of anybody; a note is for the desk alone."""
    internal = body.get("isInternal", False)
    if internal and not may(me(), Permission.TICKET_NOTE):
        raise wrong("is for people of the centre", pointer="/isInternal")
    write = actions.note if internal else actions.reply
    return _carry_out(
        number, "note" if internal else "reply", Permission.TICKET_REPLY,
        lambda ticket, now: write(ticket, me(), trimmed(body["body"]), now),
        sent=[body["body"]], is_message=True,
    )  # fmt: skip


@_deed("assignments", "Give it to a team or a person", ASSIGNMENT, Permission.TICKET_WORK)
def assign_ticket(number, body):
    """To a team, to somebody, or to both."""
    if not body:
        raise wrong("is needed, or an assignee", pointer="/team")
    team, assignee = _team(body.get("team")), _agent(body.get("assignee"))
    return _carry_out(
        number, "assign", Permission.TICKET_WORK,
        lambda ticket, now: actions.assign(ticket, team or ticket.team, assignee, me(), now),
    )  # fmt: skip


@_deed("waits", "Let it wait", WAIT, Permission.TICKET_WORK)
def let_ticket_wait(number, body):
    """For the requester, a supplier, a change; what is agreed says whether its clock stands still."""
    waiting_for, until = WaitingFor(body["waitingFor"]), body.get("untilDate")
    question = trimmed(body.get("question", ""))
    if until and until <= local(utc_now()).date():
        raise wrong("is not a day that is still to come", pointer="/untilDate")
    if waiting_for == WaitingFor.REQUESTER and not question:
        raise wrong("is needed when you wait for the requester", pointer="/question")
    return _carry_out(
        number, "wait", Permission.TICKET_WORK,
        lambda ticket, now: actions.wait(
            ticket, waiting_for, me(), now, question=question, until=until and day_start(until)
        ),
        sent=[question],
    )  # fmt: skip


@_deed("resumptions", "Go on with it", NOTHING, Permission.TICKET_WORK)
def resume_ticket(number, body):
    """It waits no longer."""
    return _carry_out(
        number, "resume", Permission.TICKET_WORK,
        lambda ticket, now: actions.start_work(ticket, me(), now),
    )  # fmt: skip


@_deed("resolutions", "Say that it works again", RESOLUTION, Permission.TICKET_WORK)
def resolve_ticket(number, body):
    """The requester may accept or reopen it."""
    return _carry_out(
        number, "resolve", Permission.TICKET_WORK,
        lambda ticket, now: actions.resolve(ticket, trimmed(body["solution"]), me(), now),
        sent=[body["solution"]],
    )  # fmt: skip


@_deed("acceptances", "Say that it works", NOTHING, Permission.TICKET_ACCEPT)
def accept_ticket(number, body):
    """By its requester; it is closed."""
    return _carry_out(
        number, "accept", Permission.TICKET_ACCEPT,
        lambda ticket, now: actions.accept(ticket, me(), now),
    )  # fmt: skip


@_deed("reopenings", "Say that it does not work after all", REOPENING, Permission.TICKET_READ)
def reopen_ticket(number, body):
    """By its requester until two weeks after it was closed, or by the desk."""
    return _carry_out(
        number, "reopen", _own_or_desk(),
        lambda ticket, now: actions.reopen(ticket, trimmed(body["reason"]), me(), now),
        sent=[body["reason"]], is_message=True,
    )  # fmt: skip


@_deed("cancellations", "Withdraw it", CANCELLATION, Permission.TICKET_READ)
def cancel_ticket(number, body):
    """By its requester or the desk: it needs no work."""
    if "reason" not in body and may(me(), Permission.TICKET_WORK):
        raise wrong("is required", pointer="/reason")
    reason = trimmed(body.get("reason", "")) or _("Niet meer nodig")
    return _carry_out(
        number, "cancel", _own_or_desk(),
        lambda ticket, now: actions.cancel(ticket, reason, me(), now),
        sent=[reason],
    )  # fmt: skip


def _own_or_desk() -> Permission:
    return Permission.TICKET_WORK if may(me(), Permission.TICKET_WORK) else Permission.TICKET_ACCEPT


def _carry_out(
    number: str,
    deed: str,
    permission: Permission,
    act: Callable[[Ticket, dt.datetime], object],
    *,
    sent: Iterable[str] = (),
    is_message: bool = False,
) -> Answer:
    """Do it to the ticket that `permission` reaches; `sent` are the texts that were written for it.

    Raises:
        allowance.TooMuch: it is a message, and there were as many as one day allows.
        Problem: 409, the ticket stands so that this cannot be done; 412, see `check_match`.
    """
    ticket = find(Ticket, number, permission, by="number", lock=True, options=ticket_told.SHOWN)
    now = utc_now()
    check_match(ticket.version)
    at_desk = may(me(), Permission.TICKET_NOTE)
    allowed = deeds.of_desk(ticket, me()) if at_desk else deeds.of_requester(ticket, me(), now)
    if deed not in allowed:
        raise Problem(409, f"This cannot be done to a ticket that is {ticket.status}.")
    if is_message:
        allowance.spend(me(), now, messages=1)
    try:
        act(ticket, now)
    except WrongStep as error:
        raise Problem(409, "This cannot be done to the ticket as it stands.") from error
    db.session.flush()
    return ticket_told.answer(ticket, warnings=bsn_warning.warnings(sent))


def _team(name: str | None) -> Team | None:
    if name is None:
        return None
    found = db.session.scalar(sa.select(Team).where(Team.name == name))
    if found is None:
        raise wrong("is no team", pointer="/team")
    return found


def _agent(login: str | None) -> Person | None:
    if login is None:
        return None
    found = db.session.scalar(sa.select(Person).where(Person.login == login))
    if not deeds.can_have(found):
        raise wrong("is nobody who works on tickets", pointer="/assignee")
    return found
