"""Search: what it finds, whom it finds it for, and that it takes whatever is typed."""

import pytest

from cmdb.database import db
from cmdb.tenancy import Scope, enter
from servicedesk.tickets import actions, search
from servicedesk.tickets.models import Ticket
from tests.makers import NOW, make_person, make_ticket


@pytest.fixture
def annas(cast):
    ticket = make_ticket(
        cast.anna,
        title="De kwartel hapert",
        body="Bij het opslaan verschijnt een salamander.",
        items=[cast.application],
    )
    actions.note(ticket, cast.daan, "Dit is de bekende hagedis", NOW)
    db.session.commit()
    return ticket


@pytest.fixture
def carlas(cast):
    return make_ticket(cast.carla, title="Ook een kwartel", body="Niets bijzonders")


def found(person, words) -> set[int]:
    return set(db.session.scalars(search.matching(person, words)))


@pytest.mark.parametrize(
    "words",
    [
        "kwartel hapert",
        "KWARTEL",
        "salamander",
        "hagedis",
        "Anna Bakk",
        "anna",
        "opslaan salamander",
    ],
)
def test_title_text_notes_and_requester_are_found(cast, annas, words):
    assert annas.id in found(cast.daan, words)


def test_number_and_item_are_found(cast, annas, carlas):
    for words in (
        annas.number,
        annas.number.lower(),
        f"  {annas.number} ",
        cast.application.uid,
        "zaaksys",
    ):
        assert found(cast.daan, words) == {annas.id}
    assert found(cast.daan, annas.number[:6]) == {annas.id, carlas.id}


def test_all_words_have_to_be_there(cast, annas):
    assert found(cast.daan, "kwartel olifant") == set()


def test_who_may_not_read_notes_does_not_find_by_them(cast, annas):
    enter(Scope(frozenset({cast.anna.municipality_id})))
    assert found(cast.anna, "hagedis") == set()
    assert found(cast.anna, "salamander") == {annas.id}


def test_nobody_finds_beyond_the_own_reach(cast, annas, carlas):
    assert found(cast.daan, "kwartel") == {annas.id, carlas.id}
    for person, expected in ((cast.anna, {annas.id}), (cast.bram, set()), (cast.mia, {annas.id})):
        enter(Scope(frozenset({person.municipality_id})))
        assert found(person, "kwartel") == expected
        assert found(person, carlas.number) == set()
        assert found(person, "Carla") == set()


@pytest.mark.parametrize(
    "words",
    [
        "", " ", "%", "_", "\\", "'", '"', '""', "*", "*a", "a*", "(", "kwartel OR", "NOT", "AND kwartel", "NEAR(a b)",
        "a:b", "body:x", "-", "--", "a -b", "^a", "{a}", "'; DROP TABLE ticket; --", "\u0000".strip("\0") + "x",
        "€", "日本語", "é", "a" * 10_000, " ".join(["woord"] * 3000), '"a b', "a | b", "!a & b", "<->", "\ud7ff", "\U0001f600",
    ],
)  # fmt: skip
def test_whatever_is_typed_gives_an_answer(cast, annas, words):
    for person in (cast.daan, cast.anna):
        assert isinstance(found(person, words), set)
        assert isinstance(search.newest(person, words), list)


def test_wildcards_stand_for_themselves(cast, annas):
    make_person("Piet 100% Jansen", cast.oosterveen)
    for words in ("An_a Bakker", "A%r", "ba%er"):
        assert found(cast.daan, words) == set()


def test_the_newest_come_first_and_beyond_the_limit_is_told(cast, monkeypatch):
    monkeypatch.setattr(search, "COUNTED", 3)
    made = [make_ticket(cast.anna, title="Een kwartel").id for _ in range(6)]
    assert search.newest(cast.daan, "kwartel") == made[:-5:-1]


@pytest.mark.parametrize("window", [0, 2, 4, 100])
def test_the_newest_are_the_same_however_far_is_looked_first(cast, monkeypatch, window):
    monkeypatch.setattr(search, "COUNTED", 2)
    monkeypatch.setattr(search, "_NEWEST", window)
    made = [make_ticket(cast.anna, title="Een kwartel").id for _ in range(4)]
    assert search.newest(cast.daan, "kwartel") == made[:0:-1]
    assert search.newest(cast.daan, "kwartel", Ticket.id < made[2]) == made[1::-1]
