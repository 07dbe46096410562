"""Calendars, agreements and the clocks under them. A version is never changed, only followed."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from cmdb.database import Model
from cmdb.organisation import Municipality
from cmdb.tenancy import Owned


class ServiceCalendar(Model):
    """Service hours under a name; `revision` counts its versions, so that clocks see a change."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    revision: Mapped[int] = mapped_column(default=0)
    versions: Mapped[list["CalendarVersion"]] = relationship(order_by="CalendarVersion.valid_from")


class CalendarVersion(Model):
    """Hours from `valid_from` until the next version; `definition` as in `sla.hours.Calendar`."""

    __table_args__ = (sa.UniqueConstraint("calendar_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    calendar_id: Mapped[int] = mapped_column(sa.ForeignKey("service_calendar.id"))
    valid_from: Mapped[dt.datetime]
    definition: Mapped[dict[str, Any]]


class Agreement(Owned, Model):
    """What the centre agreed with one municipality (DVO)."""

    __table_args__ = (
        sa.UniqueConstraint("municipality_id", "id"),
        sa.UniqueConstraint("municipality_id", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    calendar_id: Mapped[int] = mapped_column(sa.ForeignKey("service_calendar.id"))
    calendar: Mapped[ServiceCalendar] = relationship()
    municipality: Mapped[Municipality] = relationship()


class AgreementVersion(Owned, Model):
    """The terms of an agreement from `valid_from` until its next version."""

    __table_args__ = (
        sa.UniqueConstraint("municipality_id", "id"),
        sa.UniqueConstraint("agreement_id", "valid_from"),
        sa.ForeignKeyConstraint(
            ["municipality_id", "agreement_id"], ["agreement.municipality_id", "agreement.id"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int]
    valid_from: Mapped[dt.datetime]
    paused_while: Mapped[list[Any]]  # what a ticket waits for while its clock stands still

    agreement: Mapped[Agreement] = relationship(viewonly=True)
    targets: Mapped[list["Target"]] = relationship(viewonly=True)


class Target(Owned, Model):
    """Service minutes promised for one type, priority and kind.

    `warn` holds the percentages that warn; `notify` says who hears of a warning and of a breach:
    `{"warning": ["assignee"], "breach": ["assignee", "team", "manager"]}`.
    """

    __table_args__ = (
        sa.UniqueConstraint("municipality_id", "id"),
        sa.UniqueConstraint("agreement_version_id", "ticket_type", "priority", "kind"),
        sa.ForeignKeyConstraint(
            ["municipality_id", "agreement_version_id"],
            ["agreement_version.municipality_id", "agreement_version.id"],
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_version_id: Mapped[int]
    ticket_type: Mapped[str] = mapped_column(sa.String(20))
    priority: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(10))
    minutes: Mapped[int]
    warn: Mapped[list[Any]]
    notify: Mapped[dict[str, Any]]

    agreement_version: Mapped[AgreementVersion] = relationship(
        viewonly=True,
        primaryjoin=lambda: foreign(Target.agreement_version_id) == AgreementVersion.id,
    )


_OF_VERSION = Target.agreement_version_id == AgreementVersion.id
IS_OPEN = sa.text("state IN ('running', 'paused')")
UNDECIDED = sa.text("state IN ('running', 'paused') AND breached_at IS NULL")
TURNED = sa.text("event IN ('reopened', 'retargeted', 'cancelled')")


class Clock(Owned, Model):
    """A promise that runs: its deadline is a row, so the watch only asks whose time has come.

    The columns from `state` to `stopped_target` are a `sla.clock.ClockState`: `spells` are the
    closed stretches in which it ran, in epoch seconds, `fired` the thresholds that were passed.
    `faulty_since` marks one that the watch could not settle and set aside.
    """

    __table_args__ = (
        sa.UniqueConstraint("municipality_id", "id"),
        sa.ForeignKeyConstraint(
            ["municipality_id", "target_id"], ["target.municipality_id", "target.id"]
        ),
        sa.CheckConstraint("(state = 'running') = (running_since IS NOT NULL)", name="running"),
        sa.Index(
            "ix_clock_next_event_at",
            "next_event_at",
            postgresql_where=sa.text("next_event_at IS NOT NULL"),
            sqlite_where=sa.text("next_event_at IS NOT NULL"),
        ),
        # The three below hold all that a report counts by, so that it never reads the rows.
        sa.Index(
            "ix_clock_breached_at",
            *(
                "breached_at",
                "id",
                "municipality_id",
                "kind",
                "priority",
                "started_at",
                "stopped_at",
            ),
            postgresql_where=sa.text("breached_at IS NOT NULL"),
            sqlite_where=sa.text("breached_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_clock_stopped_at",
            *("stopped_at", "municipality_id", "kind", "priority", "breached_at", "started_at"),
            postgresql_where=sa.text("stopped_at IS NOT NULL"),
            sqlite_where=sa.text("stopped_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_clock_undecided",
            *("started_at", "municipality_id", "kind", "priority"),
            postgresql_where=UNDECIDED,
            sqlite_where=UNDECIDED,
        ),
        sa.Index(
            "ix_clock_open_calendar",
            "calendar_id",
            "planned_revision",
            postgresql_where=IS_OPEN,
            sqlite_where=IS_OPEN,
        ),
        sa.Index(
            "ix_clock_faulty_since",
            "faulty_since",
            postgresql_where=sa.text("faulty_since IS NOT NULL"),
            sqlite_where=sa.text("faulty_since IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    priority: Mapped[int]
    target_id: Mapped[int]
    calendar_id: Mapped[int] = mapped_column(sa.ForeignKey("service_calendar.id"))
    planned_revision: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(10))
    target_seconds: Mapped[int]
    elapsed_seconds: Mapped[int] = mapped_column(default=0)
    running_since: Mapped[dt.datetime | None]
    spells: Mapped[list[Any]] = mapped_column(default=list)
    fired: Mapped[list[Any]] = mapped_column(default=list)
    stopped_from: Mapped[str | None] = mapped_column(sa.String(10))
    stopped_target: Mapped[int | None]
    started_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime | None]
    next_event_at: Mapped[dt.datetime | None]
    stopped_at: Mapped[dt.datetime | None]
    breached_at: Mapped[dt.datetime | None]
    faulty_since: Mapped[dt.datetime | None]
    entries: Mapped[int]

    target: Mapped[Target] = relationship(
        viewonly=True, primaryjoin=lambda: foreign(Clock.target_id) == Target.id
    )
    calendar: Mapped[ServiceCalendar] = relationship(viewonly=True)
    agreement: Mapped[Agreement] = relationship(
        viewonly=True,
        secondary=lambda: sa.join(Target, AgreementVersion, _OF_VERSION),
        primaryjoin=lambda: foreign(Clock.target_id) == Target.id,
        secondaryjoin=lambda: foreign(AgreementVersion.agreement_id) == Agreement.id,
    )


class ClockEntry(Owned, Model):
    """The ledger of a clock: enough to replay it, never changed; `due_at` is the deadline then."""

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["municipality_id", "clock_id"], ["clock.municipality_id", "clock.id"]
        ),
        # What makes that a clock stands otherwise now than it stood at the end of a period.
        sa.Index(
            "ix_clock_entry_turned", "at", "clock_id", postgresql_where=TURNED, sqlite_where=TURNED
        ),
    )

    clock_id: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    event: Mapped[str] = mapped_column(sa.String(16))
    priority: Mapped[int]
    target_seconds: Mapped[int]
    elapsed_seconds: Mapped[int]
    due_at: Mapped[dt.datetime | None]


class ClockEvent(Owned, Model):
    """A threshold that was passed, exactly once: 100 is the breach.

    `at` is when it was due, `noticed_at` when the product saw it.
    """

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["municipality_id", "clock_id"], ["clock.municipality_id", "clock.id"]
        ),
    )

    clock_id: Mapped[int] = mapped_column(primary_key=True)
    threshold: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    noticed_at: Mapped[dt.datetime]
    target_seconds: Mapped[int]
    elapsed_seconds: Mapped[int]
