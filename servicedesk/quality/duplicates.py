"""Items that may be one and the same: found by what identifies a thing, and judged by people."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations

import sqlalchemy as sa

from cmdb.database import db
from cmdb.item_parts import IdentifierKind, ItemIdentifier
from cmdb.items import Item, ItemStatus
from cmdb.people import Person
from cmdb.reconcile import ASSET_TAG, FQDN, MAC, NAME, SERIAL, UUID, Mark, mark
from servicedesk.quality.models import Pair, Verdict
from servicedesk.quality.names import near_pairs

_KNOWN_AS = {IdentifierKind.UUID: UUID, IdentifierKind.MAC: MAC, IdentifierKind.FQDN: FQDN}
# Sources do not agree on what is a server and what a workstation.
_COMPUTERS = ("workstation", "server", "virtual-machine")
_MANY = 10  # a mark on so many items is a maker's carelessness, and tells nothing
_TELLING = (SERIAL, ASSET_TAG, UUID)

Keys = tuple[int, int]
Evidence = dict[Keys, list[tuple[str, str]]]


def find(now: dt.datetime) -> int:
    """Look for pairs anew; how many are open. What somebody judged stays judged.

    An open pair on which nothing agrees any more is forgotten. Ask in scope `EVERYTHING`.
    """
    found = _evidence()
    former = {(row.first_id, row.second_id): row for row in db.session.scalars(sa.select(Pair))}
    for keys, evidence in found.items():
        row = former.get(keys)
        told = [list(one) for one in evidence]
        if row is None:
            db.session.add(Pair(first_id=keys[0], second_id=keys[1], evidence=told, found_at=now))
        elif row.evidence != told:
            row.evidence = told
    for keys, row in former.items():
        if row.verdict == Verdict.OPEN and keys not in found:
            db.session.delete(row)
    db.session.flush()
    is_open = sa.select(sa.func.count()).select_from(Pair).where(Pair.verdict == Verdict.OPEN)
    return db.session.scalar(is_open) or 0


def tell_apart(pair: Pair, by: Person, now: dt.datetime) -> None:
    """Remember that these are two things."""
    pair.verdict, pair.judged_by_id, pair.judged_at = Verdict.DISTINCT, by.id, now
    db.session.flush()


def _evidence() -> Evidence:
    """On which marks which items agree, the strongest first."""
    columns = (
        Item.id, Item.class_key, Item.municipality_id, Item.name, Item.serial, Item.asset_tag,
        Item.attributes["mac"].as_string().label("mac"),
    )  # fmt: skip
    in_use = sa.select(*columns).where(Item.status != ItemStatus.RETIRED).order_by(Item.id)
    items = {row.id: row for row in db.session.execute(in_use)}
    marks = _marks(items)
    found: Evidence = defaultdict(list)
    for one, keys in _alike(marks).items():
        for first, second in combinations(keys, 2):
            if one.kind != FQDN or _is_family(items[first].class_key, items[second].class_key):
                found[first, second].append((one.kind, one.value))
    for first, second in _called_alike(items):
        if not _differ(marks[first], marks[second]):
            found[first, second].append((NAME, items[second].name))
    return found


def _marks(items: Mapping[int, sa.Row]) -> dict[int, set[Mark]]:
    told: dict[int, set[Mark | None]] = {
        key: {mark(SERIAL, row.serial), mark(ASSET_TAG, row.asset_tag), mark(MAC, row.mac)}
        for key, row in items.items()
    }
    columns = ItemIdentifier.item_id, ItemIdentifier.kind, ItemIdentifier.value
    known_as = sa.select(*columns).where(ItemIdentifier.kind.in_(_KNOWN_AS))
    for item_id, kind, value in db.session.execute(known_as):
        if item_id in told:
            told[item_id].add(mark(_KNOWN_AS[kind], value))
    return {key: {one for one in marks if one} for key, marks in told.items()}


def _alike(marks: Mapping[int, set[Mark]]) -> dict[Mark, list[int]]:
    """The items of each mark that a few have, those of the strongest marks first."""
    holders: dict[Mark, list[int]] = defaultdict(list)
    for key, several in marks.items():
        for one in several:
            holders[one].append(key)
    order = (UUID, SERIAL, ASSET_TAG, MAC, FQDN)
    few = {one: sorted(keys) for one, keys in holders.items() if 1 < len(keys) <= _MANY}
    return dict(sorted(few.items(), key=lambda pair: (order.index(pair[0].kind), pair[0].value)))


def _called_alike(items: Mapping[int, sa.Row]) -> Iterator[Keys]:
    """The pairs of one class and owner with nearly equal names."""
    groups: dict[tuple, list[tuple[int, str]]] = defaultdict(list)
    for key, row in items.items():
        groups[row.class_key, row.municipality_id].append((key, row.name))
    for named in groups.values():
        for one, other in near_pairs(named):
            yield min(one, other), max(one, other)


def _differ(one: set[Mark], other: set[Mark]) -> bool:
    """Whether each has a mark that tells things apart, and these differ."""
    for kind in _TELLING:
        mine, theirs = ({each for each in marks if each.kind == kind} for marks in (one, other))
        if mine and theirs and not mine & theirs:
            return True
    return False


def _is_family(one: str, other: str) -> bool:
    return one == other or {one, other} <= set(_COMPUTERS)
