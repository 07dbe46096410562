"""The lists of the queue: every ticket once, in either direction, and counted right."""

import base64
import datetime as dt
import json

import pytest
import sqlalchemy as sa

from cmdb.database import db
from servicedesk.tickets import actions, queue
from servicedesk.tickets.workflow import WaitingFor
from sla.priority import Impact, Urgency
from tests.makers import NOW, make_ticket

HOUR = dt.timedelta(hours=1)
ORDERS = [queue.Order(sort, descending) for sort in queue.SORTS for descending in (False, True)]


@pytest.fixture
def tickets(cast, monkeypatch):
    """Eleven tickets: some due at the same time, some without a deadline, some without an agent."""
    monkeypatch.setattr(queue, "PAGE", 3)
    made = []
    for index in range(11):
        ticket = make_ticket(
            (cast.anna, cast.carla)[index % 2],
            now=NOW + HOUR * (index // 3),
            title=f"Melding {index % 4}",
            impact=(Impact.PERSON, Impact.PUBLIC)[index % 2],
            urgency=Urgency.MEDIUM,
        )
        if index % 3 == 0:
            actions.take(ticket, (cast.daan, cast.femke)[index % 2], NOW + 4 * HOUR)
        if index % 5 == 0:
            actions.wait(ticket, WaitingFor.REQUESTER, cast.daan, NOW + 4 * HOUR, question="Welke?")
        made.append(ticket)
    db.session.commit()
    return made


def walk(order, step, place=None):
    """The ids of all pages in one direction."""
    pages = []
    while True:
        page = queue.page([queue.IS_OPEN], order, **({step: place} if place else {}))
        pages.append([row.id for row in page.rows])
        place = getattr(page, step)
        if place is None:
            return pages
        assert len(pages) < 20


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_pages_hold_every_ticket_once_forwards_and_back(tickets, order):
    pages = walk(order, "after")
    assert sorted(sum(pages, [])) == sorted(ticket.id for ticket in tickets)
    assert [len(page) for page in pages] == [3, 3, 3, 2]
    whole = [row.id for row in db.session.execute(queue.rows([queue.IS_OPEN], order))]
    assert sum(pages, []) == whole
    last = queue.page([queue.IS_OPEN], order, after=_key_of(order, pages[-2][-1]))
    back = walk(order, "before", last.before)
    assert sum(reversed(back), []) == whole[:-2]


def _key_of(order, key):
    page = queue.page([queue.IS_OPEN, queue.Ticket.id == key], order)
    return queue._key(page.rows[0], order)


@pytest.mark.parametrize("descending", [False, True])
def test_what_has_no_deadline_comes_last(tickets, descending):
    due = [row.due_at for row in db.session.execute(queue.rows([], queue.Order("due", descending)))]
    known = [moment for moment in due if moment]
    assert due == sorted(known, reverse=descending) + [None] * (len(due) - len(known))
    assert len(known) < len(due)


def test_a_page_stays_in_place_when_tickets_come_and_go(tickets, cast):
    order = queue.Order("newest")
    first = queue.page([queue.IS_OPEN], order)
    actions.cancel(tickets[0], "Dubbel", cast.daan, NOW)
    second = queue.page([queue.IS_OPEN], order, after=first.after)
    assert [row.id for row in second.rows] == [ticket.id for ticket in tickets[3:6]]


def made_up(*values) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    "key",
    [
        "x", "e30", "bnVsbA", "é", "=" * 9, made_up(), made_up(True), made_up(1, 2, 3, 4), made_up("0001-01-01T00:00:00+14:00", "1"),
        made_up("2026-11-23", "1"), made_up("a\0b", 1), made_up("\ud800", 1), made_up(2**31),
        made_up(1.5), made_up([], {}),
    ],
)  # fmt: skip
def test_a_key_that_is_none_gives_the_first_page(tickets, key):
    for order in ORDERS:
        whole = [row.id for row in queue.page([queue.IS_OPEN], order).rows]
        for place in ({"after": key}, {"before": key}):
            page = queue.page([queue.IS_OPEN], order, **place)
            assert [row.id for row in page.rows] == whole


def test_counters_agree_with_the_lists(tickets, cast):
    for person in (cast.daan, cast.femke, cast.els):
        now = NOW + 5 * HOUR
        counted = queue.counters(person, now)
        for view in queue.VIEWS:
            conditions = [queue.IS_OPEN, queue.in_view(view, person, now)]
            assert counted.of_view(view) == queue.count(conditions)
        assert counted.all == 11 and counted.teams == (0 if person is cast.els else 1)
        menu = queue.in_menu(person)
        assert (menu.mine, menu.all, menu.outages) == (counted.mine, counted.all, counted.outages)


def test_counting_stops_where_the_number_helps_nobody(tickets, monkeypatch):
    monkeypatch.setattr(queue, "COUNTED", 4)
    assert queue.count([queue.IS_OPEN]) == 5


def test_what_is_not_done_is_what_is_open(tickets):
    chosen = [
        sa.select(queue.Ticket.id).where(states) for states in (queue.IS_OPEN, queue.IS_NOT_DONE)
    ]
    is_open, is_not_done = (set(db.session.scalars(statement)) for statement in chosen)
    assert is_open == is_not_done != set()


def test_late_is_part_of_at_risk(tickets, cast):
    counted = queue.counters(cast.daan, NOW + dt.timedelta(days=1))
    assert 0 < counted.late <= counted.at_risk


def test_the_used_share_counts_service_time_only(cast):
    ticket = make_ticket(cast.anna)
    (row,) = db.session.execute(queue.rows([queue.Ticket.id == ticket.id], queue.Order()))
    assert queue.used_share(row, NOW + 9 * HOUR) == pytest.approx(7 / 18)  # closes at 17:00 local
    assert queue.used_share(row, NOW) == 0


def test_nothing_promised_uses_nothing(cast):
    ticket = make_ticket(cast.anna)
    ticket.resolution_clock_id = None
    db.session.flush()
    (row,) = db.session.execute(queue.rows([queue.Ticket.id == ticket.id], queue.Order()))
    assert queue.used_share(row, NOW + HOUR) == 0 and row.state is None


def test_options_are_read_in_one_go(cast):
    known = queue.options(NOW)
    assert [name for _key, name in known.team] == ["Applicatiebeheer", "Werkplek"]
    assert "Daan Mulder" in dict(known.agent).values()
    assert "Anna Bakker" not in dict(known.agent).values()
