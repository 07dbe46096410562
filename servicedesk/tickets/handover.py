"""The hand-over of the desk: what one shift tells the next, and who took over.

No clock of any agreement knows of it. The writers flush and never commit.
"""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.localtime import ZONE, day_start, local
from cmdb.people import Person
from servicedesk.rota.facts import Kind
from servicedesk.rota.models import Seat
from servicedesk.rota.presence import moment
from servicedesk.tickets import queue
from servicedesk.tickets.handover_models import HandoverAcceptance, HandoverLine
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import Status

# The next shift may read and accept this long before it begins.
EARLY = dt.timedelta(hours=1)
MOST_LINES = 50


def lines(now: dt.datetime) -> list[HandoverLine]:
    """What was written and is not done, and what was done today; oldest first."""
    return list(
        db.session.scalars(
            sa.select(HandoverLine)
            .where(
                sa.or_(
                    HandoverLine.done_at.is_(None),
                    HandoverLine.done_at >= day_start(local(now).date()),
                )
            )
            .options(joinedload(HandoverLine.by), joinedload(HandoverLine.done_by))
            .order_by(HandoverLine.done_at.is_not(None), HandoverLine.id)
            .limit(MOST_LINES)
        )
    )


def write(by: Person, text: str, now: dt.datetime) -> HandoverLine:
    """Tell the next shift something."""
    line = HandoverLine(text=text, by_id=by.id, at=now)
    db.session.add(line)
    db.session.flush()
    return line


def tick(line: HandoverLine, by: Person, now: dt.datetime) -> None:
    line.done_at, line.done_by_id = line.done_at or now, line.done_by_id or by.id
    db.session.flush()


def untick(line: HandoverLine) -> None:
    line.done_at = line.done_by_id = None
    db.session.flush()


def at_desk(seats: Iterable[Seat], now: dt.datetime, early: dt.timedelta = dt.timedelta()):
    """Of these seats those at the desk that somebody has at `now`, or has within `early`."""
    return [
        seat
        for seat in seats
        if seat.duty.kind == Kind.DESK
        and seat.person_id is not None
        and moment(seat.date, seat.duty.starts, ZONE) - early <= now
        and now < moment(seat.date, seat.duty.ends, ZONE)
    ]


def accepted(seats: Iterable[Seat]) -> set[int]:
    """The keys of the seats whose holder took over."""
    holders = {seat.id: seat.person_id for seat in seats}
    if not holders:
        return set()
    found = db.session.execute(
        sa.select(HandoverAcceptance.seat_id, HandoverAcceptance.person_id).where(
            HandoverAcceptance.seat_id.in_(holders)
        )
    )
    return {key for key, person_id in found if holders[key] == person_id}


def accept(seats: Iterable[Seat], person: Person, now: dt.datetime) -> int:
    """Let `person` take over in those of their seats that ask for it; how many that were."""
    mine = [seat for seat in at_desk(seats, now, EARLY) if seat.person_id == person.id]
    done = accepted(mine)
    new = [seat for seat in mine if seat.id not in done]
    db.session.add_all(
        HandoverAcceptance(seat_id=seat.id, person_id=person.id, at=now) for seat in new
    )
    db.session.flush()
    return len(new)


def at_risk(now: dt.datetime) -> sa.ColumnElement[bool]:
    """What is late, or will be within the hour."""
    return sa.and_(queue.IS_OPEN, Ticket.due_at < now + queue.SOON)


def promised_today(now: dt.datetime) -> sa.ColumnElement[bool]:
    """What has to be solved before the day is over, and is not at risk yet."""
    tomorrow = day_start(local(now).date() + dt.timedelta(days=1))
    return sa.and_(queue.IS_OPEN, Ticket.due_at >= now + queue.SOON, Ticket.due_at < tomorrow)


def waiting(now: dt.datetime) -> sa.ColumnElement[bool]:
    """What waited until today, or longer than was said: somebody has to look again."""
    tomorrow = day_start(local(now).date() + dt.timedelta(days=1))
    return sa.and_(Ticket.status == Status.WAITING, Ticket.waiting_until < tomorrow)
