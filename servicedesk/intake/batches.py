"""Imports in steps: staged as read, compared with the register, looked at, and then applied."""

import dataclasses
import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cmdb import register, registry
from cmdb.database import db
from cmdb.items import ChangeSet
from cmdb.people import Person
from cmdb.undo import undo
from servicedesk.intake.applying import apply
from servicedesk.intake.columns import Column, choose, columns_of
from servicedesk.intake.models import ImportBatch, ImportRow
from servicedesk.intake.planning import Known, known_items, plan
from servicedesk.intake.proposals import Plan, Planned, Verdict
from servicedesk.intake.references import References
from servicedesk.intake.sheets import Sheet, proposals
from servicedesk.intake.tables import Table, TableRow
from servicedesk.language import gettext as _

KEPT = dt.timedelta(days=30)
_LONGEST_SHOWN = 200
_MOST_MISSING = 500


class Outdated(Exception):
    """The register changed since the preview was made; it has been made again."""


def stage(
    file_name: str,
    table: Table,
    class_key: str,
    owner_id: int | None,
    by: Person,
    now: dt.datetime,
) -> ImportBatch:
    """Keep the rows of a file, with what would become of each; forget rows of over 30 days ago.

    The columns mean what they meant in the last file of this class with the same headings.

    Raises:
        ValueError: there is no such class; one Dutch sentence.
    """
    spec = registry.find_class(class_key)
    _forget_rows(now - KEPT)
    batch = ImportBatch(
        owner_id=owner_id,
        class_key=spec.key,
        file_name=file_name[:200],
        by_id=by.id,
        created_at=now,
        headings=list(table.headings),
        fingerprint=_fingerprint(class_key, table.headings),
    )
    former = _former(batch.fingerprint)
    batch.mapping = dict(former.mapping) if former else _guessed(table.headings, columns(batch))
    batch.keys = list(former.keys) if former else []
    db.session.add(batch)
    db.session.flush()
    rows = [
        {"batch_id": batch.id, "number": row.number, "cells": list(row.cells)} for row in table.rows
    ]
    db.session.execute(sa.insert(ImportRow), rows)
    assess(batch)
    return batch


def columns(batch: ImportBatch) -> dict[str, Column]:
    """The fields that the columns of a file can fill."""
    return columns_of(registry.find_class(batch.class_key), References(batch.owner_id))


def set_mapping(batch: ImportBatch, mapping: Mapping[str, str], keys: Sequence[str]) -> None:
    """Say what the columns mean and which fields tell an item; the rows are compared again.

    Raises:
        ValueError: two columns fill one field, or a key has no column; one Dutch sentence.
    """
    fields = columns(batch)
    chosen = {
        heading: key if (key := mapping.get(heading, "")) in fields else ""
        for heading in batch.headings
        if heading
    }
    sheet = _sheet(batch, fields, choose(batch.headings, fields, chosen), keys)
    sheet.check()
    batch.mapping, batch.keys = chosen, list(keys)
    assess(batch)


def assess(batch: ImportBatch) -> tuple[Plan, Known]:
    """Compare the rows with the register as it is now, and keep what would become of each."""
    planned, known = _plan(batch)
    db.session.execute(
        sa.update(ImportRow),
        [{"batch_id": batch.id, **_outcome(row)} for row in planned.rows],
    )
    counts = Counter(row.verdict.value for row in planned.rows)
    batch.counts = {verdict.value: counts[verdict.value] for verdict in Verdict}
    batch.missing = planned.missing[:_MOST_MISSING]
    db.session.flush()
    return planned, known


def carry_out(batch: ImportBatch, by: Person, now: dt.datetime) -> ChangeSet | None:
    """Write what the preview showed, as one change set; None when there is nothing to write.

    Raises:
        Outdated: the register changed meanwhile, so that the preview shows something else now.
        ValueError: the rows are gone, or the register does not take them; one Dutch sentence.
    """
    if batch.change_set_id is not None:
        raise ValueError(_("Dit bestand is al verwerkt."))
    promised = _outcomes(batch)
    if not promised:
        raise ValueError(_("Dit bestand is te oud. Kies het bestand opnieuw."))
    planned, known = assess(batch)
    if promised != [_outcome(row) for row in planned.rows]:
        raise Outdated
    if not planned.writes:
        return None
    source = f"import {batch.file_name}"
    change_set = register.begin(by, source, now)
    apply(planned, known, change_set, source, now)
    batch.change_set_id = change_set.id
    db.session.flush()
    return change_set


def take_back(batch: ImportBatch, by: Person, now: dt.datetime) -> None:
    """Undo what the file did.

    Raises:
        ValueError: it did nothing, was undone before, or something later touched the same.
    """
    if batch.change_set_id is None or batch.undone_by_id is not None:
        raise ValueError(_("Er is niets om ongedaan te maken."))
    done = db.session.get_one(ChangeSet, batch.change_set_id)
    batch.undone_by_id = undo(done, by, now).id
    db.session.flush()


def _former(fingerprint: str) -> ImportBatch | None:
    return db.session.scalar(
        sa.select(ImportBatch)
        .where(ImportBatch.fingerprint == fingerprint)
        .order_by(ImportBatch.id.desc())
        .limit(1)
    )


def _fingerprint(class_key: str, headings: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join([class_key, *headings]).encode()).hexdigest()


def _guessed(headings: Sequence[str], fields: Mapping[str, Column]) -> dict[str, str]:
    """What the headings say; of two for one field, neither."""
    try:
        known = choose(headings, fields)
    except ValueError:
        known = {}
    return {heading: known.get(at, "") for at, heading in enumerate(headings) if heading}


def _forget_rows(before: dt.datetime) -> None:
    old = sa.select(ImportBatch.id).where(ImportBatch.created_at < before)
    db.session.execute(sa.delete(ImportRow).where(ImportRow.batch_id.in_(old)))


def _sheet(
    batch: ImportBatch, fields: Mapping[str, Column], places: dict[int, str], keys: Sequence[str]
) -> Sheet:
    spec = registry.find_class(batch.class_key)
    return Sheet(spec, batch.owner, fields, places, len(batch.headings), tuple(keys))


def _plan(batch: ImportBatch) -> tuple[Plan, Known]:
    known = known_items(batch.owner_id, [batch.class_key], References(batch.owner_id))
    fields = known.columns[batch.class_key]
    sheet = _sheet(batch, fields, choose(batch.headings, fields, batch.mapping), batch.keys)
    stored = db.session.execute(
        sa.select(ImportRow.number, ImportRow.cells)
        .where(ImportRow.batch_id == batch.id)
        .order_by(ImportRow.number)
    )
    rows = [TableRow(number, tuple(cells)) for number, cells in stored]
    source = f"import {batch.file_name}"
    planned = plan(proposals(rows, sheet), known, source, batch.keys, reports_missing=True)
    return planned, known


def _outcome(row: Planned) -> dict[str, Any]:
    """What is kept of a row: the cells that change something, and every reason."""
    shown = [
        dataclasses.asdict(cell)
        | {"old": cell.old[:_LONGEST_SHOWN], "new": cell.new[:_LONGEST_SHOWN]}
        for cell in row.cells
        if cell.verdict != Verdict.SAME
    ]
    shown += [
        {"key": "", "label": "", "old": "", "new": "", "verdict": Verdict.REFUSED, "reason": why}
        for why in (refusal.reason for refusal in row.refusals if refusal.field is None)
    ]
    for cell in shown:
        cell["verdict"] = cell["verdict"].value
    name = row.proposal.values.get("name") or (row.item.name if row.item else "")
    return {
        "number": row.proposal.row,
        "verdict": row.verdict,
        "uid": row.item.uid if row.item else "",
        "name": name[:200],
        "shown": shown,
    }


def _outcomes(batch: ImportBatch) -> list[dict[str, Any]]:
    fields = ("number", "verdict", "uid", "name", "shown")
    rows = db.session.execute(
        sa.select(*(getattr(ImportRow, field) for field in fields))
        .where(ImportRow.batch_id == batch.id)
        .order_by(ImportRow.number)
    )
    return [dict(zip(fields, row, strict=True)) for row in rows]
