"""How an item is now: its state with the reason, and a picture of what is just around it."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
from flask import url_for

from cmdb import registry
from cmdb.database import db
from cmdb.impact import State
from cmdb.items import Item, Relation
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Permission, may, visible
from cmdb.relations import Effect
from servicedesk.language import gettext as _
from servicedesk.tickets.standing import standing
from servicedesk.web import impact_words as words
from servicedesk.web import standing_words
from servicedesk.web.impact_drawing import BOX, Drawing, Node, draw

_MOST = 40
"""Lines in each direction; more than that is what the page about impact is for."""


def context(item: Item, person: Person, now: dt.datetime) -> dict[str, object]:
    """What `items/_standing.html` asks; of other items only those that `person` may see."""
    found = standing(now)
    told = standing_words.told([item.id], found, person, now).get(item.id)
    heads = [_("Hangt af van"), _("Dit object"), _("Nodig voor"), _("Een stap verder")]
    drawing = _drawing(item, person, found.found.state, local(now).date())
    return {
        "state": told["state"] if told else words.badge(State.OK),
        "why": told,
        "drawing": drawing,
        "box": BOX,
        "badges": {state: words.badge(state) for state in State},
        "heads": [heads[column] for column in sorted({node.column for node in drawing.nodes})]
        if drawing
        else [],
        "urls": {
            "impact": url_for("impact.impact", uid=item.uid),
            "weak": url_for("impact.weak", uid=item.uid),
            "work": url_for("planned_work.index", item=item.uid, _anchor="new")
            if may(person, Permission.OUTAGE_WRITE)
            else None,
        },
    }


def _drawing(item: Item, person: Person, state_of, today: dt.date) -> Drawing | None:
    """Columns from what it hangs on to what hangs on it, two steps; None when it stands alone."""
    above = _ties(person, Relation.source_id, Relation.target_id, [item.id], today)
    below = _ties(person, Relation.target_id, Relation.source_id, [item.id], today)
    after = _ties(person, Relation.target_id, Relation.source_id, {row.id for row in below}, today)
    placed: dict[int, Node] = {}

    def place(rows: Iterable[sa.Row], column: int) -> None:
        for row in rows:
            if row.id not in placed:
                parents = [row.start] if column > 1 else []
                placed[row.id] = _node(row, column, parents, state_of(row.id))
            elif placed[row.id].column == column > 1 and row.start not in placed[row.id].parents:
                placed[row.id].parents = [*placed[row.id].parents, row.start]

    placed[item.id] = _node(item, 1, [], state_of(item.id))
    place(below, 2)
    place(after, 3)
    place(above, 0)
    placed[item.id].parents = [key for key, node in placed.items() if node.column == 0]
    return draw(placed.values()) if len(placed) > 1 else None


def _node(row: sa.Row | Item, column: int, parents: Sequence[int], state: State) -> Node:
    spec = registry.classes()[row.class_key]
    return Node(
        row.id, column, parents, state, spec.name, spec.prefix, title=row.name, uid=row.uid
    )


def _ties(
    person: Person, start, end, keys: Collection[int], today: dt.date
) -> Sequence[sa.Row]:
    """The items at the other `end` of what hangs on something at `start`, and from which."""
    if not keys:
        return ()
    return db.session.execute(
        visible(Item, person, Permission.ITEM_READ)
        .join(Relation, end == Item.id)
        .where(
            start.in_(keys),
            Relation.effect != Effect.NONE,
            sa.or_(Relation.valid_on.is_(None), Relation.valid_on <= today),
            sa.or_(Relation.valid_until.is_(None), Relation.valid_until >= today),
        )
        .with_only_columns(start.label("start"), Item.id, Item.uid, Item.name, Item.class_key)
        .order_by(Item.name, Item.id)
        .limit(_MOST)
    ).all()
