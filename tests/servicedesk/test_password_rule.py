"""Which passwords are refused, and that looking them up takes no memory."""

import tracemalloc

import pytest

from cmdb.people import Person
from servicedesk.signin.password_rule import _LISTS, Fault, _stands_in, fault

ANNA = Person(
    name="Anna Bakker-de Wit", login="anna.bakker", email="a.bakker@oosterveen.example"
)


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("elf tekens!", Fault.SHORT),
        ("twaalf teken", None),
        ("correct paard batterij", None),
        ("x y z " * 200, Fault.LONG),
        ("wachtwoordwachtwoord", Fault.COMMON),
        ("Welkom2024!!!", Fault.COMMON),
        ("!!!2024Zomer", Fault.COMMON),
        ("111111111111", Fault.COMMON),
        ("121212121212", Fault.COMMON),
        ("123456789012", Fault.COMMON),
        ("QWERTYUIOPasd", Fault.COMMON),
        ("Anna.Bakker-2026", Fault.OWN),
        ("a.bakker@oosterveen.example", Fault.OWN),
        ("Servicedesk2026", Fault.OWN),
        ("servicepunt!!", Fault.OWN),
        ("DeVlietlanden", Fault.OWN),
        ("anna kocht vier groene fietsen", None),
        ("ÀÈÌÒÙ twee zwanen", None),
    ],
)
def test_length_and_guesses_count_and_nothing_else(app, password, found):
    assert fault(password, ANNA) == found


def test_every_line_of_the_lists_is_found_and_its_neighbours_are_not():
    for path in _LISTS:
        lines = path.read_bytes().split(b"\n")[:-1]
        assert lines == sorted(set(lines)) and len(lines) > 10_000
        for line in (*lines[:50], *lines[::997], *lines[-50:]):
            word = line.decode()
            assert _stands_in(path, word)
            assert _stands_in(path, word + "\t") is False
        assert not _stands_in(path, "") and not _stands_in(path, "\uffff")


def test_the_lists_are_searched_where_they_lie(app):
    fault("correct paard batterij", ANNA)
    tracemalloc.start()
    try:
        fault("vier groene fietsen", ANNA)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()
