"""What a staged file says: its rows as they are kept, compared with the register, and written."""

import dataclasses
import datetime as dt
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cmdb import registry
from cmdb.database import db
from cmdb.items import ChangeSet
from servicedesk.intake import inventory_import
from servicedesk.intake.applying import apply
from servicedesk.intake.columns import Column, choose
from servicedesk.intake.inventory import Link, Thing
from servicedesk.intake.models import ImportBatch, ImportRow
from servicedesk.intake.planning import Known, known_items, plan_steps
from servicedesk.intake.proposals import Plan, Planned, Verdict
from servicedesk.intake.references import References
from servicedesk.intake.sheets import Sheet, proposals
from servicedesk.intake.tables import Table, TableRow
from servicedesk.language import gettext as _

_LONGEST_SHOWN = 200


def rows_of_table(table: Table) -> list[dict[str, Any]]:
    return [{"number": row.number, "cells": list(row.cells)} for row in table.rows]


def rows_of_things(things: Iterable[Thing]) -> list[dict[str, Any]]:
    return [{"number": thing.row, "cells": [dataclasses.asdict(thing)]} for thing in things]


def source_of(batch: ImportBatch) -> str:
    """Who says it, as `cmdb.authority` ranks it."""
    return f"{batch.form or 'import'} {batch.file_name}"


def sheet_of(
    batch: ImportBatch, fields: Mapping[str, Column], places: dict[int, str], keys: Sequence[str]
) -> Sheet:
    """How the table of a batch is read; one of an inventory has none."""
    spec = registry.find_class(batch.class_key)
    return Sheet(spec, batch.owner, fields, places, len(batch.headings), tuple(keys))


def compare(batch: ImportBatch) -> Generator[int, None, tuple[Plan, Known]]:
    """Compare the rows with the register as it is now; yields how many are done now and then.

    Raises:
        ValueError: the class of its rows was removed.
    """
    if batch.form:
        known = inventory_import.known_things(batch.owner_id)
        return inventory_import.plan_things(_things(batch), known, source_of(batch)), known
    spec = registry.find_class(batch.class_key)
    known = known_items(batch.owner_id, [spec.key], References(batch.owner_id))
    fields = known.columns[batch.class_key]
    sheet = sheet_of(batch, fields, choose(batch.headings, fields, batch.mapping), batch.keys)
    rows = [TableRow(number, tuple(cells)) for number, cells in _stored(batch)]
    told = proposals(rows, sheet)
    steps = plan_steps(told, known, source_of(batch), batch.keys, reports_missing=True)
    return (yield from steps), known


def write(
    batch: ImportBatch, planned: Plan, known: Known, change_set: ChangeSet, now: dt.datetime
) -> None:
    """Carry out what was planned, of an inventory with the relations that it saw."""
    source = source_of(batch)
    if batch.form:
        inventory_import.take_over(planned, _things(batch), known, change_set, source, now)
    else:
        apply(planned, known, change_set, source, now)


def outcome(row: Planned, batch: ImportBatch) -> dict[str, Any]:
    """What is kept of a row: the cells that change something, and every reason."""
    cells = [cell for cell in row.cells if cell.verdict != Verdict.SAME]
    shown = [
        dataclasses.asdict(cell)
        | {
            "old": cell.old[:_LONGEST_SHOWN],
            "new": cell.new[:_LONGEST_SHOWN],
            "verdict": cell.verdict.value,
        }
        for cell in cells
    ]
    shown += [
        _said("", Verdict.REFUSED, reason=refusal.reason)
        for refusal in row.refusals
        if refusal.field is None
    ]
    if batch.form and row.verdict == Verdict.NEW:  # of many classes
        kind = registry.classes()[row.proposal.class_key].name
        shown.insert(0, _said(_("Soort"), Verdict.NEW, new=_(kind)))
    proposed = {**row.proposal.defaults, **row.proposal.values}.get("name")
    name = row.item.name if row.item and not row.values.get("name") else proposed or ""
    return {
        "number": row.proposal.row,
        "verdict": row.verdict,
        "uid": row.item.uid if row.item else "",
        "name": name[:200],
        "shown": shown,
    }


def _said(label: str, verdict: Verdict, new: str = "", reason: str = "") -> dict[str, str]:
    """What is shown of a row that is not about a field."""
    return {"key": "", "label": label, "old": "", "new": new, "verdict": verdict.value,
            "reason": reason}  # fmt: skip


def _stored(batch: ImportBatch) -> Iterable[tuple[int, list[Any]]]:
    rows = sa.select(ImportRow.number, ImportRow.cells).where(ImportRow.batch_id == batch.id)
    return db.session.execute(rows.order_by(ImportRow.number)).all()


def _things(batch: ImportBatch) -> list[Thing]:
    return [_thing(cells[0]) for _number, cells in _stored(batch)]


def _thing(kept: Mapping[str, Any]) -> Thing:
    links = tuple(Link(**link) for link in kept["links"])
    return Thing(**{**kept, "macs": tuple(kept["macs"]), "links": links})
