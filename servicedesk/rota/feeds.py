"""Secret addresses of calendars, and the seats that each of them tells."""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from sqlalchemy.orm import contains_eager, joinedload

from cmdb.database import db
from cmdb.localtime import ZONE, local
from cmdb.organisation import Municipality
from cmdb.people import Person
from cmdb.permissions import Permission, reach
from servicedesk.language import gettext as _
from servicedesk.rota.calendar_feed import Event, feed
from servicedesk.rota.facts import Span
from servicedesk.rota.models import Duty, FeedToken, Seat, SeatLog
from servicedesk.rota.presence import interval
from servicedesk.rota.titles import place_of, title_of
from servicedesk.rota.words import FeedScope

AHEAD = dt.timedelta(days=366)
BEHIND = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a calendar program reads, and when something in it last changed."""

    text: str
    changed_at: dt.datetime


def create_token(
    person: Person,
    scope: FeedScope,
    municipality: Municipality | None,
    name: str,
    now: dt.datetime,
) -> tuple[FeedToken, str]:
    """A new secret address; the secret is given once and never again."""
    secret = secrets.token_urlsafe(24)
    token = FeedToken(
        token_hash=_digest(secret),
        person_id=person.id,
        scope=scope,
        municipality_id=municipality and municipality.id,
        name=name,
        created_at=now,
    )
    db.session.add(token)
    db.session.flush()
    return token, secret


def revoke(token: FeedToken, now: dt.datetime) -> None:
    """End one address; the others go on."""
    token.revoked_at = token.revoked_at or now


def read(secret: str, now: dt.datetime) -> Calendar | None:
    """The calendar behind a secret address; None when it is unknown, ended, or no longer theirs.

    Read it in scope `EVERYTHING`: who calls has not signed in.
    """
    token = db.session.scalar(
        sa.select(FeedToken)
        .where(FeedToken.token_hash == _digest(secret), FeedToken.revoked_at.is_(None))
        .options(joinedload(FeedToken.person), joinedload(FeedToken.municipality))
    )
    if token is None or not token.person.is_active or not _may(token):
        return None
    token.used_at = now
    with force_locale(token.person.locale):
        return _calendar(token, now)


def _calendar(token: FeedToken, now: dt.datetime) -> Calendar:
    events = [_event(seat, token) for seat in _seats(token, now)]
    events += [_lost(log) for log in _losses(token, now)]
    changed_at = max((event.changed_at for event in events), default=token.created_at)
    return Calendar(feed(_name(token), events), max(changed_at, token.created_at))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _may(token: FeedToken) -> bool:
    person = token.person
    if token.scope == FeedScope.MUNICIPALITY:
        return (
            reach(person, Permission.ROTA_READ) is not None
            or person.municipality_id == token.municipality_id
        )
    return reach(person, Permission.ROTA_READ) is not None


def _name(token: FeedToken) -> str:
    if token.scope == FeedScope.MUNICIPALITY:
        return _("Locatiedagen %(name)s", name=token.municipality.name)
    return _("Rooster") if token.scope == FeedScope.TEAM else _("Mijn rooster")


def _seats(token: FeedToken, now: dt.datetime) -> list[Seat]:
    today = local(now).date()
    chosen = (
        sa.select(Seat)
        .join(Seat.duty)
        .where(Seat.date.between(today - BEHIND, today + AHEAD))
        .options(contains_eager(Seat.duty).joinedload(Duty.municipality), joinedload(Seat.person))
        .order_by(Seat.date, Seat.id)
    )
    if token.scope == FeedScope.PERSON:
        chosen = chosen.where(Seat.person_id == token.person_id, Seat.is_needed)
    else:
        # A seat that nobody has was never in the calendar, or has to be taken out of it.
        chosen = chosen.where(sa.or_(Seat.person_id.is_not(None), Seat.sequence > 0))
    if token.scope == FeedScope.MUNICIPALITY:
        chosen = chosen.where(Seat.municipality_id == token.municipality_id)
    return list(db.session.scalars(chosen))


def _losses(token: FeedToken, now: dt.datetime) -> list[SeatLog]:
    """The last change of each seat that somebody lost in the last weeks, for their own feed."""
    if token.scope != FeedScope.PERSON:
        return []
    logs = db.session.scalars(
        sa.select(SeatLog)
        .join(SeatLog.seat)
        .where(
            SeatLog.before_id == token.person_id,
            SeatLog.at >= now - BEHIND,
            sa.or_(Seat.person_id.is_distinct_from(token.person_id), Seat.is_needed.is_(False)),
        )
        .options(contains_eager(SeatLog.seat).joinedload(Seat.duty).joinedload(Duty.municipality))
        .order_by(SeatLog.id)
    )
    return list({log.seat_id: log for log in logs}.values())


def _event(seat: Seat, token: FeedToken) -> Event:
    title = title_of(seat.duty)
    if token.scope != FeedScope.PERSON and seat.person:
        title = f"{title}: {seat.person.name}"
    lost = not seat.is_needed or seat.person is None
    return _told(seat, title, seat.sequence, seat.changed_at, cancelled=lost)


def _lost(log: SeatLog) -> Event:
    return _told(log.seat, title_of(log.seat.duty), log.sequence, log.at, cancelled=True)


def _told(seat: Seat, title: str, sequence: int, at: dt.datetime, cancelled: bool) -> Event:
    starts, ends = interval(seat.date, Span(seat.duty.starts, seat.duty.ends), ZONE)
    host = urlsplit(current_app.config["SITE_URL"]).hostname
    return Event(
        uid=f"seat-{seat.id}@{host}",
        starts=starts,
        ends=ends,
        summary=title,
        location=place_of(seat.duty),
        changed_at=at,
        sequence=sequence,
        cancelled=cancelled,
    )
