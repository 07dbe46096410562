"""Requests to swap: who may take which step, and that each step is judged again."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from cmdb.database import db
from cmdb.people import Membership, Team
from servicedesk.notify.models import Message
from servicedesk.rota import actions, loading, publishing, reading, swap_rules, swapping
from servicedesk.rota.facts import Kind, Origin, Part
from servicedesk.rota.models import SeatLog, SwapRequest
from servicedesk.rota.seating import Refused
from servicedesk.rota.swap_rules import SwapRule
from servicedesk.rota.words import AbsenceKind, Step, SwapState
from tests.makers import NOW
from tests.servicedesk.rota.team import MONDAY, TUESDAY, WEDNESDAY, make_team


@pytest.fixture
def team(cast):
    return make_team(cast)


@pytest.fixture
def desk(team):
    """A seat of Wednesday and its holder."""
    seat = team.seat(WEDNESDAY, team.early)
    return seat, seat.person


def step(request, what, by, now=NOW):
    swapping.take_step(request, what, by, now)
    return request.state


def test_a_day_is_given_away_when_the_colleague_and_a_planner_agree(team, desk, session):
    seat, holder = desk
    other = team.free(WEDNESDAY)
    request = swapping.propose(holder, seat, other, None, NOW)
    assert step(request, Step.ACCEPT, other) == SwapState.ACCEPTED
    assert seat.person == holder
    assert step(request, Step.APPROVE, team.els) == SwapState.APPROVED
    assert (seat.person, seat.origin, seat.sequence) == (other, Origin.SWAP, 1)
    log = session.scalars(sa.select(SeatLog)).one()
    assert (log.before_id, log.after_id, log.by_id) == (holder.id, other.id, team.els.id)
    told = session.scalars(
        sa.select(Message.recipient_id).where(Message.dedup_key.startswith("rota-swap"))
    ).all()
    assert {holder.id, other.id, team.els.id} <= set(told)


def test_without_approval_a_colleague_is_enough(team, desk):
    loading.setting().swaps_need_approval = False
    seat, holder = desk
    other = team.free(WEDNESDAY)
    request = swapping.propose(holder, seat, other, None, NOW)
    assert step(request, Step.ACCEPT, other) == SwapState.APPROVED
    assert seat.person == other


def in_team(name, *people, rule=None):
    """A team of these people, with its rule for swaps when it has one."""
    team = Team(name=name)
    db.session.add(team)
    db.session.flush()
    db.session.add_all(Membership(team_id=team.id, person_id=person.id) for person in people)
    if rule is not None:
        db.session.add(SwapRule(team_id=team.id, needs_approval=rule))
    db.session.flush()


APPROVALS = [
    # the general rule, that of the giver's team, that of the taker's team: whether a planner decides
    (True, None, None, True),
    (True, False, None, True),
    (True, False, False, False),
    (False, None, True, True),
    (False, True, False, True),
    (False, None, False, False),
]


@pytest.mark.parametrize("general, giver, taker, decides", APPROVALS)
def test_a_team_s_own_rule_goes_before_the_general_one(team, desk, general, giver, taker, decides):
    loading.setting().swaps_need_approval = general
    seat, holder = desk
    other = team.free(WEDNESDAY)
    in_team("Gevers", holder, rule=giver)
    in_team("Nemers", other, rule=taker)
    request = swapping.propose(holder, seat, other, None, NOW)
    found = step(request, Step.ACCEPT, other)
    assert found == (SwapState.ACCEPTED if decides else SwapState.APPROVED)


def test_of_two_teams_of_one_person_the_strictest_rule_counts(team, desk):
    loading.setting().swaps_need_approval = False
    seat, holder = desk
    in_team("Los", holder, rule=False)
    in_team("Streng", holder, rule=True)
    request = swapping.propose(holder, seat, team.free(WEDNESDAY), None, NOW)
    assert swap_rules.need_approval(request)


def exchange(team):
    """Two desk seats of different days whose holders are free on the other day."""
    loading.setting().swaps_need_approval = False
    desk = [
        s for s in reading.seats(TUESDAY, MONDAY + dt.timedelta(20)) if s.duty.kind == Kind.DESK
    ]
    busy = {(s.person_id, s.date) for s in reading.seats(TUESDAY, MONDAY + dt.timedelta(20))}
    return next(
        (one, two)
        for one in desk
        for two in desk
        if (one.person_id, two.date) not in busy and (two.person_id, one.date) not in busy
    )


def test_two_days_are_exchanged_and_given_back(team):
    one, two = exchange(team)
    first, second = one.person, two.person
    request = swapping.propose(first, one, second, two, NOW)
    step(request, Step.ACCEPT, second)
    assert (one.person, two.person) == (second, first)
    assert not swapping.may_step(request, Step.UNDO, first)
    assert step(request, Step.UNDO, team.els) == SwapState.UNDONE
    assert (one.person, two.person) == (first, second)


def test_a_swap_is_not_undone_when_a_seat_went_on_to_somebody_else(team):
    one, two = exchange(team)
    first, second = one.person, two.person
    request = swapping.propose(first, one, second, two, NOW)
    step(request, Step.ACCEPT, second)
    publishing.assign(one, None, team.els, NOW)
    with pytest.raises(Refused, match="not_owner"):
        step(request, Step.UNDO, team.els)
    assert request.state == SwapState.APPROVED and two.person == first


def test_a_swap_that_became_impossible_is_refused_at_the_next_step(team, desk):
    seat, holder = desk
    other = team.free(WEDNESDAY)
    request = swapping.propose(holder, seat, other, None, NOW)
    step(request, Step.ACCEPT, other)
    actions.register_absence(
        other, WEDNESDAY, WEDNESDAY, Part.DAY, AbsenceKind.LEAVE, team.els, NOW
    )
    with pytest.raises(Refused, match="absent"):
        step(request, Step.APPROVE, team.els)
    assert request.state == SwapState.ACCEPTED and seat.person == holder
    assert step(request, Step.REJECT, team.els) == SwapState.REJECTED


def test_a_request_ends_when_its_seat_goes_to_somebody_else(team, desk):
    seat, holder = desk
    request = swapping.propose(holder, seat, team.free(WEDNESDAY), None, NOW)
    publishing.assign(seat, None, team.els, NOW)
    assert request.state == SwapState.EXPIRED


def test_of_one_seat_there_is_one_open_request(team, desk, session):
    seat, holder = desk
    swapping.propose(holder, seat, team.free(WEDNESDAY), None, NOW)
    with pytest.raises(Refused, match="already_asked"):
        swapping.propose(holder, seat, team.free(WEDNESDAY), None, NOW)
    session.add(
        SwapRequest(
            seat_id=seat.id,
            by_id=holder.id,
            to_id=team.gijs.id,
            state=SwapState.REQUESTED,
            asked_at=NOW,
            changed_at=NOW,
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_somebody_else_s_seat_is_not_given_away(team, desk):
    seat, holder = desk
    stranger = next(person for person in team.people if person != holder)
    with pytest.raises(Refused, match="not_owner"):
        swapping.propose(stranger, seat, team.free(WEDNESDAY), None, NOW)


def test_a_seat_that_has_begun_is_not_swapped(team):
    seat = team.seat(MONDAY, team.early)
    with pytest.raises(Refused, match="in_past"):
        swapping.propose(seat.person, seat, team.free(MONDAY), None, NOW)


STEPS = {
    "asker": {SwapState.REQUESTED: {Step.WITHDRAW}, SwapState.ACCEPTED: {Step.WITHDRAW}},
    "colleague": {SwapState.REQUESTED: {Step.ACCEPT, Step.DECLINE}},
    "stranger": {},
    "employee": {},
    "planner": {
        SwapState.REQUESTED: {Step.ACCEPT, Step.DECLINE, Step.REJECT, Step.WITHDRAW},
        SwapState.ACCEPTED: {Step.APPROVE, Step.REJECT, Step.WITHDRAW},
        SwapState.APPROVED: {Step.UNDO},
    },
}


@pytest.mark.parametrize("who", STEPS)
def test_who_may_take_which_step(team, desk, who):
    seat, holder = desk
    other = team.free(WEDNESDAY)
    request = swapping.propose(holder, seat, other, None, NOW)
    person = {
        "asker": holder,
        "colleague": other,
        "stranger": next(p for p in team.people if p not in (holder, other)),
        "employee": team.cast.anna,
        "planner": team.els,
    }[who]
    for state in SwapState:
        request.state = state
        allowed = {what for what in Step if swapping.may_step(request, what, person)}
        assert allowed == STEPS[who].get(state, set())
    request.state = SwapState.REJECTED
    with pytest.raises(Refused, match="not_allowed"):
        step(request, Step.APPROVE, team.els)


def test_a_planner_asks_somebody_for_an_open_seat(team, desk):
    seat, holder = desk
    with pytest.raises(Refused, match="not_owner"):
        swapping.ask(team.els, seat, team.free(WEDNESDAY), NOW)
    actions.register_absence(
        holder, WEDNESDAY, WEDNESDAY, Part.DAY, AbsenceKind.ILLNESS, team.els, NOW
    )
    with pytest.raises(Refused, match="absent"):
        swapping.ask(team.els, seat, holder, NOW)
    other = next(p for p in team.people if not publishing.obstacle(seat, p.id))
    request = swapping.ask(team.els, seat, other, NOW)
    assert step(request, Step.ACCEPT, other) == SwapState.APPROVED
    assert (seat.person, seat.origin) == (other, Origin.SUBSTITUTE)
    assert step(request, Step.UNDO, team.els) == SwapState.UNDONE
    assert seat.person is None


def test_requests_for_seats_that_have_begun_expire(team, desk):
    seat, holder = desk
    request = swapping.propose(holder, seat, team.free(WEDNESDAY), None, NOW)
    assert swapping.expire(NOW) == 0
    assert swapping.expire(NOW + dt.timedelta(days=2)) == 1
    assert request.state == SwapState.EXPIRED
