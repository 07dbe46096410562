"""The municipalities of the demo, their staff, and the centre. Everybody is invented."""

import random
import unicodedata
from dataclasses import dataclass, field

from cmdb.database import db
from cmdb.organisation import Department, Location, Municipality
from cmdb.people import Membership, Person, Team
from cmdb.permissions import Role
from servicedesk.signin.passwords import set_password
from servicedesk.tickets.models import Category
from sla import agreements

PASSWORD = "demo-Zuidwest-2004"
SIGN_INS = (
    ("sanne", "Sanne de Bruin, Oosterveen", "medewerker"),
    ("carla", "Carla Smit, Lindhoven", "medewerker van een andere gemeente"),
    ("youssef", "Youssef Amrani", "behandelaar"),
    ("mia", "Mia Kuiper, Oosterveen", "manager van een gemeente"),
    ("els", "Els Verhoeven", "manager van het centrum"),
    ("ada", "Ada de Vries", "beheerder"),
)

# Name, a code that CBS never gave, inhabitants, manager.
MUNICIPALITIES = (
    ("Duinwijk", "9001", 10840, "Harm Wiersma"),
    ("Lindhoven", "9002", 11320, "Petra Boonstra"),
    ("Maasbrugge", "9003", 11980, "Rob Timmer"),
    ("Oosterveen", "9004", 11210, "Mia Kuiper"),
    ("Rietwold", "9005", 9760, "Gea Algra"),
    ("Veenakker", "9006", 10410, "Sietse Haveman"),
)
DEPARTMENTS = (
    "Burgerzaken",
    "Vergunningen",
    "Sociaal Domein",
    "Financiën",
    "Belastingen",
    "Openbare Ruimte",
)
LOCATIONS = (("Gemeentehuis", "Raadhuisplein 1"), ("Gemeentewerf", "Industrieweg 14"))
STAFF = 25
KNOWN_STAFF = {"Oosterveen": ("Sanne de Bruin",), "Lindhoven": ("Carla Smit",)}

TEAMS = {
    "Applicatiebeheer": ("Youssef Amrani", "Daan Mulder", "Noor Bakker", "Tessa van Dijk"),
    "Werkplek": ("Lotte Visser", "Femke Dijkstra", "Inge Post", "Jeroen Kok"),
    "Netwerk": ("Karim Saïdi", "Bram Hofstra", "Wouter Zijlstra", "Aaltje Postma"),
}
# Key, name, icon, team that gets it first.
CATEGORIES = (
    ("application", "Applicatie", "app-window", "Applicatiebeheer"),
    ("workplace", "Werkplek", "laptop", "Werkplek"),
    ("telephony", "Telefonie", "phone", "Netwerk"),
    ("network", "Netwerk of wifi", "wifi", "Netwerk"),
    ("printing", "Printen", "printer", "Werkplek"),
    ("access", "Account en toegang", "key-round", "Werkplek"),
    ("other", "Iets anders", "circle-help", "Werkplek"),
)

FIRST_NAMES = (
    "Anna Bart Cees Dirk Elly Fatma Geert Hanneke Ilse Jan Klaas Linda Maarten Nynke Olaf Paula Quirine"
    " Renske Sjoerd Truus Umit Vera Willem Yvonne Zeynep Arjen Bianca Corrie Dennis Esther Frank Gerda Hugo"
    " Irma Jelle Kim Lars Marijke Niels Oda Pieter Ria Stefan Tineke Ursula Victor Wietske Xander Ype Zoë"
).split()
LAST_NAMES = (
    "Kaya,Hoekstra,Vos,Wolters,Dekker,Brouwer,Kuipers,van Rijn,Meijer,Jansen,Öztürk,de Jong,Haan,Veenstra,"
    "Terpstra,Bos,Mulder,Prins,Nagel,van der Wal,Kramer,Huisman,Schaap,Reitsma,Bouma,Yilmaz,van den Berg,"
    "Postma,Venema,Kroon"
).split(",")

HOURS = {
    "timezone": "Europe/Amsterdam",
    "weekly": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holiday_rule": {"country": "NL", "liberation_day": "yearly"},
}
BASIC = {
    "incident": {
        "1": {"response": 15, "resolution": 240},
        "2": {"response": 30, "resolution": 480},
        "3": {"response": 120, "resolution": 1080},
        "4": {"response": 240, "resolution": 2700},
    },
    "service-request": {
        "1": {"response": 60, "resolution": 540},
        "2": {"response": 120, "resolution": 1080},
        "3": {"response": 240, "resolution": 2700},
        "4": {"response": 540, "resolution": 5400},
    },
}
PLUS = {
    "incident": {
        "1": {"response": 15, "resolution": 180},
        "2": {"response": 30, "resolution": 360},
        "3": {"response": 60, "resolution": 810},
        "4": {"response": 120, "resolution": 1620},
    },
    "service-request": BASIC["service-request"],
}
PLUS_MUNICIPALITY = "Maasbrugge"


@dataclass
class Organisation:
    """Who plays in the demo."""

    municipalities: list[Municipality] = field(default_factory=list)
    staff: dict[int, list[Person]] = field(default_factory=dict)  # by municipality
    agents: dict[str, list[Person]] = field(default_factory=dict)  # by team
    teams: dict[str, Team] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        """Somebody by name, of the centre or of a municipality."""
        groups = (*self.staff.values(), *self.agents.values())
        return next(person for group in groups for person in group if person.name == name)

    def municipality(self, name: str) -> Municipality:
        return next(
            municipality for municipality in self.municipalities if municipality.name == name
        )


class _Desk:
    """Hands out sign-in names, and one password for all: hashing it 170 times would take long."""

    def __init__(self):
        self._taken: set[str] = set()
        model = Person(name="", login="")
        set_password(model, PASSWORD)
        self._hash = model.password_hash

    def person(
        self, name: str, role: Role, municipality: Municipality | None = None, **values
    ) -> Person:
        domain = f"{municipality.name.lower()}.example" if municipality else "vlietlanden.example"
        login = self._login(name)
        person = _kept(
            Person(
                name=name,
                login=login,
                email=f"{login}@{domain}",
                role=role,
                municipality_id=municipality and municipality.id,
                password_hash=self._hash,
                **values,
            )
        )
        return person

    def _login(self, name: str) -> str:
        words = (
            unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().split()
        )
        login = words[0]
        if login in self._taken:
            login = ".".join(words)
        assert login not in self._taken, name
        self._taken.add(login)
        return login


def build(rng: random.Random) -> Organisation:
    """Store municipalities with agreements, staff, agents, teams and categories."""
    organisation, desk = Organisation(), _Desk()
    for _login, name, role in (
        ("els", "Els Verhoeven", Role.CENTRE_MANAGER),
        ("ada", "Ada de Vries", Role.ADMINISTRATOR),
    ):
        desk.person(name, role, phone="(0299) 55 00 01")
    _add_centre(organisation, desk)
    names = _names(rng)
    # Those with a sign-in of their own come first, so that theirs is the short name.
    for name, code, inhabitants, manager in sorted(
        MUNICIPALITIES, key=lambda row: row[0] not in KNOWN_STAFF
    ):
        municipality = _kept(Municipality(name=name, code=code, inhabitants=inhabitants))
        terms = (
            {"name": "DVO Plus", "targets": PLUS}
            if name == PLUS_MUNICIPALITY
            else {"name": "DVO Basis", "targets": BASIC}
        )
        agreements.register(
            municipality,
            terms
            | {
                "valid_from": "2024-01-01",
                "calendar": HOURS,
                "paused_while_waiting_for": ["requester", "site-day"],
            },
        )
        organisation.municipalities.append(municipality)
        organisation.staff[municipality.id] = _add_staff(desk, municipality, manager, names, rng)
    organisation.municipalities.sort(key=lambda municipality: municipality.name)
    return organisation


def _add_centre(organisation: Organisation, desk: _Desk) -> None:
    for team_name, members in TEAMS.items():
        team = organisation.teams[team_name] = _kept(Team(name=team_name))
        people = organisation.agents[team_name] = []
        for name in members:
            people.append(desk.person(name, Role.AGENT, phone="(0299) 55 00 00"))
            _kept(Membership(team_id=team.id, person_id=people[-1].id))
    for position, (key, name, icon, team_name) in enumerate(CATEGORIES, 1):
        organisation.categories[key] = _kept(
            Category(
                key=key,
                name=name,
                icon=icon,
                position=position,
                team_id=organisation.teams[team_name].id,
            )
        )


def _add_staff(desk: _Desk, municipality: Municipality, manager: str, names, rng) -> list[Person]:
    departments = [
        _kept(Department(municipality_id=municipality.id, name=name)) for name in DEPARTMENTS
    ]
    locations = [
        _kept(Location(municipality_id=municipality.id, name=name, address=address))
        for name, address in LOCATIONS
    ]
    people = []
    for number in range(STAFF):
        known = (*KNOWN_STAFF.get(municipality.name, ()), manager)
        people.append(
            desk.person(
                known[number] if number < len(known) else next(names),
                Role.MUNICIPALITY_MANAGER if number == len(known) - 1 else Role.EMPLOYEE,
                municipality,
                phone=f"(0299) 5{municipality.code[-1]} {rng.randrange(100):02d} {rng.randrange(100):02d}",
                # Sanne works at Vergunningen.
                department_id=departments[(number + 1) % len(departments)].id,
                location_id=locations[rng.random() < 0.25].id,
            )
        )
    return people


def _names(rng: random.Random):
    """Whole names, each once."""
    pairs = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
    rng.shuffle(pairs)
    return iter(pairs)


def _kept(record):
    db.session.add(record)
    db.session.flush()
    return record
