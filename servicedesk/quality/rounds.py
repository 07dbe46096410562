"""Rounds of confirmation: each manager is asked about the few items that need it most.

A round takes five minutes: at most `SIZE` items. What was not answered when the next round begins
is chosen again, if it still is among those that need it most.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cmdb import authority, drift, register
from cmdb.database import db
from cmdb.item_parts import Observation
from cmdb.items import ChangeSet, Item, ItemStatus
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Permission, may
from servicedesk.notify import outbox
from servicedesk.quality import risk
from servicedesk.quality.models import Outcome, Pair, Question, Verdict
from servicedesk.tickets.models import Ticket, TicketItem
from servicedesk.tickets.workflow import TicketType

SIZE = 10
RECENT = dt.timedelta(days=90)


@dataclass(frozen=True)
class Answer:
    """That an item is right as it is, or with other values of its fields."""

    question: Question
    item: Item
    values: Mapping[str, Any]
    fields: Sequence[str]


def begin(now: dt.datetime, days: int) -> int:
    """Ask who was not asked for `days` days; how many people. Ask in scope `EVERYTHING`."""
    today = local(now).date()
    due = [person for person in _managers(today - dt.timedelta(days=days))]
    asked = 0
    if due:
        incidents, conflicts = _incidents(now), _conflicts()
        for person in due:
            asked += _ask(person, today, incidents, conflicts, now)
    return asked


def current(person: Person) -> list[Question]:
    """The questions of the round of somebody that began last, those of most risk first."""
    last = sa.select(sa.func.max(Question.asked_on)).where(Question.person_id == person.id)
    mine = sa.select(Question).where(
        Question.person_id == person.id, Question.asked_on == last.scalar_subquery()
    )
    return list(db.session.scalars(mine.order_by(Question.score.desc(), Question.id)))


def answer(answers: Sequence[Answer], by: Person, now: dt.datetime) -> ChangeSet:
    """Record that items are right, with what was corrected, as one act.

    Raises:
        ValueError: a value does not fit; one Dutch sentence. Roll back.
    """
    today = local(now).date()
    change_set = register.begin(by, "certification", now)
    changes = []
    for one in answers:
        item = one.item
        one.question.done_at = now
        one.question.outcome = Outcome.CORRECTED if one.values else Outcome.CONFIRMED
        level = _criticality(one.values.get, item)
        values = {
            **one.values, "confirmed_on": today, "confirmed_by_id": by.id,
            "next_certification": risk.next_check(today, level),
        }  # fmt: skip
        changes.append((item, values))
    register.change_many(changes, change_set)
    told = {one.item.id: list(one.fields) for one in answers}
    authority.note(told, authority.CONFIRMED, now)
    return change_set


def _criticality(given: Any, item: Item) -> int:
    names = ("confidentiality", "integrity", "availability")
    return risk.criticality(*(given(name) or getattr(item, name) for name in names))


def _managers(before: dt.date) -> list[Person]:
    """Those who manage something, and whose last round began on a day or earlier, or never."""
    last = (
        sa.select(Question.person_id, sa.func.max(Question.asked_on).label("on"))
        .group_by(Question.person_id)
        .subquery()
    )
    manages = sa.select(Item.manager_id).where(Item.status != ItemStatus.RETIRED)
    chosen = (
        sa.select(Person)
        .outerjoin(last, last.c.person_id == Person.id)
        .where(Person.is_active, Person.id.in_(manages))
        .where(sa.or_(last.c.on.is_(None), last.c.on <= before))
        .order_by(Person.id)
    )
    found = db.session.scalars(chosen)
    return [person for person in found if may(person, Permission.ITEM_CERTIFY)]


def _ask(
    person: Person,
    today: dt.date,
    incidents: Mapping[int, int],
    conflicts: Mapping[int, int],
    now: dt.datetime,
) -> bool:
    """Choose what to ask somebody, and send the invitation; whether there is anything to ask."""
    found = []
    for row in db.session.execute(_candidates(person)):
        level = risk.criticality(row.confidentiality, row.integrity, row.availability)
        age = None if row.confirmed_on is None else (today - row.confirmed_on).days
        signs = risk.Signs(level, age, incidents.get(row.id, 0), conflicts.get(row.id, 0))
        if risk.is_due(today, row.next_certification, row.confirmed_on, signs):
            found.append((risk.risk(signs), row.id))
    found.sort(key=lambda pair: (-pair[0].score, pair[1]))
    rows = [
        Question(person_id=person.id, item_id=item_id, asked_on=today, score=one.score,
                 reasons=[list(reason) for reason in one.reasons])
        for one, item_id in found[:SIZE]
    ]  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add_all(rows)
            db.session.flush()
    except sa.exc.IntegrityError:  # another worker was first
        return False
    if rows:
        outbox.enqueue(
            person, "certification", dedup_key=f"certification:{today}", municipality_id=None,
            now=now, count=len(rows),
        )  # fmt: skip
    return bool(rows)


def _candidates(person: Person) -> sa.Select:
    columns = (
        Item.id, Item.confirmed_on, Item.next_certification, Item.confidentiality, Item.integrity,
        Item.availability,
    )  # fmt: skip
    return sa.select(*columns).where(
        Item.manager_id == person.id, Item.status != ItemStatus.RETIRED
    )


def _incidents(now: dt.datetime) -> dict[int, int]:
    """How many incidents were filed lately, by item."""
    counted = (
        sa.select(TicketItem.item_id, sa.func.count())
        .join(Ticket, Ticket.id == TicketItem.ticket_id)
        .where(Ticket.created_at >= now - RECENT, Ticket.type == TicketType.INCIDENT)
        .group_by(TicketItem.item_id)
    )
    return dict(db.session.execute(counted).all())


def _conflicts() -> Counter[int]:
    """What contradicts the register, by item: seen otherwise, or perhaps there twice."""
    found: Counter[int] = Counter()
    seen = sa.select(Observation.item_id, sa.func.count()).where(drift.is_open())
    found.update(dict(db.session.execute(seen.group_by(Observation.item_id)).all()))
    for side in (Pair.first_id, Pair.second_id):
        pairs = sa.select(side, sa.func.count()).where(Pair.verdict == Verdict.OPEN)
        found.update(dict(db.session.execute(pairs.group_by(side)).all()))
    return found
