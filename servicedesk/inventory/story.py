"""What change sets did, in words: fields before and after, relations that came or went."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from cmdb import history, registry
from cmdb.database import db
from cmdb.item_state import TIE_FIELDS
from cmdb.items import ChangeSet, Item, ItemVersion, RelationVersion
from cmdb.people import Person
from servicedesk.inventory import beside_words, fields, words
from servicedesk.inventory.fields import Field
from servicedesk.language import gettext as _

PAGE = 50
_Names = tuple[words.Names, beside_words.Names]


@dataclass(frozen=True)
class Change:
    """One field of an item, or one of its relations: what it was and what it became."""

    label: str
    before: str
    after: str


@dataclass
class Deed:
    """What a change set did to one item; `became` is added, changed or removed."""

    item_id: int
    uid: str
    name: str
    became: str
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """A change set with what it did."""

    change_set: ChangeSet
    actor: str
    deeds: list[Deed]


def of_item(item_id: int, before: int | None = None) -> tuple[list[Entry], int | None]:
    """The change sets that touched an item, newest first, and the key to read on from."""
    ended = sa.select(ItemVersion.ended_by_id).where(ItemVersion.item_id == item_id)
    began = sa.select(ItemVersion.change_set_id).where(ItemVersion.item_id == item_id)
    ties = sa.or_(RelationVersion.source_id == item_id, RelationVersion.target_id == item_id)
    tied = sa.select(RelationVersion.change_set_id).where(ties)
    untied = sa.select(RelationVersion.ended_by_id).where(ties)
    touched = sa.or_(*(ChangeSet.id.in_(keys) for keys in (began, ended, tied, untied)))
    found = sa.select(ChangeSet).where(touched).order_by(ChangeSet.id.desc())
    if before is not None:
        found = found.where(ChangeSet.id < before)
    sets = list(db.session.scalars(found.limit(PAGE + 1)))
    entries = _told(sets[:PAGE], ItemVersion.item_id == item_id, ties, item_id)
    return entries, sets[PAGE - 1].id if len(sets) > PAGE else None


def of_change_set(change_set: ChangeSet, keys: Sequence[int]) -> list[Deed]:
    """What a change set did to these items."""
    ties = sa.or_(RelationVersion.source_id.in_(keys), RelationVersion.target_id.in_(keys))
    return _told([change_set], ItemVersion.item_id.in_(keys), ties)[0].deeds


def differences(
    before: dict[str, Any] | None, after: dict[str, Any] | None, names: _Names | None = None
) -> list[Change]:
    """Every field in which two states of an item differ, in words."""
    old, new = before or {}, after or {}
    known = _known(new.get("class_key") or old.get("class_key") or "")
    changed = [_field_of(name, known) for name in history.changed_fields(old, new)]
    if names is None:
        names = _names_in([old, new])
    return [Change(one.label, _text(old, one, names), _text(new, one, names)) for one in changed]


def _told(
    sets: Sequence[ChangeSet], of_items: Any, of_ties: Any, only: int | None = None
) -> list[Entry]:
    keys = [one.id for one in sets]
    items, ties = _traces(ItemVersion, keys, of_items), _traces(RelationVersion, keys, of_ties)
    states = [row.state for pair in items.values() for row in pair if row is not None]
    names = _names_in(states)
    actors = _names_of(Person, (one.actor_id for one in sets))
    ends = {
        end
        for pair in ties.values()
        for row in pair
        if row
        for end in (row.source_id, row.target_id)
    }
    known = _names_of(Item, ends)
    deeds: dict[int, dict[int, Deed]] = defaultdict(dict)
    for (key, item_id), (before, after) in items.items():
        deeds[key][item_id] = _deed(item_id, before, after, names)
    for (key, _relation), (before, after) in ties.items():
        row = after or before
        for item_id in (row.source_id, row.target_id):
            if only in (None, item_id):
                told = deeds[key].setdefault(
                    item_id, Deed(item_id, "", known.get(item_id, _("onbekend")), "changed")
                )
                told.changes.append(_tie(item_id, before, after, known))
    return [
        Entry(
            one,
            actors.get(one.actor_id, ""),
            sorted(deeds[one.id].values(), key=lambda d: d.item_id),
        )
        for one in sets
    ]


def _traces(model: Any, keys: Sequence[int], about: Any) -> dict[tuple[int, int], list]:
    """What each change set ended and began of each thing: the version before, and the one after."""
    found: dict[tuple[int, int], list] = defaultdict(lambda: [None, None])
    rows = sa.select(model).where(
        about, sa.or_(model.change_set_id.in_(keys), model.ended_by_id.in_(keys))
    )
    wanted = set(keys)
    for row in db.session.scalars(rows.order_by(model.id)):
        thing = row.item_id if model is ItemVersion else row.relation_id
        if row.change_set_id == row.ended_by_id:
            continue  # a step between within one act
        if row.ended_by_id in wanted:
            found[row.ended_by_id, thing][0] = row
        if row.change_set_id in wanted:
            found[row.change_set_id, thing][1] = row
    return found


def _names_in(states: Sequence[dict[str, Any]]) -> _Names:
    """The names of all that the fields of states, and what stands beside them, point at."""
    return words.names_for(states, fields.envelope().values()), beside_words.names_for(states)


def _deed(item_id: int, before: Any, after: Any, names: _Names) -> Deed:
    became = "changed" if before and after else "added" if after else "removed"
    state = (after or before).state
    changes = differences(before.state, after.state, names) if before and after else []
    return Deed(item_id, state["uid"], state["name"], became, changes)


def _tie(item_id: int, before: Any, after: Any, known: dict[int, str]) -> Change:
    row = after or before
    kind = registry.relation_kinds().get(row.kind)
    forward = row.source_id == item_id
    name = row.kind if kind is None else _(kind.name if forward else kind.reverse)
    other = known.get(row.target_id if forward else row.source_id, _("onbekend"))
    said = [f"{other}{_said(one)}" if one is not None else "" for one in (before, after)]
    return Change(name, *said)


def _said(version: Any) -> str:
    """What a relation says beside its kind, in brackets."""
    held = [str(getattr(version, key)) for key in TIE_FIELDS[1:] if getattr(version, key)]
    return f" ({', '.join(held)})" if held else ""


def _names_of(model: Any, keys: Iterable[int | None]) -> dict[Any, str]:
    wanted = sorted({key for key in keys if key is not None})
    rows = sa.select(model.id, model.name).where(model.id.in_(wanted))
    return dict(db.session.execute(rows).all())


def _known(class_key: str) -> dict[str, Field]:
    spec = registry.classes().get(class_key)
    known = {f"attributes.{one.name}": one for one in fields.of_class(spec).values()}
    return known | {one.name: one for one in fields.envelope().values()}


def _field_of(name: str, known: dict[str, Field]) -> Field:
    if name in known:
        return known[name]
    label = beside_words.LABELS.get(name, name.removeprefix("attributes."))
    return fields.unknown(name, str(label))


def _text(state: dict[str, Any], one: Field, names: _Names) -> str:
    value = words.value_of(state, one)
    if not one.is_attribute and one.name in beside_words.LABELS:
        return beside_words.text(one.name, value or (), names[1])
    return words.with_unit(words.text_of(value, one, names[0]), one)
