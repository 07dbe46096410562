"""Which item a record is about: strong marks before weak ones, and nothing in doubt."""

import time

import pytest

from cmdb.reconcile import Match, mark, match

pytestmark = pytest.mark.no_database


def marks(**said):
    return [one for kind, text in said.items() if (one := mark(kind, text))]


ITEMS = {
    1: marks(uid="WST-0001", serial="ABC123", name="PC-1"),
    2: marks(uid="WST-0002", serial="DEF456", name="PC-2"),
    3: marks(uid="WST-0003", name="PC-3"),
    4: marks(uid="WST-0004", name="Scherm"),
    5: marks(uid="WST-0005", name="Scherm"),
}


def of(**said):
    return match([marks(**said)], ITEMS)[0]


@pytest.mark.parametrize(
    ("said", "item"),
    [
        ({"serial": " abc123 ", "name": "Nieuwe naam"}, 1),
        ({"uid": "wst-0002", "serial": "ABC123"}, 2),  # the stronger mark decides
        ({"name": "pc-3", "serial": "NEW789"}, 3),  # it had no serial number yet
        ({"name": "PC-1"}, 1),
        ({"name": "PC-1", "serial": "OTHER"}, None),  # another serial number is another thing
        ({"serial": "To be filled by O.E.M.", "name": "PC-9"}, None),
        ({}, None),
    ],
)
def test_the_strongest_mark_decides(said, item):
    assert of(**said) == Match(item=item)


@pytest.mark.parametrize(
    "text",
    ["To be filled by O.E.M.", "Default string", "0000000", "XXXX", "N/A", "None", "", "  ", "....",
     "123456789", "000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "00:00:00:00:00:00"],
)  # fmt: skip
def test_what_makers_forget_to_fill_is_no_mark(text):
    assert mark("serial", text) is None


def test_a_short_label_is_a_mark():
    assert mark("asset_tag", "77") and not mark("asset_tag", "00")


def test_two_items_are_one_too_many():
    assert of(name="scherm") == Match(rivals=(4, 5))


def test_two_records_for_one_item_are_both_in_doubt():
    found = match([marks(serial="ABC123"), marks(name="PC-2"), marks(name="PC-1")], ITEMS)
    assert found == [Match(1, twins=(2,)), Match(2), Match(1, twins=(0,))]


def test_new_records_that_cannot_be_told_apart_are_in_doubt():
    found = match([marks(name="Muis"), marks(name="muis"), marks(name="Bord")], ITEMS)
    assert found == [Match(twins=(1,)), Match(twins=(0,)), Match()]


def test_new_records_of_one_name_are_told_apart_by_serial():
    found = match([marks(name="Laptop", serial="S1A"), marks(name="Laptop", serial="S2B")], ITEMS)
    assert found == [Match(), Match()]
    found = match([marks(name="A", serial="S1A"), marks(name="B", serial="S1A")], ITEMS)
    assert [each.twins for each in found] == [(1,), (0,)]


def test_a_record_without_serial_beside_one_with_is_in_doubt():
    found = match([marks(name="Laptop", serial="S1A"), marks(name="Laptop")], ITEMS)
    assert [each.twins for each in found] == [(1,), (0,)]


def test_many_of_one_name_are_told_apart_in_time():
    many = {at: marks(name="Laptop", serial=f"S{at}X") for at in range(20_000)}
    fresh = [marks(name="Laptop", serial=f"T{at}X") for at in range(20_000)]
    start = time.process_time()
    assert not any(each != Match() for each in match(fresh, many))
    assert time.process_time() - start < 5
