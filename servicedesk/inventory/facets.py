"""What a list of items is narrowed by at its side: a few facets of several values, with counts.

A count says how many items there would be with only that value chosen in its facet, and all else as
it is. Nothing is counted of an old day: that would read every version.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb import completeness, registry
from cmdb.database import db
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
    kinds, total, filled, towns = _families(chosen.get("class", ())), 0, 0, {}
    for class_key, hosting, level, town, name, number, percents in db.session.execute(
        _grouped(asked, with_towns, with_average)
    ):
        if class_key is None:
            if name is not None:
                values["municipality"][str(town)] += number
                towns[str(town)] = name
            continue
        held = {"class": class_key, "hosting": hosting, "standing": _WORDS[level]}
        wanted = {"class": kinds, **{one: chosen.get(one) for one in ("hosting", "standing")}}
        fits = {one: not wanted[one] or held[one] in wanted[one] for one in held}
        if all(fits.values()):
            total, filled = total + number, filled + percents
        for one, value in held.items():
            if all(fit for other, fit in fits.items() if other != one):
                values[one][value] += number
    towns = dict(sorted(towns.items(), key=lambda one: one[1]))
    return Counts(values, total, int(filled / total) if with_average and total else None, towns)


def _grouped(asked: Asked, with_towns: bool, with_average: bool) -> sa.Select:
    """Rows of class, hosting, standing, number and percents, and of municipality and number."""
    model, key = asked.source.model, asked.source.key
    none = sa.null()
    percents = sa.func.sum(completeness.expression(model)) if with_average else sa.literal(0)
    kinds = (
        lists.selected(asked, without=("class", "hosting", "standing"))
        .with_only_columns(
            model.class_key,
            sa.type_coerce(model.hosting, sa.String).label("hosting"),
            lists.standing(asked).label("standing"),
            sa.cast(none, sa.Integer).label("town"),
            sa.func.count(key).label("number"),
            percents.label("percents"),
        )
        .group_by(model.class_key, model.hosting, "standing")
    )
    parts = [kinds, *(_of_towns(asked) if with_towns else ())]
    every = sa.union_all(*parts).subquery()
    town = Municipality.id == every.c.town
    return sa.select(
        every.c.class_key, every.c.hosting, every.c.standing, every.c.town,
        Municipality.name, every.c.number, every.c.percents,
    ).join(Municipality, town, isouter=True)  # fmt: skip


def _of_towns(asked: Asked) -> list[sa.Select]:
    """Each municipality, and how many items it owns, and how many others it uses."""
    key, owner = asked.source.key, asked.source.model.municipality_id
    base = lists.selected(asked, without=("municipality",))
    used = base.join(ItemConsumer, ItemConsumer.item_id == key).where(
        owner.is_distinct_from(ItemConsumer.municipality_id)
    )
    user, nothing = ItemConsumer.municipality_id, (sa.null(), sa.null(), sa.null())
    return [
        sa.select(*nothing, Municipality.id, sa.literal(0), sa.literal(0)),
        base.with_only_columns(*nothing, owner, sa.func.count(key), sa.literal(0)).group_by(owner),
        used.with_only_columns(
            *nothing, user, sa.func.count(key.distinct()), sa.literal(0)
        ).group_by(user),
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
