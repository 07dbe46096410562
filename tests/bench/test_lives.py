"""The generated rows of the benchmark are those that the product writes for the same deeds."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.database import db
from servicedesk.tickets import actions
from servicedesk.tickets.models import Entry, Ticket
from servicedesk.tickets.workflow import Status, TicketType, WaitingFor
from sla import agreements, watch
from sla.models import AgreementVersion, Clock, ClockEntry, ClockEvent, ServiceCalendar
from tests.bench.lives import TicketLife
from tests.bench.load import terms_of, ticket_row
from tests.makers import NOW, make_ticket

HOUR = dt.timedelta(hours=1)


def rows(model, *order) -> list[dict]:
    found = db.session.scalars(sa.select(model).order_by(*order)).all()
    return [{c.key: getattr(row, c.key) for c in sa.inspect(model).columns} for row in found]


@pytest.fixture
def twins(cast):
    """A ticket of the product, and what the benchmark would write for it."""
    ticket = make_ticket(cast.anna)
    terms = terms_of(cast.oosterveen.id)
    life = TicketLife(
        ticket_row(
            id=ticket.id,
            municipality_id=cast.oosterveen.id,
            number=ticket.number,
            type=TicketType.INCIDENT,
            title=ticket.title,
            impact=ticket.impact,
            urgency=ticket.urgency,
            priority=3,
            category_id=cast.category.id,
            requester_id=cast.anna.id,
            team_id=cast.workplace.id,
        ),
        terms,
    )
    first = min(ticket.response_clock_id, ticket.resolution_clock_id)
    life.file(cast.anna.id, cast.anna.name, "Hij geeft een foutmelding en doet niets.", first, NOW)
    return ticket, life


def settle(life: TicketLife, at: dt.datetime) -> None:
    """The tick, for both, three seconds after each threshold as the benchmark has it."""
    due = db.session.scalar(sa.select(sa.func.min(Clock.next_event_at)))
    while due and due <= at:
        watch.settle_due(due + dt.timedelta(seconds=3))
        db.session.flush()
        due = db.session.scalar(sa.select(sa.func.min(Clock.next_event_at)))
    for clock in life.clocks:
        clock.tick(at)


def check(ticket: Ticket, life: TicketLife) -> None:
    written = rows(Ticket, Ticket.id)[0]
    generated = dict(life.row)
    assert written.pop("version") > 0 and generated.pop("version") > 0
    assert generated == written
    story = rows(Entry, Entry.id)
    for row in story:
        row.pop("id")
    assert life.entries == story
    clocks = sorted(life.clocks, key=lambda clock: clock.key)
    assert [clock.row() for clock in clocks] == rows(Clock, Clock.id)
    assert [row for c in clocks for row in c.ledger] == rows(
        ClockEntry, ClockEntry.clock_id, ClockEntry.sequence
    )
    assert [row for c in clocks for row in c.events] == rows(
        ClockEvent, ClockEvent.clock_id, ClockEvent.threshold
    )


def test_a_new_ticket(twins):
    check(*twins)


def test_a_ticket_that_is_taken_waits_breaches_and_is_closed(twins, cast):
    ticket, life = twins
    daan, at = cast.daan, NOW + HOUR
    actions.take(ticket, daan, at)
    life.take(daan.id, daan.name, cast.workplace.name, at)
    at += HOUR
    actions.reply(ticket, daan, "Ik kijk ernaar.", at)
    life.reply(daan.id, "Ik kijk ernaar.", at)
    at += HOUR
    actions.wait(ticket, WaitingFor.REQUESTER, daan, at, question="Welke printer?")
    life.move(Status.WAITING, daan.id, at, waiting_for=WaitingFor.REQUESTER, body="Welke printer?")
    at += 30 * HOUR
    actions.start_work(ticket, daan, at)
    life.move(Status.IN_PROGRESS, daan.id, at)
    at += 24 * 7 * HOUR
    settle(life, at)
    actions.resolve(ticket, "Opgelost.", daan, at)
    life.move(Status.RESOLVED, daan.id, at, body="Opgelost.")
    at += actions.CLOSE_AFTER
    actions.close_resolved(at)
    life.move(Status.CLOSED, None, at)
    assert ticket.status == Status.CLOSED and any(
        clock.row()["breached_at"] for clock in life.clocks
    )
    check(ticket, life)


def test_a_ticket_that_is_cancelled(twins, cast):
    ticket, life = twins
    actions.cancel(ticket, "Dubbel", cast.daan, NOW + HOUR)
    life.move(Status.CANCELLED, cast.daan.id, NOW + HOUR, reason="Dubbel")
    check(ticket, life)


def test_an_open_ticket_that_is_late(twins):
    ticket, life = twins
    settle(life, NOW + 24 * 9 * HOUR)
    check(ticket, life)
