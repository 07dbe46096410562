"""Figures as they are read."""

import pytest

from servicedesk.tickets.queue import COUNTED
from servicedesk.web.numbers import counted


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (COUNTED, "1.000"), (COUNTED + 1, "1.000+"), (2 * COUNTED, "1.000+")],
)
def test_a_number_that_was_not_counted_to_its_end_says_so(app, number, text):
    with app.test_request_context("/"):
        assert counted(number) == text
