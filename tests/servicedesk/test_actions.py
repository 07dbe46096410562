"""What each action does to ticket, clocks, story and outbox."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.database import db
from servicedesk.notify.models import Message
from servicedesk.tickets import actions
from servicedesk.tickets.lifecycle import WrongStep
from servicedesk.tickets.models import Entry
from servicedesk.tickets.workflow import Status, WaitingFor
from sla import watch
from sla.models import ClockEvent
from sla.priority import Impact, Urgency
from tests.makers import NOW, make_ticket

HOUR = dt.timedelta(hours=1)


def test_a_filed_ticket_has_a_number_two_clocks_and_a_team(cast):
    ticket = make_ticket(cast.anna)
    assert ticket.number.startswith("M2611-") and len(ticket.number) >= 10
    assert ticket.response_clock.due_at == NOW + 2 * HOUR
    assert ticket.due_at == ticket.resolution_clock.due_at == NOW + dt.timedelta(days=2)
    assert ticket.team_id == cast.workplace.id


def test_numbers_follow_one_another_over_all_municipalities(cast):
    first, second = make_ticket(cast.anna), make_ticket(cast.carla)
    assert int(second.number[-4:]) == int(first.number[-4:]) + 1


def test_taking_a_ticket_stops_the_response_clock(cast):
    ticket = make_ticket(cast.anna)
    actions.take(ticket, cast.daan, NOW + HOUR)
    assert ticket.status == Status.IN_PROGRESS and ticket.assignee is cast.daan
    assert (
        ticket.response_clock.state == "stopped" and ticket.response_clock.stopped_at == NOW + HOUR
    )


def test_only_what_leaves_hands_is_a_handoff(cast):
    ticket = make_ticket(cast.anna)
    assert ticket.team is cast.workplace
    actions.take(ticket, cast.daan, NOW)
    assert ticket.handoffs == 0, "Daan is in the team that had it"
    actions.assign(ticket, cast.workplace, cast.ada, cast.daan, NOW)
    assert ticket.handoffs == 1, "it left Daan"
    actions.assign(ticket, cast.applications, None, cast.daan, NOW)
    assert ticket.handoffs == 2, "it left Ada and her team, at once"
    actions.assign(ticket, cast.applications, cast.femke, cast.daan, NOW)
    actions.assign(ticket, cast.applications, cast.femke, cast.daan, NOW)
    assert ticket.handoffs == 2, "nobody had it"


def test_a_first_assignment_is_no_handoff(cast):
    cast.category.team_id = None
    ticket = make_ticket(cast.anna)
    actions.assign(ticket, cast.applications, None, cast.daan, NOW)
    assert ticket.handoffs == 0


def test_taking_a_ticket_out_of_the_queue_of_another_team_is_a_handoff(cast):
    ticket = make_ticket(cast.anna)
    actions.take(ticket, cast.femke, NOW)
    assert ticket.handoffs == 1


def test_waiting_for_the_requester_holds_the_clock_and_her_reply_starts_it(cast):
    ticket = make_ticket(cast.anna)
    actions.wait(ticket, WaitingFor.REQUESTER, cast.daan, NOW + HOUR, question="Welke printer?")
    assert ticket.resolution_clock.state == "paused" and ticket.due_at is None
    actions.reply(ticket, cast.anna, "Die op de gang", NOW + 3 * HOUR)
    assert ticket.status == Status.IN_PROGRESS
    # Two hours stood still: 18 service hours of the promise, an hour used, go on from 13:00 local.
    assert ticket.due_at == NOW + dt.timedelta(days=2, hours=2)


def test_waiting_for_a_supplier_does_not_hold_the_clock(cast):
    ticket = make_ticket(cast.anna)
    actions.wait(ticket, WaitingFor.SUPPLIER, cast.daan, NOW + HOUR)
    assert ticket.resolution_clock.state == "running" and ticket.due_at == NOW + dt.timedelta(
        days=2
    )


def test_a_raised_priority_keeps_what_was_used(cast):
    ticket = make_ticket(cast.anna)
    actions.change_priority(
        ticket, Impact.PUBLIC, Urgency.HIGH, "loket dicht", cast.daan, NOW + HOUR
    )
    assert ticket.priority == 1 and ticket.due_at == NOW + 4 * HOUR


def test_resolved_in_time_and_reopened_runs_on(cast):
    ticket = make_ticket(cast.anna)
    actions.resolve(ticket, "Papier gevuld", cast.daan, NOW + HOUR)
    assert ticket.resolution_clock.stopped_at == NOW + HOUR
    actions.reopen(ticket, "Nog steeds stuk", cast.anna, NOW + 2 * HOUR)
    assert ticket.reopenings == 1 and ticket.resolution_clock.state == "running"
    assert ticket.resolution_clock.stopped_at is None


def test_a_requester_reopens_a_closed_ticket_for_two_weeks_only(cast):
    ticket = make_ticket(cast.anna)
    actions.resolve(ticket, "Klaar", cast.daan, NOW + HOUR)
    actions.accept(ticket, cast.anna, NOW + HOUR)
    with pytest.raises(WrongStep):
        actions.reopen(ticket, "Toch niet", cast.anna, NOW + dt.timedelta(days=15))
    actions.reopen(ticket, "Toch niet", cast.anna, NOW + dt.timedelta(days=14))


def test_a_breach_is_recorded_once_with_its_true_moment(cast):
    ticket = make_ticket(cast.anna)
    late = NOW + dt.timedelta(days=4)
    for passed in watch.settle_due(late):
        actions.warn(passed, late)
    assert watch.settle_due(late) == []
    events = db.session.scalars(
        sa.select(ClockEvent).where(ClockEvent.clock_id == ticket.resolution_clock_id)
    ).all()
    assert {e.threshold for e in events} == {50, 75, 90, 100}
    assert ticket.resolution_clock.breached_at == NOW + dt.timedelta(days=2)
    assert all(e.noticed_at == late for e in events)
    told = db.session.scalars(
        sa.select(Message).where(Message.dedup_key.like("clock:%:100:%"))
    ).all()
    # Nobody took it: the team and the manager hear of each of the two breaches.
    assert sorted(m.recipient_id for m in told) == sorted([cast.daan.id, cast.els.id] * 2)


def test_a_breach_that_the_change_itself_finds_is_told_too(cast):
    """Resolved three seconds late, before the watch came by: recorded, and so must be heard of."""
    ticket = make_ticket(cast.anna)
    actions.take(ticket, cast.daan, NOW)
    late = ticket.due_at + dt.timedelta(seconds=3)
    actions.resolve(ticket, "Klaar", cast.daan, late)
    assert ticket.resolution_clock.breached_at == late - dt.timedelta(seconds=3)
    told = db.session.scalars(
        sa.select(Message).where(Message.dedup_key.like("clock:%:100:%"))
    ).all()
    assert {m.recipient_id for m in told} == {cast.daan.id, cast.els.id}


def test_withdrawn_tickets_have_no_verdict(cast):
    ticket = make_ticket(cast.anna)
    actions.cancel(ticket, "Dubbel gemeld", cast.anna, NOW + HOUR)
    assert (
        ticket.resolution_clock.state == "cancelled"
        and ticket.resolution_clock.next_event_at is None
    )
    assert watch.settle_due(NOW + dt.timedelta(days=30)) == []


def test_what_stays_resolved_for_a_week_is_closed(cast):
    ticket = make_ticket(cast.anna)
    actions.resolve(ticket, "Klaar", cast.daan, NOW)
    assert actions.close_resolved(NOW + dt.timedelta(days=6)) == 0
    assert actions.close_resolved(NOW + dt.timedelta(days=7)) == 1
    assert ticket.status == Status.CLOSED


def test_the_story_of_a_ticket_names_every_step(cast):
    ticket = make_ticket(cast.anna)
    actions.take(ticket, cast.daan, NOW)
    actions.note(ticket, cast.daan, "Ken ik", NOW)
    story = db.session.scalars(
        sa.select(Entry).where(Entry.ticket_id == ticket.id).order_by(Entry.id)
    ).all()
    assert [e.change and e.change["event"] for e in story] == [
        "filed",
        "assignment",
        "status",
        None,
    ]
    assert [e.is_internal for e in story] == [False, False, False, True]
