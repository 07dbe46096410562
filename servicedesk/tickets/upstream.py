"""What lies behind reports: a known outage of what an item hangs on, and the radar on the register.

Both look over all municipalities. Of what they find, a reader sees the items that she may see.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa

from cmdb.database import db
from cmdb.dependencies import Register
from cmdb.impact import State
from cmdb.items import Item, Relation
from cmdb.key_lists import among
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Role
from cmdb.relations import Effect
from cmdb.tenancy import everything
from servicedesk.notify import outbox
from servicedesk.tickets import outages, radar
from servicedesk.tickets.models import Outage, Ticket, TicketItem
from servicedesk.tickets.radar import Sighting, Suspicion
from servicedesk.tickets.standing import STATES, Said, Source, said
from servicedesk.tickets.workflow import OPEN, TicketType

AGO = dt.timedelta(hours=2)
_MOST = 500


def outage_behind(person: Person, item_id: int, now: dt.datetime) -> Outage | None:
    """The running outage of the item, else one of what it hangs on, that `person` may see."""
    return outages.running_for(person, item_id) or _outage_above(person, item_id, now)


def _outage_above(person: Person, item_id: int, now: dt.datetime) -> Outage | None:
    """A running outage that may be why the item does not work: of what it hangs on.

    Only one that `person` may see; the newest when there are more.
    """
    running = {
        outage.item_id: (outage.id, STATES[outage.severity])
        for outage in db.session.scalars(
            outages.seen_by(person).where(Outage.ended_at.is_(None)).order_by(Outage.started_at)
        )
    }
    if not running:
        return None
    with everything():
        graph = Register(local(now).date()).above([item_id])
        hit = [
            outage_id for key, (outage_id, state) in running.items()
            if graph.impact({key: state}).state(item_id) > State.OK
        ]  # fmt: skip
    chosen = outages.seen_by(person).where(Outage.id.in_(hit))
    return db.session.scalar(chosen.order_by(Outage.started_at.desc(), Outage.id.desc()).limit(1))


def suspicions(now: dt.datetime, told: Mapping[int, Collection[Said]]) -> list[Suspicion]:
    """What may be out behind the reports of the last two hours, by keys of items and tickets.

    Reports about what has a known outage, or is being worked on, are explained already: `told` is
    what `standing.said` gave. Ask in scope `EVERYTHING`.
    """
    sightings = _sightings(now)
    known = {
        item_id for item_id, some in told.items()
        if any(one.source is not Source.TICKET for one in some)
    }  # fmt: skip
    needs = _needs({item for one in sightings for item in one.items}, local(now).date())
    found = radar.suspicions(sightings, needs)
    return [one for one in found if not any(known & set(path) for path in one.paths)]


def _sightings(now: dt.datetime) -> list[Sighting]:
    """The newest open reports that name an item."""
    rows = db.session.execute(
        sa.select(Ticket.id, Ticket.municipality_id, Ticket.created_at, TicketItem.item_id)
        .join(TicketItem, TicketItem.ticket_id == Ticket.id)
        .where(
            Ticket.created_at > now - AGO,
            Ticket.type == TicketType.INCIDENT,
            Ticket.status.in_(OPEN),
        )
        .order_by(Ticket.created_at.desc())
        .limit(_MOST)
    )
    found: dict[tuple, set[int]] = defaultdict(set)
    for *ticket, item_id in rows:
        found[tuple(ticket)].add(item_id)
    return [Sighting(*ticket, frozenset(items)) for ticket, items in found.items()]


def _needs(keys: Iterable[int], today: dt.date) -> dict[int, Collection[int]]:
    """What those items need, and what that needs, as far as the radar looks; a query a step."""
    found: dict[int, set[int]] = defaultdict(set)
    met, step = set(keys), set(keys)
    for _turn in range(radar.FAR):
        if not step:
            break
        pairs = db.session.execute(
            sa.select(Relation.source_id, Relation.target_id).where(
                among(Relation.source_id, step),
                Relation.effect == Effect.HARD,
                sa.or_(Relation.valid_on.is_(None), Relation.valid_on <= today),
                sa.or_(Relation.valid_until.is_(None), Relation.valid_until >= today),
            )
        ).all()
        for source, target in pairs:
            found[source].add(target)
        step = {target for _source, target in pairs} - met
        met |= step
    return found


def tell_managers(now: dt.datetime) -> None:
    """Write to the managers of the centre what is suspected; once a day of each item.

    Ask in scope `EVERYTHING`.
    """
    for one in suspicions(now, said(now, now)):
        item = db.session.get(Item, one.item)
        managers = sa.select(Person).where(Person.role == Role.CENTRE_MANAGER, Person.is_active)
        for manager in db.session.scalars(managers.order_by(Person.id)):
            outbox.enqueue(
                manager,
                "outage-suspected",
                dedup_key=f"outage-suspected:{item.id}:{local(now):%Y%m%d}",
                municipality_id=one.sightings[0].municipality,
                now=now,
                item=item,
                reports=len(one.sightings),
                municipalities=len({sighting.municipality for sighting in one.sightings}),
            )
