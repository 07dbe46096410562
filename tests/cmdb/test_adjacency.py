"""Rows of numbers in two arrays, against a dictionary of lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.adjacency import Adjacency

pytestmark = pytest.mark.no_database

ROWS = st.dictionaries(st.integers(0, 40), st.lists(st.integers(0, 2**31 - 1), max_size=4))


@given(ROWS, st.lists(ROWS, max_size=3))
def test_it_holds_the_last_row_of_each_key(rows, later):
    packed = Adjacency(sorted(rows.items()))
    for some in later:
        before = {key: list(packed.get(key)) for key in range(50)}
        replaced = packed.replace(some)
        assert {key: list(packed.get(key)) for key in range(50)} == before
        packed, rows = replaced, rows | some
    assert {key: list(packed.get(key)) for key in range(50)} == {
        key: rows.get(key, []) for key in range(50)
    }
    assert packed.replacements == len(set().union(*later))
