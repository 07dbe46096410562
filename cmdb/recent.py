"""What changed lately at some items and at what they hang on, nearest first."""

import datetime as dt
import functools
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from cmdb.database import UtcDateTime, db, written
from cmdb.items import ChangeSet, Item, ItemVersion, Relation, RelationVersion
from cmdb.key_lists import among_chosen
from cmdb.people import Person
from cmdb.relations import Effect

_FAR = 3


def changes(keys: Collection[int], since: dt.datetime, limit: int) -> Sequence[sa.Row]:
    """Acts since then on those items and on what lies up to three steps above, in one statement.

    Each row: `steps`, `uid` and `name` of the item; `id`, `at`, `reason`, `source` of the act, `who`.
    """
    return db.session.execute(_asked(limit), {"keys": list(keys), "since": since}).all()


@functools.cache
def _asked(limit: int) -> sa.Select:
    """Put together once: that takes longer than the answer.

    No value weighs in its plan, so PostgreSQL keeps one: to make that takes longer too.
    """
    since = sa.select(sa.bindparam("since", type_=UtcDateTime)).scalar_subquery()
    near = _near(sa.bindparam("keys", expanding=True))
    met = sa.select(near.c.id)
    of_item, of_source = (
        among_chosen(column, met) for column in (ItemVersion.item_id, RelationVersion.source_id)
    )
    touched = sa.union(
        sa.select(ItemVersion.item_id, ItemVersion.change_set_id).where(
            of_item, ItemVersion.valid_from > since
        ),
        sa.select(RelationVersion.source_id, RelationVersion.change_set_id).where(
            of_source, RelationVersion.valid_from > since
        ),
        sa.select(RelationVersion.source_id, RelationVersion.ended_by_id).where(
            of_source, RelationVersion.valid_to > since
        ),
    ).subquery()
    item_id, change_set_id = touched.c
    # Looked up for the few that are shown; joined, everybody would be gone through for each act.
    who = sa.select(Person.name).where(Person.id == ChangeSet.actor_id).scalar_subquery()
    return (
        sa.select(
            near.c.steps,
            Item.uid,
            Item.name,
            ChangeSet.id,
            ChangeSet.at,
            ChangeSet.reason,
            ChangeSet.source,
            who.label("who"),
        )
        .join_from(touched, near, near.c.id == item_id)
        .join(Item, Item.id == item_id)
        .join(ChangeSet, ChangeSet.id == change_set_id)
        .order_by(near.c.steps, ChangeSet.at.desc(), Item.id)
        .limit(limit)
    )


def _near(keys: sa.BindParameter) -> sa.CTE:
    """The items with those above them, and by how few steps each is reached."""
    start = sa.select(Item.id.label("id"), written(0).label("steps")).where(Item.id.in_(keys))
    way = start.cte(recursive=True)
    above = sa.select(Relation.target_id, way.c.steps + written(1)).where(
        Relation.source_id == way.c.id,
        Relation.effect != written(Effect.NONE),
        way.c.steps < written(_FAR),
    )
    way = way.union(above)
    return sa.select(way.c.id, sa.func.min(way.c.steps).label("steps")).group_by(way.c.id).cte()
