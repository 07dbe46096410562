"""The list of items: what is asked of it, its pages by key, its count, and its rows in order."""

import base64
import binascii
import datetime as dt
import functools
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from cmdb import item_state, terms
from cmdb.database import db
from cmdb.impact import State
from cmdb.items import Item, ItemVersion
from cmdb.key_lists import among
from cmdb.people import Person
from cmdb.permissions import Permission, visible
from servicedesk.inventory.columns import Source
from servicedesk.inventory.fields import STANDING, Field
from servicedesk.inventory.filters import Filter
from servicedesk.tickets.queue import COUNTED

PAGE = 50
_CHUNK = 500
_COMMON = 5_000


@dataclass(frozen=True)
class Asked:
    """What somebody asks of the list: facets, words, filters, an order, and as of which moment.

    `facets` are conditions by the name of their facet. `standings` are, by key, the items that are
    not in order now. `uids` are the numbers of the only items that are meant; without, all are.
    """

    reader: Person
    at: dt.datetime | None = None
    words: str = ""
    filters: Sequence[Filter] = ()
    facets: Mapping[str, sa.ColumnElement[bool]] = field(default_factory=dict)
    standings: Mapping[int, State] = field(default_factory=dict)
    uids: Sequence[str] = ()
    order: Field | None = None
    descending: bool = False
    source: Source = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "source", Source(self.at))

    @functools.cached_property
    def is_common(self) -> bool:
        """Whether more than `_COMMON` items were ever found by these words."""
        some = terms.matching(_typed(self), _COMMON + 1, ever=True).subquery()
        return db.session.scalar(sa.select(sa.func.count()).select_from(some)) > _COMMON


@dataclass(frozen=True)
class Row:
    """An item as the list shows it: its key, and its state as `item_state.written` gives it."""

    id: int
    state: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """Some rows, and the keys of the first and the last where more follow that way."""

    rows: list[Row]
    before: str | None
    after: str | None


def selected(asked: Asked, without: Collection[str] = ()) -> sa.Select:
    """The select of what is asked, without order; `without` these facets."""
    source = asked.source
    found = visible(source.model, asked.reader, Permission.ITEM_READ).where(source.holds)
    if asked.words:
        found = found.where(_matching(asked))
    if asked.uids:
        held = Item.uid if asked.at is None else ItemVersion.state["uid"].as_string()
        found = found.where(held.in_(asked.uids))
    chosen = (condition for name, condition in asked.facets.items() if name not in without)
    return found.where(*chosen, *(one.where(source) for one in asked.filters))


def looked_after_by(
    person: Person, source: Source, known: Mapping[str, Field]
) -> sa.ColumnElement[bool]:
    """Whether somebody is the manager or the deputy of a row; `known` are the fields by key."""
    return sa.or_(*(source.value(known[role]) == person.id for role in ("manager", "deputy")))


def standing(asked: Asked) -> sa.ColumnElement[int]:
    """How an item is now, as the number of its `State`."""
    keys: dict[State, list[int]] = {}
    for key, state in asked.standings.items():
        keys.setdefault(state, []).append(key)
    if not keys:
        return sa.literal(int(State.OK))
    levels = [(among(asked.source.key, some), int(state)) for state, some in keys.items()]
    return sa.case(*levels, else_=int(State.OK))


def count(asked: Asked) -> int:
    """How many items there are, at most one beyond COUNTED."""
    some = selected(asked).with_only_columns(asked.source.key).limit(COUNTED + 1).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def page(
    asked: Asked, after: str | None = None, before: str | None = None, size: int | None = None
) -> Page:
    """The page beyond a key of another page; a key that is none gives the first page."""
    placed, value = _placed(asked)
    key, size = asked.source.key, size or PAGE
    forwards = _read_key(after, value)
    backwards = None if forwards else _read_key(before, value)
    down, reverse = asked.descending, backwards is not None
    chosen = placed.add_columns(value.label("place"))
    if stands := forwards or backwards:
        chosen = chosen.where(_beyond(value, key, stands, down, reverse))
    ordered = chosen.order_by(*_ordering(value, key, down, reverse)).limit(size + 1)
    found = db.session.execute(ordered).all()
    more, found = len(found) > size, found[:size]
    if reverse:
        found.reverse()
    has_before, has_after = (more, True) if reverse else (stands is not None, more)
    return Page(
        [_row(entity) for entity, _ in found],
        _key(found[0]) if found and has_before else None,
        _key(found[-1]) if found and has_after else None,
    )


def rows(asked: Asked, limit: int) -> Iterator[Row]:
    """The rows in order, read in parts, at most `limit`."""
    placed, value = _placed(asked)
    key, stands, left = asked.source.key, None, limit
    while left > 0:
        chosen = placed.add_columns(value.label("place"))
        if stands:
            chosen = chosen.where(_beyond(value, key, stands, asked.descending, False))
        ordered = chosen.order_by(*_ordering(value, key, asked.descending, False))
        found = db.session.execute(ordered.limit(min(_CHUNK, left))).all()
        yield from [_row(entity) for entity, _ in found]
        if len(found) < _CHUNK:
            return
        stands, left = _read_key(_key(found[-1]), value), left - len(found)


def _row(entity: Item | ItemVersion) -> Row:
    if isinstance(entity, Item):
        return Row(entity.id, item_state.written(entity))
    return Row(entity.item_id, entity.state)


def _matching(asked: Asked) -> sa.ColumnElement[bool]:
    """A part of the name, or the begin of what else the item is found by: see `cmdb.terms`.

    In a list of an old day only the begins are found, of what the item was known by on that day.
    """
    words = _typed(asked)
    if asked.at is None:
        named = Item.name.icontains(words, autoescape=True)
        return sa.or_(named, Item.id.in_(terms.matching(words)))
    # The index tells by what an item was ever found: its state tells whether by that on the day.
    state = ItemVersion.name + " " + sa.cast(ItemVersion.state, sa.Text)
    if asked.is_common:
        was = [_holds(state, word) for word in terms.words_of(words)]
        return sa.and_(terms.is_of(ItemVersion.item_id, words, ever=True), *was)
    was = [state.icontains(word, autoescape=True) for word in terms.words_of(words)]
    return sa.and_(ItemVersion.item_id.in_(terms.matching(words, ever=True)), *was)


def _typed(asked: Asked) -> str:
    return asked.words.strip()[:100]


def _holds(text: sa.ColumnElement[str], word: str) -> sa.ColumnElement[bool]:
    """As `icontains` says it, which PostgreSQL takes to be rare: then it would sort all there is."""
    is_postgresql = db.session.get_bind().dialect.name == "postgresql"
    place = sa.func.strpos if is_postgresql else sa.func.instr
    return place(sa.func.lower(text), sa.func.lower(word)) > 0


def _placed(asked: Asked) -> tuple[sa.Select, sa.ColumnElement]:
    """What is asked, and what the list is ordered by."""
    chosen, found = asked.order, selected(asked)
    if chosen is None:
        return found, asked.source.model.name
    if chosen is STANDING:
        return found, standing(asked)
    value = asked.source.value(chosen)
    if chosen.refers is not None:
        model: Any = chosen.refers
        other = sa.orm.aliased(model)
        # Joined: as a query within the order it would be asked for each item.
        return found.outerjoin(other, other.id == value), sa.type_coerce(other.name, sa.String)
    if chosen.words:
        return found, sa.case({key: str(word) for key, word in chosen.words.items()}, value=value)
    return found, value


def _ordering(value, key, down: bool, reverse: bool) -> tuple:
    first = value.desc() if down != reverse else value.asc()
    if getattr(value, "nullable", True):
        first = first.nulls_first() if reverse else first.nulls_last()
    return first, key.desc() if reverse else key.asc()


def _beyond(value, key, stands: tuple[Any, int], down: bool, reverse: bool):
    """What comes after a key in the order of the list, or before it when `reverse`."""
    held, item_id = stands
    if not getattr(value, "nullable", True) and not down:  # an index can begin at such a pair
        pair, place = sa.tuple_(value, key), sa.tuple_(sa.literal(held), sa.literal(item_id))
        return pair < place if reverse else pair > place
    next_key = key < item_id if reverse else key > item_id
    if held is None:
        same = sa.and_(value.is_(None), next_key)
        return sa.or_(same, value.is_not(None)) if reverse else same
    step = value < held if down != reverse else value > held
    after = sa.or_(step, sa.and_(value == held, next_key))
    return after if reverse else sa.or_(after, value.is_(None))


def _key(row: Any) -> str:
    """Where a row stands in the order, as text for an address."""
    entity, value = row
    item_id = entity.id if isinstance(entity, Item) else entity.item_id
    value = value.isoformat() if isinstance(value, dt.date) else value
    return base64.urlsafe_b64encode(json.dumps([value, item_id]).encode()).decode().rstrip("=")


def _read_key(text: str | None, value: sa.ColumnElement) -> tuple[Any, int] | None:
    """A key as the order knows it; None when it is none."""
    if not text:
        return None
    try:
        held, item_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if type(item_id) is not int or abs(item_id) >= 2**31:
            return None
        return _read_place(held, value.type), item_id
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError):
        return None


def _read_place(held: Any, kind: sa.types.TypeEngine) -> Any:
    if held is None:
        return None
    if isinstance(kind, sa.Date):
        return dt.date.fromisoformat(held)
    if isinstance(kind, sa.String):
        if type(held) is not str or "\0" in held or not held.encode():
            raise ValueError("no text that could have been stored")
        return held
    if type(held) not in (int, float) or abs(held) >= 2**62:
        raise ValueError("a key of another kind")
    return held
