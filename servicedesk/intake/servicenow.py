"""Incidents that a ServiceNow system handled, taken over as tickets with their whole history.

They pass through the same steps as tickets of the product, each at its time; nobody is told.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from cmdb.database import db
from cmdb.organisation import Location, Municipality
from cmdb.people import Person, Team
from cmdb.permissions import Role
from servicedesk.intake.incident_log import Incident, Update
from servicedesk.tickets import lifecycle
from servicedesk.tickets.models import Category, Ticket
from servicedesk.tickets.workflow import Channel, Status, TicketType, may_become
from sla import watch
from sla.models import Clock

_SOURCE = "servicenow"
_NO_CATEGORY = "Zonder categorie"
_NO_CALLER = "Onbekende aanmelder"


def known_numbers(municipality: Municipality) -> set[str]:
    """The external numbers that tickets of `municipality` have already."""
    return set(
        db.session.scalars(
            sa.select(Ticket.external_id).where(
                Ticket.municipality_id == municipality.id, Ticket.external_id.is_not(None)
            )
        )
    )


def take_over(
    incidents: Iterable[Incident], municipality: Municipality, now: dt.datetime
) -> Iterator[Ticket]:
    """Build the ticket of each incident, one at a time: the caller may commit between them.

    Whatever its clocks passed by `now` is recorded with it, so that no worker tells of it later.
    """
    names = _Names(municipality)
    for incident in incidents:
        yield _Replay(incident, names).run(now)


class _Names:
    """The people, teams, categories and places that a log names, made when first met.

    Those people cannot sign in: they are names in a history.
    """

    def __init__(self, municipality: Municipality):
        self.municipality = municipality
        self._found: dict[tuple[type, str], Person | Team | Category | Location] = {}
        self._held: set[object] = set()

    def caller(self, name: str | None) -> Person:
        name = name or _NO_CALLER
        login = f"{_SOURCE}-{self.municipality.code}-{_slug(name)}"
        home = self.municipality.id
        return self._one(
            Person, "login", login, name=name, municipality_id=home, role=Role.EMPLOYEE
        )

    def agent(self, name: str | None) -> Person | None:
        login = f"{_SOURCE}-{_slug(name or '')}"
        return name and self._one(Person, "login", login, name=name, role=Role.AGENT)

    def team(self, name: str | None) -> Team | None:
        return name and self._one(Team, "name", name)

    def category(self, name: str | None) -> Category:
        name = name or _NO_CATEGORY
        return self._one(Category, "key", f"{_SOURCE}-{_slug(name, 29)}", name=name, position=None)

    def location(self, name: str | None) -> Location | None:
        return name and self._one(Location, "name", name, municipality_id=self.municipality.id)

    def hold(self, clocks: Iterable[Clock]) -> None:
        """Keep what clocks point at in the session, or each step would load it again."""
        self._held.update(clock.calendar for clock in clocks)
        self._held.update(clock.target for clock in clocks)

    def _one(self, model, column: str, key: str, **values):
        if (model, key) not in self._found:
            matches = {column: key} | (
                {"municipality_id": values["municipality_id"]} if model is Location else {}
            )
            found = db.session.scalar(sa.select(model).filter_by(**matches))
            if found is None:
                inactive = {"is_active": False} if model is Person else {}
                found = model(**{column: key}, **values, **inactive)
                db.session.add(found)
                db.session.flush()
            self._found[model, key] = found
        return self._found[model, key]


class _Replay:
    """One incident on its way to becoming a ticket."""

    def __init__(self, incident: Incident, names: _Names):
        self._incident = incident
        self._names = names
        first = incident.updates[0]
        caller = names.caller(first.caller)
        self._ticket = Ticket(
            municipality_id=caller.municipality_id,
            external_id=incident.number,
            type=TicketType.INCIDENT,
            title=first.subject or incident.number,
            priority=first.priority,
            channel=Channel.IMPORT,
            category=names.category(first.category),
            requester_id=caller.id,
            location_id=_id(names.location(first.location)),
            team=names.team(first.team),
            assignee=names.agent(first.assignee),
            handoffs=0,
            reopenings=0,
        )
        self._caller = caller

    def run(self, now: dt.datetime) -> Ticket:
        ticket, incident = self._ticket, self._incident
        lifecycle.open_ticket(ticket, incident.created_at)
        change = {"event": "filed", "by": self._caller.name, "source": _SOURCE}
        lifecycle.write(ticket, self._caller, incident.created_at, change=change)
        clocks = lifecycle.clocks_of(ticket)
        self._names.hold(clocks)
        for update in incident.updates:
            self._apply(update)
        for clock in clocks:
            watch.settle(clock, now)
        db.session.flush()
        return ticket

    def _apply(self, update: Update) -> None:
        """Make the ticket what the row says; what is the same already leaves no trace."""
        ticket, names, at = self._ticket, self._names, update.at
        by = names.agent(update.by)
        if update.priority != ticket.priority:
            lifecycle.set_priority(ticket, update.priority, by, at)
        category = names.category(update.category)
        if category is not ticket.category:
            lifecycle.set_category(ticket, category, by, at)
        team, assignee = names.team(update.team), names.agent(update.assignee)
        if (team, assignee) != (ticket.team, ticket.assignee):
            lifecycle.hand_to(ticket, team, assignee, by, at)
        if location := names.location(update.location):
            ticket.location_id = location.id
        if (update.status, update.waiting_for) != (ticket.status, ticket.waiting_for):
            self._move(update, by)
        ticket.updated_at = at

    def _move(self, update: Update, by: Person | None) -> None:
        for status in steps(self._ticket.status, update.status):
            waiting_for = update.waiting_for if status == Status.WAITING else None
            lifecycle.move(self._ticket, status, by, update.at, waiting_for=waiting_for)


def steps(status: Status, following: Status) -> list[Status]:
    """The way to a state that the log jumps to, where the workflow has no step of its own."""
    if may_become(status, following):
        return [following]
    between = Status.RESOLVED if following == Status.CLOSED else Status.IN_PROGRESS
    return [between, following]


def _slug(name: str, longest: int = 60) -> str:
    """A name as part of a key; where that loses something, with a mark of its own."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if len(slug) <= longest and slug == name.lower().replace(", ", "-").replace(" ", "-"):
        return slug
    return f"{slug[: longest - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _id(record) -> int | None:
    return record and record.id
