"""The published roster: who comes to a municipality, and who mans the desk."""

import datetime as dt
from collections.abc import Sequence

from cmdb.database import utc_now
from cmdb.localtime import ZONE, local
from cmdb.permissions import Permission
from servicedesk.api import municipalities
from servicedesk.api.door import operation
from servicedesk.api.paging import PAGE, page, page_of
from servicedesk.api.schemas import date, moment, nullable, record, text, written
from servicedesk.problems import wrong
from servicedesk.rota import reading
from servicedesk.rota.facts import Kind, Span
from servicedesk.rota.models import Duty, Seat
from servicedesk.rota.presence import interval

_LONGEST = dt.timedelta(days=366)
_USUAL = dt.timedelta(days=27)
_DAYS = {
    "from": date("The first day; today unless told."),
    "to": date("The last day, included; four weeks from the first unless told."),
}
_PERSON = nullable(record("Colleague", {"name": text()}))
VISIT = record(
    "Visit",
    {
        "visitDate": date("The local day."),
        "startsAt": moment(),
        "endsAt": moment(),
        "municipality": municipalities.MUNICIPALITY,
        "location": nullable(text("The building.")),
        "room": text("The room; empty when that is not known."),
        "person": _PERSON,
    },
    description="Somebody of the centre at a municipality; `person` is null while nobody is found.",
)
DUTY = record(
    "Duty",
    {
        "dutyDate": date("The local day."),
        "startsAt": moment(),
        "endsAt": moment(),
        "name": text("The shift."),
        "person": _PERSON,
    },
    description="A seat at the desk; `person` is null while nobody is found.",
)


@operation(
    "GET", "/visits", "Who comes where, and when", page_of(VISIT),
    permission=Permission.SITE_READ,
    query=_DAYS | {"municipality": municipalities.CODE} | PAGE,
)  # fmt: skip
def visits(query):
    """The visits to a municipality, as published; who belongs to one sees who comes there."""
    chosen = reading.seats_between(*_days(query)).where(Duty.kind == Kind.SITE)
    if municipality := municipalities.asked(query.get("municipality")):
        chosen = chosen.where(Seat.municipality_id == municipality.id)
    return page(chosen, reading.SEAT_ORDER, _visits, query)


@operation(
    "GET", "/duties", "Who mans the desk, and when", page_of(DUTY),
    permission=Permission.ROTA_READ,
    query=_DAYS | PAGE,
)  # fmt: skip
def duties(query):
    """The seats at the desk, as published."""
    chosen = reading.seats_between(*_days(query)).where(Duty.kind == Kind.DESK)
    return page(chosen, reading.SEAT_ORDER, _duties, query)


def _days(query: dict[str, object]) -> tuple[dt.date, dt.date]:
    """The stretch that is asked for.

    Raises:
        Problem: 400, it ends before it begins, or is longer than a year.
    """
    first = query.get("from", local(utc_now()).date())
    last = query.get("to", first + _USUAL)
    if not first <= last <= first + _LONGEST:
        raise wrong(f"is not from 0 to {_LONGEST.days} days after the first day", parameter="to")
    return first, last


def _visits(seats: Sequence[Seat]) -> list[dict[str, object]]:
    return [
        {
            "visitDate": seat.date.isoformat(),
            **_hours(seat),
            "municipality": municipalities.told(seat.duty.municipality),
            "location": seat.duty.location and seat.duty.location.name,
            "room": seat.duty.room,
            "person": _person(seat),
        }
        for seat in seats
    ]


def _duties(seats: Sequence[Seat]) -> list[dict[str, object]]:
    return [
        {
            "dutyDate": seat.date.isoformat(),
            **_hours(seat),
            "name": seat.duty.name,
            "person": _person(seat),
        }
        for seat in seats
    ]


def _hours(seat: Seat) -> dict[str, object]:
    starts, ends = interval(seat.date, Span(seat.duty.starts, seat.duty.ends), ZONE)
    return {"startsAt": written(starts), "endsAt": written(ends)}


def _person(seat: Seat) -> dict[str, object] | None:
    return seat.person and {"name": seat.person.name}
