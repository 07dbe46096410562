"""What ends soon becomes a ticket, once, with whoever looks after it."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db, utc_now
from cmdb.deadlines import DeadlineKind
from cmdb.permissions import Role
from servicedesk.reports import ends
from servicedesk.reports.reminders import remind
from servicedesk.tickets.models import Ticket
from tests.makers import NOW, make_item, make_person


@pytest.fixture
def contract(cast):
    """Ends in 120 days; notice can be given until about 28 days from now."""
    return make_item(
        "Onderhoud printers", cast.oosterveen, class_key="contract", manager_id=cast.daan.id,
        attributes={"ends_on": "2027-03-23", "notice_period": 3},
    )  # fmt: skip


def tickets():
    return list(db.session.scalars(sa.select(Ticket).order_by(Ticket.id)))


def test_the_last_day_of_notice_becomes_one_ticket(cast, contract):
    assert remind(NOW, 30) == 1
    [ticket] = tickets()
    assert ticket.title.startswith("Onderhoud printers: opzeggen kan tot en met 23-12-2026")
    assert (ticket.requester, ticket.assignee) == (cast.mia, cast.daan)
    assert [item.uid for item in ticket.items] == [contract.uid]
    assert remind(NOW, 30) == remind(NOW + dt.timedelta(days=1), 30) == 0
    cast.mia.is_active = False
    make_person("Nieuwe Manager", cast.oosterveen, Role.MUNICIPALITY_MANAGER)
    assert remind(NOW, 30) == 0, "who follows her up is not told again"


def test_not_before_its_days_and_the_end_is_another_ticket(cast, contract):
    assert remind(NOW, 29) == 0
    assert remind(NOW, 365) == 2
    assert tickets()[1].title == "Onderhoud printers loopt af op 23-03-2027"


def test_what_the_centre_owns_is_of_the_largest_consumer(cast):
    shared = make_item(
        "zaken.example", class_key="certificate",
        attributes={"ends_on": (NOW.date() + dt.timedelta(days=9)).isoformat()},
    )  # fmt: skip
    nobodys = make_item(
        "los.example", class_key="certificate",
        attributes={"ends_on": (NOW.date() + dt.timedelta(days=9)).isoformat()},
    )  # fmt: skip
    change_set = register.begin(None, "test", NOW)
    register.share_among(shared, {cast.lindhoven.id: 300, cast.oosterveen.id: 700}, change_set)
    assert remind(NOW, 30) == 1
    assert tickets()[0].requester == cast.mia and nobodys.name not in tickets()[0].title


def test_many_warranties_take_no_room_from_contracts(cast, contract, monkeypatch):
    """The first thousand ends were looked through, whatever they were of."""
    monkeypatch.setattr(ends, "LIMIT", 2)
    for number in range(3):
        until = NOW.date() + dt.timedelta(days=number)
        make_item(f"server {number}", class_key="server", warranty_until=until)
    assert remind(NOW, 30) == 1


def test_what_is_asked_now_and_as_of_now_is_the_same(cast, contract, monkeypatch):
    """The register and its history keep a day and a number each in its own way."""
    day = NOW.date()
    for number in range(4):
        made = {"warranty_until": day + dt.timedelta(days=4 - number)} if number else {}
        attributes = {"os_support_until": f"{day + dt.timedelta(days=number)}"}
        owner = cast.oosterveen if number % 2 else None
        make_item(f"server {number}", owner, class_key="server", attributes=attributes, **made)
    last, town = day + dt.timedelta(days=60), cast.oosterveen.id
    for kinds in (list(DeadlineKind), [DeadlineKind.SUPPORT], [DeadlineKind.NOTICE]):
        for asked in ({}, {"municipality_id": town}, {"keys": [contract.id]}):
            then = ends.ends(day, last, utc_now(), kinds=kinds, **asked)
            assert ends.ends(day, last, kinds=kinds, **asked) == then
    assert len(ends.ends(day, last)) == 4 + 3 + 1
    monkeypatch.setattr(ends, "LIMIT", 2)
    monkeypatch.setattr(ends, "_MOST_NOTICES", 0)
    soonest = [one.deadline.day for one in ends.ends(day, last, kinds=[DeadlineKind.WARRANTY])]
    assert soonest == [day + dt.timedelta(days=days) for days in (1, 2)]
