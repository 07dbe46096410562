"""Spans of dates: cut out of, and joined."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from cmdb.spans import Span, joined, without

FIRST = dt.date(2026, 1, 1)
DAYS = [FIRST + dt.timedelta(days=number) for number in range(12)]


def held(spans, day):
    return [
        one.what for one in spans if one.since <= day and (one.until is None or day < one.until)
    ]


days = st.integers(0, 9)
ends = st.none() | st.integers(1, 6)


def span(what, start, length):
    since = FIRST + dt.timedelta(days=start)
    return Span(what, since, length and since + dt.timedelta(days=length))


@given(st.lists(st.tuples(st.sampled_from("ab"), days, ends)), days, ends)
def test_what_is_left_is_what_held_outside(rows, start, length):
    spans, gone = [span(*row) for row in rows], span("x", start, length)
    left = without(spans, gone.since, gone.until)
    for day in DAYS:
        assert held(left, day) == ([] if held([gone], day) else held(spans, day))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 3)), max_size=5))
def test_joined_says_the_same_in_fewer_spans(rows):
    spans, start = [], 0
    for what, length in rows:
        spans.append(span(what, start, length))
        start += length
    found = joined(spans)
    assert all(held(found, day) == held(spans, day) for day in DAYS)
    assert all(one.what != two.what for one, two in zip(found, found[1:], strict=False))
