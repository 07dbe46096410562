"""Service hours: a calendar of local opening times, and the timeline that it makes in UTC.

Rules R1-R3 and R8 of the SLA contract. Inside, an instant is whole epoch seconds and an interval
is half open, `(start, end)`; local time occurs only where windows are turned into intervals.
"""
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sla.holidays import LIBERATION_DAY_RULES, dutch_holidays
from sla.instants import read_instant, to_datetime, write_instant

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON = 3653 * 86400
"""Ten years in seconds: how far ahead a deadline is sought (R8)."""
EARLIEST = 0
LATEST = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp())

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
_KEYS = {"timezone", "weekly", "holidays", "holiday_rule", "extra_closed", "extra_open"}

Interval = tuple[int, int]


@dataclass(frozen=True)
class Calendar:
    """Opening times of one service desk; immutable and hashable.

    `weekly` holds for Monday to Sunday the windows `(start, end)` in local minutes, 24:00 = 1440;
    a window whose end is not after its start ends on the next local day. `liberation_day` names
    the rule that adds the Dutch public holidays to `holidays` (None: no rule).
    """

    timezone: str
    weekly: tuple[tuple[Interval, ...], ...]
    holidays: frozenset[date] = frozenset()
    liberation_day: str | None = None
    extra_closed: tuple[Interval, ...] = ()
    extra_open: tuple[Interval, ...] = ()

    @classmethod
    def from_dict(cls, source: object) -> "Calendar":
        """Read the JSON form: `{"timezone", "weekly": {"mon": [["08:00", "17:00"]]}, "holidays",
        "holiday_rule": {"country": "NL", "liberation_day": "yearly"}, "extra_closed",
        "extra_open"}`; all but the time zone may be left out.

        Raises ValueError with one line that names the place.
        """
        source = _mapping(source, "calendar")
        for key in source:
            if key not in _KEYS:
                raise ValueError(f"calendar: unknown key {key!r}")
        return cls(
            timezone=_read_timezone(source.get("timezone")),
            weekly=_read_weekly(source.get("weekly", {})),
            holidays=frozenset(_read_date(day) for day in _sequence(source, "holidays")),
            liberation_day=_read_rule(source.get("holiday_rule")),
            extra_closed=_read_intervals(source, "extra_closed"),
            extra_open=_read_intervals(source, "extra_open"),
        )

    def to_dict(self) -> dict:
        """Give the JSON form that `from_dict` reads, instants in UTC."""
        named = zip(WEEKDAYS, self.weekly, strict=True)
        result = {
            "timezone": self.timezone,
            "weekly": {
                day: [[_write_minute(start), _write_minute(end)] for start, end in windows]
                for day, windows in named
            },
            "holidays": [day.isoformat() for day in sorted(self.holidays)],
            "extra_closed": _write_intervals(self.extra_closed),
            "extra_open": _write_intervals(self.extra_open),
        }
        if self.liberation_day is not None:
            result["holiday_rule"] = {"country": "NL", "liberation_day": self.liberation_day}
        return result

    def holidays_of(self, year: int) -> set[date]:
        """Give the closed dates of one year: those named and those of the rule."""
        named = {day for day in self.holidays if day.year == year}
        return named.union(
            dutch_holidays(year, self.liberation_day) if self.liberation_day is not None else ()
        )

    def open_between(self, first: int, last: int) -> list[Interval]:
        """Give the open intervals within [first, last), sorted, disjoint and never touching (R2).

        `first` and `last` are epoch seconds.
        """
        zone = ZoneInfo(self.timezone)
        start_day = to_datetime(first).date() - timedelta(days=2)
        days = (to_datetime(last).date() - start_day).days + 3
        dates = [start_day + timedelta(days=n) for n in range(days)]
        holidays = set().union(*(self.holidays_of(year) for year in {day.year for day in dates}))
        weekly = [
            _window(day, start, end, zone)
            for day in dates
            for start, end in self.weekly[day.weekday()]
        ]
        closed = [_window(day, 0, 1440, zone) for day in dates if day in holidays]
        usual = _subtract(_merge(weekly), _merge(closed + list(self.extra_closed)))
        return _clip(_merge(usual + list(self.extra_open)), first, last)


class _Table(NamedTuple):
    """Open intervals of the years in [first, last).

    `opened[i]` is the number of open seconds up to `ends[i]`; index 0 is an empty interval at
    `first`, so that every instant of the table has an interval before it.
    """

    first: int
    last: int
    starts: list[int]
    ends: list[int]
    opened: list[int]


class Timeline:
    """Compiled service hours: open seconds between instants, and the instant after so many.

    Years are compiled when they are first asked for (about 3 ms each) and kept, so make one
    timeline per calendar version and share it: threads may use it at the same time.
    """

    def __init__(self, versions: list[tuple[int | None, Calendar]]):
        """Stitch calendar versions `(valid_from, calendar)`, each in force until the next begins.

        `valid_from` is in epoch seconds; None (the first only) means "ever since". Before the first
        version nothing is open. Raises ValueError when the versions are not in order.
        """
        bounds = [EARLIEST if start is None else start for start, _ in versions]
        if any(start is None for start, _ in versions[1:]) or bounds != sorted(set(bounds)):
            raise ValueError("calendar versions must be in order of valid_from, each at its own")
        ends = bounds[1:] + [LATEST]
        self._versions = list(zip(bounds, ends, (calendar for _, calendar in versions)))
        self._years: dict[int, list[Interval]] = {}
        self._table = _Table(0, 0, [], [], [])
        self._lock = Lock()

    def open_seconds(self, start: int, end: int) -> int:
        """Give the open seconds in [start, end); 0 when `end` is not after `start`."""
        if end <= start:
            return 0
        table = self._table
        if start < table[0] or end >= table[1]:
            table = self._cover(start, end)
        _, _, starts, ends, opened = table
        i = bisect_right(starts, start) - 1
        j = bisect_right(starts, end) - 1
        seconds = opened[j] - opened[i]
        if ends[j] > end:
            seconds -= ends[j] - end
        if ends[i] > start:
            seconds += ends[i] - start
        return seconds

    def after(self, start: int, seconds: int) -> int | None:
        """Give the earliest instant at which `seconds` open seconds have passed since `start`.

        Time used up at closing ends at closing (R6); 0 seconds give `start` itself. None when ten
        years hold too few open seconds (R8).
        """
        if seconds <= 0:
            return start
        table = self._table
        if not table[0] <= start < table[1]:
            table = self._cover(start, start)
        while True:
            _, last, starts, ends, opened = table
            i = bisect_right(starts, start) - 1
            need = opened[i] + seconds
            if ends[i] > start:
                need -= ends[i] - start
            if need <= opened[-1]:
                j = bisect_left(opened, need, i)
                found = ends[j] - opened[j] + need
                return found if found - start <= HORIZON else None
            if last > start + HORIZON or last >= LATEST:
                return None
            table = self._cover(start, last)

    def is_open(self, at: int) -> bool:
        """Tell whether the desk is open at the instant."""
        table = self._table
        if not table[0] <= at < table[1]:
            table = self._cover(at, at)
        return at < table.ends[bisect_right(table.starts, at) - 1]

    def _cover(self, start: int, end: int) -> _Table:
        """Give a table that holds the years of both instants, compiling what is missing."""
        if start < EARLIEST or end >= LATEST:
            raise ValueError("service hours are known from 1970 up to 2200 only")
        with self._lock:
            years = {to_datetime(start).year, to_datetime(end).year, *self._years}
            for year in range(min(years), max(years) + 1):
                if year not in self._years:
                    self._years[year] = self._compiled(year)
            self._table = _tabulate(self._years)
            return self._table

    def _compiled(self, year: int) -> list[Interval]:
        """The open intervals of one UTC year, each version within its own time."""
        first, last = _new_year(year), _new_year(year + 1)
        return [
            interval
            for start, end, calendar in self._versions
            if start < last and end > first
            for interval in calendar.open_between(max(start, first), min(end, last))
        ]


def _tabulate(years: dict[int, list[Interval]]) -> _Table:
    first = _new_year(min(years))
    starts, ends, opened = [first], [first], [0]
    for year in sorted(years):
        for start, end in years[year]:
            starts.append(start)
            ends.append(end)
            opened.append(opened[-1] + end - start)
    return _Table(first, _new_year(max(years) + 1), starts, ends, opened)


def _new_year(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


def _window(day: date, start: int, end: int, zone: ZoneInfo) -> Interval:
    """One local window as an interval; `end` not after `start` lies on the next day (R1)."""
    following = day + timedelta(days=1)
    if end == 1440:
        return _local(day, start, zone), _local(following, 0, zone)
    return _local(day, start, zone), _local(day if end > start else following, end, zone)


def _local(day: date, minute: int, zone: ZoneInfo) -> int:
    """A local time as epoch seconds with fold=0 (R3): a repeated time is its first occurrence,
    a missing time shifts forward by the gap (PEP 495)."""
    hours, minutes = divmod(minute, 60)
    return int(datetime(day.year, day.month, day.day, hours, minutes, tzinfo=zone).timestamp())


def _merge(intervals: list[Interval]) -> list[Interval]:
    """Sort, drop the empty ones, join those that overlap or touch."""
    merged: list[Interval] = []
    for start, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _subtract(kept: list[Interval], removed: list[Interval]) -> list[Interval]:
    """What is left of `kept` without `removed`; both merged."""
    left: list[Interval] = []
    i = 0
    for start, end in kept:
        while i < len(removed) and removed[i][1] <= start:
            i += 1
        for hole_start, hole_end in removed[i:]:
            if hole_start >= end:
                break
            left.append((start, hole_start))
            start = hole_end
        left.append((start, end))
    return [(start, end) for start, end in left if start < end]


def _clip(intervals: list[Interval], first: int, last: int) -> list[Interval]:
    return [
        (max(start, first), min(end, last))
        for start, end in intervals
        if start < last and end > first
    ]


def _mapping(value: object, place: str) -> dict:
    if not isinstance(value, dict):
        raise ValueError(f"{place}: expected an object, not {value!r}")
    return value


def _sequence(source: dict, key: str) -> list:
    value = source.get(key, [])
    if not isinstance(value, list):
        raise ValueError(f"{key}: expected a list, not {value!r}")
    return value


def _read_timezone(name: object) -> str:
    if not isinstance(name, str):
        raise ValueError(f"timezone: expected the name of a time zone, not {name!r}")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"timezone: unknown time zone {name!r}") from None
    return name


def _read_weekly(source: object) -> tuple[tuple[Interval, ...], ...]:
    source = _mapping(source, "weekly")
    for day in source:
        if day not in WEEKDAYS:
            raise ValueError(f"weekly: unknown day {day!r}, expected one of {', '.join(WEEKDAYS)}")
    return tuple(
        tuple(_read_window(window, f"weekly.{day}") for window in _sequence(source, day))
        for day in WEEKDAYS
    )


def _read_window(window: object, place: str) -> Interval:
    if not isinstance(window, list) or len(window) != 2:
        raise ValueError(f"{place}: expected [from, to], not {window!r}")
    start, end = (_read_minute(text, place) for text in window)
    if start == 1440:
        raise ValueError(f"{place}: a window cannot begin at 24:00")
    return start, end


def _read_minute(text: object, place: str) -> int:
    if not isinstance(text, str) or not _CLOCK.fullmatch(text):
        raise ValueError(f"{place}: {text!r} is not a time HH:MM")
    return int(text[:2]) * 60 + int(text[3:])


def _write_minute(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _read_date(text: object) -> date:
    if isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(f"holidays: {text!r} is not a date YYYY-MM-DD")


def _read_rule(source: object) -> str | None:
    if source is None:
        return None
    source = _mapping(source, "holiday_rule")
    if source.get("country") != "NL" or not set(source) <= {"country", "liberation_day"}:
        raise ValueError('holiday_rule: expected {"country": "NL", "liberation_day": ...}')
    rule = source.get("liberation_day", "yearly")
    if rule not in LIBERATION_DAY_RULES:
        allowed = ", ".join(LIBERATION_DAY_RULES)
        raise ValueError(f"holiday_rule: liberation_day {rule!r} is not one of {allowed}")
    return rule


def _read_intervals(source: dict, key: str) -> tuple[Interval, ...]:
    return tuple(_read_interval(pair, key) for pair in _sequence(source, key))


def _read_interval(pair: object, place: str) -> Interval:
    if not isinstance(pair, list) or len(pair) != 2:
        raise ValueError(f"{place}: expected [from, to], not {pair!r}")
    try:
        start, end = (read_instant(text) for text in pair)
    except ValueError as wrong:
        raise ValueError(f"{place}: {wrong}") from None
    if end < start:
        raise ValueError(f"{place}: {pair!r} ends before it begins")
    return start, end


def _write_intervals(intervals: tuple[Interval, ...]) -> list[list[str]]:
    return [[write_instant(start), write_instant(end)] for start, end in intervals]
