"""What change sets did, in words: fields before and after, relations that came or went."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from cmdb import history, registry
from cmdb.database import db
from cmdb.items import ChangeSet, Item, ItemVersion, RelationVersion
from cmdb.key_lists import batches
from cmdb.people import Person
from cmdb.relations import RelationKind
from servicedesk.inventory import beside_words, fields, words
from servicedesk.inventory.fields import Field
from servicedesk.inventory.ties import EFFECT
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


def of_item(
    item_id: int, before: int | None = None, size: int | None = None
) -> tuple[list[Entry], int | None]:
    """The change sets that touched an item, newest first, and the key to read on from."""
    size = size or PAGE
    ended = sa.select(ItemVersion.ended_by_id).where(ItemVersion.item_id == item_id)
    began = sa.select(ItemVersion.change_set_id).where(ItemVersion.item_id == item_id)
    ties = sa.or_(RelationVersion.source_id == item_id, RelationVersion.target_id == item_id)
    tied = sa.select(RelationVersion.change_set_id).where(ties)
    untied = sa.select(RelationVersion.ended_by_id).where(ties)
    touched = sa.or_(*(ChangeSet.id.in_(keys) for keys in (began, ended, tied, untied)))
    found = sa.select(ChangeSet).where(touched).order_by(ChangeSet.id.desc())
    if before is not None:
        found = found.where(ChangeSet.id < before)
    sets = list(db.session.scalars(found.limit(size + 1)))
    entries = _told(sets[:size], ItemVersion.item_id == item_id, ties, item_id)
    return entries, sets[size - 1].id if len(sets) > size else None


def touched(change_set_id: int, beyond: int, limit: int) -> list[int]:
    """The keys of the items that a change set touched, above one key, by key.

    A relation is told with the item that needs the other.
    """
    found = sa.union(
        *(
            sa.select(column).where(by == change_set_id, column > beyond)
            for column, by in (
                (ItemVersion.item_id, ItemVersion.change_set_id),
                (ItemVersion.item_id, ItemVersion.ended_by_id),
                (RelationVersion.source_id, RelationVersion.change_set_id),
                (RelationVersion.source_id, RelationVersion.ended_by_id),
            )
        )
    ).subquery()
    return list(db.session.scalars(sa.select(found).order_by(found.c[0]).limit(limit)))


def counts(keys: Sequence[int]) -> dict[int, int]:
    """How many items each change set touched."""
    found = sa.union(
        *(
            sa.select(by.label("key"), ItemVersion.item_id).where(by.in_(keys))
            for by in (ItemVersion.change_set_id, ItemVersion.ended_by_id)
        )
    ).subquery()
    counted = sa.select(found.c.key, sa.func.count()).group_by(found.c.key)
    return dict(db.session.execute(counted).all())


def of_change_set(change_set: ChangeSet, keys: Sequence[int]) -> list[Deed]:
    """What a change set did to these items."""
    ties = sa.or_(RelationVersion.source_id.in_(keys), RelationVersion.target_id.in_(keys))
    return _told([change_set], ItemVersion.item_id.in_(keys), ties)[0].deeds


def between(first: dt.datetime, second: dt.datetime, keys: Sequence[int]) -> list[Deed]:
    """What became of these items from one moment to the next, with what they need of others."""
    found = {one.item_id: one for one in history.diff(first, second, ItemVersion.item_id.in_(keys))}
    old, new = history.relation_diff(first, second, RelationVersion.source_id.in_(keys))
    ties: dict[int, list] = defaultdict(lambda: [None, None])
    for at, versions in enumerate((old, new)):
        for row in versions:
            ties[row.relation_id][at] = row
    states = [state for one in found.values() for state in (one.before, one.after) if state]
    names = _names_in(states)
    known = _named(
        second, {end for pair in ties.values() for row in pair if row
                 for end in (row.source_id, row.target_id)} | set(keys),
    )  # fmt: skip
    deeds = {}
    for key in keys:
        uid, name = known.get(key, ("", _("onbekend")))
        one = found.get(key)
        state = (one.after or one.before or {}) if one else {"uid": uid, "name": name}
        became = _became(one.before, one.after) if one else "changed"
        changes = differences(one.before, one.after, names) if became == "changed" and one else []
        deeds[key] = Deed(key, state["uid"], state["name"], became, changes)
    for pair in ties.values():
        source_id = (pair[1] or pair[0]).source_id
        told = {key: name for key, (_uid, name) in known.items()}
        deeds[source_id].changes.append(_tie(source_id, *pair, told))
    return [one for one in deeds.values() if one.became != "changed" or one.changes]


def _became(before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    if before is None or after is None:
        return "removed" if after is None else "added"
    is_retired = after.get("status") == "retired" != before.get("status")
    return "retired" if is_retired else "changed"


def _named(at: dt.datetime, keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Number and last name until a moment of items, those that are gone too."""
    found: dict[int, tuple[str, str]] = {}
    for some in batches(sorted(keys)):
        uid = ItemVersion.state["uid"].as_string()
        rows = sa.select(ItemVersion.item_id, uid, ItemVersion.name)
        until = rows.where(ItemVersion.item_id.in_(some), ItemVersion.valid_from <= at)
        for key, uid, name in db.session.execute(until.order_by(ItemVersion.id)):
            found[key] = uid, name
    return found


def differences(
    before: dict[str, Any] | None, after: dict[str, Any] | None, names: _Names | None = None
) -> list[Change]:
    """Every field in which two states of an item differ, in words."""
    old, new = before or {}, after or {}
    known = _known(new.get("class_key") or old.get("class_key") or "")
    changed = [_field_of(name, known) for name in history.changed_fields(old, new)]
    if names is None:
        names = _names_in([old, new])
    return [Change(one.label, *_texts(old, new, one, names)) for one in changed]


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
    said = [f"{other}{_said(one, kind)}" if one is not None else "" for one in (before, after)]
    return Change(name, *said)


def _said(version: Any, kind: RelationKind | None) -> str:
    """What a relation says beside its kind, in brackets."""
    held = []
    if version.group:
        held.append(_("groep %(label)s", label=version.group))
    if version.port:
        held.append(_("poort %(port)s", port=version.port))
    if kind is None or version.effect != kind.effect:
        held.append(str(EFFECT[version.effect]))
    if version.capacity is not None:
        number = f"{version.capacity:g}".replace(".", ",")
        held.append(_("capaciteit %(number)s", number=number))
    if version.valid_on:
        held.append(_("vanaf %(date)s", date=f"{version.valid_on:%d-%m-%Y}"))
    if version.valid_until:
        held.append(_("tot en met %(date)s", date=f"{version.valid_until:%d-%m-%Y}"))
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


def _texts(
    old: dict[str, Any], new: dict[str, Any], one: Field, names: _Names
) -> tuple[str, str]:
    """A field before and after, in words; of what has rows, only those that differ."""
    before, after = words.value_of(old, one), words.value_of(new, one)
    if not one.is_attribute and one.name in beside_words.LABELS:
        rows, others = before or [], after or []
        gone = [row for row in rows if row not in others]
        come = [row for row in others if row not in rows]
        return (
            beside_words.text(one.name, gone, names[1]) or ("…" if rows else ""),
            beside_words.text(one.name, come, names[1]) or ("…" if others else ""),
        )
    return tuple(
        words.with_unit(words.text_of(value, one, names[0]), one) for value in (before, after)
    )
