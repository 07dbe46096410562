"""What fails when an item fails, with the why; and what an item hangs on by a thread."""

from collections import Counter

from cmdb import history
from cmdb.affected import Known, classes_and_owners, known
from cmdb.database import db, utc_now
from cmdb.impact import State
from cmdb.items import Item
from cmdb.localtime import local
from cmdb.permissions import Permission, visible
from servicedesk.access import find, me
from servicedesk.api import item_classes
from servicedesk.api.door import operation
from servicedesk.api.item_fields import ITEM_NAME, NUMBER
from servicedesk.api.items import ON, day_of
from servicedesk.api.schemas import (
    boolean, date, integer, list_of, nullable, one_of, record, text,
)  # fmt: skip
from servicedesk.inventory import weak, why
from servicedesk.inventory.facets import STANDINGS
from servicedesk.problems import wrong
from servicedesk.tickets.failure import weak_points, what_if

_ROWS = 500
_WORDS = {state: word for word, state in STANDINGS.items()}
_FAILS = {"down": State.DOWN, "degraded": State.DEGRADED}
_STATE = one_of(STANDINGS)
_CLASSED = ITEM_NAME["properties"] | {"class": item_classes.CLASS_NAME}
_PATH = list_of(
    nullable(ITEM_NAME), "From the one to what failed; null is any number that you may not see."
)
_AFFECTED = record(
    "AffectedItem",
    _CLASSED | {
        "state": _STATE,
        "isWithoutSpare": boolean("Whether one more failure brings it down."),
        "reason": text("The rule that made it so, in your language.", most=2000),
        "path": _PATH,
    },
)  # fmt: skip
IMPACT = record(
    "ItemImpact",
    {
        "onDate": date("The day of which this tells."),
        "failing": list_of(ITEM_NAME, "What fails, in this question."),
        "state": one_of(_FAILS, "How it fails."),
        "down": integer("How many items it brings down."),
        "degraded": integer("How many work less well."),
        "atRisk": integer("How many have less of a spare."),
        "items": list_of(_AFFECTED, f"The first {_ROWS}: the worst first, then the nearest."),
    },
    description="Of items that you may see; others are neither named nor counted.",
)
_POINT = record("WeakPoint", _CLASSED | {"state": _STATE, "path": _PATH})
WEAK = record(
    "WeakPoints",
    {
        "points": list_of(_POINT, f"The first {weak.MOST} whose loss alone is felt, nearest first."),
        "pointsLeft": integer("How many more there are."),
        "groups": list_of(
            record(
                "FakeSpare",
                {"item": ITEM_NAME, "label": text(most=80), "brokenBy": list_of(ITEM_NAME)},
            ),
            "Groups with a spare that one of these breaks by itself.",
        ),
    },
)
_QUERY = {
    "also": list_of(NUMBER, "What fails with it.", most=20),
    "state": one_of(_FAILS, "How they fail; down unless told."),
    "on": ON,
}


@operation(
    "GET", "/items/{number}/impact", "What fails when an item fails", IMPACT,
    permission=Permission.ITEM_READ, keys={"number": NUMBER}, query=_QUERY,
)  # fmt: skip
def item_impact(number, query):
    """By the rules I1 to I5 over dependency groups, on top of what is wrong already."""
    now = utc_now()
    first = find(Item, number, Permission.ITEM_READ, by="uid")
    day, said = day_of(query, now), query.get("state", "down")
    failing = [first, *_others(first, query.get("also", []))]
    failure = what_if(
        {item.id: _FAILS[said] for item in failing}, now, day and history.moment_of(day, now)
    )
    seen, start = visible(Item, me(), Permission.ITEM_READ), {item.id for item in failing}
    classes, _owners = classes_and_owners(seen, failure.hit)
    hit = [key for key in failure.hit if key in classes and key not in start]
    hit.sort(key=lambda key: -failure.hit[key])
    shown, found = hit[:_ROWS], failure.found
    keys = start.union(shown)
    for each, cause in (step for key in shown for step in found.chain(key)):
        keys.add(each)
        keys.update(cause.group.members if cause else ())
    names = known(seen, keys)
    counted = Counter(failure.hit[key] for key in hit)
    return {
        "onDate": (day or local(now).date()).isoformat(),
        "failing": [{"number": item.uid, "name": item.name} for item in failing],
        "state": said,
        "down": counted[State.DOWN],
        "degraded": counted[State.DEGRADED],
        "atRisk": counted[State.AT_RISK],
        "items": [
            _classed(names[key]) | {
                "state": _WORDS[failure.hit[key]],
                "isWithoutSpare": key in found.no_spare,
                "reason": why.reason(key, found, names),
                "path": _path(why.path(key, found, names)),
            }
            for key in shown
        ],
    }  # fmt: skip


@operation(
    "GET", "/items/{number}/weak-points", "What an item hangs on by a thread", WEAK,
    permission=Permission.ITEM_READ, keys={"number": NUMBER},
)  # fmt: skip
def item_weak_points(number):
    """Single points of failure, and groups whose spare is none. Only items that you may see."""
    item = find(Item, number, Permission.ITEM_READ, by="uid")
    found = weak.seen_by(me(), item, weak_points(item.id, utc_now()))
    return {
        "points": [
            _classed(one.item) | {"state": _WORDS[one.state], "path": _path(one.path)}
            for one in found.points
        ],
        "pointsLeft": found.left,
        "groups": [
            {
                "item": _named(one.owner),
                "label": one.label,
                "brokenBy": [_named(each) for each in one.points],
            }
            for one in found.fakes
        ],
    }


def _others(first: Item, numbers: list[str]) -> list[Item]:
    """The items that fail as well.

    Raises:
        Problem: 400, one of them is none that you may see.
    """
    wanted = set(numbers) - {first.uid}
    seen = visible(Item, me(), Permission.ITEM_READ).where(Item.uid.in_(wanted))
    found = list(db.session.scalars(seen.order_by(Item.uid)))
    if unknown := wanted - {item.uid for item in found}:
        raise wrong(f"names no item: {', '.join(sorted(unknown))}", parameter="also")
    return found


def _named(item: Known) -> dict[str, object]:
    return {"number": item.uid, "name": item.name}


def _classed(item: Known) -> dict[str, object]:
    return _named(item) | {"class": item_classes.named(item.class_key)}


def _path(steps) -> list[dict[str, object] | None]:
    return [step and _named(step) for step in steps]
