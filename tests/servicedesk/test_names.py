"""Which names are nearly equal, and which only look so."""

import pytest

from servicedesk.quality.names import near_pairs

pytestmark = pytest.mark.no_database


def is_near(one: str, other: str) -> bool:
    return list(near_pairs([(1, one), (2, other)])) == [(1, 2)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zaaksysteem", "zaak-systeem"), ("Café Wifi 01", "cafe wifi 1"),
        ("Belastingen", "Belastngen"), ("Belastingen", "Belastigen"), ("Belastingen", "Belasitngen"),
        ("Belastingen", "Belastingem"), ("vl_db_02 server", "VL-DB-2 Server"), ("Kassa", "kassa"),
        ("srv-db", "SRV db"),
    ],
)  # fmt: skip
def test_near(one, other):
    assert is_near(one, other) and is_near(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("WP-DUI-001", "WP-DUI-002"), ("vl-host-a1", "vl-host-b1"), ("Serverruimte A", "Serverruimte B"),
        ("Belastingen", "Betalingen"), ("Kast", "Last"), ("12", "12"), ("", ""),
        ("Glasvezel Oosterveen", "Glasvezel Lindhoven"), ("ab-1", "ac-1"),
    ],
)  # fmt: skip
def test_not_near(one, other):
    assert not is_near(one, other) and not is_near(other, one)


def test_what_many_are_called_tells_nothing():
    assert not list(near_pairs((number, "Laptop") for number in range(11)))
    assert len(list(near_pairs((number, "Laptop") for number in range(3)))) == 3
