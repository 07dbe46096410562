"""Which agreement holds for whom and when, and the hours that it counts in."""

import datetime as dt
import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.organisation import Municipality
from sla.clock import WARNINGS
from sla.hours import Calendar, Timeline
from sla.instants import to_epoch
from sla.models import Agreement, AgreementVersion, CalendarVersion, ServiceCalendar, Target
from sla.terms import ServiceKind, Terms, read_terms

DEFAULT_NOTIFY = {"warning": ["assignee"], "breach": ["assignee", "team", "manager"]}

# A revision never changes, so what was compiled once holds for the life of the process.
_timelines: dict[tuple[int, int], Timeline] = {}
_compiling = threading.Lock()


def timeline(calendar: ServiceCalendar) -> Timeline:
    """The service hours of `calendar` in its present revision, all versions stitched."""
    return timeline_of(calendar.id, calendar.revision)


def timeline_of(calendar_id: int, revision: int) -> Timeline:
    """The same, of a calendar whose present revision is known to be `revision`."""
    key = (calendar_id, revision)
    found = _timelines.get(key)
    if found is None:
        versions = db.session.scalars(
            sa.select(CalendarVersion)
            .where(CalendarVersion.calendar_id == calendar_id)
            .order_by(CalendarVersion.valid_from)
        ).all()
        compiled = Timeline(
            [
                # What was before the first version is unknown: the first version stands for it.
                (None if index == 0 else to_epoch(v.valid_from), Calendar.from_dict(v.definition))
                for index, v in enumerate(versions)
            ]
        )
        with _compiling:
            found = _timelines.setdefault(key, compiled)
    return found


def forget_timelines() -> None:
    """For tests, whose calendars are rolled back and numbered anew."""
    _timelines.clear()


class Promise(NamedTuple):
    """What is promised of one kind, and the calendar, in its present revision, that it counts in."""

    kind: ServiceKind
    minutes: int
    warn: Sequence[int]
    target_id: int
    calendar_id: int
    revision: int


def promised(
    municipality_id: int, ticket_type: str, priority: int, at: dt.datetime
) -> list[Promise]:
    """What the terms that hold at `at` promise about such a ticket: one of each kind at most."""
    found = db.session.execute(
        _PROMISED,
        {"municipality": municipality_id, "type": ticket_type, "priority": priority, "at": at},
    )
    return [Promise(ServiceKind(kind), *promise) for kind, *promise in found]


def version_at(municipality_id: int, at: dt.datetime) -> AgreementVersion | None:
    """The terms that hold for a municipality at `at`: the newest that began by then.

    Its agreement and calendar come with it.
    """
    return db.session.scalar(
        _newest(sa.select(AgreementVersion), municipality_id, at).options(
            joinedload(AgreementVersion.agreement).joinedload(Agreement.calendar)
        )
    )


def _newest(versions: sa.Select, municipality, at) -> sa.Select:
    return (
        versions.where(
            AgreementVersion.municipality_id == municipality, AgreementVersion.valid_from <= at
        )
        .order_by(AgreementVersion.valid_from.desc(), AgreementVersion.id.desc())
        .limit(1)
    )


# No more than a clock is started with: each ticket asks it.
_PROMISED = (
    sa.select(
        Target.kind,
        Target.minutes,
        Target.warn,
        Target.id,
        Agreement.calendar_id,
        ServiceCalendar.revision,
    )
    .join(Target.agreement_version)
    .join(AgreementVersion.agreement)
    .join(Agreement.calendar)
    .where(
        AgreementVersion.id
        == _newest(
            sa.select(AgreementVersion.id), sa.bindparam("municipality"), sa.bindparam("at")
        ).scalar_subquery(),
        Target.ticket_type == sa.bindparam("type"),
        Target.priority == sa.bindparam("priority"),
    )
)


def targets_for(version: AgreementVersion, ticket_type: str, priority: int) -> Sequence[Target]:
    """What the terms promise about such a ticket: at most one target of each kind."""
    return db.session.scalars(
        sa.select(Target).where(
            Target.agreement_version_id == version.id,
            Target.ticket_type == ticket_type,
            Target.priority == priority,
        )
    ).all()


def add_calendar_version(
    calendar: ServiceCalendar, definition: dict[str, Any], valid_from: dt.datetime
) -> None:
    """Give `calendar` new hours from `valid_from`; clocks under it are planned anew by the watch.

    Raises:
        ValueError: the hours are wrong, with one line that says what.
    """
    Calendar.from_dict(definition)
    db.session.add(
        CalendarVersion(calendar_id=calendar.id, valid_from=valid_from, definition=definition)
    )
    calendar.revision += 1
    db.session.flush()


def register(municipality: Municipality, source: object) -> AgreementVersion:
    """Make an agreement, or a new version of one, of a file's content.

    Args:
        source: `{"name", "valid_from", "calendar", "targets", "unit", "paused_while_waiting_for"}`;
            targets in service minutes as `{type: {priority: {"response", "resolution"}}}`.

    Raises:
        ValueError: something in it is wrong, with one line that says what; nothing is written.
    """
    terms = read_terms(source)
    agreement = db.session.scalar(
        sa.select(Agreement).where(
            Agreement.municipality_id == municipality.id, Agreement.name == terms.name
        )
    )
    if agreement is None:
        calendar = ServiceCalendar(name=f"{terms.name}, {municipality.name}")
        db.session.add(calendar)
        db.session.flush()
        agreement = Agreement(municipality_id=municipality.id, name=terms.name, calendar=calendar)
        db.session.add(agreement)
        db.session.flush()
    elif same := _version_from(agreement, terms.valid_from):
        if _describes(terms, same):
            return same
        raise ValueError(
            f"valid_from: {terms.name} has a version from {terms.valid_from.date()} already,"
            " with other terms; a version is never changed"
        )
    add_calendar_version(agreement.calendar, terms.calendar, terms.valid_from)
    return _write_version(agreement, terms)


def _version_from(agreement: Agreement, valid_from: dt.datetime) -> AgreementVersion | None:
    return db.session.scalar(
        sa.select(AgreementVersion).where(
            AgreementVersion.agreement_id == agreement.id, AgreementVersion.valid_from == valid_from
        )
    )


def _write_version(agreement: Agreement, terms: Terms) -> AgreementVersion:
    version = AgreementVersion(
        municipality_id=agreement.municipality_id,
        agreement_id=agreement.id,
        valid_from=terms.valid_from,
        paused_while=terms.paused_while,
    )
    db.session.add(version)
    db.session.flush()
    for (ticket_type, priority, kind), minutes in terms.targets.items():
        db.session.add(
            Target(
                municipality_id=agreement.municipality_id,
                agreement_version_id=version.id,
                ticket_type=ticket_type,
                priority=priority,
                kind=kind,
                minutes=minutes,
                warn=list(WARNINGS),
                notify=DEFAULT_NOTIFY,
            )
        )
    db.session.flush()
    return version


def _describes(terms: Terms, version: AgreementVersion) -> bool:
    held = {(t.ticket_type, t.priority, t.kind): t.minutes for t in version.targets}
    definition = db.session.scalar(
        sa.select(CalendarVersion.definition).where(
            CalendarVersion.calendar_id == version.agreement.calendar_id,
            CalendarVersion.valid_from == version.valid_from,
        )
    )
    return (held, version.paused_while, definition) == (
        terms.targets,
        terms.paused_while,
        terms.calendar,
    )
