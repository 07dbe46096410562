"""The writers of relations; `cmdb.register` offers them beside those of items."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cmdb import item_state, registry
from cmdb.database import db
from cmdb.items import ChangeSet, Item, Relation, RelationVersion
from cmdb.key_lists import batches
from cmdb.refusal import Unfit, Said
from cmdb.relations import Effect, RelationKind

_Days = tuple[dt.date | None, dt.date | None]


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
    port: str | None = None,
) -> Relation:
    """Record that `source` needs `target`; the effect is that of the type unless given.

    Raises:
        ValueError: the type does not join these items, or not once more; one Dutch sentence.
    """
    row = {
        "source": source, "target": target, "kind": kind, "group": group, "effect": effect,
        "capacity": capacity, "valid_on": valid_on, "valid_until": valid_until, "port": port,
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
            raise Unfit("Er is geen soort relatie %(kind)r.", kind=row["kind"])
        if source.id == target.id:
            raise Unfit("Een object heeft geen relatie met zichzelf.")
        kind.check(specs[source.class_key], specs[target.class_key])
        _check_dates(row)
    _check_room(rows, kinds)
    relations = [_relation(row, kinds[row["kind"]]) for row in rows]
    db.session.add_all(relations)
    db.session.flush()
    _begin_versions(relations, change_set)
    return relations


def change_relation(relation: Relation, change_set: ChangeSet, **values: Any) -> None:
    """Change the group, effect, capacity or agreed dates; equal values leave no trace.

    Raises:
        ValueError: with these dates an end has more of the type than that allows, or the dates are
            no span; one Dutch sentence. Roll back.
    """
    for name, value in values.items():
        setattr(relation, name, value)
    if db.session.is_modified(relation):
        row = {
            "source": db.session.get_one(Item, relation.source_id),
            "target": db.session.get_one(Item, relation.target_id),
            **{key: getattr(relation, key) for key in item_state.TIE_FIELDS},
        }
        _check_dates(row)
        _check_room([row], registry.relation_kinds(), beside=relation.id)
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
    values = {key: row.get(key) for key in ("capacity", "valid_on", "valid_until", "port")}
    return Relation(
        source_id=row["source"].id,
        target_id=row["target"].id,
        kind=kind.key,
        group=row.get("group") or "",
        effect=Effect(row.get("effect") or kind.effect),
        **values,
    )


def _check_dates(row: Mapping[str, Any]) -> None:
    first, last = row.get("valid_on"), row.get("valid_until")
    if first and last and last < first:
        raise Unfit("Een relatie eindigt niet voor zij begint. Kies een latere einddatum.")


def _once(name: str, relation: str) -> Unfit:
    return Unfit("%(name)s kan maar een keer '%(relation)s' hebben.", name=name, relation=Said(relation))


def _check_room(
    rows: Sequence[Mapping[str, Any]],
    kinds: Mapping[str, RelationKind],
    beside: int | None = None,
) -> None:
    """Whether these relations are new, and leave no item with more of a type than that allows.

    Only those count that hold on a same day; `beside` is a relation that does not count.
    """
    ends = {row["source"].id for row in rows}, {row["target"].id for row in rows}
    pairs: set[tuple[str, int, int]] = set()
    held: dict[tuple[str, str | None, int], list[_Days]] = defaultdict(list)
    for key, source_id, target_id, kind, port, *days in _present(*map(sorted, ends)):
        if key != beside:
            pairs.add((kind, source_id, target_id))
            held[kind, "source", source_id].append(tuple(days))
            held[kind, "target", target_id].append(tuple(days))
            held["port", port, target_id].append(tuple(days))
    for row in rows:
        key, source, target = row["kind"], row["source"], row["target"]
        rule, days = kinds[key].cardinality, (row.get("valid_on"), row.get("valid_until"))
        if (key, source.id, target.id) in pairs:
            raise Unfit(
                "Deze relatie bestaat al: %(source)s %(relation)s %(target)s.",
                source=source.name, relation=Said(kinds[key].name), target=target.name,
            )  # fmt: skip
        if rule.one_target and _meets(days, held[key, "source", source.id]):
            raise _once(source.name, kinds[key].name)
        if rule.one_source and _meets(days, held[key, "target", target.id]):
            raise _once(target.name, kinds[key].reverse)
        port = row.get("port")
        if port and _meets(days, held["port", port, target.id]):
            raise Unfit(
                "Op poort %(port)s van %(name)s is al iets aangesloten.", port=port, name=target.name
            )
        pairs.add((key, source.id, target.id))
        held["port", port, target.id].append(days)
        held[key, "source", source.id].append(days)
        held[key, "target", target.id].append(days)


def _meets(days: _Days, others: Iterable[_Days]) -> bool:
    """Whether a span of days, both ends included, has a day in common with one of the others."""
    first, last = days[0] or dt.date.min, days[1] or dt.date.max
    return any(
        first <= (until or dt.date.max) and (since or dt.date.min) <= last
        for since, until in others
    )


def _present(sources: Sequence[int], targets: Sequence[int]) -> Iterator[sa.Row]:
    """The relations that these sources have, and those that these targets have."""
    columns = (
        Relation.id, Relation.source_id, Relation.target_id, Relation.kind, Relation.port,
        Relation.valid_on, Relation.valid_until,
    )  # fmt: skip
    for column, keys in ((Relation.source_id, sources), (Relation.target_id, targets)):
        for some in batches(keys):
            yield from db.session.execute(sa.select(*columns).where(column.in_(some)))


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
