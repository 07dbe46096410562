"""Changing published seats: each change is a row of the log, and is told to whom it touches."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

import sqlalchemy as sa

from cmdb.database import db
from cmdb.people import Person
from servicedesk.rota import loading, telling
from servicedesk.rota.facts import Booking, Origin
from servicedesk.rota.models import Duty, HandChoice, Seat, SeatLog, SwapRequest
from servicedesk.rota.plan import Plan
from servicedesk.rota.words import SWAP_STEPS, Step, SwapState


class Refused(Exception):
    """The roster does not allow it; `reason` is an `Obstacle` or a `Refusal`."""

    def __init__(self, reason):
        super().__init__(str(reason))
        self.reason = reason


def change(
    seat: Seat,
    person_id: int | None,
    origin: Origin,
    by: Person | None,
    now: dt.datetime,
    reason: str,
) -> SeatLog:
    """Give a published seat to somebody, or open it with None.

    Requests about it, and a choice by hand for who had it, lose their ground.
    """
    log = SeatLog(
        seat_id=seat.id,
        at=now,
        by_id=by and by.id,
        before_id=seat.person_id,
        after_id=person_id,
        origin=origin,
        sequence=seat.sequence + 1,
        reason=reason,
    )
    seat.person_id, seat.origin, seat.changed_at = person_id, origin, now
    seat.sequence += 1
    db.session.add(log)
    db.session.execute(
        sa.delete(HandChoice).where(
            HandChoice.date == seat.date,
            HandChoice.duty_id == seat.duty_id,
            HandChoice.person_id == log.before_id,
        )
    )
    _expire_requests(seat, now)
    db.session.flush()
    db.session.expire(seat, ["person"])
    return log


def _expire_requests(seat: Seat, now: dt.datetime) -> None:
    for request in db.session.scalars(
        sa.select(SwapRequest).where(
            sa.or_(SwapRequest.seat_id == seat.id, SwapRequest.other_seat_id == seat.id),
            SwapRequest.state.in_((SwapState.REQUESTED, SwapState.ACCEPTED)),
        )
    ):
        request.state, request.changed_at = SWAP_STEPS[request.state][Step.EXPIRE], now


def store(
    plan: Plan,
    first: dt.date,
    last: dt.date,
    by: Person | None,
    now: dt.datetime,
    reason: str | None,
) -> list[SeatLog]:
    """Let the published seats of these days follow `plan`; who keeps a duty keeps the very seat.

    Without a `reason` it is a first publication, which no log tells of. Gives the changes.
    """
    rows, wanted, count = defaultdict(list), defaultdict(list), defaultdict(int)
    for row in db.session.scalars(
        sa.select(Seat).where(Seat.date.between(first, last)).order_by(Seat.nr)
    ):
        rows[row.date, row.duty_id].append(row)
    for booking in plan.bookings:
        wanted[booking.date, booking.duty].append(booking)
        count[booking.date, booking.duty] += 1
    for gap in plan.gaps:
        count[gap.seat.date, gap.seat.duty.id] += 1
    homes = dict(db.session.execute(sa.select(Duty.id, Duty.municipality_id)).all())
    logs = []
    for key in sorted({*rows, *count}):
        missing = count[key] - len(rows[key])
        rows[key] += _added(key, len(rows[key]), missing, homes[key[1]], now)
        logs += _follow(rows[key], wanted[key], count[key], by, now, reason)
    return logs


def carry_along(
    duty: Duty, away: dt.date, to: dt.date, by: Person, now: dt.datetime
) -> list[SeatLog]:
    """Publish the seats of a visit on another day, for whom had them."""
    old = db.session.scalars(
        sa.select(Seat)
        .where(Seat.duty_id == duty.id, Seat.date == away, Seat.is_needed)
        .order_by(Seat.nr)
    ).all()
    there = db.session.scalars(
        sa.select(Seat).where(Seat.duty_id == duty.id, Seat.date == to).order_by(Seat.nr)
    ).all()
    new = [
        *there,
        *_added((to, duty.id), len(there), len(old) - len(there), duty.municipality_id, now),
    ]
    for row in new[: len(old)]:
        row.is_needed = True
    logs = [
        change(row, seat.person_id, seat.origin, by, now, "moved")
        for row, seat in zip(new, old, strict=False)
        if seat.person_id is not None
    ]
    tell(logs, by, now)
    return logs


def _added(key, start: int, count: int, municipality_id: int | None, now) -> list[Seat]:
    day, duty = key
    added = [
        Seat(
            date=day,
            duty_id=duty,
            nr=start + n,
            municipality_id=municipality_id,
            origin=Origin.FAIR,
            is_needed=True,
            sequence=0,
            changed_at=now,
        )
        for n in range(count)
    ]
    db.session.add_all(added)
    db.session.flush()
    return added


def _follow(
    rows: list[Seat],
    wanted: list[Booking],
    count: int,
    by: Person | None,
    now: dt.datetime,
    reason: str | None,
) -> list[SeatLog]:
    """Give the seats of one duty on one day to whom the plan wants there."""
    coming = {booking.person: booking for booking in wanted}
    keeping = [row for row in rows if row.person_id in coming]
    others = sorted((row for row in rows if row not in keeping), key=lambda r: not r.is_needed)
    for row in keeping:
        coming.pop(row.person_id)
        row.is_needed = True
    logs = []
    for row in others:
        place = len(keeping) + others.index(row)
        booking = coming.pop(next(iter(coming))) if coming else None
        row.is_needed = place < count
        person_id = booking and booking.person
        if person_id == row.person_id:
            continue
        origin = booking.origin if booking else row.origin
        if reason:
            logs.append(change(row, person_id, origin, by, now, reason))
        else:
            row.person_id, row.origin = person_id, origin
    return logs


def tell(logs: Iterable[SeatLog], by: Person | None, now: dt.datetime) -> None:
    """Tell the people and the municipalities that changes touch."""
    telling.of_changes([log for log in logs if log.before_id != log.after_id], by, now)


def held_beside(seat: Seat) -> list[Booking]:
    """The bookings around a seat, but for its own: its week and what follows each other with it."""
    days = dt.timedelta(days=14)
    return [
        loading.booking(row)
        for row in loading.seats(seat.date - days, seat.date + days)
        if row.person_id is not None and row.id != seat.id
    ]
