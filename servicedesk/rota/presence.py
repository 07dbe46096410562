"""Who is on duty, on site, or first for an application at a moment. It reads seats only."""

import datetime as dt
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from servicedesk.rota.facts import Booking, Facts, Key, Kind, Span
from servicedesk.rota.roster import Presence


def moment(day: dt.date, minute: int, zone: ZoneInfo) -> dt.datetime:
    """A time of day on the local clock as a moment in UTC.

    A time that occurs twice is the first; one that is skipped moves forward (PEP 495, fold 0).
    """
    wall = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minute)
    return wall.replace(tzinfo=zone).astimezone(dt.UTC)


def interval(day: dt.date, span: Span, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """The moments, in UTC, at which a span of a local day starts and ends."""
    return moment(day, span.starts, zone), moment(day, span.ends, zone)


def on_duty(
    facts: Facts,
    bookings: Iterable[Booking],
    at: dt.datetime,
    zone: ZoneInfo,
    kind: Kind,
    duties: Iterable[Key] | None = None,
) -> list[Key]:
    """Who has a seat of this kind at the moment `at`, one of `duties` when told. Half open."""
    known = {duty.id: duty for duty in facts.duties if duty.kind == kind}
    wanted = known.keys() if duties is None else known.keys() & set(duties)
    day = at.astimezone(zone).date()
    found = []
    for booking in bookings:
        if booking.date == day and booking.duty in wanted:
            starts, ends = interval(day, known[booking.duty].span, zone)
            if starts <= at < ends:
                found.append(booking.person)
    return sorted(set(found))


def first_for(
    facts: Facts,
    bookings: Iterable[Booking],
    at: dt.datetime,
    zone: ZoneInfo,
    owners: Sequence[Key],
) -> list[Key]:
    """The first of `owners` who is at work at the moment `at`; when nobody is, the desk."""
    people = {person.id: person for person in facts.people}
    presence, local = Presence(facts), at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if local.date() not in facts.closed:
        for owner in owners:
            here = people.get(owner)
            if here and not presence.obstacle(here, local.date(), Span(minute, minute + 1)):
                return [owner]
    return on_duty(facts, bookings, at, zone, Kind.DESK)
