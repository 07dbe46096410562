"""What makes the demo's register less than perfect, and the round that asks about it."""

import datetime as dt
import itertools
import random
from collections.abc import Iterator

import sqlalchemy as sa

from cmdb import authority, register
from cmdb.database import db
from cmdb.items import Item
from cmdb.people import Person
from servicedesk.demo.estate_plan import Plan
from servicedesk.intake.inventory import Thing
from servicedesk.intake.inventory_import import known_things, plan_things, take_over
from servicedesk.notify.models import Message
from servicedesk.quality import duplicates, rounds
from servicedesk.quality.models import Question

_SCAN = "glpi scan-datacentrum.json"
# What the scan saw of machines in the data centre, other than somebody wrote down once.
_SEEN = {
    "vl-host-a2": {"memory": 786_432}, "vl-host-b1": {"os_version": "8.3"},
    "vl-db-02": {"memory": 393_216}, "vl-ctx-04": {"os_version": "2022"},
}  # fmt: skip
# Its name, and how it was registered once more.
_TWICE = (
    ("Kaartprinter balie Rietwold", "Kaartprintr balie Rietwold"),
    ("Accesspoint raadzaal Duinwijk", "Access point raadzaal Duinwijk"),
    ("sw-maasbrugge-1", "switch Maasbrugge hoofdkast"),
    ("vl-tor-b2", "Switch rack B3"),
)  # fmt: skip
_SAME_STICKER = (("WP-LIN-004", "WP-LIN-031"), ("WP-OOS-011", "WP-OOS-012"))
_MACHINES = 14  # virtual servers that grew


def play(plan: Plan, now: dt.datetime) -> None:
    """Register some things twice, two months ago, and scan the data centre a few days ago."""
    _register_twice(plan, now - dt.timedelta(days=62))
    at = now - dt.timedelta(days=4)
    things = list(_things(plan))
    told = {plan.items[thing.name].id: list(thing.values) for thing in things}
    authority.note(told, authority.HAND, at)
    known = known_things(None)
    planned = plan_things(things, known, _SCAN)
    take_over(planned, things, known, register.begin(None, _SCAN, at), _SCAN, at)


def ask(now: dt.datetime, rng: random.Random) -> None:
    """Begin a round a few days ago; some answered all of it, some a part, some nothing yet."""
    began = now - dt.timedelta(days=5)
    duplicates.find(began)
    rounds.begin(began, 30)
    asked = sa.select(Question).order_by(Question.person_id, Question.score.desc(), Question.id)
    by_person = itertools.groupby(db.session.scalars(asked), lambda one: one.person_id)
    for person_id, questions in by_person:
        several = list(questions)
        done = several[: rng.choice((0, 3, 5, len(several)))]
        answers = [rounds.Answer(one, one.item, {}, ()) for one in done]
        if answers:
            person = db.session.get(Person, person_id)
            rounds.answer(answers, person, began + dt.timedelta(days=1))
    db.session.execute(sa.update(Message).values(sent_at=Message.created_at, attempts=1))


def _register_twice(plan: Plan, at: dt.datetime) -> None:
    """What a colleague registered by hand was there already, once with a typing error."""
    change_set = register.begin(plan.organisation.person("Inge Post"), "hand", at, "Rondje langs")
    rows = []
    for name, again in _TWICE:
        first = plan.items[name]
        rows.append(
            {"class_key": first.class_key, "name": again, "hosting": first.hosting,
             "municipality_id": first.municipality_id, "manager_id": first.manager_id,
             "serial": first.serial, "attributes": {}}
        )  # fmt: skip
    register.add_many(rows, change_set)
    for name, other in _SAME_STICKER:
        first, second = plan.items[name], plan.items[other]
        register.change(second, change_set, asset_tag=first.asset_tag)


def _things(plan: Plan) -> Iterator[Thing]:
    machines = [item for item in plan.items.values() if item.class_key == "virtual-machine"]
    grown = sorted(machines, key=lambda item: item.name)[:_MACHINES]
    seen = [(plan.items[name], values) for name, values in _SEEN.items()]
    seen += [(item, {"memory": 2 * item.attributes.get("memory", 8192)}) for item in grown]
    for row, (item, values) in enumerate(seen, 1):
        yield _thing(row, item, values)


def _thing(row: int, item: Item, values: dict[str, object]) -> Thing:
    return Thing(row, item.class_key, item.name, values, serial=item.serial)
