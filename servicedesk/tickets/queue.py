"""The selects behind the queue: its views and their counters, filters, order, and pages by key."""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from cmdb.database import db, written
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.people import Membership, Person, Team
from servicedesk.rota.facts import Kind
from servicedesk.rota.models import Duty, PersonSkill, Seat
from servicedesk.tickets.models import Category, Outage, Ticket, TicketItem
from servicedesk.tickets.workflow import OPEN, Status
from sla.agreements import timeline_of
from sla.instants import read_instant, to_datetime, to_epoch
from sla.models import Clock, ServiceCalendar

PAGE = 50
# Beyond this many the exact number helps nobody, and counting on would take longer each year.
COUNTED = 1000
SOON = dt.timedelta(hours=1)
VIEWS = ("mine-group", "mine", "unassigned", "at-risk", "all")

def _written_out(states: Iterable[Status]) -> list[sa.ColumnElement[str]]:
    return [written(state) for state in sorted(states)]


# Written out in the statement, so that PostgreSQL sees that the indexes of open tickets serve it.
IS_OPEN = Ticket.status.in_(_written_out(OPEN))
# The same, but said so that it does not read those indexes where another finds fewer rows.
IS_NOT_DONE = Ticket.status.not_in(_written_out(set(Status) - OPEN))

_requester = aliased(Person)
_assignee = aliased(Person)

# What a list is ordered by; each ends in the id, so that the order is total.
SORTS: dict[str, tuple[sa.ColumnElement, ...]] = {
    "due": (Ticket.due_at, Ticket.id),
    "priority": (Ticket.priority, Ticket.due_at, Ticket.id),
    "title": (Ticket.title, Ticket.id),
    "agent": (_assignee.name, Ticket.due_at, Ticket.id),
    "newest": (Ticket.id,),
}


Named = tuple[tuple[int, str], ...]


class Options(NamedTuple):
    """What can be chosen in filters and forms, each a key and a name, by name.

    Of who is on duty: `desk` has their names, `skill` what each of them knows, `site` where each is
    today.
    """

    municipality: Named
    team: Named
    category: Named
    agent: Named
    desk: Named
    skill: Named
    site: Named


@dataclass(frozen=True)
class InMenu:
    """What the menu counts for one person: open tickets, and running outages.

    A number above `COUNTED` says that there are more than that.
    """

    mine: int
    all: int
    outages: int


@dataclass(frozen=True)
class Counters(InMenu):
    """The same, with how many open tickets each view holds; `teams` is how many one is in."""

    mine_group: int
    unassigned: int
    late: int
    soon: int
    teams: int

    @property
    def at_risk(self) -> int:
        return self.late + self.soon

    def of_view(self, view: str) -> int:
        return getattr(self, view.replace("-", "_"))


@dataclass(frozen=True)
class Order:
    """A key of `SORTS` and a direction; what is empty always comes last."""

    sort: str = "due"
    descending: bool = False

    @property
    def columns(self) -> tuple[sa.ColumnElement, ...]:
        return SORTS[self.sort]


@dataclass(frozen=True)
class Page:
    """Some rows, and the keys of the first and the last where more follow that way."""

    rows: Sequence[sa.Row]
    before: str | None
    after: str | None


def counters(person: Person, now: dt.datetime) -> Counters:
    """Everything that is counted on the page of the queue, in one statement."""
    known = {"person": person.id, "now": now, "soon": now + SOON}
    return Counters(*db.session.execute(_COUNTED[Counters], known).one())


def in_menu(person: Person) -> InMenu:
    """What is counted on every page of the desk, in one statement."""
    return InMenu(*db.session.execute(_COUNTED[InMenu], {"person": person.id}).one())


def in_view(view: str, person: Person, now: dt.datetime) -> sa.ColumnElement[bool]:
    """What of the open tickets a view shows to `person`."""
    return _in_view(view, person.id, now + SOON)


def _in_view(view: str, person, soon) -> sa.ColumnElement[bool]:
    if view == "mine-group":
        return Ticket.team_id.in_(sa.select(Membership.team_id).where(Membership.person_id == person))
    if view == "mine":
        return Ticket.assignee_id == person
    if view == "unassigned":
        return Ticket.assignee_id.is_(None)
    if view == "at-risk":
        return Ticket.due_at < soon
    return sa.true()


def _counted(kind: type[InMenu]) -> sa.Select:
    """The counters of `person` at `now`, of which `soon` is what comes next."""
    person, now, soon = (sa.bindparam(name) for name in ("person", "now", "soon"))
    open_tickets = {
        "mine": _in_view("mine", person, soon),
        "all": sa.true(),
        "mine_group": _in_view("mine-group", person, soon),
        "unassigned": _in_view("unassigned", person, soon),
        "late": Ticket.due_at < now,
        "soon": sa.and_(Ticket.due_at >= now, Ticket.due_at < soon),
    }
    rows = {
        name: sa.select(Ticket.id).where(IS_OPEN, chosen) for name, chosen in open_tickets.items()
    } | {
        "outages": sa.select(Outage.id).where(Outage.ended_at.is_(None)),
        "teams": sa.select(Membership.team_id).where(Membership.person_id == person),
    }
    return sa.select(*(_at_most(rows[field.name], COUNTED + 1) for field in fields(kind)))


def _at_most(rows: sa.Select, limit: int) -> sa.ScalarSelect:
    """How many `rows` there are; counting stops at `limit`."""
    some = rows.limit(written(limit)).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


_AT_DESK = sa.and_(
    Duty.kind == Kind.DESK, Duty.starts <= sa.bindparam("minute"), Duty.ends > sa.bindparam("minute")
)


def _seated(name: sa.ColumnElement[str], which: sa.ColumnElement[bool]) -> sa.Select:
    """Who has a seat today of those meant by `which`; `name` says something of each."""
    return (
        sa.select(Seat.person_id, name)
        .select_from(Seat)
        .join(Duty, Duty.id == Seat.duty_id)
        .where(Seat.date == sa.bindparam("today"), Seat.is_needed, Seat.person_id.is_not(None), which)
    )


# Each page of the desk begins with these, so they are put together once.
_COUNTED = {kind: _counted(kind) for kind in (InMenu, Counters)}
_KINDS = {
    "municipality": sa.select(Municipality.id, Municipality.name),
    "team": sa.select(Team.id, Team.name),
    "category": sa.select(Category.id, Category.name),
    # Who belongs to no municipality belongs to the centre, and serves all.
    "agent": sa.select(Person.id, Person.name).where(Person.municipality_id.is_(None), Person.is_active),
    # Who is on duty: at the desk at the minute, what they know, and on site on the day.
    "desk": _seated(Person.name, _AT_DESK).join(Person, Person.id == Seat.person_id),
    "skill": _seated(PersonSkill.skill, _AT_DESK).join(
        PersonSkill, PersonSkill.person_id == Seat.person_id
    ),
    "site": _seated(Municipality.name, Duty.kind == Kind.SITE).join(
        Municipality, Municipality.id == Seat.municipality_id
    ),
}
_OPTIONS = sa.union_all(
    *(chosen.add_columns(sa.literal(kind).label("kind")) for kind, chosen in _KINDS.items())
)


# The columns of a row; put together once, as every list begins with them.
_COLUMNS = (
    sa.select(
        Ticket.id,
        Ticket.number,
        Ticket.title,
        Ticket.priority,
        Ticket.status,
        Ticket.waiting_for,
        Ticket.due_at,
        Municipality.name.label("municipality"),
        _requester.name.label("requester"),
        _assignee.name.label("assignee"),
        Clock.state,
        Clock.target_seconds,
        Clock.elapsed_seconds,
        Clock.running_since,
        Clock.breached_at,
        Clock.calendar_id,
        ServiceCalendar.revision,
    )
    .join(Municipality, Municipality.id == Ticket.municipality_id)
    .join(_requester, _requester.id == Ticket.requester_id)
    .outerjoin(_assignee, _assignee.id == Ticket.assignee_id)
    .outerjoin(Clock, Clock.id == Ticket.resolution_clock_id)
    .outerjoin(ServiceCalendar, ServiceCalendar.id == Clock.calendar_id)
)


def about_item(item_id: int) -> sa.ColumnElement[bool]:
    return Ticket.id.in_(sa.select(TicketItem.ticket_id).where(TicketItem.item_id == item_id))


def count(conditions: Sequence[sa.ColumnElement[bool]]) -> int:
    """How many tickets meet the conditions, at most one beyond `COUNTED`."""
    return db.session.scalar(sa.select(_at_most(sa.select(Ticket.id).where(*conditions), COUNTED + 1)))


def rows(conditions: Sequence[sa.ColumnElement[bool]], order: Order) -> sa.Select:
    """The columns that a row of the queue shows, in order."""
    return (
        _COLUMNS.where(*conditions)
        .order_by(*_ordering(order.columns, order.descending, nulls_last=True))
    )


def page(
    conditions: Sequence[sa.ColumnElement[bool]],
    order: Order,
    *,
    after: str | None = None,
    before: str | None = None,
) -> Page:
    """The page beyond a key of another page; a key that is none gives the first page."""
    forwards = _read_key(after, order)
    backwards = None if forwards else _read_key(before, order)
    descending, reverse = order.descending, backwards is not None
    chosen = _COLUMNS.where(*conditions)
    if key := forwards or backwards:
        chosen = chosen.where(_beyond(order.columns, key, descending, reverse))
    chosen = chosen.order_by(*_ordering(order.columns, descending != reverse, nulls_last=not reverse))
    found = list(db.session.execute(chosen.limit(PAGE + 1)))
    more, found = len(found) > PAGE, found[:PAGE]
    if reverse:
        found.reverse()
    has_before = more if reverse else key is not None
    has_after = more if not reverse else True
    return Page(
        found,
        _key(found[0], order) if found and has_before else None,
        _key(found[-1], order) if found and has_after else None,
    )


def page_of(ids: Sequence[int]) -> Page:
    """The first page of these tickets, newest first."""
    order = Order("newest", descending=True)
    found = list(db.session.execute(rows([Ticket.id.in_(ids[:PAGE])], order))) if ids else []
    return Page(found, None, _key(found[-1], order) if len(ids) > PAGE else None)


def used_share(row: sa.Row, now: dt.datetime) -> float:
    """The part of the promised time that the row's clock has used; 0 without a promise."""
    if not row.target_seconds:
        return 0.0
    used = row.elapsed_seconds
    if row.running_since is not None:
        hours = timeline_of(row.calendar_id, row.revision)
        used += hours.open_seconds(to_epoch(row.running_since), to_epoch(now))
    return used / row.target_seconds


def options(now: dt.datetime) -> Options:
    """What can be chosen, and who is on duty at `now`, in one statement."""
    found: dict[str, list[tuple[int, str]]] = {kind: [] for kind in _KINDS}
    here = local(now)
    when = {"today": here.date(), "minute": here.hour * 60 + here.minute}
    for key, name, kind in db.session.execute(_OPTIONS, when).all():
        found[kind].append((key, name))
    return Options(
        **{kind: tuple(sorted(pairs, key=lambda pair: pair[1].lower())) for kind, pairs in found.items()}
    )


def _ordering(columns, descending: bool, nulls_last: bool) -> list[sa.ColumnElement]:
    ordered = []
    for column in columns:
        direction = column.desc() if descending else column.asc()
        if _is_optional(column):
            direction = direction.nulls_last() if nulls_last else direction.nulls_first()
        ordered.append(direction)
    return ordered


def _is_optional(column) -> bool:
    return column is not Ticket.id and (column is SORTS["agent"][0] or column.nullable)


def _beyond(columns, key: Sequence, descending: bool, reverse: bool) -> sa.ColumnElement[bool]:
    """What comes after `key` in the order of the list, or before it when `reverse`."""
    choices, equal = [], []
    for column, value in zip(columns, key, strict=True):
        choices.append(sa.and_(*equal, _past(column, value, descending != reverse, reverse)))
        equal.append(column.is_(None) if value is None else column == value)
    return sa.or_(*choices)


def _past(column, value, downwards: bool, reverse: bool) -> sa.ColumnElement[bool]:
    if value is None:
        return column.is_not(None) if reverse else sa.false()
    step = column < value if downwards else column > value
    return sa.or_(step, column.is_(None)) if _is_optional(column) and not reverse else step


# What a row calls a column of an order, and what kind of value it has.
_PARTS: dict[str, tuple[str, type]] = {
    "due_at": ("due_at", dt.datetime),
    "priority": ("priority", int),
    "title": ("title", str),
    "name": ("assignee", str),
    "id": ("id", int),
}


def _key(row: sa.Row, order: Order) -> str:
    """Where a row stands in the order, as text for an address."""
    values = [getattr(row, _PARTS[column.key][0]) for column in order.columns]
    written = [value.isoformat() if isinstance(value, dt.datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(written).encode()).decode().rstrip("=")


def _read_key(text: str | None, order: Order) -> list | None:
    if not text:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return [_read_part(column, value) for column, value in zip(order.columns, values, strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError):
        return None


def _read_part(column, value):
    """A value of a key as the column knows it; raises ValueError or the like when it is none."""
    kind = _PARTS[column.key][1]
    if value is None and _is_optional(column):
        return None
    if kind is dt.datetime:
        return to_datetime(read_instant(value))
    if type(value) is not kind or (kind is int and abs(value) >= 2**31):
        raise ValueError("a key of another kind")
    if kind is str and ("\0" in value or not value.encode()):
        raise ValueError("no text that could have been stored")
    return value
