"""The one function of PostgreSQL that searches behind the wall keeps to the scope, and uses the index."""

import pytest
import sqlalchemy as sa

from cmdb.database import db
from cmdb.tenancy import EVERYTHING, NOTHING, Scope, enter
from servicedesk.tickets import actions
from servicedesk.tickets.models import Ticket
from tests.makers import NOW, make_ticket


pytestmark = pytest.mark.usefixtures("cluster")  # SQLite has no wall of its own


@pytest.fixture
def tickets(cast):
    annas = make_ticket(cast.anna, title="De kwartel is weg")
    carlas = make_ticket(cast.carla, body="Wij missen een kwartel")
    actions.note(annas, cast.daan, "Het ligt aan de salamander", NOW)
    db.session.commit()
    return annas.id, carlas.id


def found(words: str, internal: bool = True) -> set[int]:
    chosen = sa.select(Ticket.id).where(
        Ticket.id.in_(sa.select(sa.func.tickets_with(words, internal)))
    )
    return set(db.session.scalars(chosen))


def raw(words: str) -> set[int]:
    """What the database itself answers, without the wall of the application."""
    connection = db.session.connection()
    return set(
        connection.execute(sa.text("SELECT tickets_with(:words, true)"), {"words": words}).scalars()
    )


def test_the_centre_finds_everything(tickets):
    enter(EVERYTHING)
    assert found("kwartel") == set(tickets)


def test_a_municipality_finds_its_own(tickets, cast):
    home = cast.anna.municipality_id
    enter(Scope(frozenset({home})))
    assert found("kwartel") == raw("kwartel") == {tickets[0]}


def test_without_a_scope_nothing_is_found(tickets):
    enter(NOTHING)
    assert raw("kwartel") == set()


def test_internal_notes_are_found_only_when_asked_for(tickets):
    assert found("salamander") == {tickets[0]} and found("salamander", internal=False) == set()


def test_a_temporary_table_does_not_take_the_place_of_the_real_one(tickets):
    connection = db.session.connection()
    connection.execute(sa.text("CREATE TEMP TABLE entry (ticket_id int, body text)"))
    assert raw("kwartel") == set(tickets)


@pytest.mark.parametrize("words", ["", '"', "(:*&|!", "' OR 1=1 --", "a" * 5000])
def test_any_words_are_a_question(tickets, words):
    assert raw(words) == set()
