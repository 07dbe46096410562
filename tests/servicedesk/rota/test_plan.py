"""The plan: against trying everything on small rosters, and what never happens on any."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from servicedesk.rota import fairness
from servicedesk.rota.demand import Demand
from servicedesk.rota.facts import Absence, Booking, Duty, Faces, Kind, Move, Part, Rules
from servicedesk.rota.plan import plan
from servicedesk.rota.roster import Obstacle
from servicedesk.rota.turns import Turns
from tests.servicedesk.rota import brute
from tests.servicedesk.rota.random_facts import LONG, MONDAY, VISIT, WEEK, facts_of

FRIDAY = MONDAY + dt.timedelta(days=4)
WEDNESDAY = MONDAY + dt.timedelta(days=2)
SEEDS = st.integers(0, 2**32)

pytestmark = pytest.mark.no_database


@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@given(SEEDS, st.booleans(), st.booleans())
def test_each_day_is_as_good_as_any_way_to_fill_it(seed, one_duty, after_publication):
    facts = facts_of(seed, Rules(one_duty_per_day=one_duty))
    published = ()
    if after_publication:
        published = plan(replace(facts, absences=()), MONDAY, WEDNESDAY).bookings
    planned = plan(facts, MONDAY, WEDNESDAY, published)
    demand, turns = Demand(facts), Turns(facts)
    for day in (MONDAY, WEDNESDAY):
        faces = {seat.duty.id: seat.faces for seat in demand.on(day)}
        old = {"": []} if published else {}
        for booking in published:
            if booking.date == day:
                old.setdefault(booking.duty, []).append(booking.person)
        units, who = [], []
        for duty in facts.duties:
            there = [b.person for b in planned.bookings if (b.date, b.duty) == (day, duty.id)]
            units += [(duty, faces[duty.id])] * duty.seats
            who += there + [None] * (duty.seats - len(there))
        holders = {duty.id: turns.holders(duty, day) for duty in facts.duties}
        assert brute.allowed(facts, units, who, day)
        assert brute.score(facts, units, who, old, holders, day) == brute.best_day(
            facts, day, units, old, holders
        )


LIMITS = st.builds(
    Rules,
    one_duty_per_day=st.booleans(),
    max_desk_per_week=st.sampled_from([None, 1, 2, 3]),
    max_desk_days_in_row=st.sampled_from([None, 1, 2]),
    respect_hours=st.booleans(),
)


@settings(max_examples=40, deadline=None, phases=[Phase.generate])
@given(SEEDS, LIMITS)
def test_limits_across_days_are_never_broken(seed, rules):
    facts = facts_of(seed, rules)
    bookings = plan(facts, MONDAY, FRIDAY).bookings
    duties = {duty.id: duty for duty in facts.duties}
    for person in facts.people:
        mine = [(b.date, duties[b.duty]) for b in bookings if b.person == person.id]
        desk = [day for day, duty in mine if duty.kind == Kind.DESK]
        if rules.respect_hours:
            assert sum(duty.span.hours for _, duty in mine) <= person.hours
        if rules.max_desk_per_week:
            assert len(desk) <= rules.max_desk_per_week
        if rules.max_desk_days_in_row == 1:
            assert not {day + dt.timedelta(days=1) for day in desk} & set(desk)


@settings(max_examples=40, deadline=None, phases=[Phase.generate])
@given(SEEDS, LIMITS)
def test_the_order_of_the_rows_means_nothing(seed, rules):
    facts = facts_of(seed, rules)
    published = plan(replace(facts, absences=()), MONDAY, FRIDAY).bookings
    turned = replace(
        facts,
        people=facts.people[::-1],
        duties=facts.duties[::-1],
        turns=facts.turns[::-1],
        absences=facts.absences[::-1],
    )
    one, other = (
        plan(given, MONDAY, FRIDAY, rows)
        for given, rows in ((facts, published), (turned, published[::-1]))
    )
    assert one.bookings == other.bookings
    assert [gap.obstacles for gap in one.gaps] == [gap.obstacles for gap in other.gaps]


@settings(max_examples=40, deadline=None, phases=[Phase.generate])
@given(SEEDS)
def test_nobody_else_could_have_had_an_open_seat(seed):
    """Each open seat tells of each person what keeps them from it."""
    facts = facts_of(seed, Rules())
    for gap in plan(facts, MONDAY, FRIDAY).gaps:
        assert gap.obstacles.keys() == {person.id for person in facts.people}


def roster(people="abcd", **more):
    """A desk of one seat and a visit on Tuesday whose face is `a`, deputy `b`."""
    facts = facts_of(7, Rules())
    full = {day: Part.DAY for day in WEEK}
    someone = replace(facts.people[0], hours=36, desk=True)
    return replace(
        facts,
        people=tuple(
            replace(someone, id=name, patterns=(replace(someone.patterns[0], works=full),))
            for name in people
        ),
        duties=(
            Duty("desk", Kind.DESK, LONG, frozenset(WEEK)),
            Duty(
                "visit",
                Kind.SITE,
                VISIT,
                frozenset([2]),
                faces={2: Faces("a", "b")},
                authorised=frozenset("abc"),
            ),
        ),
        turns=(),
        absences=(),
        **more,
    )


def who(planned, day, duty):
    return [b.person for b in planned.bookings if (b.date, b.duty) == (day, duty)]


TUESDAY = MONDAY + dt.timedelta(days=1)


def test_a_visit_comes_before_the_desk_when_one_must_stay_open():
    planned = plan(roster("a"), TUESDAY, TUESDAY)
    assert who(planned, TUESDAY, "visit") == ["a"]
    assert planned.gaps[0].obstacles == {"a": Obstacle.DOUBLE_BOOKED}


def test_a_moved_visit_keeps_its_face():
    planned = plan(roster(moves=(Move("visit", TUESDAY, FRIDAY),)), MONDAY, FRIDAY)
    assert who(planned, TUESDAY, "visit") == []
    assert who(planned, FRIDAY, "visit") == ["a"]


def test_a_visit_moved_off_a_closed_day_takes_place():
    facts = roster(moves=(Move("visit", TUESDAY, FRIDAY),), closed=frozenset([TUESDAY]))
    planned = plan(facts, MONDAY, FRIDAY)
    assert who(planned, FRIDAY, "visit") == ["a"] and not who(planned, TUESDAY, "desk")


def test_what_is_settled_stays_though_its_holder_was_away():
    """Illness that is told afterwards does not change yesterday."""
    facts = roster()
    published = plan(facts, MONDAY, FRIDAY).bookings
    ill = published[0].person
    facts = replace(facts, absences=(Absence(ill, MONDAY, FRIDAY),))
    again = plan(facts, MONDAY, FRIDAY, published, settled=lambda seat: seat.date < WEDNESDAY)
    assert [b for b in again.bookings if b.date < WEDNESDAY] == [
        b for b in published if b.date < WEDNESDAY
    ]
    assert ill not in {b.person for b in again.bookings if b.date >= WEDNESDAY}


def test_an_open_seat_of_the_past_stays_open():
    facts = roster()
    published = plan(facts, TUESDAY, FRIDAY).bookings
    again = plan(facts, MONDAY, FRIDAY, published, settled=lambda seat: seat.date < TUESDAY)
    assert [gap.seat.date for gap in again.gaps] == [MONDAY]


def test_a_choice_by_hand_for_somebody_away_is_not_kept():
    chosen = (Booking(TUESDAY, "visit", "c"), Booking(MONDAY, "desk", "d"))
    facts = replace(roster(overrides=chosen), absences=(Absence("d", MONDAY, MONDAY),))
    planned = plan(facts, MONDAY, TUESDAY)
    assert who(planned, TUESDAY, "visit") == ["c"]
    assert who(planned, MONDAY, "desk") != ["d"]


def test_a_skill_counts_for_a_choice_by_hand_too():
    facts = roster(overrides=(Booking(MONDAY, "desk", "a"),))
    desk = replace(facts.duties[0], need={"senior": 1})
    people = [replace(p, skills=frozenset(["senior"] if p.id == "d" else [])) for p in facts.people]
    facts = replace(facts, duties=(desk,), people=tuple(people))
    assert who(plan(facts, MONDAY, MONDAY), MONDAY, "desk") == ["d"]


def who_works(days, seats=1, rules=Rules()):
    """A desk of so many seats, and people with their weekdays."""
    facts = roster("".join(days))
    people = tuple(
        replace(p, patterns=(replace(p.patterns[0], works=dict.fromkeys(days[p.id], Part.DAY)),))
        for p in facts.people
    )
    duty = replace(facts.duties[0], seats=seats)
    return replace(facts, people=people, duties=(duty,), rules=rules)


def test_people_are_evened_out_through_a_third():
    """No two of them can level each other on one day alone; over some days all come out even."""
    facts = who_works({"a": (1, 2, 3, 5), "b": (1, 2, 5), "c": (1, 3, 4)})
    planned = plan(facts, MONDAY, MONDAY + dt.timedelta(days=39))
    assert fairness.spread(planned.deviations) == pytest.approx(0)


@pytest.mark.parametrize("days, limits", [
    ({"a": (3,), "b": (1, 2, 3, 4), "c": WEEK, "d": WEEK}, (3, 2)),
    ({"a": (1, 3, 4), "b": (2, 3, 4), "c": WEEK, "d": (1, 3, 4, 5), "e": (1, 2, 4, 5)}, (2, 1)),
])  # fmt: skip
def test_a_week_that_the_limits_make_tight_is_filled(days, limits):
    """Planned day by day something stays open; a chain of moves over days fills it."""
    rules = Rules(max_desk_per_week=limits[0], max_desk_days_in_row=limits[1])
    assert plan(who_works(days, 2, rules), MONDAY, FRIDAY).gaps == ()


def test_what_was_done_before_counts():
    carried = {"a": 2.0, "b": 2.0, "c": 2.0, "d": -2.0}
    planned = plan(roster(carried=carried), MONDAY, MONDAY)
    assert who(planned, MONDAY, "desk") == ["d"]


def test_seats_of_other_days_count_for_the_limits():
    facts = replace(roster("a"), rules=Rules(max_desk_per_week=1))
    published = (Booking(MONDAY, "desk", "a"),)
    planned = plan(facts, WEDNESDAY, WEDNESDAY, published)
    assert planned.gaps[0].obstacles == {"a": Obstacle.DESK_IN_WEEK}
