"""The roster of the demo: twelve people, the desk, and site days at six municipalities."""

import datetime as dt

import sqlalchemy as sa

from cmdb.database import db
from cmdb.localtime import ZONE, local
from cmdb.organisation import Location
from cmdb.people import Person
from servicedesk.demo.organisation import Organisation
from servicedesk.rota import actions, publishing, reading, swapping
from servicedesk.rota.facts import Kind, Part, Span
from servicedesk.rota.presence import moment
from servicedesk.rota.words import AbsenceKind

_WEEKS = 5  # published back and ahead
_DAYS = "mdwtv"  # a letter for each weekday; a capital is the morning only

# Name, hours a week, the days of that person, what they know.
PEOPLE = (
    ("Youssef Amrani", 34, "mdwtV", ("ervaren", "zaaksysteem")),
    ("Daan Mulder", 34, "mdwtV", ("ervaren", "belastingen")),
    ("Noor Bakker", 28, "dwtv", ("zaaksysteem",)),
    ("Tessa van Dijk", 36, "mdwtv", ("ervaren", "belastingen")),
    ("Lotte Visser", 28, "mdtv", ("ervaren", "werkplek")),
    ("Femke Dijkstra", 24, "mdtV", ("werkplek",)),
    ("Inge Post", 24, "mdwT", ("werkplek",)),
    ("Jeroen Kok", 36, "mdwtv", ("werkplek",)),
    ("Karim Saïdi", 32, "mdWtv", ("ervaren", "telefonie")),
    ("Bram Hofstra", 36, "mdwtv", ("ervaren", "netwerk")),
    ("Wouter Zijlstra", 36, "mdwtv", ("ervaren", "netwerk")),
    ("Aaltje Postma", 28, "mdwv", ("telefonie",)),
)
MORNING, AFTERNOON = Span(450, 750), Span(750, 1050)  # 07:30-12:30, 12:30-17:30
WHOLE_DAY, HALF_DAY = Span(510, 990), Span(510, 750)  # 08:30-16:30, 08:30-12:30
# Municipality, weekday, hours, every N weeks, room, face, deputy, who may come besides.
SITES = (
    ("Maasbrugge", 1, WHOLE_DAY, 1, "0.04", "Lotte Visser", "Inge Post", ("Jeroen Kok",)),
    ("Lindhoven", 2, WHOLE_DAY, 1, "2.17", "Daan Mulder", "Tessa van Dijk", ("Youssef Amrani",)),
    ("Rietwold", 2, HALF_DAY, 2, "B.3", "Femke Dijkstra", "Jeroen Kok", ("Lotte Visser",)),
    ("Duinwijk", 3, WHOLE_DAY, 1, "1.08", "Noor Bakker", "Aaltje Postma", ("Wouter Zijlstra",)),
    ("Oosterveen", 4, WHOLE_DAY, 1, "1.12", "Bram Hofstra", "Wouter Zijlstra", ("Tessa van Dijk",)),
    ("Veenakker", 5, WHOLE_DAY, 1, "0.21", "Karim Saïdi", "Noor Bakker", ("Bram Hofstra",)),
)
# Name, first day and length (days from this Monday), part of the day, kind.
ABSENCES = (
    ("Inge Post", -21, 5, Part.DAY, AbsenceKind.LEAVE),
    ("Noor Bakker", -18, 2, Part.DAY, AbsenceKind.TRAINING),
    ("Jeroen Kok", -7, 3, Part.DAY, AbsenceKind.ILLNESS),
    ("Bram Hofstra", 0, 1, Part.DAY, AbsenceKind.LEAVE),
    ("Lotte Visser", 3, 1, Part.AFTERNOON, AbsenceKind.OTHER),
    ("Aaltje Postma", 7, 5, Part.DAY, AbsenceKind.LEAVE),
    ("Tessa van Dijk", 16, 2, Part.DAY, AbsenceKind.TRAINING),
    ("Youssef Amrani", 28, 12, Part.DAY, AbsenceKind.LEAVE),
    ("Daan Mulder", 29, 3, Part.DAY, AbsenceKind.LEAVE),
)
# Who calls in ill just now: one of their seats is still open.
ILL = "Karim Saïdi"


def build(organisation: Organisation, now: dt.datetime) -> None:
    """Store the roster as of `now`: published week by week, with what happened to it."""
    monday = local(now).date() - dt.timedelta(days=local(now).weekday())
    start = monday - dt.timedelta(weeks=_WEEKS)
    planner = db.session.scalars(sa.select(Person).where(Person.login == "els")).one()
    _hire(organisation, start)
    _open_desk(organisation, start)
    _visit(organisation, start)
    known = moment(start, 9 * 60, ZONE)
    for name, first, days, part, kind in ABSENCES:
        day = monday + dt.timedelta(days=first)
        last = day + dt.timedelta(days=days - 1)
        actions.register_absence(organisation.person(name), day, last, part, kind, planner, known)
    for week in range(_WEEKS + 1):
        publishing.publish(planner, known + dt.timedelta(weeks=week), days=7 * _WEEKS - 1)
    _fall_ill(organisation.person(ILL), planner, now)
    _ask_to_swap(organisation, now)
    evening = moment(local(now).date(), 17 * 60 + 30, ZONE)
    actions.call_on(
        organisation.person("Wouter Zijlstra"),
        evening,
        evening + dt.timedelta(days=7),
        "(0299) 55 00 99",
    )


def _hire(organisation: Organisation, start: dt.date) -> None:
    for name, hours, days, skills in PEOPLE:
        works = {
            _DAYS.index(day.lower()) + 1: Part.MORNING if day.isupper() else Part.DAY
            for day in days
        }
        person = organisation.person(name)
        actions.employ(person, hours * 60, works, start)
        actions.set_skills(person, skills)


def _open_desk(organisation: Organisation, start: dt.date) -> None:
    """Two people at a time, one of them experienced; the mornings by turn, a day each."""
    week = range(1, 6)
    desk = {
        name: actions.add_duty(
            Kind.DESK, name, span, week, start, seats=2, skill="ervaren", skilled_seats=1
        )
        for name, span in (("Ochtend", MORNING), ("Middag", AFTERNOON))
    }
    order = [organisation.person(name) for name, *_ in PEOPLE]
    actions.set_turn(desk["Ochtend"], order, start, unit="workday")


def _visit(organisation: Organisation, start: dt.date) -> None:
    for name, weekday, span, every, room, face, deputy, others in SITES:
        municipality = organisation.municipality(name)
        hall = db.session.scalars(
            sa.select(Location).where(
                Location.municipality_id == municipality.id, Location.name == "Gemeentehuis"
            )
        ).one()
        duty = actions.add_duty(
            Kind.SITE,
            name,
            span,
            [weekday],
            start,
            municipality=municipality,
            every=every,
            location_id=hall.id,
            room=room,
        )
        actions.set_people(
            duty,
            [organisation.person(other) for other in others],
            {None: (organisation.person(face), organisation.person(deputy))},
        )


def _fall_ill(person: Person, planner: Person, now: dt.datetime) -> None:
    """All but one of the seats that somebody loses for three days are taken by others."""
    today = local(now).date()
    coming = [
        seat
        for seat in reading.seats_of(person, today, today + dt.timedelta(days=14))
        if moment(seat.date, seat.duty.starts, ZONE) > now
    ]
    first = min(seat.date for seat in coming if seat.duty.kind == Kind.DESK)
    _, lost = actions.register_absence(
        person, first, first + dt.timedelta(days=2), Part.DAY, AbsenceKind.ILLNESS, person, now
    )
    desk = [seat for seat in lost if seat.duty.kind == Kind.DESK]
    for cover in reading.lost_cover([seat for seat in lost if seat is not desk[0]], person.id):
        best = cover.candidates[0]
        if not best.obstacle:
            publishing.assign(cover.seat, db.session.get(Person, best.person), planner, now)


def _ask_to_swap(organisation: Organisation, now: dt.datetime) -> None:
    """Youssef asks a colleague to take one desk seat for another, next week or after."""
    today = local(now).date()
    monday = today + dt.timedelta(days=7 - today.weekday())
    asker = organisation.person("Youssef Amrani")
    seats = reading.seats(monday, monday + dt.timedelta(days=20))
    desk = [seat for seat in seats if seat.duty.kind == Kind.DESK and seat.person_id]
    for mine in desk:
        for theirs in desk:
            if mine.person_id == asker.id != theirs.person_id and mine.date != theirs.date:
                try:
                    swapping.propose(asker, mine, theirs.person, theirs, now)
                except publishing.Refused:
                    continue
                return
