"""The roster as tables of lines: by municipality, by shift, by person; a month as a calendar."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from servicedesk.language import gettext as _
from servicedesk.rota import reading
from servicedesk.rota.facts import Kind, Origin, Part
from servicedesk.rota.models import Seat
from servicedesk.rota.titles import hours_of
from servicedesk.web.roster_asked import Asked
from servicedesk.web.roster_book import PARTS, Book, seat_url
from servicedesk.web.roster_words import duty_name, short_day, week_of, weekday, written


@dataclass(frozen=True)
class Line:
    """One line of a cell: what leads, who or what, and where it leads."""

    lead: str
    text: str
    url: str = ""
    note: str = ""
    is_open: bool = False
    is_away: bool = False


@dataclass(frozen=True)
class Column:
    label: str
    days: Sequence[dt.date]
    is_now: bool


@dataclass(frozen=True)
class Table:
    title: str
    head: str
    columns: Sequence[Column]
    rows: Sequence[tuple[str, Sequence[Sequence[Line]]]]


def table(book: Book, asked: Asked) -> Table:
    """The rows that were asked by the days of a week, or by the weeks of a longer stretch."""
    columns = _columns(book, asked)
    if asked.by == "person":
        head, groups = _("Naam"), _by_person(book)
    elif asked.by == "municipality":
        head, groups = _("Gemeente"), _by_duty(book, Kind.SITE)
    else:
        head, groups = _("Dienst"), _by_duty(book, Kind.DESK)
    fill = _counted if asked.view == "quarter" else _listed
    rows = [
        (name, [fill(book, asked, key, _during(seats, column), column) for column in columns])
        for key, name, seats in groups
    ]
    return Table(_("Rooster %(label)s", label=asked.label), head, columns, rows)


def _columns(book: Book, asked: Asked) -> list[Column]:
    days = book.days(asked.days)
    if asked.view == "week":
        return [Column(short_day(day), (day,), day == asked.today) for day in days]
    weeks: dict[tuple, list[dt.date]] = {}
    for day in days:
        weeks.setdefault(day.isocalendar()[:2], []).append(day)
    return [
        Column(week_of(week[0]), week, week[0] <= asked.today <= week[-1])
        for week in weeks.values()
    ]


def _by_person(book: Book) -> list[tuple[int, str, list[Seat]]]:
    return [
        (person.id, person.name, [seat for seat in book.seats if seat.person_id == person.id])
        for person in book.people
    ]


def _by_duty(book: Book, kind: Kind) -> list[tuple[None, str, list[Seat]]]:
    """The seats of each municipality, or of each shift of the desk, that has some."""
    groups: dict[str, list[Seat]] = {}
    for seat in book.seats:
        if seat.duty.kind == kind:
            name = seat.duty.municipality.name if kind == Kind.SITE else seat.duty.name
            groups.setdefault(name, []).append(seat)
    names = sorted(groups) if kind == Kind.SITE else groups
    return [(None, name, groups[name]) for name in names]


def _during(seats: Iterable[Seat], column: Column) -> list[Seat]:
    return [seat for seat in seats if column.days[0] <= seat.date <= column.days[-1]]


def _listed(
    book: Book, asked: Asked, person_id: int | None, seats: Sequence[Seat], column: Column
) -> list[Line]:
    """Every seat is a line; of a person also the days away."""
    is_week = asked.view == "week"
    lines = []
    for seat in seats:
        lead = hours_of(seat.duty) if is_week else _day(seat.date)
        who = duty_name(seat) if person_id else _holder(book, seat)
        note = seat.duty.room if is_week and not person_id else ""
        lines.append(Line(lead, who, seat_url(seat), note, seat.person_id is None))
    if person_id:
        lines += [
            Line(_day(day), _("afwezig"), is_away=True)
            for day in column.days
            if any(
                book.is_away(person_id, day, part) and book.works(person_id, day, part)
                for part in PARTS
            )
        ]
    return lines


def _counted(
    book: Book, asked: Asked, person_id: int | None, seats: Sequence[Seat], column: Column
) -> list[Line]:
    """How many of which kind, with what is open; each leads to its week."""
    url = asked.url(view="week", on=column.days[0].isoformat())
    if person_id:
        kinds = Counter(seat.duty.kind for seat in seats)
        words = {Kind.DESK: _("balie"), Kind.SITE: _("locatie")}
        lines = [Line(str(kinds[kind]), words[kind], url) for kind in Kind if kinds[kind]]
        away = sum(
            any(book.is_away(person_id, day, p) and book.works(person_id, day, p) for p in PARTS)
            for day in column.days
        )
        return lines + ([Line(str(away), _("d weg"), is_away=True)] if away else [])
    held = Counter(book.names[seat.person_id] for seat in seats if seat.person_id)
    lines = [Line(str(count), name, url) for name, count in sorted(held.items())]
    empty = [seat for seat in seats if seat.person_id is None]
    if empty:
        lines.append(Line(str(len(empty)), _("open"), seat_url(empty[0]), is_open=True))
    return lines


def _day(day: dt.date) -> str:
    return f"{weekday(day.isoweekday(), 'abbreviated')} {day.day}"


def _holder(book: Book, seat: Seat) -> str:
    return _("open") if seat.person_id is None else book.names[seat.person_id]


@dataclass(frozen=True)
class Day:
    """A day of the calendar: `desk` has (part, names, open seats), `sites` (town, seat, note)."""

    date: dt.date
    label: str
    is_today: bool
    is_inside: bool
    is_closed: bool
    desk: Sequence[tuple[str, Sequence[str], Sequence[Seat]]]
    sites: Sequence[tuple[str, Seat, str]]
    away: Sequence[str]


def calendar(book: Book, asked: Asked) -> tuple[list[str], list[tuple[int, list[Day]]]]:
    """The names of the weekdays, and the weeks of a month with their number."""
    monday = asked.first - dt.timedelta(days=asked.first.weekday())
    has_weekend = any(day.isoweekday() > 5 for day in book.days(asked.days))
    width = 7 if has_weekend else 5
    weeks = []
    while monday <= asked.last:
        days = [_calendar_day(book, asked, monday + dt.timedelta(days=n)) for n in range(width)]
        if any(day.is_inside for day in days):
            weeks.append((monday.isocalendar().week, days))
        monday += dt.timedelta(days=7)
    return [weekday(n + 1) for n in range(width)], weeks


def _calendar_day(book: Book, asked: Asked, day: dt.date) -> Day:
    seats = [seat for seat in book.seats if seat.date == day]
    words = {
        (Part.MORNING,): _("och"), (Part.AFTERNOON,): _("mid"), PARTS: _("dag"),
    }  # fmt: skip
    desk = [
        (
            word,
            [book.names[s.person_id] for s in there if s.person_id],
            [s for s in there if s.person_id is None],
        )
        for parts, word in words.items()
        if (there := _at_desk(seats, parts))
    ]
    sites = [
        (
            seat.duty.municipality.name,
            seat,
            _("vervanger") if seat.person_id and seat.origin == Origin.SUBSTITUTE else "",
        )
        for seat in seats
        if seat.duty.kind == Kind.SITE
    ]
    is_inside = asked.first <= day <= asked.last
    return Day(
        day, _day(day), day == asked.today, is_inside, day in book.facts.closed, desk, sites,
        [book.names[person.id] for person in book.away_on(day)] if is_inside else [],
    )  # fmt: skip


def _at_desk(seats: Sequence[Seat], parts: tuple[Part, ...]) -> list[Seat]:
    return [
        seat
        for seat in seats
        if seat.duty.kind == Kind.DESK and tuple(reading.parts_of(seat)) == parts
    ]


@dataclass(frozen=True)
class Shift:
    """A duty of one day, with its seats."""

    name: str
    hours: str
    place: str
    seats: Sequence[Seat]
    is_now: bool


def shifts(book: Book, day: dt.date, kind: Kind, minute: int | None) -> list[Shift]:
    """The duties of a day in the order of the clock; `minute` is the present, if that is today."""
    groups: dict[int, list[Seat]] = {}
    for seat in book.seats:
        if seat.date == day and seat.duty.kind == kind:
            groups.setdefault(seat.duty_id, []).append(seat)
    found = []
    for seats in groups.values():
        duty = seats[0].duty
        now = minute is not None and duty.starts <= minute < duty.ends
        name = duty.municipality.name if kind == Kind.SITE else duty.name
        found.append(Shift(name, hours_of(duty), duty.room, seats, now))
    return found


def day_title(day: dt.date, today: dt.date) -> str:
    """ "Vandaag, maandag 23 november", "Dinsdag 24 november" """
    text = written(day, "EEEE d MMMM")
    return _("Vandaag, %(day)s", day=text) if day == today else text[:1].upper() + text[1:]
