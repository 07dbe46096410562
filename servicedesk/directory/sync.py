"""Bringing all people of a directory up to date: every quarter of an hour, and when asked.

What the directory says is read whole before a row is written, and written in one transaction or not
at all. When more than a fifth of the people would be shut out, it is more likely that something is
wrong than that they left: nothing changes, and the administrators hear of it.
"""

import datetime as dt
from dataclasses import asdict, dataclass, field

import sqlalchemy as sa
from flask import current_app

from cmdb.database import db
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Role
from servicedesk.directory import connection, entries, groups
from servicedesk.directory.connection import Failure
from servicedesk.directory.models import Directory
from servicedesk.directory.people import Figures, Present, Register
from servicedesk.notify.outbox import enqueue

EVERY = dt.timedelta(minutes=15)
MOST_MAY_LEAVE = 0.2
# Seconds for one whole directory.
_CLOCK = 120


@dataclass(frozen=True)
class Report:
    """How a synchronisation went: "done", "stopped" (too many would leave) or "failed".

    `step`, `host` and `detail` are those of the failure; `leaving` of `known` people would go.
    """

    outcome: str
    found: int = 0
    known: int = 0
    leaving: int = 0
    step: str = ""
    host: str = ""
    detail: str = ""
    figures: Figures = field(default_factory=Figures)


def due(now: dt.datetime) -> list[int]:
    """The keys of the directories whose turn it is."""
    chosen = sa.select(Directory.id).where(Directory.is_active, Directory.next_sync_at <= now)
    return list(db.session.scalars(chosen.order_by(Directory.next_sync_at, Directory.id)))


def claim(key: int, now: dt.datetime) -> Directory | None:
    """Take the turn of a directory; None when another worker has it already.

    To be committed before `run`, which holds no transaction while it reads.
    """
    taken = db.session.execute(
        sa.update(Directory)
        .where(Directory.id == key, Directory.is_active, Directory.next_sync_at <= now)
        .values(next_sync_at=now + EVERY)
    )
    return db.session.get(Directory, key, populate_existing=True) if taken.rowcount else None


def ask(directory: Directory, now: dt.datetime, may_shrink: bool = False) -> None:
    """Let the next worker do it; `may_shrink` lets it shut out as many as have gone, once."""
    directory.next_sync_at, directory.may_shrink = now, may_shrink


def run(directory: Directory, now: dt.datetime) -> Report:
    """Read the directory and bring its people in line; what became of it stands in `last_sync`."""
    try:
        present, found = fetch(directory, now)
    except Failure as failure:
        report = Report(
            "failed", step=failure.step, host=failure.host, detail=failure.detail[:500]
        )
    else:
        report = _write(directory, present, found)
    _note(directory, report, now)
    return report


def fetch(
    directory: Directory, now: dt.datetime, seconds: float = _CLOCK
) -> tuple[list[Present], set[str]]:
    """Who belongs to the people of the service desk, and the keys of all that were found.

    Raises:
        Failure: the directory gave no whole answer.
    """
    clock = connection.Clock(seconds)
    with connection.opened_to_search(directory, clock) as line:
        found = line.everything(
            directory.base, entries.people_filter(directory), entries.asked(directory)
        )
        people = [entry for each in found if (entry := entries.read(directory, each, now))]
        names = {groups.canonical(entry.dn): entry for entry in people}
        by_role = groups.members(line, directory, names)
    present = []
    for name, entry in names.items():
        roles = {role for role, inside in by_role.items() if name in inside}
        if entry.is_enabled and groups.is_admitted(directory, roles):
            present.append((entry, roles))
    return present, {entry.key for entry in people}


def _write(directory: Directory, present: list[Present], found: set[str]) -> Report:
    register = Register(directory)
    known = register.present()
    leaving = known - {entry.key for entry, _ in present}
    if len(leaving) > MOST_MAY_LEAVE * len(known) and not directory.may_shrink:
        return Report("stopped", len(found), len(known), len(leaving))
    # Who leaves first gives up the name that somebody new may have.
    register.leave(leaving)
    register.write(present)
    return Report("done", len(found), len(known), len(leaving), figures=register.figures)


def _note(directory: Directory, report: Report, now: dt.datetime) -> None:
    values = {"last_sync": asdict(report)}
    if report.outcome == "done":
        values |= {"synced_at": now, "may_shrink": False}
    else:
        _alarm(directory, report, now)
    db.session.execute(sa.update(Directory).where(Directory.id == directory.id).values(values))


def _alarm(directory: Directory, report: Report, now: dt.datetime) -> None:
    """Tell the administrators, once a day for each kind of trouble."""
    chosen = sa.select(Person).where(Person.role == Role.ADMINISTRATOR, Person.is_active)
    for administrator in db.session.scalars(chosen.order_by(Person.id)):
        enqueue(
            administrator,
            "directory-alarm",
            dedup_key=f"directory:{directory.id}:{report.outcome}:{local(now):%Y-%m-%d}",
            municipality_id=None,
            now=now,
            domain=directory.domain,
            report=report,
            url=f"{current_app.config['SITE_URL']}/directories/{directory.id}",
        )
