"""Imports in steps: staged as read, compared with the register, looked at, and then applied."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cmdb import register, registry
from cmdb.database import db
from cmdb.items import ChangeSet
from cmdb.people import Person
from cmdb.undo import undo
from servicedesk.intake import staged
from servicedesk.intake.columns import Column, choose, columns_of
from servicedesk.intake.inventory import Thing
from servicedesk.intake.inventory_import import note_seen
from servicedesk.intake.models import ImportBatch, ImportRow
from servicedesk.intake.planning import Known, finish
from servicedesk.intake.proposals import Plan, Verdict
from servicedesk.intake.references import References
from servicedesk.intake.tables import Table
from servicedesk.language import gettext as _

KEPT = dt.timedelta(days=30)
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
    """Keep the rows of a file as they were read; forget rows of over 30 days ago.

    The columns mean what they meant in the last file of this class with the same headings.

    Raises:
        ValueError: there is no such class; one Dutch sentence.
    """
    spec = registry.find_class(class_key)
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
    return _kept(batch, staged.rows_of_table(table), now)


def stage_inventory(
    file_name: str,
    form: str,
    things: Sequence[Thing],
    owner_id: int | None,
    by: Person,
    now: dt.datetime,
) -> ImportBatch:
    """Keep what an inventory saw, `form` being a key of `inventory_import.READERS`."""
    batch = ImportBatch(
        owner_id=owner_id,
        class_key="",
        form=form,
        file_name=file_name[:200],
        by_id=by.id,
        created_at=now,
        headings=[],
        fingerprint="",
    )
    return _kept(batch, staged.rows_of_things(things), now)


def _kept(batch: ImportBatch, rows: list[dict[str, Any]], now: dt.datetime) -> ImportBatch:
    _forget_rows(now - KEPT)
    db.session.add(batch)
    db.session.flush()
    if rows:
        db.session.execute(sa.insert(ImportRow), [{"batch_id": batch.id, **row} for row in rows])
    return batch


def size(batch: ImportBatch) -> int:
    """How many rows are kept of it."""
    rows = sa.select(sa.func.count()).where(ImportRow.batch_id == batch.id)
    return db.session.scalar(rows) or 0


def columns(batch: ImportBatch) -> dict[str, Column]:
    """The fields that the columns of a file can fill; none when its class was removed."""
    spec = registry.classes().get(batch.class_key)
    return columns_of(spec, References(batch.owner_id)) if spec else {}


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
    sheet = staged.sheet_of(batch, fields, choose(batch.headings, fields, chosen), keys)
    sheet.check()
    batch.mapping, batch.keys = chosen, list(keys)
    assess(batch)


def assess(batch: ImportBatch) -> tuple[Plan, Known]:
    """Compare the rows with the register as it is now, and keep what would become of each."""
    return finish(assess_in_steps(batch))


def assess_in_steps(batch: ImportBatch) -> Generator[int, None, tuple[Plan, Known]]:
    """As `assess`; yields now and then how many rows are done."""
    planned, known = yield from staged.compare(batch)
    if planned.rows:
        db.session.execute(
            sa.update(ImportRow),
            [{"batch_id": batch.id, **staged.outcome(row, batch)} for row in planned.rows],
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
    if promised != [staged.outcome(row, batch) for row in planned.rows]:
        raise Outdated
    if not planned.writes:
        if batch.form:
            note_seen(planned, staged.source_of(batch), now)
        return None
    change_set = register.begin(by, staged.source_of(batch), now)
    staged.write(batch, planned, known, change_set, now)
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


def _outcomes(batch: ImportBatch) -> list[dict[str, Any]]:
    fields = ("number", "verdict", "uid", "name", "shown")
    rows = db.session.execute(
        sa.select(*(getattr(ImportRow, field) for field in fields))
        .where(ImportRow.batch_id == batch.id)
        .order_by(ImportRow.number)
    )
    return [dict(zip(fields, row, strict=True)) for row in rows]
