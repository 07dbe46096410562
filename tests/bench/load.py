"""Loads generated tickets into PostgreSQL by COPY: what 24 months of a desk leave behind.

Seven municipalities with agreements, 2,000 requesters, 12 agents in three teams, 10 % of the tickets
open, a text of 600 characters each and three entries on average; clocks with their ledgers and
events. Sent messages are left out. The same seed and moment give the same rows.
"""

import datetime as dt
import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask

from cmdb.database import db
from cmdb.items import Item
from cmdb.localtime import ZONE
from cmdb.organisation import Municipality
from cmdb.people import Membership, Person, Team
from cmdb.permissions import Role
from cmdb.tenancy import EVERYTHING, enter, everything
from servicedesk.app import create_app
from servicedesk.commands.database import upgrade
from servicedesk.reports import months
from servicedesk.signin.passwords import set_password
from servicedesk.tickets.models import Category, Ticket
from servicedesk.tickets.workflow import Channel, Status, TicketType, WaitingFor
from sla.agreements import targets_for, timeline, version_at
from sla.priority import Impact, Urgency, priority
from tests.bench import texts
from tests.bench.lives import Promised, Row, Terms, TicketLife
from tests.makers import make_item, make_municipality
from tests.postgres import Cluster

SEED = 20261123
DAYS = 730
MESSAGES = 1_000_000  # that one person may send in on one day: who signs in here does it for all
PASSWORD = "a bench sits still"  # of everybody who signs in here
AGENT, REQUESTER, MANAGER = "agent0", "medewerker0", "manager"

_TOWNS = ("Duinwijk", "Lindhoven", "Maasbrugge", "Oosterveen", "Rietwold", "Veenakker", "Zandhorst")
_TEAMS = ("Werkplek", "Applicatiebeheer", "Netwerk")
_CATEGORIES = ("Werkplek", "Applicatie", "Printen", "Netwerk", "Toegang", "Telefonie", "Overig")
_REQUESTERS, _AGENTS, _DEVICES, _APPLICATIONS = 2000, 12, 500, 40
_URGENCIES = (Urgency.HIGH, Urgency.MEDIUM, Urgency.MEDIUM, Urgency.LOW, Urgency.LOW)
_IMPACTS = (Impact.PERSON,) * 7 + (Impact.TEAM, Impact.DEPARTMENT, Impact.PUBLIC)
_LARGE = ("ix_entry_text", "ix_ticket_text")  # cheaper to make afterwards


def load(cluster: Cluster, name: str, tickets: int, now: dt.datetime) -> Flask:
    """Make the database `name` with so many tickets; an application on it, below the wall."""
    application_url, owner_url = cluster.create(name)
    app = create_app(
        SQLALCHEMY_DATABASE_URI=application_url, OWNER_DATABASE_URI=owner_url, WTF_CSRF_ENABLED=False,
        DAILY_MESSAGES=MESSAGES,
    )  # fmt: skip
    with app.app_context():
        upgrade()
        enter(EVERYTHING)
        world = World(now)
    superuser = cluster.url(name, "postgres").replace("+psycopg", "")
    with psycopg.connect(superuser) as connection:
        _copy(connection, world.tables(tickets))
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE, FREEZE)")
    with app.app_context(), everything():
        months.keep(now)
        db.session.commit()
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    return app


def ticket_row(**values: Any) -> Row:
    """A ticket's columns, in the order of the table, with what a new one has in the rest."""
    return {column.key: None for column in sa.inspect(Ticket).columns} | {
        "phone": "",
        "channel": Channel.PORTAL,
        "handoffs": 0,
        "reopenings": 0,
        "version": 1,
        **values,
    }


def terms_of(municipality_id: int) -> Terms:
    """What the newest agreement of a municipality says."""
    version = version_at(municipality_id, dt.datetime.now(dt.UTC))
    calendar = version.agreement.calendar
    targets = {
        (kind, level): [Promised(t.id, t.kind, t.minutes) for t in targets_for(version, kind, level)]
        for kind in TicketType
        for level in (1, 2, 3, 4)
    }
    return Terms(calendar.id, calendar.revision, timeline(calendar), frozenset(version.paused_while), targets)


class World:
    """Who and what is there before the first ticket, made by the product itself."""

    def __init__(self, now: dt.datetime):
        self._now = now
        self._random = random.Random(SEED)
        self._writer = texts.Writer(self._random)
        self._towns = [make_municipality(name) for name in _TOWNS]
        self._terms = {town.id: terms_of(town.id) for town in self._towns}
        self._teams = _added([Team(name=name) for name in _TEAMS])
        self._agents = _added([self._person(f"agent{n}", Role.AGENT) for n in range(_AGENTS)])
        self._agents_of = {team.id: self._agents[n :: len(_TEAMS)] for n, team in enumerate(self._teams)}
        for team in self._teams:
            _added([Membership(team_id=team.id, person_id=agent.id) for agent in self._agents_of[team.id]])
        _added([self._person(MANAGER, Role.CENTRE_MANAGER)])
        self._requesters = _added(
            [
                self._person(f"medewerker{n}", Role.EMPLOYEE, self._towns[n % len(_TOWNS)])
                for n in range(_REQUESTERS)
            ]
        )
        self._categories = _added(
            [
                Category(key=name.lower(), name=name, position=n, team_id=self._teams[n % len(_TEAMS)].id)
                for n, name in enumerate(_CATEGORIES)
            ]
        )
        self._items = self._make_items()
        db.session.commit()

    def tables(self, count: int) -> Iterator[tuple[str, Sequence[Row]]]:
        """The rows of each table, in the order in which the product would have written them."""
        lives = self._lives(count)
        clocks = [clock for life in lives for clock in life.clocks]
        yield "clock", [clock.row() for clock in clocks]
        yield "clock_entry", sorted((row for c in clocks for row in c.ledger), key=lambda row: row["at"])
        yield "clock_event", sorted((row for c in clocks for row in c.events), key=lambda row: row["at"])
        yield "ticket", [life.row for life in lives]
        entries = sorted((row for life in lives for row in life.entries), key=lambda row: row["at"])
        yield "entry", [{"id": key, **row} for key, row in enumerate(entries, 1)]
        yield "ticket_item", [self._item_of(life.row) for life in lives if self._random.random() < 0.6]
        months = Counter(life.row["number"].partition("-")[0] for life in lives)
        yield "number_series", [{"prefix": f"{month}-", "last": last} for month, last in months.items()]

    def _lives(self, count: int) -> list[TicketLife]:
        moments = sorted(self._moment() for _ in range(count))
        bodies = self._writer.bodies(count)
        months: Counter[str] = Counter()
        clock_keys = itertools.count(1, 2)
        lives = []
        for key, (at, body) in enumerate(zip(moments, bodies), 1):
            month = f"M{at.astimezone(ZONE):%y%m}"
            months[month] += 1
            lives.append(self._life(key, f"{month}-{months[month]:04d}", at, body, next(clock_keys)))
        return lives

    def _moment(self) -> dt.datetime:
        """Mostly in office hours, over the whole span up to an hour ago."""
        day = self._now - dt.timedelta(days=self._random.randrange(1, DAYS))
        hour = self._random.choice((7, 8, 8, 9, 9, 10, 11, 12, 13, 13, 14, 15, 15, 16, 20))
        return day.replace(hour=hour, minute=self._random.randrange(60), second=self._random.randrange(60))

    def _life(self, key: int, number: str, at: dt.datetime, body: str, clock_key: int) -> TicketLife:
        requester = self._random.choice(self._requesters)
        category = self._random.choice(self._categories)
        impact, urgency = self._random.choice(_IMPACTS), self._random.choice(_URGENCIES)
        kind = TicketType.INCIDENT if self._random.random() < 0.7 else TicketType.SERVICE_REQUEST
        life = TicketLife(
            ticket_row(
                id=key,
                municipality_id=requester.municipality_id,
                number=number,
                type=kind,
                title=self._writer.title(),
                impact=impact,
                urgency=urgency,
                priority=priority(impact, urgency),
                category_id=category.id,
                requester_id=requester.id,
                team_id=category.team_id,
            ),
            self._terms[requester.municipality_id],
        )
        life.file(requester.id, requester.name, body, clock_key, at)
        self._live(life, self._random.choice(self._agents_of[category.team_id]), at)
        for clock in life.clocks:
            clock.tick(self._now)
        return life

    def _live(self, life: TicketLife, agent: Person, at: dt.datetime) -> None:
        """One of the ways a ticket goes; its weight is such that a ticket has 3 entries on average."""
        age = self._now - at
        # A tenth is open: most of the last quarter of a year, and some that were forgotten.
        is_open = self._random.random() < (0.6 if age < dt.timedelta(days=91) else 0.0286)
        pace = min(self._random.expovariate(1 / 20), age / dt.timedelta(hours=1)) / 10
        steps = (at + dt.timedelta(hours=round(pace * n, 3)) for n in itertools.count(1))
        steps = (step.replace(microsecond=0) for step in steps)
        team = next(team.name for team in self._teams if team.id == life.row["team_id"])
        luck = self._random.random()
        if is_open:
            if luck > 0.3:
                life.take(agent.id, agent.name, team, next(steps))
            if luck > 0.6:
                life.reply(agent.id, self._writer.body(200), next(steps))
            if luck > 0.8:
                self._wait(life, agent, next(steps))
            return
        if luck < 0.05:
            life.move(Status.CANCELLED, agent.id, next(steps), reason="Dubbel gemeld")
            return
        if luck > 0.94:
            life.take(agent.id, agent.name, team, next(steps))
        if luck > 0.97:
            self._wait(life, agent, next(steps))
            life.move(Status.IN_PROGRESS, agent.id, next(steps))
        resolved = next(steps)
        life.move(Status.RESOLVED, agent.id, resolved, body=self._writer.body(200))
        if self._now - resolved > dt.timedelta(days=7):
            life.move(Status.CLOSED, None, resolved + dt.timedelta(days=7))

    def _wait(self, life: TicketLife, agent: Person, at: dt.datetime) -> None:
        waiting_for = self._random.choice((WaitingFor.REQUESTER, WaitingFor.SUPPLIER))
        question = self._writer.body(120) if waiting_for == WaitingFor.REQUESTER else ""
        life.move(Status.WAITING, agent.id, at, waiting_for=waiting_for, body=question)

    def _person(self, login: str, role: Role, town: Municipality | None = None) -> Person:
        name = f"{self._writer.title().split()[1].capitalize()} {login.capitalize()}"
        person = Person(name=name, login=login, email=f"{login}@example.org", role=role)
        person.municipality_id = town and town.id
        if login in (AGENT, REQUESTER, MANAGER):
            set_password(person, PASSWORD)
        return person

    def _make_items(self) -> list[Item]:
        """Applications that all share, and a device for every fourth requester."""
        items = [make_item(f"Applicatie {n}", consumers=self._towns) for n in range(_APPLICATIONS)]
        values = {"class_key": "workstation", "hosting": items[0].hosting, "status": items[0].status}
        items += _added(
            [
                Item(uid=f"WST-{n:04d}", name=f"Laptop {n}", user_id=user.id, municipality_id=user.municipality_id,
                     **values)
                for n, user in enumerate(self._requesters[:_DEVICES])
            ]
        )  # fmt: skip
        return items

    def _item_of(self, row: Row) -> Row:
        item = self._random.choice(self._items[:_APPLICATIONS])
        return {"ticket_id": row["id"], "item_id": item.id, "municipality_id": row["municipality_id"]}


def _added(records: list) -> list:
    db.session.add_all(records)
    db.session.flush()
    return records


def _copy(connection: psycopg.Connection, tables: Iterator[tuple[str, Sequence[Row]]]) -> None:
    """COPY all rows without looking up what they refer to: the generator numbers them itself."""
    definitions = connection.execute(
        "SELECT indexdef FROM pg_indexes WHERE indexname = ANY (%s)", (list(_LARGE),)
    ).fetchall()
    connection.execute(f"DROP INDEX {', '.join(_LARGE)}")
    connection.execute("SET session_replication_role = replica")
    for table, rows in tables:
        names = ", ".join(rows[0])
        with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([_value(value) for value in row.values()])
        if "id" in rows[0]:
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )
    connection.execute("SET maintenance_work_mem = '256MB'")
    for (definition,) in definitions:
        connection.execute(definition)


def _value(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (dict, list)) else value
