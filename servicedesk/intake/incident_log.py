"""The incident log of a ServiceNow system: its rows, read into incidents with their updates.

Pure: bytes in, values out. The format is that of the public "Incident management process enriched
event log" (UCI, 2018): one row per update with the incident's state after it, `?` for unknown,
`dd-mm-yyyy hh:mm` as local time of the Netherlands.
"""

import csv
import datetime as dt
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from cmdb.localtime import ZONE
from servicedesk.tickets.workflow import Status, WaitingFor

STATES: dict[str, tuple[Status, WaitingFor | None]] = {
    "New": (Status.NEW, None),
    "Active": (Status.IN_PROGRESS, None),
    "Awaiting User Info": (Status.WAITING, WaitingFor.REQUESTER),
    "Awaiting Vendor": (Status.WAITING, WaitingFor.SUPPLIER),
    "Awaiting Problem": (Status.WAITING, WaitingFor.PROBLEM),
    "Awaiting Evidence": (Status.WAITING, WaitingFor.PROBLEM),
    "Resolved": (Status.RESOLVED, None),
    "Closed": (Status.CLOSED, None),
}
PRIORITIES = {"1 - Critical": 1, "2 - High": 2, "3 - Moderate": 3, "4 - Low": 4}
REQUIRED = ("number", "incident_state", "opened_at", "sys_updated_at", "priority")
OPTIONAL = (
    "caller_id",
    "sys_updated_by",
    "location",
    "category",
    "subcategory",
    "u_symptom",
    "assignment_group",
    "assigned_to",
)
UNKNOWN = "?"
# Service hours are known since then.
_EARLIEST = dt.datetime(1970, 1, 2, tzinfo=dt.UTC)
_LONGEST = 150


@dataclass(frozen=True)
class Update:
    """The incident as it was after one update; a text is None where the log knows nothing."""

    line: int
    at: dt.datetime
    status: Status
    waiting_for: WaitingFor | None
    priority: int
    category: str | None
    subject: str
    caller: str | None
    location: str | None
    team: str | None
    assignee: str | None
    by: str | None


@dataclass(frozen=True)
class Incident:
    """One incident: created at the earliest moment that its rows name, its updates in order."""

    number: str
    created_at: dt.datetime
    updates: tuple[Update, ...]

    @property
    def reopenings(self) -> int:
        """How often it came back after it was resolved or closed."""
        pairs = itertools.pairwise(update.status for update in self.updates)
        return sum(not before.is_open and after.is_open for before, after in pairs)


@dataclass(frozen=True)
class Refusal:
    """Why a row cannot be taken over; `column` is empty when it is about the whole row."""

    line: int
    column: str
    reason: str


@dataclass
class Log:
    """What a file holds: whole incidents, and what is wrong with the others."""

    incidents: list[Incident] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class _BadValue(Exception):
    """A value that cannot be read: its column and the reason."""

    def __init__(self, column: str, reason: str):
        super().__init__(column, reason)
        self.column, self.reason = column, reason


def read_log(data: bytes, now: dt.datetime) -> Log:
    """Read a whole file; an incident with a bad row is refused, the others stand.

    Args:
        data: CSV in UTF-8, separated by commas, semicolons or tabs.
        now: no row may be later.

    Raises:
        ValueError: this is no incident log, with one line that says why.
    """
    log = Log()
    rows: dict[str, list[tuple[int, dict[str, str]]]] = {}
    unread: set[str] = set()
    for line, row, problem in _rows(_text(data)):
        number = row.get("number", "").strip()
        problem = problem or (None if number not in ("", UNKNOWN) else "there is no number")
        if problem:
            log.refused.append(Refusal(line, "" if number else "number", problem))
            unread.add(number)
        rows.setdefault(number, []).append((line, row))
    for number, lines in rows.items():
        refused = _bad_values(lines, now) if number not in unread else []
        log.refused += refused
        if not refused and number not in unread:
            log.incidents.append(_incident(number, lines, log.warnings))
    log.refused.sort(key=lambda refusal: (refusal.line, refusal.column))
    return log


def _text(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ValueError("the file is UTF-16: save it as CSV in UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line} is not UTF-8: save the file as CSV in UTF-8") from None
    if not text.strip():
        raise ValueError("the file is empty")
    return text


def _rows(text: str) -> Iterator[tuple[int, dict[str, str], str | None]]:
    """Each row with its line, by column name, and what is wrong with its shape."""
    header = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = None
    line = 1
    try:
        for values in reader:
            if values and columns is None:
                columns = _columns(values)
            elif values:
                short = len(values) != len(columns)
                problem = f"{len(values)} values for {len(columns)} columns" if short else None
                yield line, dict(zip(columns, values, strict=False)), problem
            line = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"line {line} is not CSV: {error}") from None


def _columns(values: list[str]) -> list[str]:
    columns = [value.strip() for value in values]
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise ValueError(f"line 1: no column {', '.join(missing)}")
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise ValueError(f"line 1: column {', '.join(twice)} occurs twice")
    return columns


def _bad_values(lines: list[tuple[int, dict[str, str]]], now: dt.datetime) -> list[Refusal]:
    found = []
    for line, row in lines:
        for read in (_state, _priority, _opened, lambda row: _updated(row, now), _texts):
            try:
                read(row)
            except _BadValue as error:
                found.append(Refusal(line, error.column, error.reason))
    return found


def _incident(
    number: str, lines: list[tuple[int, dict[str, str]]], warnings: list[str]
) -> Incident:
    named = [moment for _, row in lines for moment in (_opened(row), _updated(row)) if moment]
    updates: list[Update] = []
    for line, row in lines:
        at = _updated(row)
        if updates and at < updates[-1].at:
            warnings.append(
                f"line {line}: {number} goes back in time, from {_shown(updates[-1].at)} to"
                f" {_shown(at)}; it is moved up to the update before it"
            )
            at = updates[-1].at
        updates.append(_update(line, row, at))
    return Incident(number, min(named), tuple(updates))


def _update(line: int, row: dict[str, str], at: dt.datetime) -> Update:
    status, waiting_for = _state(row)
    category, subcategory = _known(row, "category"), _known(row, "subcategory")
    topic = ", ".join(filter(None, (category, subcategory)))
    subject = ", ".join(filter(None, (topic, _known(row, "u_symptom"))))
    return Update(
        line=line,
        at=at,
        status=status,
        waiting_for=waiting_for,
        priority=_priority(row),
        category=topic or None,
        subject=subject,
        caller=_known(row, "caller_id"),
        location=_known(row, "location"),
        team=_known(row, "assignment_group"),
        assignee=_known(row, "assigned_to"),
        by=_known(row, "sys_updated_by"),
    )


def _state(row: dict[str, str]) -> tuple[Status, WaitingFor | None]:
    return _one_of(STATES, row, "incident_state")


def _priority(row: dict[str, str]) -> int:
    return _one_of(PRIORITIES, row, "priority")


def _one_of(choices: dict, row: dict[str, str], column: str):
    text = row[column].strip()
    if text not in choices:
        raise _BadValue(column, f"{text[:40]!r} is not one of {', '.join(choices)}")
    return choices[text]


def _opened(row: dict[str, str]) -> dt.datetime | None:
    return None if row["opened_at"].strip() == UNKNOWN else _moment(row, "opened_at")


def _updated(row: dict[str, str], now: dt.datetime | None = None) -> dt.datetime:
    at = _moment(row, "sys_updated_at")
    if now and at > now:
        raise _BadValue("sys_updated_at", f"{row['sys_updated_at']!r} has not come yet")
    return at


def _moment(row: dict[str, str], column: str) -> dt.datetime:
    text = row[column].strip()
    try:
        at = dt.datetime.strptime(text, "%d-%m-%Y %H:%M").replace(tzinfo=ZONE).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise _BadValue(column, f"{text[:40]!r} is not a moment as 29-02-2016 01:23") from None
    if at < _EARLIEST:
        raise _BadValue(column, f"{text!r} is before 1970")
    return at


def _texts(row: dict[str, str]) -> None:
    for column in ("number", *OPTIONAL):
        text = row.get(column, "")
        if len(text) > _LONGEST:
            raise _BadValue(column, f"longer than {_LONGEST} characters")
        if not text.isprintable():
            raise _BadValue(column, "holds a character that cannot be shown")


def _known(row: dict[str, str], column: str) -> str | None:
    """The text of a column, its spaces made single; None for `?`, empty or no such column."""
    text = " ".join(row.get(column, UNKNOWN).split())
    return None if text in ("", UNKNOWN) else text


def _shown(at: dt.datetime) -> str:
    return f"{at.astimezone(ZONE):%d-%m-%Y %H:%M}"
