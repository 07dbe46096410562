"""A plan carried out: new items, changes, what they are known by, and who told it."""

import datetime as dt

from cmdb import authority, register
from cmdb.items import ChangeSet, Item
from servicedesk.intake.planning import Known, fields, planned_class
from servicedesk.intake.proposals import Plan, Planned, Verdict


def apply(
    plan: Plan, known: Known, change_set: ChangeSet, source: str, now: dt.datetime
) -> dict[int, Item]:
    """Write what is new and changed, as one act; the items of all rows that have one, by row.

    Raises:
        ValueError: the register does not take it, though the plan did; one Dutch sentence.
    """
    new = [row for row in plan.rows if row.verdict == Verdict.NEW]
    changed = [row for row in plan.rows if row.verdict == Verdict.CHANGED]
    added = register.add_many([_new(row, known) for row in new], change_set)
    register.change_many(
        [(row.item, _fields(row, known)) for row in changed if row.values], change_set
    )
    for row in changed:
        if row.identifiers:
            everything = known.identifiers.get(row.item.id, set()) | set(row.identifiers)
            register.identify(row.item, everything, change_set)
    items = {row.proposal.row: row.item for row in plan.rows if row.item}
    items |= {row.proposal.row: item for row, item in zip(new, added, strict=True)}
    told = {items[row.proposal.row].id: list(row.values) for row in (*new, *changed)}
    authority.note(told, source, now)
    return items


def _new(row: Planned, known: Known) -> dict[str, object]:
    return {
        "class_key": row.proposal.class_key,
        "municipality_id": known.owner_id,
        "identifiers": row.identifiers,
        **_fields(row, known),
    }


def _fields(row: Planned, known: Known) -> dict[str, object]:
    return fields(row, known.columns[planned_class(row)])
