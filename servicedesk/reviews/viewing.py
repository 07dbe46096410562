"""Seeing the pages as somebody else does: for a reason, a quarter of an hour, and kept for good."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.people import Person
from cmdb.permissions import Permission, may
from servicedesk.language import gettext as _
from servicedesk.reviews.models import Viewing
from servicedesk.signin.models import WebSession

LENGTH = dt.timedelta(minutes=15)


class Refused(Exception):
    """Nobody looks with those eyes; one sentence says why."""


def may_be_seen_as(viewer: Person, subject: Person) -> bool:
    """Whether `viewer` may look with the eyes of `subject`: never with those of another administrator."""
    return (
        may(viewer, Permission.ACCESS_VIEW_AS)
        and subject.is_active
        and subject.id != viewer.id
        and not may(subject, Permission.ACCESS_VIEW_AS)
    )


def start(session: WebSession, subject: Person, reason: str, now: dt.datetime) -> Viewing:
    """Begin in the browser of `session`, and end what ran there before. In scope `EVERYTHING`.

    Raises:
        Refused: the reason is empty, or these are no eyes to look with.
    """
    if not reason.strip():
        raise Refused(_("Vul in waarom u meekijkt."))
    if not may_be_seen_as(session.person, subject):
        raise Refused(_("Met deze persoon kunt u niet meekijken."))
    ran = sa.select(Viewing).where(
        Viewing.token_hash == session.token_hash, Viewing.ended_at.is_(None)
    )
    for one in db.session.scalars(ran):
        stop(one, now)
    viewing = Viewing(
        municipality_id=subject.municipality_id,
        viewer_id=session.person_id,
        subject_id=subject.id,
        token_hash=session.token_hash,
        reason=reason.strip(),
        started_at=now,
        ends_at=now + LENGTH,
    )
    db.session.add(viewing)
    db.session.flush()
    return viewing


def running(key: int, session: WebSession, now: dt.datetime) -> Viewing | None:
    """The viewing `key` if it still holds in the browser of `session`."""
    found = db.session.scalar(
        sa.select(Viewing).where(Viewing.id == key).options(joinedload(Viewing.subject))
    )
    holds = (
        found is not None
        and found.token_hash == session.token_hash
        and found.ended_at is None
        and now < found.ends_at
        and may_be_seen_as(session.person, found.subject)
    )
    return found if holds else None


def stop(viewing: Viewing, now: dt.datetime) -> None:
    viewing.ended_at = min(now, viewing.ends_at)


def of(subject: Person, limit: int) -> list[Viewing]:
    """Who last looked with the eyes of `subject`, the newest first."""
    return _listed(Viewing.subject_id == subject.id, limit)


def latest(limit: int, before: int | None = None) -> list[Viewing]:
    """Who looked with whose eyes, the newest first; those older than the key `before`."""
    return _listed(sa.true() if before is None else Viewing.id < before, limit)


def _listed(condition: sa.ColumnElement[bool], limit: int) -> list[Viewing]:
    return list(
        db.session.scalars(
            sa.select(Viewing)
            .where(condition)
            .options(joinedload(Viewing.viewer), joinedload(Viewing.subject))
            .order_by(Viewing.id.desc())
            .limit(limit)
        )
    )
