"""What the page about weak points shows: single points, fake redundancy, and what ends soon."""

import datetime as dt

import sqlalchemy as sa
from flask import url_for

from cmdb import registry
from cmdb.affected import Known
from cmdb.database import db
from cmdb.items import Item, Relation
from cmdb.key_lists import among
from cmdb.localtime import local
from cmdb.people import Person
from servicedesk.inventory.weak import Fake, Point, seen_by
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
    seen = seen_by(person, item, weak)
    return {
        "item": {"uid": item.uid, "name": item.name},
        "points": [_point(one) for one in seen.points],
        "points_left": seen.left,
        "fakes": [_fake(one) for one in seen.fakes],
        "ends": _ends(item, weak, now),
        "hides": person.municipality_id is not None,
        "urls": {
            "item": url_for("items.item", uid=item.uid),
            "impact": url_for("impact.impact", uid=item.uid),
        },
    }


def _point(point: Point) -> dict[str, object]:
    return _named(point.item) | {
        "state": words.badge(point.state),
        "path": [step and step.name for step in point.path],
    }


def _fake(fake: Fake) -> dict[str, object]:
    points = [_named(one) for one in fake.points]
    return _named(fake.owner) | {"label": fake.label, "points": points}


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
    found = ends(today - _BACK, today + _AHEAD, keys=keys)
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
