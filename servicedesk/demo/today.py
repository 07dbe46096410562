"""What goes on at this moment: an outage, work that was announced, reports with one cause."""

import datetime as dt
import random
from collections.abc import Sequence

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item
from servicedesk.demo import topics
from servicedesk.demo.organisation import Organisation
from servicedesk.tickets import actions, outages, planned_work
from servicedesk.tickets.models import Category
from servicedesk.tickets.workflow import Severity, TicketType
from sla.priority import Impact, Urgency


def build(who: Organisation, items: Sequence[Item], rng: random.Random, now: dt.datetime) -> int:
    """Store it; how many tickets."""
    by_name = {item.name: item for item in items}
    _start_outage(who, by_name["Zaaksysteem"], rng, now)
    _plan_work(by_name["vl-san-b"], now)
    return _file_what_belongs_together(who, by_name, now)


def _start_outage(who: Organisation, item: Item, rng: random.Random, now: dt.datetime) -> None:
    """The zaaksysteem suffers since a while, and some people said that they have it too."""
    started = now - dt.timedelta(minutes=70)
    outage = outages.start(
        item, topics.OUTAGE, started, now + dt.timedelta(minutes=50), Severity.DEGRADED
    )
    for name in ("Oosterveen", "Maasbrugge", "Lindhoven"):
        for person in who.staff[who.municipality(name).id][4:7]:
            outages.report(outage, person, started + dt.timedelta(minutes=rng.randrange(5, 60)))


def _plan_work(item: Item, now: dt.datetime) -> None:
    """An evening three days from now."""
    start = (now + dt.timedelta(days=3)).replace(hour=17, minute=0, second=0, microsecond=0)
    planned_work.announce(
        [item], topics.PLANNED_WORK, Severity.DOWN, start, start + dt.timedelta(hours=2), item.manager
    )


def _file_what_belongs_together(
    who: Organisation, items: dict[str, Item], now: dt.datetime
) -> int:
    """Reports of two municipalities, minutes apart, about applications on one machine."""
    category = db.session.scalar(sa.select(Category).where(Category.key == "application"))
    for minutes, (town, name, title, body) in zip((11, 4), topics.TOGETHER, strict=True):
        requester = who.staff[who.municipality(town).id][8]
        actions.file_ticket(
            requester,
            requester,
            now - dt.timedelta(minutes=minutes),
            type=TicketType.INCIDENT,
            category=category,
            title=title,
            body=body,
            impact=Impact.TEAM,
            urgency=Urgency.MEDIUM,
            items=[items[name]],
            phone=requester.phone,
            location_id=requester.location_id,
        )
    return len(topics.TOGETHER)
