"""Telling people what of the roster touches them, by mail and not in the night."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from cmdb.database import db
from cmdb.localtime import ZONE, local
from cmdb.people import Person
from cmdb.permissions import Permission, Role, reach
from servicedesk.notify import outbox
from servicedesk.rota import titles
from servicedesk.rota.models import Seat, SeatLog, SwapRequest
from servicedesk.rota.presence import moment

QUIET_FROM, QUIET_UNTIL = 20, 7  # local hours, for who chose none


def after_quiet_hours(person: Person, now: dt.datetime) -> dt.datetime:
    """`now`, or the end of the quiet hours that `person` is in; twice the same hour means none."""
    starts = QUIET_FROM if person.quiet_from is None else person.quiet_from
    ends = QUIET_UNTIL if person.quiet_until is None else person.quiet_until
    here = local(now)
    over_midnight = starts > ends
    if over_midnight:
        is_quiet = here.hour >= starts or here.hour < ends
    else:
        is_quiet = starts <= here.hour < ends
    if not is_quiet:
        return now
    day = here.date() + dt.timedelta(days=over_midnight and here.hour >= starts)
    return moment(day, ends * 60, ZONE)


def of_changes(logs: Sequence[SeatLog], by: Person | None, now: dt.datetime) -> None:
    """One mail to each person who gets or loses a seat, and to whom the visited municipality has.

    Who made the change is not told of it.
    """
    changes, visits = defaultdict(list), defaultdict(list)
    for log in logs:
        for key in {log.before_id, log.after_id} - {None, by and by.id}:
            changes[key].append(log)
        if log.seat.municipality_id:
            visits[log.seat.municipality_id].append(log)
    for person in _people(changes):
        mine = sorted(changes[person.id], key=lambda log: (log.seat.date, log.seat.duty_id))
        _send(person, "rota-changed", f"rota-changed:{mine[-1].id}", now, logs=mine)
    for municipality_id, told in visits.items():
        for manager in db.session.scalars(
            sa.select(Person).where(
                Person.municipality_id == municipality_id,
                Person.role == Role.MUNICIPALITY_MANAGER,
                Person.is_active,
            )
        ):
            _send(manager, "rota-visit", f"rota-visit:{told[-1].id}", now, logs=told)


def of_publication(seats: Iterable[Seat], last: dt.date, now: dt.datetime) -> None:
    """One mail to each person with the seats that were published for them."""
    mine = defaultdict(list)
    for seat in seats:
        if seat.person_id is not None:
            mine[seat.person_id].append(seat)
    for person in _people(mine):
        _send(
            person,
            "rota-published",
            f"rota-published:{last}",
            now,
            seats=mine[person.id],
            last=last,
        )


def of_week(person: Person, seats: Sequence[Seat], monday: dt.date, now: dt.datetime) -> None:
    """The weekly overview of one person."""
    _send(person, "rota-week", f"rota-week:{monday}", now, seats=seats, monday=monday)


def of_open_seats(seats: Sequence[Seat], key: str, now: dt.datetime) -> None:
    """Tell the planners which seats are open; the same `key` is told once."""
    for planner in planners():
        _send(planner, "rota-open", f"rota-open:{key}", now, seats=seats)


def of_swap(request: SwapRequest, now: dt.datetime) -> None:
    """Tell both sides, and who must decide, how a request stands."""
    recipients = {request.by_id: request.by, request.to_id: request.to}
    if request.state == "accepted":
        recipients |= {planner.id: planner for planner in planners()}
    for person in recipients.values():
        _send(person, "rota-swap", f"rota-swap:{request.id}:{request.state}", now, request=request)


def planners() -> list[Person]:
    """The people who plan."""
    roles = [role for role in Role if reach(_Holder(role), Permission.ROTA_PLAN)]
    return list(
        db.session.scalars(
            sa.select(Person).where(Person.role.in_(roles), Person.is_active).order_by(Person.id)
        )
    )


class _Holder:
    """Somebody of a role, to ask what the role may."""

    def __init__(self, role: Role):
        self.role = role


def _people(keys: Iterable[int]) -> list[Person]:
    return list(
        db.session.scalars(
            sa.select(Person).where(Person.id.in_(keys), Person.is_active).order_by(Person.id)
        )
    )


def _send(person: Person, template: str, key: str, now: dt.datetime, **context) -> None:
    outbox.enqueue(
        person,
        template,
        dedup_key=key,
        municipality_id=person.municipality_id,
        now=now,
        not_before=after_quiet_hours(person, now),
        line_of=titles.line_of,
        **context,
    )
