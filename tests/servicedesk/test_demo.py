"""The demo is alive, the same every time, and never mixes with real data."""

import datetime as dt
from urllib.parse import parse_qsl

import pytest
import sqlalchemy as sa

from cmdb.item_parts import Observation
from cmdb.items import Item
from cmdb.people import Person
from servicedesk.demo import fill
from servicedesk.demo.organisation import PASSWORD, SIGN_INS
from servicedesk.inventory import lists
from servicedesk.inventory.views import ItemView
from servicedesk.notify.models import Message
from servicedesk.quality.models import Pair, Question
from servicedesk.rota import reading
from servicedesk.rota.models import SwapRequest
from servicedesk.rota.words import SwapState
from servicedesk.signin.passwords import is_password_of
from servicedesk.tickets import planned_work, upstream
from servicedesk.tickets.models import Outage, Ticket
from servicedesk.tickets.standing import said
from servicedesk.tickets.workflow import OPEN, Channel, Status, WaitingFor
from servicedesk.web import items_asked
from sla.models import Clock
from tests.makers import make_municipality

SUNDAY_NIGHT = dt.datetime(2026, 11, 22, 2, 30, tzinfo=dt.UTC)


def test_every_page_has_something_to_show_even_on_a_sunday_night(session):
    assert not fill.is_filled()
    count = fill.fill(SUNDAY_NIGHT)
    assert fill.is_filled()

    assert count > 290
    assert session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == count
    found = {status: _count(session, Ticket.status == status) for status in Status}
    assert all(found.values()), found
    assert 30 <= sum(found[status] for status in OPEN) <= 70
    for waiting_for in WaitingFor:
        assert _count(session, Ticket.waiting_for == waiting_for), waiting_for
    for channel in set(Channel) - {Channel.IMPORT}:
        assert _count(session, Ticket.channel == channel), channel
    assert _count(session, Ticket.priority == 1)
    late = sa.select(Clock.id).where(Clock.breached_at.is_not(None))
    assert 3 <= _count(session, Ticket.status.in_(OPEN), Ticket.resolution_clock_id.in_(late)) <= 10
    assert session.scalar(sa.select(sa.func.max(Ticket.updated_at))) <= SUNDAY_NIGHT
    assert session.scalar(sa.select(Outage)).item.name == "Zaaksysteem"
    assert len(set(session.scalars(sa.select(Item.class_key)))) >= 16
    assert session.scalar(sa.select(sa.func.count()).where(Message.sent_at.is_(None))) == 0
    today = SUNDAY_NIGHT.date()
    seats = reading.seats(today - dt.timedelta(days=40), today + dt.timedelta(days=40))
    assert len({seat.person_id for seat in seats} - {None}) == 12
    assert len({seat.municipality_id for seat in seats} - {None}) == 6
    assert [seat.person_id for seat in seats].count(None) == 1
    assert session.scalars(sa.select(SwapRequest.state)).all() == [SwapState.REQUESTED]
    assert _rows(session, Observation) >= 18, "an inventory saw something else"
    assert _rows(session, Pair) >= 6, "some things were registered twice"
    assert 20 < _rows(session, Question, Question.done_at.is_not(None))
    assert 20 < _rows(session, Question, Question.done_at.is_(None))
    [suspected] = upstream.suspicions(SUNDAY_NIGHT, said(SUNDAY_NIGHT, SUNDAY_NIGHT))
    assert session.get(Item, suspected.item).name == "vl-cluster-b"
    [work] = session.scalars(planned_work.coming(SUNDAY_NIGHT))
    assert [item.name for item in work.items] == ["vl-san-b"]
    assert _views_that_hold_something(session) == 1
    for login, who, _role in SIGN_INS:
        person = session.scalar(sa.select(Person).where(Person.login == login))
        assert who.startswith(person.name)
        assert is_password_of(person, PASSWORD)


def test_the_demo_refuses_a_database_with_a_real_municipality(session):
    make_municipality("Oosterveen", agreement=None)
    with pytest.raises(fill.HoldsRealData):
        fill.is_filled()


def _count(session, *conditions) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Ticket).where(*conditions))


def _rows(session, model, *conditions) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions))
def _views_that_hold_something(session) -> int:
    reader = session.scalar(sa.select(Person).where(Person.login == "youssef"))
    return sum(
        lists.count(items_asked.read(reader, SUNDAY_NIGHT, dict(parse_qsl(view.query))).asked) > 0
        for view in session.scalars(sa.select(ItemView))
    )
