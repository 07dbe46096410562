"""What changed lately at some items and at what they hang on, nearest first."""

import datetime as dt
import functools
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from cmdb.database import UtcDateTime, db
from cmdb.items import ChangeSet, Item, ItemVersion, Relation, RelationVersion
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
    """Put together once: that takes longer than the answer."""
    since = sa.bindparam("since", type_=UtcDateTime)
    near = _near(sa.bindparam("keys", expanding=True))
    touched = sa.union(
        sa.select(ItemVersion.item_id, ItemVersion.change_set_id).where(
            ItemVersion.item_id.in_(sa.select(near.c.id)), ItemVersion.valid_from > since
        ),
        sa.select(RelationVersion.source_id, RelationVersion.change_set_id).where(
            RelationVersion.source_id.in_(sa.select(near.c.id)), RelationVersion.valid_from > since
        ),
        sa.select(RelationVersion.source_id, RelationVersion.ended_by_id).where(
            RelationVersion.source_id.in_(sa.select(near.c.id)), RelationVersion.valid_to > since
        ),
    ).subquery()
    item_id, change_set_id = touched.c
    return (
        sa.select(
            near.c.steps,
            Item.uid,
            Item.name,
            ChangeSet.id,
            ChangeSet.at,
            ChangeSet.reason,
            ChangeSet.source,
            Person.name.label("who"),
        )
        .join_from(touched, near, near.c.id == item_id)
        .join(Item, Item.id == item_id)
        .join(ChangeSet, ChangeSet.id == change_set_id)
        .outerjoin(Person, Person.id == ChangeSet.actor_id)
        .order_by(near.c.steps, ChangeSet.at.desc(), Item.id)
        .limit(limit)
    )


def _near(keys: sa.BindParameter) -> sa.CTE:
    """The items with those above them, and by how few steps each is reached."""
    steps = [sa.select(Item.id.label("id"), sa.literal(0).label("steps")).where(Item.id.in_(keys))]
    for number in range(1, _FAR + 1):
        below = steps[-1].subquery()
        steps.append(
            sa.select(Relation.target_id.label("id"), sa.literal(number).label("steps"))
            .where(Relation.source_id.in_(sa.select(below.c.id)), Relation.effect != Effect.NONE)
            .distinct()
        )
    met = sa.union_all(*steps).subquery()
    return sa.select(met.c.id, sa.func.min(met.c.steps).label("steps")).group_by(met.c.id).cte()
