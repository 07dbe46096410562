"""Swaps between colleagues, step by step; every step is judged again.

A colleague accepts, a planner approves where the rules ask for it. A planner may also ask somebody
to take an open seat: then accepting is enough.
"""

import datetime as dt

import sqlalchemy as sa

from cmdb.database import db
from cmdb.localtime import ZONE
from cmdb.people import Person
from cmdb.permissions import Permission, Reach, reach
from servicedesk.rota import loading, publishing, reading, seating, swap_rules, swaps, telling
from servicedesk.rota.facts import Origin
from servicedesk.rota.models import Seat, SwapRequest
from servicedesk.rota.presence import moment
from servicedesk.rota.seating import Refused
from servicedesk.rota.swaps import Refusal, Swap
from servicedesk.rota.words import SWAP_STEPS, Step, SwapState

OPEN = (SwapState.REQUESTED, SwapState.ACCEPTED)
ALREADY_ASKED = "already_asked"


def propose(
    by: Person, seat: Seat, to: Person, other: Seat | None, now: dt.datetime
) -> SwapRequest:
    """`by` offers their seat to `to`, for the other seat or for nothing.

    Raises Refused with a `Refusal`, or "already_asked" when one of the seats is in another request.
    """
    loading.setting(lock=True)
    _refuse(_why_not(by.id, to.id, seat, other, now))
    return _ask(by, seat, to, other, now, is_ask=False)


def ask(planner: Person, seat: Seat, to: Person, now: dt.datetime) -> SwapRequest:
    """A planner asks `to` to take an open seat. Raises Refused as `propose`."""
    loading.setting(lock=True)
    _refuse(_why_not_take(seat, to.id, now))
    return _ask(planner, seat, to, None, now, is_ask=True)


def may_step(request: SwapRequest, step: Step, person: Person) -> bool:
    """Whether `person` may take this step now: the buttons and the check both ask here."""
    if step not in SWAP_STEPS.get(request.state, ()) or step == Step.EXPIRE:
        return False
    if reach(person, Permission.ROTA_SWAP) == Reach.EVERYWHERE:
        return True
    if step in (Step.ACCEPT, Step.DECLINE):
        return person.id == request.to_id
    return step == Step.WITHDRAW and person.id == request.by_id


def take_step(request: SwapRequest, step: Step, by: Person, now: dt.datetime) -> None:
    """Accept, decline, approve, reject, withdraw or undo; both sides hear of it.

    Raises Refused when the step is not `by`'s to take ("not_allowed"), or the swap is no longer
    possible (a `Refusal`); then nothing has changed.
    """
    loading.setting(lock=True)
    db.session.refresh(request)
    if not may_step(request, step, by):
        raise Refused("not_allowed")
    if step in (Step.ACCEPT, Step.APPROVE):
        _refuse(_why_not_now(request, now))
    if step == Step.UNDO:
        _undo(request, by, now)
    _set(request, SWAP_STEPS[request.state][step], by, now)
    if request.state == SwapState.ACCEPTED and not swap_rules.need_approval(request):
        _set(request, SWAP_STEPS[request.state][Step.APPROVE], by, now)
    if request.state == SwapState.APPROVED:
        _exchange(request, by, now)
    telling.of_swap(request, now)


def possible(seat: Seat, now: dt.datetime) -> list[tuple[int, Seat | None]]:
    """To whom the holder of a seat can give it: for nothing (None), or for a seat of theirs.

    Seats of two weeks before and after are looked at, as far as they have not begun.
    """
    around = dt.timedelta(weeks=2)
    first, last = seat.date - around, seat.date + around
    facts = loading.load_facts(first - around, last + around)
    bookings = loading.load_bookings(first - around, last + around)
    give = loading.booking(seat)

    def may(to_id: int, take: Seat | None) -> bool:
        swap = Swap(seat.person_id, to_id, give, take and loading.booking(take))
        return swaps.refusal(facts, bookings, swap, lambda booking: False) is None

    others = [person.id for person in facts.people if person.id != seat.person_id]
    theirs = [
        other
        for other in reading.seats(first, last)
        if other.person_id in others and not _has_begun(other, now)
    ]
    if _has_begun(seat, now):
        return []
    return [(key, None) for key in others if may(key, None)] + [
        (other.person_id, other) for other in theirs if may(other.person_id, other)
    ]


def expire(now: dt.datetime) -> int:
    """End the requests whose seats have begun; how many."""
    ended = 0
    for request in db.session.scalars(sa.select(SwapRequest).where(SwapRequest.state.in_(OPEN))):
        if any(_has_begun(seat, now) for seat in _seats(request)):
            request.state = SWAP_STEPS[request.state][Step.EXPIRE]
            request.changed_at = now
            telling.of_swap(request, now)
            ended += 1
    return ended


def _ask(by, seat, to, other, now, is_ask) -> SwapRequest:
    keys = [row.id for row in (seat, other) if row is not None]
    taken = sa.select(SwapRequest.id).where(
        SwapRequest.state.in_(OPEN),
        sa.or_(SwapRequest.seat_id.in_(keys), SwapRequest.other_seat_id.in_(keys)),
    )
    if db.session.scalar(taken.limit(1)):
        raise Refused(ALREADY_ASKED)
    request = SwapRequest(
        seat_id=seat.id,
        other_seat_id=other and other.id,
        by_id=by.id,
        to_id=to.id,
        state=SwapState.REQUESTED,
        is_ask=is_ask,
        asked_at=now,
        changed_at=now,
    )
    db.session.add(request)
    db.session.flush()
    telling.of_swap(request, now)
    return request


def _set(request: SwapRequest, state: SwapState, by: Person, now: dt.datetime) -> None:
    request.state, request.changed_at, request.decided_by_id = state, now, by.id
    db.session.flush()


def _refuse(reason) -> None:
    if reason:
        raise Refused(reason)


def _seats(request: SwapRequest) -> list[Seat]:
    return [seat for seat in (request.seat, request.other_seat) if seat is not None]


def _why_not_now(request: SwapRequest, now: dt.datetime) -> Refusal | None:
    if request.is_ask:
        return _why_not_take(request.seat, request.to_id, now)
    return _why_not(request.by_id, request.to_id, request.seat, request.other_seat, now)


def _why_not_take(seat: Seat, to_id: int, now: dt.datetime) -> Refusal | None:
    """Why somebody cannot take an open seat."""
    if seat.person_id is not None or not seat.is_needed:
        return Refusal.NOT_OWNER
    if loading.row_is_over(seat, now):
        return Refusal.IN_PAST
    found = publishing.obstacle(seat, to_id)
    return swaps.OF_OBSTACLE[found] if found else None


def _why_not(
    by_id: int, to_id: int, seat: Seat, other: Seat | None, now: dt.datetime
) -> Refusal | None:
    given = [row for row in (seat, other) if row is not None]
    if any(row.person_id is None or not row.is_needed for row in given):
        return Refusal.NOT_OWNER
    around = dt.timedelta(weeks=2)
    first = min(row.date for row in given) - around
    last = max(row.date for row in given) + around
    if any(_has_begun(row, now) for row in given):
        return Refusal.IN_PAST
    swap = Swap(by_id, to_id, *(row and loading.booking(row) for row in (seat, other)))
    facts, bookings = loading.load_facts(first, last), loading.load_bookings(first, last)
    return swaps.refusal(facts, bookings, swap, lambda booking: False)


def _exchange(request: SwapRequest, by: Person, now: dt.datetime) -> None:
    """Let the seats change hands."""
    seat, other = request.seat, request.other_seat
    origin = Origin.SUBSTITUTE if request.is_ask else Origin.SWAP
    logs = [seating.change(seat, request.to_id, origin, by, now, "swap")]
    if other is not None:
        logs.append(seating.change(other, request.by_id, origin, by, now, "swap"))
    seating.tell(logs, by, now)


def _undo(request: SwapRequest, by: Person, now: dt.datetime) -> None:
    """Give the seats back, if they are still where the swap put them and that may be."""
    seat, other = request.seat, request.other_seat
    if request.is_ask:
        if seat.person_id != request.to_id:
            raise Refused(Refusal.NOT_OWNER)
        if loading.row_is_over(seat, now):
            raise Refused(Refusal.IN_PAST)
        logs = [seating.change(seat, None, seat.origin, by, now, "undo")]
    else:
        _refuse(_why_not(request.to_id, request.by_id, seat, other, now))
        logs = [seating.change(seat, request.by_id, Origin.SWAP, by, now, "undo")]
        if other is not None:
            logs.append(seating.change(other, request.to_id, Origin.SWAP, by, now, "undo"))
    seating.tell(logs, by, now)


def _has_begun(seat: Seat, now: dt.datetime) -> bool:
    return moment(seat.date, seat.duty.starts, ZONE) <= now
