"""What the page about weak points shows: single points, fake redundancy, and what ends soon."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from flask import url_for

from cmdb import registry
from cmdb.affected import Known, known
from cmdb.database import db
from cmdb.impact import Impact, State
from cmdb.items import Item, Relation
from cmdb.key_lists import among
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Permission, visible
from servicedesk.language import gettext as _
from servicedesk.reports.ends import ends
from servicedesk.tickets.failure import WeakPoints
from servicedesk.web import impact_words as words
from servicedesk.web.report_deadlines import KINDS

_ROWS = 50
_BACK, _AHEAD = dt.timedelta(days=365), dt.timedelta(days=90)
_AGREEMENTS = ("covered-by", "licensed-by", "secured-by")


def context(
    item: Item, weak: WeakPoints, person: Person, now: dt.datetime
) -> dict[str, object]:
    """Only items that `person` may see take part; nearest to the item first."""
    seen = visible(Item, person, Permission.ITEM_READ)
    shared = [key for points in weak.shared.values() for key in points]
    owners = [owner for owner, _ in weak.shared]
    shown = known(seen, {*weak.single, *shared, *owners})
    single = [key for key in weak.single if key in shown]
    failing = {key: weak.graph.impact({key: State.DOWN}) for key in single[:_ROWS]}
    steps = (each for key in failing for each in _between(failing[key], item.id))
    names = shown | known(seen, {item.id, *steps})
    return {
        "item": {"uid": item.uid, "name": item.name},
        "points": [_point(key, weak.single[key], failing[key], item.id, names) for key in failing],
        "points_left": len(single) - len(failing),
        "fakes": list(_fakes(weak, names)),
        "ends": _ends(item, weak, now),
        "hides": person.municipality_id is not None,
        "urls": {
            "item": url_for("items.item", uid=item.uid),
            "impact": url_for("impact.impact", uid=item.uid),
        },
    }


def _between(found: Impact, key: int) -> Iterable[int]:
    return [each for each, _ in found.chain(key)]


def _point(key: int, state: State, found: Impact, service: int, names) -> dict[str, object]:
    path = words.path(service, found, names)
    return _named(names[key]) | {
        "state": words.badge(state),
        "path": [step and step.name for step in path],
    }


def _fakes(weak: WeakPoints, names) -> Iterable[dict[str, object]]:
    for (owner, label), points in weak.shared.items():
        visible_points = [_named(names[key]) for key in points if key in names]
        if owner in names and visible_points:
            yield _named(names[owner]) | {"label": label, "points": visible_points[:_ROWS]}


def _named(item: Known) -> dict[str, object]:
    return {
        "name": item.name,
        "uid": item.uid,
        "class": _(registry.classes()[item.class_key].name),
        "url": url_for("items.item", uid=item.uid),
    }


def _ends(item: Item, weak: WeakPoints, now: dt.datetime) -> list[dict[str, object]]:
    """What ended lately or ends soon, of the item and all that it hangs on, its agreements too."""
    today = local(now).date()
    keys = [item.id, *weak.graph.upstream(item.id)]
    agreed = sa.select(Relation.target_id).where(
        among(Relation.source_id, keys), Relation.kind.in_(_AGREEMENTS)
    )
    keys += db.session.scalars(agreed)
    found = ends(today - _BACK, today + _AHEAD, now, keys=keys)
    return [
        {
            "name": one.name,
            "uid": one.uid,
            "class": _(registry.classes()[one.class_key].name),
            "url": url_for("items.item", uid=one.uid),
            "what": str(KINDS[one.deadline.kind]),
            "day": one.deadline.day,
            "is_over": one.deadline.day < today,
        }
        for one in found[:_ROWS]
    ]
