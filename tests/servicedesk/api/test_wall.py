"""The wall between municipalities by the API: Anna and Mia know every key of Lindhoven, and get nothing.

What tests/servicedesk/test_tenancy.py tries on the session, these try on every operation; one that is
added is tried by itself.
"""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db
from cmdb.item_parts import Duty
from cmdb.items import Item, ItemVersion
from servicedesk.api.door import OPERATIONS
from servicedesk.intake import batches
from servicedesk.intake.tables import read_table
from servicedesk.tickets.attachments import File
from servicedesk.tickets.models import Attachment, Entry, Ticket
from tests.makers import NOW, make_item, make_ticket, make_visit
from tests.servicedesk.web.item_doors import bodies

SECRET = "geheim van Lindhoven"


@pytest.fixture
def foreign(cast):
    """The keys of what is Lindhoven's alone, by the part of the path that they stand in."""
    item = make_item(SECRET, cast.lindhoven, class_key="server")
    ticket = make_ticket(
        cast.carla, title=SECRET, body=SECRET, items=[item, cast.application], files=[File(f"{SECRET}.txt", b"x")]
    )
    change_set = register.begin(cast.ada, SECRET, NOW)
    relation = register.relate(item, cast.application, "needs", change_set)
    register.set_role(item, Duty.PROCESS_OWNER, change_set, contact=SECRET)
    batch = batches.stage(
        f"{SECRET}.csv", read_table(f"naam\n{SECRET}\n".encode()), "server", cast.lindhoven.id, cast.ada, NOW
    )
    batches.assess(batch)
    make_visit(cast.lindhoven, cast.daan, NOW.date() + dt.timedelta(days=1))
    file = db.session.scalars(sa.select(Attachment.id)).one()
    db.session.commit()
    return {
        "tickets": {"number": ticket.number, "key": file},
        "items": {"number": item.uid, "key": relation.id},
        "imports": {"key": batch.id},
        "change-sets": {"key": change_set.id},
    }


def kept():
    """What a deed would change."""
    db.session.expire_all()
    return [
        db.session.execute(sa.select(Ticket.id, Ticket.version, Ticket.status).order_by(Ticket.id)).all(),
        db.session.execute(sa.select(Item.id, Item.version).order_by(Item.id)).all(),
        db.session.scalar(sa.select(sa.func.count(Entry.id))),
        db.session.scalar(sa.select(sa.func.count()).select_from(ItemVersion)),
    ]


class World:
    """What the bodies of item_doors are made of."""

    def __init__(self, cast, uid):
        self.item = self.switch = db.session.scalars(sa.select(Item).where(Item.uid == uid)).one()
        self.cast = cast


TEXTS = {
    "replies": {"body": "x"}, "assignments": {"team": "Werkplek"}, "waits": {"waitingFor": "supplier"},
    "resolutions": {"solution": "x"}, "reopenings": {"reason": "x"}, "cancellations": {"reason": "x"},
}  # fmt: skip


@pytest.mark.parametrize("who", ["anna", "mia"])
def test_no_operation_reaches_what_is_of_another_municipality(cast, program, foreign, who):
    caller, before, tried = program(getattr(cast, who)), kept(), 0
    ready = bodies(World(cast, foreign["items"]["number"]))
    for told in OPERATIONS.values():
        keys = foreign.get(told.subject, {}) if told.keys else {}
        if told.keys and not keys:
            assert told.subject == "item-classes", told.path  # the same for everybody
            continue
        path = told.path.format(**keys)
        sent = {}
        if told.file_types:
            sent = {"data": b"naam\nx\n", "content_type": told.file_types[0], "query_string": {"class": "server"}}
        elif told.body and told.keys:
            body = ready.get(f"api.{told.name}") or TEXTS.get(path.rpartition("/")[2], {})
            answer = caller.send(told.method, path, body)
        if not (told.body and told.keys):
            if told.body:
                continue  # what makes something new: below
            answer = caller.open(told.method, path, **sent)
        if told.keys or not told.reads:
            assert answer.status_code == 404, f"{told.method} {path}: {answer.status_code}"
        assert SECRET not in answer.text, path
        tried += 1
    assert tried > 40 and kept() == before


def test_no_filter_or_search_finds_it(cast, program, foreign):
    uid, code = foreign["items"]["number"], cast.lindhoven.code
    for who in (cast.anna, cast.mia):
        caller = program(who)
        for path in (
            "/tickets?text=geheim", f"/tickets?municipality={code}", f"/tickets?assignee={cast.carla.login}",
            "/tickets?view=all", "/items?text=geheim", f"/items?municipality={code}", "/items?class=server",
            f"/items?class=application&filter=reverse.needs%3D{uid}", "/items?sort=-name", f"/items?text={uid}",
            f"/items/{cast.application.uid}/impact", f"/items/{cast.application.uid}/relations",
            f"/items/{cast.application.uid}/weak-points", f"/items/{cast.application.uid}/tickets",
            f"/items/{cast.application.uid}", f"/items/{cast.application.uid}?on=2026-11-23",
            f"/visits?municipality={code}", "/visits?from=2026-11-20&to=2026-12-20", "/municipalities",
        ):  # fmt: skip
            answer = caller.get(path)
            assert answer.status_code in (200, 400, 404), path
            for word in (SECRET, f'"{uid}"', foreign["tickets"]["number"], "Carla"):
                assert word not in answer.text, f"{path} told {word}"


def test_nothing_new_points_at_it(cast, program, foreign):
    filing = {
        "kind": "incident", "title": "Muis", "description": "x", "impact": "person", "urgency": "low",
        "category": cast.category.key,
    }  # fmt: skip
    anna, before = program(cast.anna), kept()
    for more in ({"items": [foreign["items"]["number"]]}, {"requester": cast.carla.login}):
        assert anna.post("/tickets", filing | more).status_code == 400
    assert anna.post("/items", {"class": "server", "name": "x", "owner": cast.lindhoven.code}).status_code == 404
    assert kept() == before


def test_the_desk_does_reach_all_of_it(cast, program, foreign):
    """Else the tests above would prove nothing."""
    daan = program(cast.daan)
    for path in (f"/tickets/{foreign['tickets']['number']}", f"/items/{foreign['items']['number']}"):
        assert SECRET in daan.get(path).text
    assert SECRET in daan.get("/tickets?text=geheim").text and SECRET in daan.get("/items?text=geheim").text
    assert foreign["items"]["number"] in daan.get(f"/items/{cast.application.uid}/relations").text


def test_whatever_looks_at_if_match_says_so_in_the_description(cast, program, foreign):
    ada, seen = program(cast.ada), set()
    ready = bodies(World(cast, foreign["items"]["number"]))
    for told in OPERATIONS.values():
        if told.reads or not told.keys or told.subject not in ("tickets", "items"):
            continue
        path = told.path.format(**foreign[told.subject])
        body = ready.get(f"api.{told.name}") or TEXTS.get(path.rpartition("/")[2], {})
        answer = caller_of(ada, told, path, body)
        if answer.status_code == 404:
            continue  # what is for the requester alone
        assert (answer.status_code == 412) == told.is_versioned, f"{told.method} {path}: {answer.status_code}"
        seen.add(told.name)
    assert {"add_relation", "change_relation", "end_relation", "change_item", "resolve_ticket"} <= seen


def caller_of(program, told, path, body):
    headers = {"If-Match": '"999"'}
    if told.body:
        return program.send(told.method, path, body, headers=headers)
    return program.open(told.method, path, headers=headers)
