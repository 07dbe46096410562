"""How many statements a page runs: a checked-in number, whatever the number of rows."""

import contextlib
import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.localtime import local
from cmdb.permissions import Role
from servicedesk.directory.models import Directory
from servicedesk.openid.models import OpenIdProvider
from servicedesk.rota import actions as actions_of_rota
from servicedesk.rota import publishing
from servicedesk.rota.facts import Part
from servicedesk.rota.models import Absence
from servicedesk.rota.words import AbsenceKind
from servicedesk.signin import accounts
from servicedesk.tickets import actions
from servicedesk.tickets.attachments import File
from tests.makers import make_municipality, make_person, make_ticket
from tests.servicedesk.rota.team import make_team

# Statements of a page, the session's look-up included.
QUEUE = 4
QUEUE_FILTERED = 5
SEARCH = 6
# Of a fresh report about an item, with what is wrong behind it and what the radar suspects.
TICKET = 11
TICKET_IN_QUEUE = 12
TICKET_PART = 10
# At most: the deed with its page after it.
REPLY = 18
NEW = 21

ROSTER = {"day": 16, "week": 19, "month": 16, "quarter": 16}

BALANCE = 17
PLANNING = {
    "/roster/absences": 4,
    "/roster/absences/{absence}": 26,
    "/roster/swaps": 5,
    "/roster/plan": 16,
    "/roster/duties": 13,
    "/roster/duties/{duty}": 6,
    "/roster/team": 6,
    "/roster/team/{person}": 7,
    "/roster/rules": 8,
}

PEOPLE = 3
PERSON = 8
DIRECTORIES = {
    "/directories": 4,
    "/directories/new": 3,
    "/directories/{directory}": 4,
    "/openid": 5,
    "/openid/new": 4,
    "/openid/{provider}": 4,
}
SIGN_IN = 3

FEW, MANY = 2, 25


@contextlib.contextmanager
def counted():
    """The statements that run inside; savepoints are the tests' own, and what `_see_again` says."""
    seen: list[str] = []

    def note(connection, cursor, statement, parameters, context, executemany):
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "SELECT set_config")):
            seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture(params=[FEW, MANY])
def tickets(request, cast):
    """Tickets about one item, each with as many lines and files as there are tickets."""
    now = utc_now()
    made = [
        make_ticket((cast.anna, cast.carla)[index % 2], now=now, items=[cast.application])
        for index in range(request.param)
    ]
    for index in range(request.param):
        actions.reply(made[0], cast.daan, f"Bericht {index}", now, [File(f"{index}.txt", b"x")])
    db.session.commit()
    return made


@pytest.fixture
def daan(tickets, cast, sign_in):
    browser = sign_in(cast.daan)
    browser.get("/desk")  # what a process keeps is not read again
    return browser


def statements(browser, path, **headers) -> list[str]:
    with counted() as seen:
        assert browser.get(path, headers=headers).status_code == 200
    return seen


def test_the_queue(daan, cast):
    assert len(statements(daan, "/desk")) == QUEUE
    assert (
        len(statements(daan, f"/desk?view=all&municipality={cast.oosterveen.id}")) == QUEUE_FILTERED
    )
    assert len(statements(daan, "/desk?view=all&sort=agent&dir=desc")) == QUEUE


def test_search(daan):
    assert len(statements(daan, "/desk?q=printer")) == SEARCH
    assert len(statements(daan, "/desk?q=Anna")) == SEARCH
    assert len(statements(daan, "/desk?q=onvindbaar")) == SEARCH - 1


def test_a_ticket(daan, tickets):
    number = tickets[0].number
    assert len(statements(daan, f"/desk/tickets/{number}")) == TICKET
    assert len(statements(daan, f"/desk?ticket={number}")) == TICKET_IN_QUEUE
    partial = {"HX-Request-Type": "partial"}
    assert len(statements(daan, f"/desk?ticket={number}", **partial)) == TICKET_PART


def test_a_reply_and_the_page_after_it(daan, tickets):
    number = tickets[0].number
    with counted() as seen:
        answer = daan.post(
            f"/desk/tickets/{number}/reply",
            data={"reply-body": "Wij kijken ernaar", "reply-kind": "reply"},
            follow_redirects=True,
        )
    assert answer.status_code == 200
    assert len(seen) <= REPLY


def test_a_call_and_the_page_after_it(daan, cast):
    with counted() as seen:
        answer = daan.post(
            "/desk/tickets/new",
            data={
                "requester": "Anna Bakker, Oosterveen",
                "channel": "phone",
                "type": "incident",
                "category": cast.category.id,
                "title": "Belt over de printer",
                "body": "Hij doet niets",
                "impact": "person",
                "urgency": "medium",
            },
            follow_redirects=True,
        )
    assert answer.status_code == 200
    assert len(seen) <= NEW


@pytest.fixture(params=[1, 4], ids=["1 week", "4 weeks"])
def roster(request, cast):
    """A published roster of one week or of four, all of whose visits are open."""
    team = make_team(cast, published=False, now=utc_now())
    publishing.publish(cast.els, utc_now(), days=7 * request.param)
    day = local(utc_now()).date()
    actions_of_rota.register_absence(
        cast.daan, day, day + dt.timedelta(days=60), Part.DAY, AbsenceKind.LEAVE, cast.els, utc_now()
    )
    db.session.commit()
    return team


@pytest.mark.parametrize("view", ROSTER)
def test_the_roster(view, roster, cast, sign_in):
    browser = sign_in(cast.els)
    browser.get("/roster")
    on = local(utc_now()).date() + dt.timedelta(days=2)
    assert len(statements(browser, f"/roster?view={view}&on={on}")) == ROSTER[view]


def test_coverage_of_the_roster(roster, cast, sign_in):
    browser = sign_in(cast.els)
    browser.get("/roster")
    assert len(statements(browser, "/roster/balance")) == BALANCE


@pytest.mark.parametrize("path", PLANNING)
def test_planning_pages(path, roster, cast, sign_in):
    browser = sign_in(cast.els)
    browser.get("/roster")
    absence = db.session.scalar(sa.select(Absence.id))
    address = path.format(absence=absence, duty=roster.site.id, person=cast.daan.id)
    assert len(statements(browser, address)) == PLANNING[path]


@pytest.mark.parametrize("count", [FEW, MANY])
def test_the_people_of_the_centre(count, cast, sign_in):
    now = utc_now()
    for number in range(count):
        person = make_person(f"Zus {number}", role=Role.AGENT)
        accounts.invite(person, cast.ada, now)
        accounts.invite(person, cast.ada, now)
    db.session.commit()
    browser = sign_in(cast.ada)
    browser.get("/people")
    assert len(statements(browser, "/people")) == PEOPLE
    assert len(statements(browser, f"/people/{person.id}")) == PERSON


@pytest.fixture(params=[FEW, MANY])
def towns(request, cast):
    """Municipalities with a directory and a provider each."""
    for number in range(request.param):
        town = make_municipality(f"Gemeente {number}", agreement=None)
        domain = f"gemeente{number}.nl"
        directory = Directory(
            municipality_id=town.id, domain=domain, hosts=["dc1"], kind="openldap", security="ldaps",
            base="dc=x", bind_dn="cn=x", next_sync_at=utc_now(),
        )  # fmt: skip
        provider = OpenIdProvider(
            municipality_id=town.id, domain=domain, issuer="https://login.nl", kind="keycloak",
            client_id="x", scopes="openid", claims={},
        )  # fmt: skip
        db.session.add_all([directory, provider])
    db.session.commit()
    return directory, provider


def test_directories_and_providers(towns, cast, sign_in, client):
    ada, (directory, provider) = sign_in(cast.ada), towns
    ada.get("/directories")
    for path, most in DIRECTORIES.items():
        address = path.format(directory=directory.id, provider=provider.id)
        assert len(statements(ada, address)) == most, path
    assert len(statements(client, "/signin")) == SIGN_IN
