"""D: what is large, nested or repeated costs little, and the log stays readable."""

import logging
import time

import pytest
from flask.logging import default_handler

from servicedesk.intake import ansible, glpi
from servicedesk.logs import FORMAT, OneLine
from servicedesk.tickets.bsn import find_bsns
from tests.makers import make_ticket
from tests.servicedesk.web.test_portal_filing import answers
from tests.servicedesk.web.test_query_counts import counted

BAIT = [
    "1" * 100_000, "1234.56." * 12_500, "123 456 " * 12_500, "@" * 100_000, "a@" * 50_000, "[" * 100_000,
    "http://" * 14_000, "M2611-" * 16_000, " \n" * 50_000, "Op ma 23 nov " * 7_700, ">" * 100_000,
    "\u0301" * 100_000, "('\"" * 33_000,
]  # fmt: skip
NESTED = [b"[" * 10_000, b"[" * 10_000 + b"]" * 10_000, b'{"content":' * 10_000 + b"1" + b"}" * 10_000]


@pytest.mark.parametrize("data", NESTED, ids=["open", "lists", "objects"])
@pytest.mark.parametrize("reader", [ansible, glpi], ids=["ansible", "glpi"])
def test_d1_nested_json_is_refused_or_read_at_once(reader, data):
    start = time.process_time()
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        list(reader.read(data))
    assert time.process_time() - start < 1


@pytest.mark.parametrize("data", [*NESTED, b"[1]", b"{}", b"1"], ids=lambda data: repr(data[:9]))
def test_d1_a_page_takes_no_json(cast, sign_in, data):
    for path in ("/my/report", "/account/calendars", "/signin"):
        answer = sign_in(cast.anna).post(path, data=data, content_type="application/json")
        assert answer.status_code == 400


@pytest.mark.parametrize("bait", BAIT, ids=lambda text: repr(text[:8]))
def test_d2_bait_for_patterns_is_read_at_once(cast, sign_in, bait):
    """In a number of a citizen, a search, a form: a pattern that looks back and forth would hang."""
    start = time.process_time()
    find_bsns(bait)
    assert time.process_time() - start < 1
    anna, daan = sign_in(cast.anna), sign_in(cast.daan)
    start, begin = time.process_time(), time.monotonic()
    assert anna.post("/my/report", data=answers(body=bait)).status_code in (303, 413, 422)
    for address in ("/search", "/items", "/desk"):
        assert daan.get(address, query_string={"q": bait[:20_000]}).status_code < 500
    assert time.process_time() - start < 4
    assert time.monotonic() - begin < 30  # PostgreSQL's part, and whatever else the machine does


def test_d3_large_questions_cost_no_more_than_small_ones(cast, sign_in):
    make_ticket(cast.anna)
    els, ada = sign_in(cast.els), sign_in(cast.ada)
    els.get("/reports/sla?period=2026-11")
    with counted() as month:
        els.get("/reports/sla?period=2026-11")
    with counted() as years:
        assert els.get("/reports/sla?from=1971-01-01&to=2198-12-31").status_code in (200, 400, 422)
    assert len(years) <= 2 * len(month)
    filters = "&".join(f"name.contains={number}&memory.gt={number}" for number in range(1000))
    for address in (f"/items?class=server&{filters}", "/items?page=10000", "/desk?page=10000&after=x",
                    f"/items?columns={','.join(['name'] * 5000)}"):  # fmt: skip
        with counted() as asked:
            assert ada.get(address).status_code in (200, 302, 400)
        assert len(asked) < 40, address


def test_d5_a_line_of_the_log_is_one_line():
    forged = "anna\r\n2026-11-29 INFO Ada signed in\x1b[2J\u2028\x00"
    try:
        raise ValueError(forged)
    except ValueError as error:
        record = logging.LogRecord(
            "servicedesk", logging.ERROR, "x.py", 1, "login %s", (forged,),
            (ValueError, error, error.__traceback__),
        )  # fmt: skip
    text = OneLine(FORMAT).format(record)
    first, *rest = text.split("\n")
    assert "\\r\\n2026-11-29 INFO Ada signed in\\x1b[2J\\u2028\\x00" in first
    assert rest and all(line.startswith("    ") for line in rest)
    assert all(char.isprintable() or char == "\n" for char in text)


def test_d5_the_product_writes_its_log_like_that(app):
    assert isinstance(default_handler.formatter, OneLine)
    assert app.logger.isEnabledFor(logging.WARNING)
