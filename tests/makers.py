"""Makers of records for tests: give what the test is about, the rest is filled in."""

import datetime as dt
import itertools
import secrets
from dataclasses import dataclass

from cmdb import register
from cmdb.database import db, utc_now
from cmdb.items import Hosting, Item
from cmdb.localtime import local
from cmdb.organisation import Department, Location, Municipality
from cmdb.people import Membership, Person, Team
from cmdb.permissions import Role
from servicedesk.reviews import rights, rounds
from servicedesk.reviews.models import AccessReview, Rhythm
from servicedesk.rota.facts import Kind, Origin
from servicedesk.rota.models import Duty, Seat
from servicedesk.signin import tokens
from servicedesk.signin.passkey_models import Passkey
from servicedesk.tickets import actions
from servicedesk.tickets.models import Category, Ticket
from servicedesk.tickets.workflow import Channel, TicketType
from sla import agreements
from sla.priority import Impact, Urgency

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)  # Monday 10:00 in the Netherlands
_count = itertools.count(1)

AGREEMENT = {
    "name": "DVO Basis",
    "valid_from": "2020-01-01",
    "calendar": {
        "timezone": "Europe/Amsterdam",
        "weekly": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "holiday_rule": {"country": "NL", "liberation_day": "yearly"},
    },
    "targets": {
        "incident": {
            "1": {"response": 15, "resolution": 240},
            "2": {"response": 30, "resolution": 480},
            "3": {"response": 120, "resolution": 1080},
            "4": {"response": 240, "resolution": 2700},
        },
        "service-request": {
            "3": {"response": 240, "resolution": 2700},
            "4": {"response": 540, "resolution": 5400},
        },
    },
    "unit": "service minutes",
    "paused_while_waiting_for": ["requester"],
}


@dataclass
class Cast:
    """Who plays in the tests."""

    oosterveen: Municipality
    lindhoven: Municipality
    anna: Person  # files, at Oosterveen
    bram: Person  # her colleague
    carla: Person  # a stranger, at Lindhoven
    mia: Person  # manages at Oosterveen
    daan: Person  # works the desk
    femke: Person  # works the desk too, in another team
    els: Person  # manages the centre
    ada: Person  # administrates
    workplace: Team
    applications: Team
    category: Category
    application: Item  # shared by both municipalities, of the centre

    @property
    def people(self) -> list[Person]:
        return [self.anna, self.bram, self.carla, self.mia, self.daan, self.femke, self.els, self.ada]


def make_cast() -> Cast:
    oosterveen = make_municipality("Oosterveen")
    lindhoven = make_municipality("Lindhoven")
    workplace, applications = _kept(Team(name="Werkplek")), _kept(Team(name="Applicatiebeheer"))
    cast = Cast(
        oosterveen=oosterveen,
        lindhoven=lindhoven,
        anna=_new_person("Anna Bakker", oosterveen),
        bram=_new_person("Bram Hofstra", oosterveen),
        carla=_new_person("Carla Smit", lindhoven),
        mia=_new_person("Mia Kuiper", oosterveen, Role.MUNICIPALITY_MANAGER),
        daan=_new_person("Daan Mulder", role=Role.AGENT),
        femke=_new_person("Femke Dijkstra", role=Role.AGENT),
        els=_new_person("Els Verhoeven", role=Role.CENTRE_MANAGER),
        ada=_new_person("Ada de Vries", role=Role.ADMINISTRATOR),
        workplace=workplace,
        applications=applications,
        category=_kept(
            Category(key="application", name="Programma", icon="app-window", position=1, team_id=workplace.id)
        ),
        application=make_item("Zaaksysteem", consumers=[oosterveen, lindhoven]),
    )
    db.session.add_all(cast.people)
    db.session.flush()
    for person, team in ((cast.daan, workplace), (cast.femke, applications)):
        db.session.add(Membership(team_id=team.id, person_id=person.id))
    db.session.commit()
    return cast


def make_municipality(name: str, agreement: dict | None = AGREEMENT) -> Municipality:
    municipality = _kept(Municipality(name=name, code=f"{next(_count) % 10000:04d}", inhabitants=11000))
    _kept(Department(municipality_id=municipality.id, name="Vergunningen"))
    _kept(Location(municipality_id=municipality.id, name=f"Gemeentehuis {name}"))
    if agreement:
        agreements.register(municipality, agreement)
    db.session.commit()
    return municipality


def make_person(
    name: str, municipality: Municipality | None = None, role: Role = Role.EMPLOYEE, teams: list[Team] = ()
) -> Person:
    person = _kept(_new_person(name, municipality, role))
    for team in teams:
        _kept(Membership(team_id=team.id, person_id=person.id))
    db.session.commit()
    return person


def _new_person(name: str, municipality: Municipality | None = None, role: Role = Role.EMPLOYEE) -> Person:
    """Somebody who is not stored yet."""
    first = name.split()[0].lower()
    return Person(
        name=name,
        login=f"{first}{next(_count)}",
        email=f"{first}@example.org",
        phone="0612345678",
        role=role,
        municipality_id=municipality and municipality.id,
    )


def make_item(name: str, municipality: Municipality | None = None, *, consumers=(), **values) -> Item:
    """An application unless `class_key` says otherwise; of the centre without `municipality`."""
    change_set = register.begin(None, "test", NOW)
    item = register.add(
        values.pop("class_key", "application"),
        change_set,
        name=name,
        municipality_id=municipality and municipality.id,
        hosting=values.pop("hosting", Hosting.CENTRAL),
        shares={consumer.id: None for consumer in consumers},
        **values,
    )
    db.session.commit()
    return item


def make_ticket(requester: Person, *, now: dt.datetime = NOW, by: Person | None = None, **values) -> Ticket:
    """A filed ticket, of priority 3 unless impact and urgency say otherwise."""
    category = values.pop("category", None) or db.session.query(Category).first()
    ticket = actions.file_ticket(
        requester,
        by or requester,
        now,
        type=values.pop("type", TicketType.INCIDENT),
        category=category,
        title=values.pop("title", "Printer print niet"),
        body=values.pop("body", "Hij geeft een foutmelding en doet niets."),
        impact=values.pop("impact", Impact.PERSON),
        urgency=values.pop("urgency", Urgency.MEDIUM),
        channel=values.pop("channel", Channel.PORTAL),
        **values,
    )
    db.session.commit()
    return ticket


def make_visit(municipality: Municipality, person: Person | None, date: dt.date) -> Seat:
    """A published visit of one day, 08:30-16:30, by `person` or by nobody yet."""
    duty = _kept(
        Duty(
            municipality_id=municipality.id, kind=Kind.SITE, name=municipality.name, starts=510, ends=990,
            weekdays=[date.isoweekday()], anchor=date, valid_from=date, valid_to=date, room="1.12",
        )
    )  # fmt: skip
    seat = _kept(
        Seat(
            date=date, duty_id=duty.id, nr=0, municipality_id=municipality.id, origin=Origin.HAND,
            person_id=person and person.id, changed_at=NOW,
        )
    )  # fmt: skip
    db.session.commit()
    return seat


def make_review(municipality: Municipality | None, reviewer: Person, by: Person) -> AccessReview:
    """A review of access that begins now and is due in two weeks."""
    now = utc_now()
    openness = rights.Openness(now, dt.timedelta(minutes=30), dt.timedelta(hours=8))
    rhythm = Rhythm.YEARLY if municipality else Rhythm.QUARTERLY
    due_on = local(now).date() + dt.timedelta(days=14)
    review = rounds.start(municipality, rhythm, due_on, reviewer, by, openness)
    db.session.commit()
    return review


def make_desk_seat(
    person: Person | None, date: dt.date, starts: int = 0, ends: int = 1440, name: str = "Balie"
) -> Seat:
    """A published seat at the desk, the whole day unless told otherwise."""
    duty = _kept(
        Duty(
            kind=Kind.DESK, name=name, starts=starts, ends=ends, weekdays=[date.isoweekday()],
            anchor=date, valid_from=date, valid_to=date,
        )
    )  # fmt: skip
    seat = _kept(
        Seat(
            date=date, duty_id=duty.id, nr=0, person_id=person and person.id, origin=Origin.HAND,
            changed_at=NOW,
        )
    )  # fmt: skip
    db.session.commit()
    return seat


def make_token(person: Person, may_write: bool = True) -> str:
    """The secret of a token with which a program acts for `person`."""
    now = utc_now()
    _token, secret = tokens.create(person, "Programma", may_write, now.date() + tokens.LONGEST, now)
    db.session.commit()
    return secret


def _kept(record):
    db.session.add(record)
    db.session.flush()
    return record


def make_passkey(person: Person, name="Sleutel") -> Passkey:
    """A passkey that opens nothing: nobody has its other half."""
    passkey = Passkey(
        person_id=person.id,
        municipality_id=person.municipality_id,
        name=name,
        credential_id=secrets.token_urlsafe(16),
        public_key=b"",
        user_handle=b"",
        transports="",
        is_backup_eligible=False,
        sign_count=0,
        created_at=NOW,
    )
    db.session.add(passkey)
    db.session.flush()
    return passkey
