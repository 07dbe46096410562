"""Every cent goes to somebody, and none twice."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.costs import Share, apportion, divided, month_of, of_month

NOVEMBER = month_of(dt.date(2026, 11, 24))
SINCE = dt.date(2026, 1, 1)


def test_three_equal_shares_of_a_euro():
    assert apportion(100, [1, 1, 1]) == [34, 33, 33]


def test_the_largest_remainder_gets_the_cent_that_is_left():
    assert apportion(10, [334, 333, 333]) == [4, 3, 3]
    assert apportion(1, [1, 2, 997]) == [0, 0, 1]


@given(st.integers(0, 10**12), st.lists(st.integers(0, 1000), min_size=1).filter(any))
def test_parts_are_whole_and_add_up(cents, weights):
    parts = apportion(cents, weights)
    assert sum(parts) == cents
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - cents * weight) < sum(weights)


def test_nothing_to_divide_by_is_an_error():
    with pytest.raises(ValueError):
        apportion(100, [0, 0])


@given(st.integers(0, 10**12))
def test_twelve_months_are_a_year(cents):
    assert sum(of_month(cents, month) for month in range(1, 13)) == cents


def test_december_is_followed_by_january():
    assert month_of(dt.date(2026, 12, 31)) == (dt.date(2026, 12, 1), dt.date(2027, 1, 1))


def test_what_no_share_takes_is_for_the_owner():
    shares = [Share(1, 400, SINCE), Share(2, 100, SINCE)]
    assert divided(1000, None, shares, NOVEMBER) == {1: 400, 2: 100, None: 500}
    assert divided(1000, 1, shares, NOVEMBER) == {1: 900, 2: 100}


def test_an_item_without_shares_is_paid_by_its_owner():
    assert divided(999, 3, [], NOVEMBER) == {3: 999}


def test_a_share_counts_for_the_days_that_it_holds():
    """Lindhoven left the tax application on the sixteenth; Veenakker took over."""
    shares = [
        Share(1, 1000, SINCE, dt.date(2026, 11, 16)),
        Share(2, 1000, dt.date(2026, 11, 16)),
    ]
    assert divided(3001, None, shares, NOVEMBER) == {1: 1501, 2: 1500, None: 0}
    assert divided(3001, None, shares, (SINCE, dt.date(2026, 2, 1))) == {1: 3001, 2: 0, None: 0}


def test_shares_of_more_than_a_whole_divide_in_proportion():
    shares = [Share(1, 1000, SINCE), Share(2, 1000, SINCE)]
    assert divided(501, None, shares, NOVEMBER) == {1: 251, 2: 250, None: 0}
