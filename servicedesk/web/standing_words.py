"""How an item is now, in words: its state, what made it so, and what is said where it began."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import Any

import sqlalchemy as sa
from flask import url_for

from cmdb.affected import Known, known
from cmdb.database import db
from cmdb.impact import State
from cmdb.items import Item
from cmdb.key_lists import among_given
from cmdb.people import Person
from cmdb.permissions import Permission, may, visible
from servicedesk.language import gettext as _
from servicedesk.tickets.models import Outage, PlannedWork, Ticket
from servicedesk.tickets.standing import Said, Source, Standing
from servicedesk.web import impact_words as words
from servicedesk.web.words import moment

_CAUSES = 5  # of a kind; a large outage may have hundreds of tickets


def told(
    keys: Collection[int], standing: Standing, person: Person, now: dt.datetime
) -> dict[int, dict[str, object]]:
    """Of each item that is not in order: `state`, `no_spare`, `reason`, `path`, `causes`, `more`, `begins`.

    `causes` is for the desk only: what was said first where the chain ends, with its `source` and
    `key`; `more` is how many others there are. `begins` tells that this is the item itself.
    """
    found = standing.found
    bad = [key for key in keys if found.state(key) > State.OK]
    if not bad:
        return {}
    chains = {key: found.chain(key) for key in bad}
    steps = {each for links in chains.values() for each, _why in links}
    members = {
        member for links in chains.values() for _each, why in links if why
        for member in why.group.members
    }  # fmt: skip
    names: Mapping[int, Known] = known(
        visible(Item, person, Permission.ITEM_READ), steps | members
    )
    works = may(person, Permission.QUEUE_READ)
    causes = {key: standing.causes(key) for key in bad} if works else {}
    first = {key: [_first(one) for one in some] for key, some in causes.items()}
    records = _records(chain.from_iterable(first.values()), now)
    return {
        key: {
            "state": words.badge(found.state(key)),
            "no_spare": key in found.no_spare,
            "reason": words.reason(key, found, names),
            "path": [step and step.name for step in words.path(key, found, names)],
            "begins": len(chains[key]) == 1,
            "causes": [
                records[one.source, each] for one in first.get(key, ())
                for each in one.keys if (one.source, each) in records
            ],
            "more": sum(max(0, len(one.keys) - _CAUSES) for one in causes.get(key, ())),
        }
        for key in bad
    }  # fmt: skip


def _first(said: Said) -> Said:
    return said._replace(keys=sorted(said.keys)[:_CAUSES])


def _records(
    said: Iterable[Said], now: dt.datetime
) -> dict[tuple[Source, int], dict[str, object]]:
    """What each record says, and where it stands; a statement for each kind that there is."""
    by_source: dict[Source, set[int]] = defaultdict(set)
    for one in said:
        by_source[one.source].update(one.keys)
    found = {}
    for source, keys in by_source.items():
        asked, read = _READ[source]
        for record in db.session.execute(asked, {"keys": keys}).all():
            text, url = read(record, now)
            found[source, record.id] = {
                "source": source.value, "key": record.id, "text": text, "url": url,
            }  # fmt: skip
    return found


def _of_outage(outage: sa.Row, now: dt.datetime) -> tuple[str, str]:
    since = moment(outage.started_at, now)
    text = _("Storing sinds %(since)s: %(text)s", since=since, text=outage.message)
    return text, url_for("outages.index")


def _of_work(work: sa.Row, now: dt.datetime) -> tuple[str, str]:
    until = moment(work.ends_at, now)
    text = _("Gepland werk tot %(until)s: %(text)s", until=until, text=work.message)
    return text, url_for("planned_work.impact", key=work.id)


def _of_ticket(ticket: sa.Row, now: dt.datetime) -> tuple[str, str]:
    text = _("Kritieke melding %(number)s: %(text)s", number=ticket.number, text=ticket.title)
    return text, url_for("desk.ticket", number=ticket.number)


def _asked(*columns: Any) -> sa.Select:
    """Those columns of the records with some `keys`, the first of which is the key."""
    return sa.select(*columns).where(among_given(columns[0], "keys"))


_READ = {
    Source.OUTAGE: (_asked(Outage.id, Outage.started_at, Outage.message), _of_outage),
    Source.PLANNED_WORK: (_asked(PlannedWork.id, PlannedWork.ends_at, PlannedWork.message), _of_work),
    Source.TICKET: (_asked(Ticket.id, Ticket.number, Ticket.title), _of_ticket),
}
