"""What makes the demo's register less than perfect: what an inventory saw otherwise."""

import datetime as dt
from collections.abc import Iterator

from cmdb import authority, register
from cmdb.items import Item
from servicedesk.demo.estate_plan import Plan
from servicedesk.intake.inventory import Thing
from servicedesk.intake.inventory_import import known_things, plan_things, take_over

_SCAN = "glpi scan-datacentrum.json"
# What the scan saw of machines in the data centre, other than somebody wrote down once.
_SEEN = {
    "vl-host-a2": {"memory": 786_432}, "vl-host-b1": {"os_version": "8.3"},
    "vl-db-02": {"memory": 393_216}, "vl-ctx-04": {"os_version": "2022"},
}  # fmt: skip
_MACHINES = 14  # virtual servers that grew


def play(plan: Plan, now: dt.datetime) -> None:
    """Scan the data centre a few days ago."""
    at = now - dt.timedelta(days=4)
    things = list(_things(plan))
    told = {plan.items[thing.name].id: list(thing.values) for thing in things}
    authority.note(told, authority.HAND, at)
    known = known_things(None)
    planned = plan_things(things, known, _SCAN)
    take_over(planned, things, known, register.begin(None, _SCAN, at), _SCAN, at)


def _things(plan: Plan) -> Iterator[Thing]:
    machines = [item for item in plan.items.values() if item.class_key == "virtual-machine"]
    grown = sorted(machines, key=lambda item: item.name)[:_MACHINES]
    seen = [(plan.items[name], values) for name, values in _SEEN.items()]
    seen += [(item, {"memory": 2 * item.attributes.get("memory", 8192)}) for item in grown]
    for row, (item, values) in enumerate(seen, 1):
        yield _thing(row, item, values)


def _thing(row: int, item: Item, values: dict[str, object]) -> Thing:
    return Thing(row, item.class_key, item.name, values, serial=item.serial)
