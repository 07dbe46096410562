"""Burgerservicenummers are found, and other numbers are let alone."""

import pytest

from servicedesk.tickets.bsn import find_bsns, is_bsn, mask, without_bsns

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize("number", ["111222333", "123456782", "010464554", "10464554"])
def test_the_eleven_test_passes(number):
    assert is_bsn(number)


@pytest.mark.parametrize("number", ["123456789", "000000000", "111222334", "1234567820", "1"])
def test_the_eleven_test_fails(number):
    assert not is_bsn(number)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BSN 111222333 lukt niet", ["111222333"]),
        ("nummer: 1112.22.333.", ["1112.22.333"]),
        ("111 222 333, en weer 111 222 333", ["111 222 333"]),
        ("(123456782)", ["123456782"]),
        ("0612345678 bellen", []),
        ("melding 1112223330", []),
        ("bedrag 111222333,50", []),
        ("zaak Z-111222333-A", []),
        ("op 23-11-2026 9:30", []),
        ("op 24-11-2026 en 11-12-2026", []),
        ("", []),
    ],
)
def test_numbers_in_text(text, found):
    assert find_bsns(text) == found


def test_a_masked_number_shows_its_last_two_digits():
    assert mask("111222333") == "•••••••33" and mask("1112.22.333") == "••••.••.•33"


def test_text_without_the_number_keeps_the_rest():
    assert without_bsns("BSN 111222333 van 0612345678") == "BSN ••••••••• van 0612345678"
