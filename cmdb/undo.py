"""Taking back a change set as a whole, as long as nothing later touched the same.

What it added is removed from the register, with its history kept; what it changed is again as
before, field by field, so later changes of other fields stay; what it removed comes back under its
old identifier. Who told a field belongs to no change set and is not taken back. The undo is a
change set too.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from cmdb import beside, item_state, register, subnets, versions
from cmdb.database import db
from cmdb.history import changed_fields, value_of
from cmdb.items import ChangeSet, Item, ItemVersion, Relation, RelationVersion
from cmdb.key_lists import batches
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.refusal import Said

_LINKS = ("supplier_id", "contract_id")


class UndoRefused(ValueError):
    """Something later touched the same; `items` names what: identifier and name."""

    def __init__(self, items: Iterable[str]):
        self.items = sorted(set(items))
        names = ", ".join(self.items[:10])
        super().__init__(
            Said(
                "Later is hier nog iets aan gewijzigd: %(names)s. Maak die wijziging eerst ongedaan.",
                names=names,
            )
        )


@dataclass
class _Traces:
    """What a change set did to things of one kind: pairs of the state before and after, by key."""

    before: dict[int, Any] = field(default_factory=dict)
    after: dict[int, Any] = field(default_factory=dict)

    @property
    def added(self) -> list[int]:
        return sorted(self.after.keys() - self.before.keys())

    @property
    def changed(self) -> list[int]:
        return sorted(self.after.keys() & self.before.keys())

    @property
    def removed(self) -> list[int]:
        return sorted(self.before.keys() - self.after.keys())


def undo(change_set: ChangeSet, by: Person | None, now: dt.datetime) -> ChangeSet:
    """Take back what a change set did; the change set that does so.

    Raises:
        UndoRefused: something later touched the same, or refers to what would go.
        ValueError: what would come back does not fit any more: a relation, a subnet; roll back.
    """
    items = _traces(ItemVersion, ItemVersion.item_id, change_set)
    ties = _traces(RelationVersion, RelationVersion.relation_id, change_set)
    present = _present(Item, items.after)
    standing = _present(Relation, ties.after)
    if held := [*_held_items(items, present, ties), *_held_ties(ties)]:
        raise UndoRefused(_names(held))
    taken_back = register.begin(by, "undo", now, f"#{change_set.id} {change_set.reason}".strip())
    _bring_back(items, taken_back)
    _change_back(
        [(present[key], items.before[key].state, items.after[key].state) for key in items.changed],
        taken_back,
    )
    _untie(ties, standing, taken_back)
    register.remove([present[key] for key in items.added], taken_back)
    return taken_back


def _traces(model: Any, thing: Any, change_set: ChangeSet) -> _Traces:
    """The versions that the change set ended and did not begin, and the other way round."""
    began, ended = model.change_set_id == change_set.id, model.ended_by_id == change_set.id
    traces = _Traces()
    for row in db.session.scalars(sa.select(model).where(sa.or_(began, ended)).order_by(model.id)):
        key = getattr(row, thing.key)
        if row.change_set_id != change_set.id:
            traces.before[key] = row
        elif row.ended_by_id != change_set.id:
            traces.after[key] = row
    return traces


def _present(model: Any, keys: Iterable[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for some in batches(sorted(keys)):
        found.update(
            (row.id, row) for row in db.session.scalars(sa.select(model).where(model.id.in_(some)))
        )
    return found


def _held_items(items: _Traces, present: Mapping[int, Item], ties: _Traces) -> list[int]:
    """The items that something later touched."""
    now = _states(items.changed)
    held = [key for key in items.added if items.after[key].valid_to is not None]
    held += register.referred_to(items.added)
    held += _later_tied(items.added, ties)
    for key in items.changed:
        before, after = items.before[key].state, items.after[key].state
        if key not in present or any(
            value_of(now[key], name) != value_of(after, name)
            for name in changed_fields(before, after)
        ):
            held.append(key)
    return held


def _held_ties(ties: _Traces) -> list[int]:
    """The sources of the relations that something later touched."""
    return [
        ties.after[key].source_id
        for key in (*ties.added, *ties.changed)
        if ties.after[key].valid_to is not None
    ]


def _later_tied(keys: Sequence[int], ties: _Traces) -> list[int]:
    """Which of these items have a relation that the change set did not make."""
    held: set[int] = set()
    for some in batches(keys):
        for end in (Relation.source_id, Relation.target_id):
            found = sa.select(Relation.id, end).where(end.in_(some))
            held |= {item_id for key, item_id in db.session.execute(found) if key not in ties.after}
    return sorted(held)


def _states(keys: Sequence[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for some in batches(keys):
        present = sa.select(ItemVersion.item_id, ItemVersion.state).where(
            ItemVersion.item_id.in_(some), ItemVersion.valid_to.is_(None)
        )
        found.update(dict(db.session.execute(present).all()))
    return found


def _names(keys: Iterable[int]) -> list[str]:
    """Identifier and last name of items, those that are gone too."""
    last = {}
    for some in batches(sorted(set(keys))):
        rows = sa.select(ItemVersion.item_id, ItemVersion.state).where(
            ItemVersion.item_id.in_(some)
        )
        for key, state in db.session.execute(rows.order_by(ItemVersion.id)):
            last[key] = f"{state['uid']} {state['name']}"
    return list(last.values())


def _bring_back(items: _Traces, taken_back: ChangeSet) -> None:
    """Register removed items again, under their own keys."""
    states = [items.before[key].state for key in items.removed]
    fields = [item_state.read_back(state) for state in states]
    alone = dict.fromkeys(_LINKS)  # they may point at one another: first all come, then the links
    back = [
        Item(id=key, **{**values, **alone})
        for key, values in zip(items.removed, fields, strict=True)
    ]
    db.session.add_all(back)
    db.session.flush()
    for item, values in zip(back, fields, strict=True):
        for name in _LINKS:
            setattr(item, name, values.get(name))
    db.session.flush()
    subnets.refuse_overlaps(back)
    today = local(taken_back.at).date()
    held = [{name: state.get(name, []) for name in beside.NAMES} for state in states]
    now = [beside.put_back(item, more, today) for item, more in zip(back, held, strict=True)]
    versions.begin(back, taken_back, now)


def _change_back(
    changes: Sequence[tuple[Item, dict[str, Any], dict[str, Any]]], taken_back: ChangeSet
) -> None:
    """Give items the former values of what the change set changed."""
    besides, today = [], local(taken_back.at).date()
    for item, before, after in changes:
        names = changed_fields(before, after)
        plain = {name: before[name] for name in names if name in before}
        for name, value in item_state.read_back(plain).items():
            setattr(item, name, value)
        attributes = {
            name.partition(".")[2]: value_of(before, name) for name in names if "." in name
        }
        if attributes:
            merged = {**item.attributes, **attributes}
            item.attributes = {key: value for key, value in merged.items() if value is not None}
        held = {name: plain[name] for name in beside.NAMES if name in plain}
        besides.append(beside.put_back(item, held, today))
        if held:
            flag_modified(item, "tags")
    db.session.flush()
    items = [item for item, _, _ in changes]
    subnets.refuse_overlaps(items)
    versions.follow(items, taken_back, besides)


def _untie(ties: _Traces, standing: Mapping[int, Relation], taken_back: ChangeSet) -> None:
    """End the relations that were made, change back the changed, and make the ended ones again."""
    register.unrelate([standing[key] for key in ties.added], taken_back)
    for key in ties.changed:
        register.change_relation(standing[key], taken_back, **_said(ties.before[key]))
    former = [ties.before[key] for key in ties.removed]
    ends = _present(Item, {row.source_id for row in former} | {row.target_id for row in former})
    if gone := [
        row.source_id for row in former if not {row.source_id, row.target_id} <= ends.keys()
    ]:
        raise UndoRefused(_names(gone))
    rows = [
        {"source": ends[row.source_id], "target": ends[row.target_id], **_said(row)}
        for row in former
    ]
    register.relate_many(rows, taken_back)


def _said(version: RelationVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in item_state.TIE_FIELDS}
