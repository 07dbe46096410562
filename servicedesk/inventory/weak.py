"""What an item hangs on by a thread, as far as a reader may see it: nearest to the item first."""

from collections.abc import Sequence
from dataclasses import dataclass

from cmdb.affected import Known, known
from cmdb.impact import State
from cmdb.items import Item
from cmdb.people import Person
from cmdb.permissions import Permission, visible
from servicedesk.inventory import why
from servicedesk.tickets.failure import WeakPoints

MOST = 50


@dataclass(frozen=True)
class Point:
    """An item whose loss alone brings the other to `state`; None in `path` is hidden."""

    item: Known
    state: State
    path: Sequence[Known | None]


@dataclass(frozen=True)
class Fake:
    """A group that seems to have a spare, and what breaks it by itself."""

    owner: Known
    label: str
    points: Sequence[Known]


@dataclass(frozen=True)
class Seen:
    """The first MOST points, how many more there are, and the groups."""

    points: Sequence[Point]
    left: int
    fakes: Sequence[Fake]


def seen_by(person: Person, item: Item, weak: WeakPoints) -> Seen:
    """Only items that `person` may see take part."""
    may_see = visible(Item, person, Permission.ITEM_READ)
    shared = [key for points in weak.shared.values() for key in points]
    owners = [owner for owner, _label in weak.shared]
    shown = known(may_see, {*weak.single, *shared, *owners})
    single = [key for key in weak.single if key in shown]
    failing = {key: weak.graph.impact({key: State.DOWN}) for key in single[:MOST]}
    steps = (each for found in failing.values() for each, _why in found.chain(item.id))
    names = shown | known(may_see, {item.id, *steps})
    points = [
        Point(names[key], weak.single[key], why.path(item.id, found, names))
        for key, found in failing.items()
    ]
    fakes = []
    for (owner, label), keys in weak.shared.items():
        breaking = [names[key] for key in keys if key in names][:MOST]
        if owner in names and breaking:
            fakes.append(Fake(names[owner], label, breaking))
    return Seen(points, len(single) - len(points), fakes)
