"""The facts of a case in a file, and the names of its rows."""

import datetime as dt
from zoneinfo import ZoneInfo

from servicedesk.rota.demand import Demand
from servicedesk.rota.facts import (
    EVER,
    NEVER,
    Absence,
    Booking,
    Duty,
    Faces,
    Facts,
    Kind,
    Move,
    Part,
    Pattern,
    Person,
    Rules,
    Span,
    Turn,
)


class CaseFacts:
    """One case: `facts` for the rules, and the way from a row to a booking and back."""

    def __init__(self, source: dict):
        self.source = source
        self.zone = ZoneInfo(source.get("timezone", "Europe/Amsterdam"))
        self.first, self.last = _dates(source["range"])
        if (self.last - self.first).days > 3660:
            raise ValueError("a range of more than ten years")
        self.sites = {site["id"]: site for site in source.get("sites", [])}
        self.site_names = {key: site.get("name", key) for key, site in self.sites.items()}
        self.person_names = {who["id"]: who.get("name", who["id"]) for who in source["people"]}
        self.facts = self._without_overrides()
        self.duties = {duty.id: duty for duty in self.facts.duties}
        self._demand = Demand(self.facts)
        overrides = map(self.booking, source.get("overrides", []))
        self.facts = Facts(**{**vars(self.facts), "overrides": tuple(overrides)})

    def _without_overrides(self) -> Facts:
        source, rules = self.source, self.source.get("rules", {})
        return Facts(
            people=tuple(map(_person, source["people"])),
            duties=(*map(_shift, source.get("shifts", [])), *self._visits()),
            turns=tuple(map(_turn, source.get("rotations", []))),
            absences=tuple(map(_absence, source.get("absences", []))),
            closed=frozenset(map(_date, source.get("holidays", []))),
            moves=tuple(
                Move(duty, _date(move["from"]), _date(move["to"]))
                for move in source.get("moves", [])
                for duty in self._duties_moved(move)
            ),
            rules=Rules(
                one_duty_per_day=rules.get("one_duty_per_day", True),
                max_desk_per_week=rules.get("max_desk_per_week"),
                max_desk_days_in_row=rules.get("max_consecutive_desk_days"),
                respect_hours=rules.get("respect_hours", False),
            ),
        )

    def _visits(self) -> list[Duty]:
        """A duty for each visit; a visit that was moved to a day replaces what was there."""
        moves = self.source.get("moves", [])
        return [
            Duty(
                id=_visit_id(key, n),
                kind=Kind.SITE,
                span=_span(visit),
                weekdays=frozenset([visit["weekday"]]),
                every=visit.get("every", 1),
                anchor=_date(visit["anchor"]) if visit.get("every", 1) > 1 else None,
                closed=frozenset(
                    _date(day)
                    for day in [
                        *site.get("closed", []),
                        *(move[end] for move in moves if move["site"] == key for end in _ENDS),
                    ]
                ),
                faces={visit["weekday"]: Faces(visit.get("primary"), visit.get("deputy"))},
                authorised=frozenset(site["qualified"]),
            )
            for key, site in self.sites.items()
            for n, visit in enumerate(site["visits"])
        ]

    def _duties_moved(self, move: dict) -> list[str]:
        weekday = _date(move["from"]).isoweekday()
        visits = self.sites[move["site"]]["visits"]
        return [_visit_id(move["site"], n) for n, v in enumerate(visits) if v["weekday"] == weekday]

    @property
    def now(self) -> dt.datetime | None:
        return dt.datetime.fromisoformat(self.source["now"]) if self.source.get("now") else None

    @property
    def published(self) -> list[Booking]:
        return self.numbered(self.source.get("published", []))

    def numbered(self, rows: list[dict]) -> list[Booking]:
        """The bookings of rows; people on one duty of one day are numbered by their names."""
        bookings, count = [], {}
        for booking in sorted(map(self.booking, rows), key=lambda b: (b.date, b.duty, b.person)):
            nr = count[booking.date, booking.duty] = count.get((booking.date, booking.duty), -1) + 1
            bookings.append(Booking(booking.date, booking.duty, booking.person, nr))
        return bookings

    def booking(self, row: dict | None) -> Booking | None:
        """The booking that a row of the case means; None of nothing."""
        if row is None:
            return None
        day = _date(row["date"])
        duty = row["shift"] if row["kind"] == "desk" else self._visit_on(row["site"], day)
        return Booking(day, duty, row["person"])

    def _visit_on(self, site: str, day: dt.date) -> str:
        """The visit of `site` on `day`: what is due, else what has that weekday, else the first."""
        mine = self.duties_of(Kind.SITE, site)
        due = [seat.duty.id for seat in self._demand.on(day) if seat.duty.id in mine]
        same_day = [
            duty.id
            for duty in self.facts.duties
            if duty.id in mine and day.isoweekday() in duty.weekdays
        ]
        return [*due, *same_day, *mine][0]

    def duties_of(self, kind: Kind, name: str) -> list[str]:
        """The duties of a shift, or of a site."""
        if kind == Kind.DESK:
            return [name]
        return [_visit_id(name, n) for n in range(len(self.sites[name]["visits"]))]

    def name_of(self, day: dt.date, duty: str) -> dict:
        """The words with which a case names a duty on a day."""
        site = _site_of(duty)
        if site is None:
            return {"date": day.isoformat(), "kind": "desk", "shift": duty}
        return {"date": day.isoformat(), "kind": "site", "site": site}

    def row(self, booking: Booking) -> dict:
        """The row of a booking."""
        return self.name_of(booking.date, booking.duty) | {"person": booking.person}


_ENDS = ("from", "to")
_VISIT = "\0"  # stands in no name of a shift or a site


def _visit_id(site: str, n: int) -> str:
    return f"{site}{_VISIT}{n:03}"


def _site_of(duty: str) -> str | None:
    site, mark, _ = duty.partition(_VISIT)
    return site if mark else None


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _dates(row: dict) -> tuple[dt.date, dt.date]:
    return (
        _date(row["from"]) if row.get("from") else NEVER,
        _date(row["to"]) if row.get("to") else EVER,
    )


def _span(row: dict) -> Span:
    starts, ends = (int(row[end][:2]) * 60 + int(row[end][3:]) for end in _ENDS)
    return Span(starts, ends)


def _person(row: dict) -> Person:
    works = {int(day): Part(part) for day, part in row["works"].items() if part}
    return Person(
        row["id"],
        row["hours"],
        (Pattern(works),),
        frozenset(row.get("skills", [])),
        *_dates(row),
        row.get("desk", True),
    )


def _shift(row: dict) -> Duty:
    return Duty(
        id=row["id"],
        kind=Kind.DESK,
        span=_span(row),
        weekdays=frozenset(row["weekdays"]),
        seats=row["seats"],
        need={skill: count for skill, count in row.get("need", {}).items() if count},
    )


def _turn(row: dict) -> Turn:
    order = tuple((who,) if isinstance(who, str) else tuple(who) for who in row["order"])
    turn, starts = row["turn"], _date(row["valid_from"])
    if turn["unit"] not in ("week", "workday"):
        raise ValueError(f"a turn by {turn['unit']!r}: week or workday")
    return Turn(row["shift"], order, turn["unit"], turn.get("n", 1), _date(row["anchor"]), starts)


def _absence(row: dict) -> Absence:
    return Absence(row["person"], *_dates(row), Part(row.get("part", "day")))
