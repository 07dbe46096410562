"""What a list of items is narrowed by at its side: a few facets of several values, with counts.

A count says how many items there would be with only that value chosen in its facet, and all else as
it is. Nothing is counted of an old day: that would read every version.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from cmdb import completeness, registry
from cmdb.database import db, written
from cmdb.impact import State
from cmdb.items import Hosting, ItemConsumer
from cmdb.key_lists import among
from cmdb.organisation import Municipality
from servicedesk.inventory import fields, lists
from servicedesk.inventory.columns import Source
from servicedesk.inventory.lists import Asked

STANDINGS = {
    "down": State.DOWN,
    "degraded": State.DEGRADED,
    "at-risk": State.AT_RISK,
    "ok": State.OK,
}
Chosen = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Counts:
    """By facet the number of items of each value; in all; and the names of municipalities.

    `average` is how complete the items are in whole percents, rounded down.
    """

    by_value: Mapping[str, Mapping[str, int]]
    total: int
    average: int | None
    towns: Mapping[str, str]


def conditions(
    source: Source, chosen: Chosen, standings: Mapping[int, State]
) -> dict[str, sa.ColumnElement[bool]]:
    """What each chosen facet asks of a row; values that do not exist ask nothing."""
    found = {}
    for name, values in chosen.items():
        if values and (condition := _CONDITIONS[name](source, values, standings)) is not None:
            found[name] = condition
    return found


def counts(asked: Asked, chosen: Chosen, with_towns: bool, with_average: bool) -> Counts:
    """The counts of the present, by one statement.

    `with_towns` is for who serves more than one municipality. `with_average` reads every item in
    full, so it is for a register that is not too long.
    """
    values = {name: Counter[str]() for name in FACETS}
    wanted = {one: chosen.get(one) for one in ("hosting", "standing")}
    wanted["class"] = _families(chosen.get("class", ()))
    total, filled, towns = 0, 0, {}
    for row in _spread(db.session.execute(_grouped(asked, with_towns, with_average))):
        if row.name is not None:
            towns[str(row.town)] = row.name
        if row.class_key is None:
            values["municipality"][str(row.town)] += row.number
            continue
        held = {"class": row.class_key, "hosting": row.hosting, "standing": _WORDS[row.standing]}
        fits = {one: not wanted[one] or held[one] in wanted[one] for one in held}
        fits["municipality"] = bool(row.is_of_towns)
        if all(fits.values()):
            total, filled = total + row.number, filled + row.percents
        if row.name is not None:
            held["municipality"] = str(row.town)
        for one, value in held.items():
            if all(fit for other, fit in fits.items() if other != one):
                values[one][value] += row.number
    towns = dict(sorted(towns.items(), key=lambda one: one[1]))
    return Counts(values, total, int(filled / total) if with_average and total else None, towns)


class _Group(NamedTuple):
    """So many items of a class, hosting, standing and owner; or, without a class, of a user."""

    class_key: str | None
    hosting: str | None
    standing: int
    town: int | None
    name: str | None
    is_of_towns: int
    number: int
    percents: int


def _spread(rows: Iterable[Sequence[Any]]) -> Iterator[_Group]:
    """The groups; what is not in order was counted among what is, so it is taken off there."""
    for row in rows:
        group = _Group(*row)
        yield group
        if group.standing != State.OK:
            yield group._replace(
                standing=int(State.OK), number=-group.number, percents=-group.percents
            )


def _grouped(asked: Asked, with_towns: bool, with_average: bool) -> sa.Select:
    """The rows of `_Group`. All items are gone through once, and what is not in order by its keys."""
    everything = _of_kinds(asked, written(int(State.OK)), with_towns, with_average)
    parts = [everything.group_by(*_kind(asked, with_towns))]
    if asked.standings:
        level = lists.standing(asked).label("standing")
        worse = _of_kinds(asked, level, with_towns, with_average).where(
            among(asked.source.key, asked.standings)
        )
        parts.append(worse.group_by(*_kind(asked, with_towns), "standing"))
    parts += _of_users(asked) if with_towns else ()
    every = sa.union_all(*parts).subquery()
    town = Municipality.id == every.c.town
    return sa.select(
        every.c.class_key, every.c.hosting, every.c.standing, every.c.town, Municipality.name,
        every.c.is_of_towns, every.c.number, every.c.percents,
    ).join(Municipality, town, isouter=True)  # fmt: skip


def _of_kinds(
    asked: Asked, standing: sa.ColumnElement[int], with_towns: bool, with_average: bool
) -> sa.Select:
    """What is asked but for the facets; `_kind` groups it."""
    model = asked.source.model
    percents = sa.func.sum(completeness.expression(model)) if with_average else written(0)
    owner = model.municipality_id if with_towns else sa.cast(sa.null(), sa.Integer)
    chosen = asked.facets.get("municipality")
    is_of_towns = written(1) if chosen is None else sa.case((chosen, 1), else_=0)
    return lists.selected(asked, without=FACETS).with_only_columns(
        model.class_key,
        sa.type_coerce(model.hosting, sa.String).label("hosting"),
        standing.label("standing"),
        owner.label("town"),
        is_of_towns.label("is_of_towns"),
        sa.func.count().label("number"),
        percents.label("percents"),
    )


def _kind(asked: Asked, with_towns: bool) -> list[Any]:
    """What is not the same for all; in the order of an index, which PostgreSQL then reads alone."""
    model = asked.source.model
    owner = [model.municipality_id] if with_towns else []
    return [
        model.class_key, model.hosting, *owner,
        *(["is_of_towns"] if "municipality" in asked.facets else ()),
    ]  # fmt: skip


def _of_users(asked: Asked) -> list[sa.Select]:
    """Each municipality, and how many items it uses that are not its own."""
    key, owner = asked.source.key, asked.source.model.municipality_id
    ever = sa.select(ItemConsumer.item_id, ItemConsumer.municipality_id).distinct().subquery()
    user = ever.c.municipality_id
    used = (
        lists.selected(asked, without=("municipality",))
        .join(ever, ever.c.item_id == key)
        .where(owner.is_distinct_from(user))
    )
    before, none = (sa.null(), sa.null(), written(0)), written(0)
    return [
        sa.select(*before, Municipality.id, none, none, none),
        used.with_only_columns(*before, user, none, sa.func.count(), none).group_by(user),
    ]


def _families(keys: Sequence[str]) -> set[str]:
    """The classes of those keys and all below them."""
    return {
        key for key, spec in registry.classes().items() if any(spec.is_a(one) for one in keys)
    } | set(keys)


def _of_classes(source: Source, values: Sequence[str], _standings) -> sa.ColumnElement[bool]:
    return source.model.class_key.in_(sorted(_families(values)))


def _of_hosting(source: Source, values: Sequence[str], _standings) -> sa.ColumnElement | None:
    known = [value for value in values if value in set(Hosting)]
    return source.value(fields.envelope()["hosting"]).in_(known) if known else None


def _of_municipalities(
    source: Source, values: Sequence[str], _standings
) -> sa.ColumnElement[bool] | None:
    """What one of these municipalities owns or uses."""
    keys = [int(value) for value in values if value.isdecimal() and len(value) < 10]
    used = sa.select(ItemConsumer.item_id).where(ItemConsumer.municipality_id.in_(keys))
    owned = source.model.municipality_id.in_(keys)
    return sa.or_(owned, source.key.in_(used)) if keys else None


def _of_standing(
    source: Source, values: Sequence[str], standings: Mapping[int, State]
) -> sa.ColumnElement[bool] | None:
    """Nothing was ever said of an old day in this way, so there it asks nothing."""
    wanted = {STANDINGS[value] for value in values if value in STANDINGS}
    if source.at is not None or not wanted:
        return None
    is_rest = State.OK in wanted
    keys = [key for key, state in standings.items() if (state in wanted) is not is_rest]
    return ~among(source.key, keys) if is_rest else among(source.key, keys)


_CONDITIONS: Mapping[str, Callable[..., sa.ColumnElement[bool] | None]] = {
    "standing": _of_standing,
    "class": _of_classes,
    "municipality": _of_municipalities,
    "hosting": _of_hosting,
}
FACETS = tuple(_CONDITIONS)
_WORDS = {int(state): word for word, state in STANDINGS.items()}
