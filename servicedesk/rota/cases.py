"""Answer questions about rosters from a file (`servicedesk rota solve`).

A site of a case becomes a duty for each of its visits; rows of a case name the site.
"""

import datetime as dt
import json

from servicedesk.rota import swaps
from servicedesk.rota.calendar_feed import Event, feed
from servicedesk.rota.candidates import candidates
from servicedesk.rota.case_facts import CaseFacts
from servicedesk.rota.demand import Seat
from servicedesk.rota.facts import Booking, Kind
from servicedesk.rota.plan import plan
from servicedesk.rota.presence import first_for, interval, moment, on_duty
from servicedesk.rota.roster import Presence


def answer(text: str) -> dict:
    """Answer `{"cases": [{"id", "ask", "input"}]}`, or that list alone: case id -> answer.

    Raises ValueError with one line for bad input.
    """
    try:
        source = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise ValueError(f"not JSON: {wrong}") from None
    cases = source.get("cases") if isinstance(source, dict) else source
    if not isinstance(cases, list):
        raise ValueError('expected {"cases": [...]}')
    return dict(_answer(case) for case in cases)


def _answer(case: dict) -> tuple[str, dict]:
    if not isinstance(case, dict) or not isinstance(case.get("id"), str):
        raise ValueError("expected a case with an id")
    if case.get("ask") not in _ANSWERS:
        raise ValueError(f"case {case['id']!r}: ask must be one of {', '.join(_ANSWERS)}")
    try:
        return case["id"], _ANSWERS[case["ask"]](CaseFacts(case["input"]))
    except KeyError as wrong:
        raise ValueError(f"case {case['id']!r}: {wrong} is missing") from None
    except (ArithmeticError, AttributeError, IndexError, LookupError, TypeError) as wrong:
        raise ValueError(f"case {case['id']!r}: {wrong}") from None
    except ValueError as wrong:
        raise ValueError(f"case {case['id']!r}: {wrong}") from None


def _plan(case: CaseFacts) -> dict:
    return _planned(case, plan(case.facts, case.first, case.last))


def _replan(case: CaseFacts) -> dict:
    published, presence = case.published, Presence(case.facts)
    people = {person.id: person for person in case.facts.people}
    told = {booking.date for booking in published}
    lost = {
        (booking.date, booking.duty)
        for booking in published
        if booking.person not in people
        or booking.duty not in case.duties
        or presence.obstacle(people[booking.person], booking.date, case.duties[booking.duty].span)
    }

    def settled(seat: Seat) -> bool:
        """What is over stays as it was; what a case says of it later is planned all the same."""
        over = case.now and interval(seat.date, seat.span, case.zone)[1] <= case.now
        return over and seat.date in told and (seat.date, seat.duty.id) not in lost

    return _planned(case, plan(case.facts, case.first, case.last, published, settled))


def _planned(case: CaseFacts, planned) -> dict:
    return {
        "assignments": [case.row(booking) for booking in planned.bookings],
        "gaps": [
            case.name_of(gap.seat.date, gap.seat.duty.id)
            | {"n": 1, "why": {key: str(why) for key, why in gap.obstacles.items()}}
            for gap in planned.gaps
        ],
    }


def _swap(case: CaseFacts) -> dict:
    request, published = case.source["request"], case.published
    swap = swaps.Swap(
        request["by"],
        request["to"],
        case.booking(request.get("give")),
        case.booking(request.get("take")),
    )

    def begun(booking: Booking) -> bool:
        starts, _ = interval(booking.date, case.duties[booking.duty].span, case.zone)
        return bool(case.now) and starts <= case.now

    refused = swaps.refusal(case.facts, published, swap, begun)
    if refused:
        result = {"state": "rejected", "reason": str(refused)}
    elif not request.get("approved"):
        result = {"state": "pending", "reason": None}
    else:
        result = {"state": "accepted", "reason": None}
        published = swaps.exchanged(published, swap)
    return result | {"assignments": [case.row(booking) for booking in published]}


def _candidates(case: CaseFacts) -> dict:
    gone = case.booking(case.source["vacated"])
    window = (case.first, case.last)
    ranked = candidates(case.facts, case.published, gone.date, gone.duty, gone.person, window)
    return {
        "candidates": [c.person for c in ranked if not c.obstacle],
        "why_not": {c.person: str(c.obstacle) for c in ranked if c.obstacle},
    }


def _who(case: CaseFacts) -> dict:
    published = case.published
    return {"answers": [_who_at(case, published, ask) for ask in case.source["questions"]]}


def _who_at(case: CaseFacts, published: list[Booking], question: dict) -> list[str]:
    at, of = dt.datetime.fromisoformat(question["at"]), question.get("of")
    if question["kind"] == "app":
        owners = next(app["owners"] for app in case.source["apps"] if app["id"] == of)
        return first_for(case.facts, published, at, case.zone, owners)
    kind = Kind(question["kind"])
    duties = None if of is None else case.duties_of(kind, of)
    return on_duty(case.facts, published, at, case.zone, kind, duties)


def _ical(case: CaseFacts) -> dict:
    return {"feeds": [_feed(case, wanted) for wanted in case.source["feeds"]]}


def _feed(case: CaseFacts, wanted: dict) -> str:
    stamp, events = moment(case.first, 0, case.zone), []
    of_person = wanted["of"] == "person"
    # The feed of a site or a shift tells of it alone; any other, such as a team's, of everything.
    places = {*case.sites, *(shift["id"] for shift in case.source.get("shifts", []))}
    for booking in case.numbered(wanted["published"]):
        row = case.row(booking)
        place = row.get("site") or row.get("shift")
        of = booking.person if of_person else place
        if wanted.get("id") != of and (of_person or wanted.get("id") in places):
            continue
        starts, ends = interval(booking.date, case.duties[booking.duty].span, case.zone)
        what = case.site_names.get(row.get("site")) or f"Balie {place}"
        whose = booking.person if of_person else booking.nr
        events.append(
            Event(
                uid=f"{booking.date}-{row['kind']}-{place}-{whose}@servicedesk",
                starts=starts,
                ends=ends,
                summary=what if of_person else f"{what}: {case.person_names[booking.person]}",
                location=case.site_names.get(row.get("site"), ""),
                changed_at=stamp,
            )
        )
    return feed(str(wanted.get("id") or "Rooster"), events)


_ANSWERS = {
    "plan": _plan,
    "replan": _replan,
    "swap": _swap,
    "candidates": _candidates,
    "who": _who,
    "ical": _ical,
}
