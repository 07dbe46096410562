"""The clock against a plain reference that walks minute by minute, on random calendars.

The reference knows nothing of intervals, sums or states in code: it labels every UTC minute with
its local time, opens and closes minutes in sets, and counts.
"""
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sla.replay import replay

MINUTE = timedelta(minutes=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STARTS = (date(2026, 3, 26), date(2026, 10, 22), date(2026, 4, 24), date(2025, 12, 29))
ZONES = ("Europe/Amsterdam", "America/Havana", "Australia/Lord_Howe", "UTC")
DAYS = 8


def minutes_from(start):
    """The UTC minutes that are walked: some days around the eight of the case."""
    first = datetime(start.year, start.month, start.day, tzinfo=UTC) - timedelta(days=3)
    return [first + n * MINUTE for n in range((DAYS + 6) * 1440)]


@lru_cache
def first_minutes(start, zone):
    """Each local label with the place of its first minute in the walk."""
    labels = {}
    for n, minute in enumerate(minutes_from(start)):
        labels.setdefault(minute.astimezone(ZoneInfo(zone)).replace(tzinfo=None), n)
    return labels


def place(labels, day, clock):
    """Where a local HH:MM lies in the walk; one that is missing lies the length of the gap on."""
    hours, minutes = (int(part) for part in clock.split(":"))
    label = datetime(day.year, day.month, day.day) + timedelta(hours=hours, minutes=minutes)
    if label in labels:
        return labels[label]
    before, behind = label, label
    while before not in labels:
        before -= MINUTE
    while behind not in labels:
        behind += MINUTE
    return labels[label + (behind - before - MINUTE)]


def window_minutes(labels, day, window):
    start, end = window
    last = day if end > start else day + timedelta(days=1)
    return set(range(place(labels, day, start), place(labels, last, end)))


def open_minutes(start, calendar):
    labels = first_minutes(start, calendar["timezone"])
    weekly, closed, extra = set(), set(), set()
    for n in range(-2, DAYS + 1):
        day = start + timedelta(days=n)
        for window in calendar["weekly"].get(WEEKDAYS[day.weekday()], []):
            weekly |= window_minutes(labels, day, window)
        if day.isoformat() in calendar["holidays"]:
            closed |= window_minutes(labels, day, ("00:00", "24:00"))
    first = minutes_from(start)[0]
    for intervals, minutes in ((calendar["extra_closed"], closed), (calendar["extra_open"], extra)):
        for bounds in intervals:
            begin, end = ((datetime.fromisoformat(text) - first) // MINUTE for text in bounds)
            minutes |= set(range(begin, end))
    return (weekly - closed) | extra


def walk(start, case):
    """Replay the case minute by minute over the eight days from `start`."""
    opened = open_minutes(start, case["calendar"])
    minutes = minutes_from(start)
    as_of = datetime.fromisoformat(case["as_of"])
    events = {}
    for event in case["events"]:
        events.setdefault(datetime.fromisoformat(event["at"]), []).append(event)
    state, target, used = None, case["target_minutes"], 0
    reached, fired, counted, seen = {}, {}, {}, None
    for n in range(3 * 1440, (3 + DAYS) * 1440):
        minute = minutes[n]
        if state == "running" and n - 1 in opened:
            used += 1
        if state == "running" or (state is None and minute in events):
            reached.setdefault(used, minute)
        for event in events.get(minute, []):
            before = state
            state, target = follow(state, target, event)
            if state == "resolved" and before != "resolved":
                seen = (before, used, target, n)
        if state is not None and 0 not in reached:
            reached[0] = minute
        counted[minute] = used
        if state == "running" and minute <= as_of:
            for percent in (50, 75, 90, 100):
                if used * 100 >= target * percent:
                    fired.setdefault(percent, minute)
    return state, target, reached, fired, counted, seen, opened, minutes


def follow(state, target, event):
    kind = event["type"]
    if kind == "created" and state is None:
        return "running", target
    if state is None:
        return state, target
    if kind == "priority_changed":
        return state, event["target_minutes"]
    moves = {
        ("running", "paused"): "paused", ("paused", "resumed"): "running",
        ("running", "resolved"): "resolved", ("paused", "resolved"): "resolved",
        ("resolved", "reopened"): "running", ("paused", "reopened"): "running",
    }
    return moves.get((state, kind), state), target


def instant(text):
    return None if text is None else datetime.fromisoformat(text)


def expected_due(walked, percent):
    """(known, instant): when the share is used up; unknown beyond the days that were walked."""
    state, target, reached, _, _, seen, opened, minutes = walked
    used = None
    if state == "resolved":
        before, used, target, n = seen
        state = before
    need = target * percent // 100
    if need in reached and (used is None or need <= used):
        return True, reached[need]
    if state == "paused":
        return True, None
    if used is None:
        return False, None
    for later in range(n, (3 + DAYS) * 1440):
        used += later in opened
        if used == need:
            return True, minutes[later + 1]
    return False, None


def quarter(n):
    return f"{n // 60:02d}:{n % 60:02d}"


starts = st.integers(0, 95).map(lambda n: quarter(n * 15))
ends = st.integers(0, 96).map(lambda n: quarter(n * 15))
windows = st.tuples(starts, ends).map(list)
weeks = st.dictionaries(st.sampled_from(WEEKDAYS), st.lists(windows, max_size=3), max_size=7)
KINDS = ("paused", "resumed", "resolved", "reopened", "priority_changed")


@st.composite
def intervals(draw, start):
    first = datetime(start.year, start.month, start.day, tzinfo=UTC)
    begin = first + draw(st.integers(0, DAYS * 1440)) * MINUTE
    return [begin.isoformat(), (begin + draw(st.integers(0, 900)) * MINUTE).isoformat()]


@st.composite
def cases(draw):
    start = draw(st.sampled_from(STARTS))
    first = datetime(start.year, start.month, start.day, tzinfo=UTC)
    days = st.integers(0, DAYS).map(lambda n: (start + timedelta(days=n)).isoformat())
    calendar = {
        "timezone": draw(st.sampled_from(ZONES)),
        "weekly": draw(weeks),
        "holidays": draw(st.lists(days, max_size=2)),
        "extra_closed": draw(st.lists(intervals(start), max_size=2)),
        "extra_open": draw(st.lists(intervals(start), max_size=2)),
    }
    at = first + draw(st.integers(0, 4 * 1440)) * MINUTE
    events = [{"at": at.isoformat(), "type": "created"}]
    for kind in draw(st.lists(st.sampled_from(KINDS), max_size=6)):
        at += draw(st.sampled_from((0, 0, 20, 60, 300, 37))) * MINUTE
        events.append({"at": at.isoformat(), "type": kind})
        if kind == "priority_changed":
            events[-1]["target_minutes"] = draw(st.sampled_from((0, 20, 60, 240)))
    as_of = at + draw(st.sampled_from((0, 1, 60, 500, 2000))) * MINUTE
    probes = [(first + n * 1001 * MINUTE).isoformat() for n in range(DAYS + 2)]
    return start, {
        "id": "random", "calendar": calendar, "events": events, "as_of": as_of.isoformat(),
        "target_minutes": draw(st.sampled_from((0, 20, 60, 120, 480, 960))), "probes": probes,
    }


@settings(
    max_examples=120, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)
@given(cases())
def test_random_histories_agree_with_the_walk(drawn):
    start, case = drawn
    walked = walk(start, case)
    state, _, _, fired, counted, *_ = walked
    found = replay(case)
    assert found["state"] == state
    for percent in (50, 75, 90, 100):
        due = found["due_at"] if percent == 100 else found["warn_at"][str(percent)]
        known, wanted = expected_due(walked, percent)
        if known:
            assert instant(due) == wanted, percent
        elif due is not None:
            assert instant(due) > max(counted), percent
        hit = found["breached_at"] if percent == 100 else found["warn_fired_at"][str(percent)]
        assert instant(hit) == fired.get(percent), percent
    for probe in found["elapsed"]:
        at = instant(probe["at"])
        if at in counted:
            assert probe["seconds"] == counted[at] * 60
