"""Swaps: who may give what to whom, and why not."""

import datetime as dt
from dataclasses import replace

import pytest

from servicedesk.rota.facts import Absence, Booking, Origin, Rules
from servicedesk.rota.swaps import Refusal, Swap, exchanged, refusal
from tests.servicedesk.rota.test_plan import MONDAY, TUESDAY, WEDNESDAY, roster

ON_MONDAY = Booking(MONDAY, "desk", "a")
VISIT = Booking(TUESDAY, "visit", "b")
ON_WEDNESDAY = Booking(WEDNESDAY, "desk", "c")
BOOKED = [ON_MONDAY, VISIT, Booking(TUESDAY, "desk", "d"), ON_WEDNESDAY]

pytestmark = pytest.mark.no_database


def judged(swap, facts=None, booked=BOOKED, now=dt.date(2026, 5, 1)):
    return refusal(facts or roster(), booked, swap, lambda booking: booking.date <= now)


def with_people(**changes):
    facts = roster()
    return replace(
        facts,
        people=tuple(replace(who, **changes.get(who.id, {})) for who in facts.people),
    )


def test_two_people_exchange_their_days():
    swap = Swap("a", "c", ON_MONDAY, ON_WEDNESDAY)
    assert judged(swap) is None
    after = exchanged(BOOKED, swap)
    assert [(b.date, b.person, b.origin) for b in after if b.duty == "desk"] == [
        (MONDAY, "c", Origin.SWAP),
        (TUESDAY, "d", Origin.FAIR),
        (WEDNESDAY, "a", Origin.SWAP),
    ]
    assert sorted(b.nr for b in after) == sorted(b.nr for b in BOOKED)


def test_a_day_may_be_given_or_taken_without_another():
    assert judged(Swap("a", "c", ON_MONDAY)) is None
    assert judged(Swap("a", "c", None, ON_WEDNESDAY)) is None


def test_two_shifts_of_one_day_are_exchanged():
    """Each would have two duties half-way, never at the end."""
    facts, booked = roster(), [Booking(TUESDAY, "visit", "b"), Booking(TUESDAY, "desk", "c")]
    assert judged(Swap("b", "c", *booked), facts, booked) is None


@pytest.mark.parametrize("swap, told", [
    (Swap("c", "d", ON_MONDAY), Refusal.NOT_OWNER),
    (Swap("a", "d", ON_MONDAY, ON_WEDNESDAY), Refusal.NOT_OWNER),
    (Swap("a", "a", ON_MONDAY), Refusal.NOT_OWNER),
    (Swap("a", "c", None), Refusal.NOT_OWNER),
    (Swap("a", "c", Booking(WEDNESDAY, "desk", "a")), Refusal.NOT_OWNER),
    (Swap("b", "d", VISIT), Refusal.NOT_QUALIFIED),
    (Swap("c", "nobody", ON_WEDNESDAY), Refusal.NOT_QUALIFIED),
    (Swap("d", "b", Booking(TUESDAY, "desk", "d")), Refusal.DOUBLE_BOOKED),
])  # fmt: skip
def test_a_swap_is_refused(swap, told):
    assert judged(swap) == told


def test_the_past_does_not_change():
    assert judged(Swap("a", "c", ON_MONDAY, ON_WEDNESDAY), now=MONDAY) == Refusal.IN_PAST
    assert judged(Swap("c", "a", ON_WEDNESDAY, ON_MONDAY), now=MONDAY) == Refusal.IN_PAST


def test_who_is_away_takes_nothing():
    facts = replace(roster(), absences=(Absence("c", MONDAY, MONDAY),))
    assert judged(Swap("a", "c", ON_MONDAY), facts) == Refusal.ABSENT


def test_a_skill_stays_at_the_desk():
    facts = with_people(a={"skills": frozenset(["senior"])})
    facts = replace(facts, duties=(replace(facts.duties[0], need={"senior": 1}), facts.duties[1]))
    assert judged(Swap("a", "c", ON_MONDAY), facts) == Refusal.SKILL
    two = replace(facts.duties[0], seats=2)
    booked = [*BOOKED, Booking(MONDAY, "desk", "d", nr=1)]
    facts = replace(facts, duties=(two, facts.duties[1]))
    assert judged(Swap("d", "c", booked[-1]), facts, booked) is None
    assert judged(Swap("a", "c", ON_MONDAY), facts, booked) == Refusal.SKILL


def test_contract_hours_and_limits_hold_when_the_rules_say_so():
    facts = with_people(c={"hours": 12})
    assert judged(Swap("a", "c", ON_MONDAY), facts) is None
    facts = replace(facts, rules=Rules(respect_hours=True))
    assert judged(Swap("a", "c", ON_MONDAY), facts) == Refusal.HOURS
    assert judged(Swap("a", "c", ON_MONDAY, ON_WEDNESDAY), facts) is None
    facts = replace(roster(), rules=Rules(max_desk_per_week=1))
    assert judged(Swap("a", "c", ON_MONDAY), facts) == Refusal.HOURS
