"""The tables of tickets."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from cmdb.database import Model
from cmdb.items import Item
from cmdb.organisation import Location, Municipality
from cmdb.people import Person, Team
from cmdb.permissions import Permission, reach
from cmdb.tenancy import Owned, Walled
from servicedesk.rota.facts import Part
from servicedesk.tickets.workflow import Channel, Route, Severity, Status, TicketType, WaitingFor
from sla.models import Clock


def _choice(kind, length: int = 20) -> sa.Enum:
    return sa.Enum(
        kind, native_enum=False, length=length, values_callable=lambda kinds: [k.value for k in kinds]
    )


def _of_ticket() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["municipality_id", "ticket_id"], ["ticket.municipality_id", "ticket.id"]
    )


class Category(Model):
    """What a ticket is about; `icon` names its tile, `team` is who gets it first.

    With a `route` it goes on from there to somebody of the roster, who knows `skill` if one is named.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str]
    icon: Mapped[str] = mapped_column(sa.String(40), default="circle-help")
    position: Mapped[int | None]  # its place among the tiles; None keeps it off the portal
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    route: Mapped[Route | None] = mapped_column(_choice(Route))
    skill: Mapped[str | None] = mapped_column(sa.String(40))
    team: Mapped[Team | None] = relationship()


class NumberSeries(Model):
    """The last number handed out under a prefix such as "M2611-"."""

    prefix: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    last: Mapped[int]


class Ticket(Owned, Model):
    """A call of somebody at a municipality.

    `due_at` repeats the deadline of the resolution clock, so that the queue sorts by an index.
    `form_token` names the form that it came from: a form sent twice files one ticket.
    """

    __table_args__ = (
        sa.UniqueConstraint("municipality_id", "id"),
        sa.UniqueConstraint("municipality_id", "external_id"),
        sa.UniqueConstraint("requester_id", "form_token"),
        sa.ForeignKeyConstraint(
            ["municipality_id", "requester_id"], ["person.municipality_id", "person.id"]
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "location_id"], ["location.municipality_id", "location.id"]
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "response_clock_id"], ["clock.municipality_id", "clock.id"]
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "resolution_clock_id"], ["clock.municipality_id", "clock.id"]
        ),
        sa.Index(
            "ix_ticket_created_at",
            *(
                "created_at",
                "municipality_id",
                "category_id",
                "resolution_clock_id",
                "response_clock_id",
            ),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(16), unique=True)
    external_id: Mapped[str | None]
    form_token: Mapped[str | None] = mapped_column(sa.String(36))
    type: Mapped[TicketType] = mapped_column(_choice(TicketType))
    title: Mapped[str]
    status: Mapped[Status] = mapped_column(_choice(Status), default=Status.NEW)
    waiting_for: Mapped[WaitingFor | None] = mapped_column(_choice(WaitingFor))
    waiting_until: Mapped[dt.datetime | None]
    impact: Mapped[str | None] = mapped_column(sa.String(12))
    urgency: Mapped[str | None] = mapped_column(sa.String(12))
    priority: Mapped[int]
    channel: Mapped[Channel] = mapped_column(_choice(Channel))
    phone: Mapped[str] = mapped_column(default="")
    category_id: Mapped[int] = mapped_column(sa.ForeignKey("category.id"))
    requester_id: Mapped[int]
    location_id: Mapped[int | None]
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    response_clock_id: Mapped[int | None] = mapped_column(index=True)
    resolution_clock_id: Mapped[int | None] = mapped_column(index=True)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime | None]
    resolved_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    handoffs: Mapped[int] = mapped_column(default=0)
    reopenings: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    municipality: Mapped[Municipality] = relationship(viewonly=True)
    category: Mapped[Category] = relationship()
    requester: Mapped[Person] = relationship(
        viewonly=True, primaryjoin=lambda: foreign(Ticket.requester_id) == Person.id
    )
    location: Mapped[Location | None] = relationship(
        viewonly=True, primaryjoin=lambda: foreign(Ticket.location_id) == Location.id
    )
    team: Mapped[Team | None] = relationship()
    assignee: Mapped[Person | None] = relationship(foreign_keys=assignee_id)
    response_clock: Mapped[Clock | None] = relationship(
        viewonly=True, primaryjoin=lambda: foreign(Ticket.response_clock_id) == Clock.id
    )
    resolution_clock: Mapped[Clock | None] = relationship(
        viewonly=True, primaryjoin=lambda: foreign(Ticket.resolution_clock_id) == Clock.id
    )
    items: Mapped[list[Item]] = relationship(
        secondary="ticket_item", order_by=Item.name, viewonly=True
    )
    entries: Mapped[list["Entry"]] = relationship(order_by="Entry.id", viewonly=True)
    outage: Mapped["Outage | None"] = relationship(
        secondary="outage_ticket", viewonly=True, uselist=False
    )
    site_task: Mapped["SiteTask | None"] = relationship(
        viewonly=True,
        primaryjoin=lambda: foreign(SiteTask.ticket_id) == Ticket.id,
        uselist=False,
    )

    drafts: Mapped[list["Draft"]] = relationship(
        viewonly=True, primaryjoin=lambda: foreign(Draft.ticket_id) == Ticket.id
    )

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def owned_by(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.requester_id == person.id

    def belongs_to(self, person: Person) -> bool:
        return self.requester_id == person.id

    def draft_of(self, person: Person) -> "Draft | None":
        """What `person` has half written."""
        return next((draft for draft in self.drafts if draft.person_id == person.id), None)

    @property
    def is_waiting(self) -> bool:
        return self.status == Status.WAITING


_OPEN = sa.text("status IN ('new', 'in-progress', 'waiting')")
for _name, _columns in {
    # Each with all that a counter of the desk asks, the wall's question included, so that it never
    # reads the tickets themselves.
    "ix_ticket_open_due": (
        Ticket.due_at,
        Ticket.id,
        Ticket.municipality_id,
        Ticket.team_id,
        Ticket.assignee_id,
    ),
    "ix_ticket_open_team": (Ticket.team_id, Ticket.due_at, Ticket.id, Ticket.municipality_id),
    "ix_ticket_open_assignee": (
        Ticket.assignee_id,
        Ticket.due_at,
        Ticket.id,
        Ticket.municipality_id,
    ),
    "ix_ticket_open_municipality": (Ticket.municipality_id, Ticket.due_at, Ticket.id),
    # With what tells how items stand, which is asked for many a page.
    "ix_ticket_open_priority": (
        Ticket.priority,
        Ticket.due_at,
        Ticket.id,
        Ticket.type,
        Ticket.created_at,
        Ticket.municipality_id,
    ),
}.items():
    sa.Index(_name, *_columns, postgresql_where=_OPEN, sqlite_where=_OPEN)


class TicketItem(Owned, Model):
    __table_args__ = (_of_ticket(),)

    ticket_id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), primary_key=True, index=True)


class SiteTask(Owned, Model):
    """What a ticket asks of somebody who comes to the place itself.

    It is on the list of the first visit on or after `not_before`, until it is done or the ticket
    is. `part` is the half of that day that the requester asked for.
    """

    __table_args__ = (
        _of_ticket(),
        sa.Index(
            "ix_site_task_open",
            "municipality_id",
            "not_before",
            postgresql_where=sa.text("done_at IS NULL"),
            sqlite_where=sa.text("done_at IS NULL"),
        ),
    )

    ticket_id: Mapped[int] = mapped_column(primary_key=True)
    room: Mapped[str] = mapped_column(sa.String(40), default="")
    task: Mapped[str] = mapped_column(sa.String(200), default="")
    not_before: Mapped[dt.date]
    part: Mapped[Part | None] = mapped_column(_choice(Part, 24))
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    asked_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))

    ticket: Mapped[Ticket] = relationship(
        viewonly=True, primaryjoin=lambda: foreign(SiteTask.ticket_id) == Ticket.id
    )
    asked_by: Mapped[Person] = relationship(viewonly=True, foreign_keys=asked_by_id)
    done_by: Mapped[Person | None] = relationship(viewonly=True, foreign_keys=done_by_id)

    def belongs_to(self, person: Person) -> bool:
        return self.ticket.belongs_to(person)

    @classmethod
    def owned_by(cls, person: Person) -> sa.ColumnElement[bool]:
        return cls.ticket_id.in_(sa.select(Ticket.id).where(Ticket.owned_by(person)))


class Entry(Owned, Model):
    """One line of a ticket's story: a message, or a change with `change` saying what.

    `change` is `{"event": ..., "from": ..., "to": ..., "reason": ...}`; an internal entry is never
    shown to the municipality.
    """

    __table_args__ = (
        sa.UniqueConstraint("municipality_id", "id"),
        _of_ticket(),
        sa.Index("ix_entry_ticket", "ticket_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int]
    at: Mapped[dt.datetime]
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    is_internal: Mapped[bool] = mapped_column(default=False)
    body: Mapped[str] = mapped_column(default="")
    change: Mapped[dict[str, Any] | None]

    author: Mapped[Person | None] = relationship(viewonly=True)
    attachments: Mapped[list["Attachment"]] = relationship(viewonly=True)

    @classmethod
    def readable_by(cls, person: Person) -> sa.ColumnElement[bool]:
        """Internal entries are for those who may write them."""
        return sa.true() if reach(person, Permission.TICKET_NOTE) else cls.is_internal.is_(False)


class Blob(Owned, Model):
    """The bytes of an attachment, under the hash of what they are."""

    municipality_id: Mapped[int] = mapped_column(sa.ForeignKey("municipality.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(deferred=True)


class Attachment(Owned, Model):
    """A file on a ticket; its type is told by its content, never by its name or its sender."""

    __table_args__ = (
        _of_ticket(),
        sa.ForeignKeyConstraint(
            ["municipality_id", "entry_id"], ["entry.municipality_id", "entry.id"]
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "sha256"], ["blob.municipality_id", "blob.sha256"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(index=True)
    entry_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    ticket: Mapped[Ticket] = relationship(viewonly=True)
    entry: Mapped[Entry] = relationship(viewonly=True, overlaps="ticket")
    blob: Mapped[Blob] = relationship(viewonly=True, overlaps="ticket,entry")


class Draft(Owned, Model):
    """A half-written reply, kept on the server until it is sent."""

    __table_args__ = (_of_ticket(),)

    ticket_id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    body: Mapped[str]
    is_internal: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[dt.datetime]


class Outage(Walled, Model):
    """A known outage of an item: what the centre tells about it, until it ends."""

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), index=True)
    message: Mapped[str]
    started_at: Mapped[dt.datetime]
    next_update_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    severity: Mapped[Severity] = mapped_column(_choice(Severity), default=Severity.DOWN)
    item: Mapped[Item] = relationship()
    reports: Mapped[list["OutageReport"]] = relationship(viewonly=True)

    @classmethod
    def within(cls, municipalities):
        return cls.item_id.in_(sa.select(Item.id).where(Item.within(municipalities)))


class OutageReport(Owned, Model):
    """Somebody who said "Ik heb hier ook last van"."""

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["municipality_id", "person_id"], ["person.municipality_id", "person.id"]
        ),
    )

    outage_id: Mapped[int] = mapped_column(sa.ForeignKey("outage.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]


class OutageTicket(Owned, Model):
    """A ticket that an outage explains."""

    __table_args__ = (_of_ticket(),)

    ticket_id: Mapped[int] = mapped_column(primary_key=True)
    outage_id: Mapped[int] = mapped_column(sa.ForeignKey("outage.id"), index=True)


class PlannedWork(Walled, Model):
    """Work that was announced: from `starts_at` until `ends_at` its items are as `severity` says."""

    id: Mapped[int] = mapped_column(primary_key=True)
    message: Mapped[str]
    severity: Mapped[Severity] = mapped_column(_choice(Severity))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime] = mapped_column(index=True)
    announced_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    cancelled_at: Mapped[dt.datetime | None]
    announced_by: Mapped[Person | None] = relationship()
    items: Mapped[list[Item]] = relationship(secondary="planned_work_item", order_by=Item.name)

    @classmethod
    def within(cls, municipalities):
        on_theirs = PlannedWorkItem.within(municipalities)
        return cls.id.in_(sa.select(PlannedWorkItem.planned_work_id).where(on_theirs))


class PlannedWorkItem(Walled, Model):
    planned_work_id: Mapped[int] = mapped_column(
        sa.ForeignKey("planned_work.id"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), primary_key=True, index=True)

    @classmethod
    def within(cls, municipalities):
        return cls.item_id.in_(sa.select(Item.id).where(Item.within(municipalities)))
