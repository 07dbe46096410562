"""An inventory compared with the register, and taken over with the relations that it saw."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cmdb import observations, register, registry
from cmdb.database import db
from cmdb.items import ChangeSet, Item, Relation
from cmdb.key_lists import batches
from servicedesk.intake import ansible, glpi, nmap
from servicedesk.intake.applying import apply
from servicedesk.intake.inventory import Link, Thing, proposals
from servicedesk.intake.planning import Known, known_items, plan
from servicedesk.intake.proposals import Plan, Verdict
from servicedesk.intake.references import References

READERS: Mapping[str, Callable[[bytes], list[Thing]]] = {
    "glpi": glpi.read,
    "nmap": nmap.read,
    "ansible": ansible.read,
}
_SEEN = (
    "workstation", "server", "virtual-machine", "smartphone", "printer", "switch", "router",
    "firewall", "access-point", "storage", "fabric-switch", "ups", "phone-system", "dbms-instance",
    "database",
)  # fmt: skip


def known_things(owner_id: int | None) -> Known:
    """The items of the owner that an inventory can be about."""
    return known_items(owner_id, _SEEN, References(owner_id))


def plan_things(things: Sequence[Thing], known: Known, source: str) -> Plan:
    """Compare things with the register; nothing is written.

    An inventory tells what it saw, not all that there is: nothing is reported as missing.
    """
    specs = registry.classes()
    planned = plan(proposals(things, specs, known.owner_id is None), known, source)
    rows = {row.proposal.row: row for row in planned.rows}
    there = {row: each.item for row, each in rows.items() if each.item}
    for thing in things:
        row = rows[thing.row]
        if row.verdict == Verdict.SAME and _new_links([thing], there):
            row.verdict = Verdict.CHANGED
    return planned


def take_over(
    planned: Plan,
    things: Sequence[Thing],
    known: Known,
    change_set: ChangeSet,
    source: str,
    now: dt.datetime,
) -> None:
    """Write the plan and the relations between its things, as one act."""
    items = apply(planned, known, change_set, source, now)
    note_seen(planned, source, now)
    specs = registry.classes()
    kinds = registry.relation_kinds()
    rows = []
    for thing, link in _new_links(things, items):
        source_item, target = items[thing.row], items[link.target]
        try:
            kinds[link.kind].check(specs[source_item.class_key], specs[target.class_key])
            kind = link.kind
        except ValueError:
            kind = link.otherwise
        if kind:
            rows.append({"source": source_item, "target": target, "kind": kind})
    register.relate_many(rows, change_set)


def note_seen(planned: Plan, source: str, now: dt.datetime) -> None:
    """Keep what was seen otherwise than agreed, and forget what is as agreed by now."""
    differing: dict[observations.Place, Any] = {}
    settled: set[observations.Place] = set()
    for row in planned.rows:
        for cell in row.cells if row.item and row.verdict != Verdict.REFUSED else ():
            if cell.verdict == Verdict.REFUSED:
                differing[row.item.id, cell.key] = row.proposal.values[cell.key]
            else:
                settled.add((row.item.id, cell.key))
    observations.record(differing, settled, source, now)


def _new_links(things: Sequence[Thing], items: Mapping[int, Item]) -> list[tuple[Thing, Link]]:
    """The links of things that have none of that kind yet: what was agreed stays as it is."""
    ids = [items[thing.row].id for thing in things if thing.links and thing.row in items]
    had: dict[int, set[str]] = defaultdict(set)
    for some in batches(ids):
        rows = sa.select(Relation.source_id, Relation.kind).where(Relation.source_id.in_(some))
        for source_id, kind in db.session.execute(rows):
            had[source_id].add(kind)
    return [
        (thing, link)
        for thing in things
        for link in thing.links
        if thing.row in items
        and link.target in items
        and not {link.kind, link.otherwise} & had[items[thing.row].id]
    ]
