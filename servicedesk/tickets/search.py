"""Finding tickets by number, name, item or text: one module for both databases.

Whatever is typed gives a select; what cannot match gives one that finds nothing.
"""

import re

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item
from cmdb.people import Person
from cmdb.permissions import Permission, reach, visible
from servicedesk.tickets.models import Entry, Ticket, TicketItem
from servicedesk.tickets.queue import COUNTED

_LONGEST = 200
_NUMBER = re.compile(r"[A-Z]?\d{3,}[-\d]*", re.ASCII)
_AFTER_ALL = "~"
# A word that every fifth ticket holds is found often enough among the newest.
_NEWEST = 8 * COUNTED


def matching(person: Person, words: str) -> sa.Select:
    """The ids of the tickets that `person` may read and that fit `words`."""
    return _within_reach(person, words, sa.literal(0))


def newest(person: Person, words: str, *conditions: sa.ColumnElement[bool]) -> list[int]:
    """The ids of the hits that meet `conditions`, newest first, at most one more than `COUNTED`."""
    recent = sa.select(sa.func.max(Ticket.id) - _NEWEST).scalar_subquery()
    above = sa.func.coalesce(recent, 0)
    if _is_frequent(person, words, above):
        hits = _hits(person, words, above, conditions)
        if len(hits) > COUNTED:
            return hits
    return _hits(person, words, sa.literal(0), conditions)


def _is_frequent(person: Person, words: str, above: sa.ColumnElement[int]) -> bool:
    """Whether the newest tickets alone hold the words often enough; all of them would take long."""
    words = _cleaned(words)
    if not words:
        return False
    some = _by_text(words, _reads_notes(person), above).limit(COUNTED + 1).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(some)) > COUNTED


def _hits(person, words, above, conditions) -> list[int]:
    chosen = _within_reach(person, words, above).where(*conditions)
    return list(db.session.scalars(chosen.order_by(Ticket.id.desc()).limit(COUNTED + 1)))


def _within_reach(person: Person, words: str, above: sa.ColumnElement[int]) -> sa.Select:
    words = _cleaned(words)
    readable = visible(Ticket, person, Permission.TICKET_READ).with_only_columns(Ticket.id)
    if not words:
        return readable.where(sa.false())
    found = sa.union(*_ways(person, words, above))
    return readable.where(Ticket.id.in_(found))


def _cleaned(words: str) -> str:
    """What was typed without needless spaces; empty where there is nothing to look for."""
    words = " ".join(words[:_LONGEST].split())
    return words if any(char.isalnum() for char in words) else ""


def _reads_notes(person: Person) -> bool:
    return bool(reach(person, Permission.TICKET_NOTE))


def _ways(person: Person, words: str, above: sa.ColumnElement[int]) -> list[sa.Select]:
    newer = Ticket.id > above
    ways = [_by_text(words, _reads_notes(person), above)]
    number = words.upper()
    if _NUMBER.fullmatch(number):
        span = Ticket.number.between(number, number + _AFTER_ALL)
        ways.append(sa.select(Ticket.id).where(span, newer))
    if len(words) > 1:
        ways.append(
            sa.select(Ticket.id)
            .join(Person, Person.id == Ticket.requester_id)
            .where(Person.name.icontains(words, autoescape=True), newer)
        )
        named = sa.or_(
            Item.name.icontains(words, autoescape=True),
            Item.uid.startswith(number, autoescape=True),
        )
        ways.append(
            sa.select(TicketItem.ticket_id)
            .join(Item, Item.id == TicketItem.item_id)
            .where(named, TicketItem.ticket_id > above)
        )
    return ways


def _by_text(words: str, internal: bool, above: sa.ColumnElement[int]) -> sa.Select:
    if db.engine.dialect.name == "postgresql":
        return sa.select(sa.func.tickets_with(words, internal, above))
    query = " ".join(f'"{word}"' for word in words.replace('"', " ").split())
    readable = sa.true() if internal else Entry.is_internal.is_(False)
    in_entries = sa.select(Entry.ticket_id).where(
        Entry.id.in_(_rows_with("entry_text", query)), readable, Entry.ticket_id > above
    )
    in_titles = sa.select(Ticket.id).where(
        Ticket.id.in_(_rows_with("ticket_text", query)), Ticket.id > above
    )
    return sa.select(sa.union(in_entries, in_titles).subquery().c[0])


def _rows_with(index: str, query: str) -> sa.Select:
    """The keys in a full-text table of SQLite; each word is quoted, so that none is an operator."""
    table = sa.table(index, sa.column("rowid"))
    return sa.select(table.c.rowid).where(sa.column(index, is_literal=True).op("MATCH")(query))
