"""What is made of the figures of the peers, and of the answers of another application."""

import gzip

import pytest

from tests.bench import helpdesk, http, peers
from tests.bench.client import plain
from tests.bench.operations import operations
from tests.bench.result import Result

QUEUE, RARE, RATE = "queue page", "search, rare word", "queue page, 8 clients"


def compared(ours: list[Result], helpdesk: list[Result]) -> dict[str, Result]:
    return {result.what: result for result in peers.compare(ours, helpdesk)}


def test_milliseconds_count_the_other_way_round_than_rates():
    ours = [Result(QUEUE, "ms", 10.0, foreign=0.02, cpu=8.0), Result(RATE, "/s", 150.0, more_is_better=True)]
    theirs = [Result(QUEUE, "ms", 124.0, foreign=0.3, cpu=134.0), Result(RATE, "/s", 15.0, more_is_better=True)]
    rows = compared(ours, theirs)
    assert rows[QUEUE].value == pytest.approx(12.4) and rows[QUEUE].verdict == "ok"
    assert rows[RATE].value == pytest.approx(10.0) and rows[RATE].verdict == "ok"
    assert rows[QUEUE].foreign == 0.3 and rows[RATE].foreign is None
    assert rows[QUEUE].note == "ours 10.0, 124.0 ms of django-helpdesk, CPU 8.00 and 134.0 ms"
    assert rows[RATE].note == "ours 150.0, 15.0 /s of django-helpdesk"


@pytest.mark.parametrize(("milliseconds", "verdict"), [(8.2, "aim"), (15.5, "ok"), (15.6, "late")])
def test_the_goal_is_a_ratio(milliseconds, verdict):
    rows = compared([Result(QUEUE, "ms", milliseconds)], [Result(QUEUE, "ms", 124.0)])
    assert rows[QUEUE].verdict == verdict


def test_what_is_not_run_here_is_corrected_by_the_pace_of_this_machine():
    """django-helpdesk takes 2 and 8 times as long as it did: the machine is 4 times slower."""
    theirs = [Result(QUEUE, "ms", 2 * 124.0), Result(RARE, "ms", 8 * 1372.0)]
    rows = compared([Result(RARE, "ms", 20.0)], theirs)
    assert rows[RARE].value == pytest.approx(4 * 72 / 20)
    assert rows[RARE].note == "ours 20.0, 288.0 ms of Request Tracker (not run: 72 ms elsewhere x 4.00)"


def test_memory_is_bound_in_megabytes():
    theirs = [Result(http.MEMORY, "MB", 962.0), Result(QUEUE, "ms", 124.0)]
    rows = compared([Result(http.MEMORY, "MB", 161.0)], theirs)
    assert rows[http.MEMORY].verdict == "late" and rows[http.MEMORY].value > 5


@pytest.mark.parametrize(
    ("times", "seconds", "is_enough"),
    [(400, 2.4, False), (400, 2.5, True), (9, 11.9, False), (10, 11.9, True), (2, 60, False), (3, 12, True)],
)
def test_what_takes_seconds_is_done_a_few_times(times, seconds, is_enough):
    assert http.is_enough(times, seconds) == is_enough


def test_a_page_is_read_compressed_or_not():
    assert plain(gzip.compress(b"<main>")) == plain(b"<main>") == b"<main>"


def test_every_goal_is_a_figure_of_both(session):
    """A name that differs would leave the row out of the table."""
    ours, theirs = (
        {name for each in found for name in (each.name, f"{each.name}, {each.clients} clients")}
        for found in (operations(), helpdesk.operations([], []))
    )
    for goal in peers.GOALS:
        assert goal.what in (ours & theirs) | {http.COLD_START}
    assert peers.TRACKER_THEN.keys() <= peers.HELPDESK_THEN.keys() <= ours & theirs
