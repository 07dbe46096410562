"""The writers of relations; `cmdb.register` offers them beside those of items."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cmdb import item_state, registry
from cmdb.database import db
from cmdb.items import ChangeSet, Item, Relation, RelationVersion
from cmdb.key_lists import batches
from cmdb.relations import Effect, RelationKind


def relate(
    source: Item,
    target: Item,
    kind: str,
    change_set: ChangeSet,
    *,
    group: str = "",
    effect: Effect | None = None,
    capacity: float | None = None,
    valid_on: dt.date | None = None,
    valid_until: dt.date | None = None,
) -> Relation:
    """Record that `source` needs `target`; the effect is that of the type unless given.

    Raises:
        ValueError: the type does not join these items, or not once more; one Dutch sentence.
    """
    row = {
        "source": source, "target": target, "kind": kind, "group": group, "effect": effect,
        "capacity": capacity, "valid_on": valid_on, "valid_until": valid_until,
    }  # fmt: skip
    return relate_many([row], change_set)[0]


def relate_many(rows: Iterable[Mapping[str, Any]], change_set: ChangeSet) -> list[Relation]:
    """Record relations in a few statements; a row holds the arguments of `relate` by name.

    Raises:
        ValueError: as of `relate`; nothing is recorded.
    """
    kinds, specs = registry.relation_kinds(), registry.classes()
    rows = list(rows)
    for row in rows:
        kind, source, target = kinds.get(row["kind"]), row["source"], row["target"]
        if kind is None:
            raise ValueError(f"Er is geen soort relatie {row['kind']!r}.")
        if source.id == target.id:
            raise ValueError("Een object heeft geen relatie met zichzelf.")
        kind.check(specs[source.class_key], specs[target.class_key])
    _check_room(rows, kinds)
    relations = [_relation(row, kinds[row["kind"]]) for row in rows]
    db.session.add_all(relations)
    db.session.flush()
    _begin_versions(relations, change_set)
    return relations


def change_relation(relation: Relation, change_set: ChangeSet, **values: Any) -> None:
    """Change the group, effect, capacity or agreed dates; equal values leave no trace."""
    for name, value in values.items():
        setattr(relation, name, value)
    if db.session.is_modified(relation):
        db.session.flush()
        _end_versions([relation.id], change_set)
        _begin_versions([relation], change_set)


def unrelate(relations: Sequence[Relation], change_set: ChangeSet) -> None:
    """End relations; what they said stays on record."""
    _end_versions([relation.id for relation in relations], change_set)
    for relation in relations:
        db.session.delete(relation)
    db.session.flush()


def _relation(row: Mapping[str, Any], kind: RelationKind) -> Relation:
    values = {key: row.get(key) for key in ("capacity", "valid_on", "valid_until")}
    return Relation(
        source_id=row["source"].id,
        target_id=row["target"].id,
        kind=kind.key,
        group=row.get("group") or "",
        effect=Effect(row.get("effect") or kind.effect),
        **values,
    )


def _check_room(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, RelationKind]) -> None:
    """Whether these relations are new, and leave no item with more of a type than that allows."""
    ends = {row["source"].id for row in rows}, {row["target"].id for row in rows}
    seen = {"pair": set(), "source": set(), "target": set()}
    for source_id, target_id, kind in _present(*map(sorted, ends)):
        seen["pair"].add((kind, source_id, target_id))
        seen["source"].add((kind, source_id))
        seen["target"].add((kind, target_id))
    for row in rows:
        key, source, target = row["kind"], row["source"], row["target"]
        rule = kinds[key].cardinality
        if (key, source.id, target.id) in seen["pair"]:
            raise ValueError(
                f"Deze relatie bestaat al: {source.name} {kinds[key].name} {target.name}."
            )
        if rule.one_target and (key, source.id) in seen["source"]:
            raise ValueError(f"{source.name} kan maar een keer '{kinds[key].name}' hebben.")
        if rule.one_source and (key, target.id) in seen["target"]:
            raise ValueError(f"{target.name} kan maar een keer '{kinds[key].reverse}' hebben.")
        seen["pair"].add((key, source.id, target.id))
        seen["source"].add((key, source.id))
        seen["target"].add((key, target.id))


def _present(sources: Sequence[int], targets: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """The relations that these sources have, and those that these targets have."""
    for column, keys in ((Relation.source_id, sources), (Relation.target_id, targets)):
        for some in batches(keys):
            found = sa.select(Relation.source_id, Relation.target_id, Relation.kind)
            yield from db.session.execute(found.where(column.in_(some)))


def _begin_versions(relations: Iterable[Relation], change_set: ChangeSet) -> None:
    versions = [
        {
            "relation_id": relation.id,
            "source_id": relation.source_id,
            "target_id": relation.target_id,
            "valid_from": change_set.at,
            "change_set_id": change_set.id,
            **{key: getattr(relation, key) for key in item_state.TIE_FIELDS},
        }
        for relation in relations
    ]
    if versions:
        db.session.execute(sa.insert(RelationVersion), versions)


def _end_versions(keys: Sequence[int], change_set: ChangeSet) -> None:
    for some in batches(keys):
        db.session.execute(
            sa.update(RelationVersion)
            .where(RelationVersion.relation_id.in_(some), RelationVersion.valid_to.is_(None))
            .values(valid_to=change_set.at, ended_by_id=change_set.id)
        )
