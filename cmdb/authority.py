"""Which source may overwrite what another told of a field, and who told it last."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cmdb import history, item_state
from cmdb.database import db
from cmdb.item_parts import FieldRule, FieldSource, Fill
from cmdb.items import Item
from cmdb.key_lists import batches

# A person looked at the thing and said that the field is right.
CONFIRMED = "confirmed"
# A person wrote it in a form: agreed, so that what only looks at things does not change it.
HAND = "hand"
_LOOKING = ("glpi", "ansible", "nmap")
# What a source says gives way to one that ranks higher; a scan from outside only guesses.
_RANKS = {CONFIRMED: 3, HAND: 2, "import": 2, "glpi": 2, "ansible": 2, "nmap": 1}


def may_overwrite(source: str, told_by: str) -> bool:
    """Whether `source` may change what `told_by` said; both begin with the kind of source."""
    if told_by == HAND and _kind(source) in _LOOKING:
        return False
    return _rank(source) >= _rank(told_by)


def _rank(source: str) -> int:
    return _RANKS.get(_kind(source), 0)


def _kind(source: str) -> str:
    return source.partition(" ")[0]


def rules(source: str) -> dict[str, Fill]:
    """The fields that a source may not fill as its rank says, with when it may."""
    chosen = sa.select(FieldRule.field, FieldRule.fill).where(FieldRule.source == _kind(source))
    return dict(db.session.execute(chosen).all())


def set_rule(kind: str, field: str, fill: Fill | None) -> None:
    """Say when a kind of source may fill a field; None leaves it to its rank."""
    rule = db.session.get(FieldRule, (kind, field))
    if rule is not None:
        db.session.delete(rule)
        db.session.flush()
    if fill is not None:
        db.session.add(FieldRule(source=kind, field=field, fill=fill))
        db.session.flush()


def sources(item_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Who told the fields of items last: by item, by field."""
    told: dict[int, dict[str, str]] = defaultdict(dict)
    for some in batches(item_ids):
        rows = sa.select(FieldSource.item_id, FieldSource.field, FieldSource.source)
        for item_id, field, source in db.session.execute(rows.where(FieldSource.item_id.in_(some))):
            told[item_id][field] = source
    return told


def note(fields: Mapping[int, Iterable[str]], source: str, now: dt.datetime) -> None:
    """Record for many items at once that `source` told these fields last."""
    former = sources(list(fields))
    told = [(item_id, field) for item_id, names in fields.items() for field in names]
    rows = [
        {"item_id": item_id, "field": field, "source": source[:80], "at": now}
        for item_id, field in told
    ]
    again = [row for row in rows if row["field"] in former.get(row["item_id"], {})]
    fresh = [row for row in rows if row["field"] not in former.get(row["item_id"], {})]
    if again:
        db.session.execute(sa.update(FieldSource), again)
    if fresh:
        db.session.execute(sa.insert(FieldSource), fresh)


def note_hand(item: Item, before: Mapping[str, Any], now: dt.datetime) -> None:
    """Record what a person filled in since the state `before`; what is blank, anybody may fill."""
    after = item_state.written(item)
    names = [
        name
        for name in history.changed_fields(before, after)
        if history.value_of(after, name) not in (None, "", [], {})
    ]
    note({item.id: [name.removeprefix("attributes.") for name in names]}, HAND, now)
