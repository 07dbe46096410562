"""Files of items: brought in, compared with the register, looked at, and then applied as one act."""

import sqlalchemy as sa
from flask import abort

from cmdb import registry
from cmdb.database import db, utc_now
from cmdb.permissions import Permission
from servicedesk import allowance, problems
from servicedesk.access import me
from servicedesk.api import item_classes, municipalities
from servicedesk.api.door import Answer, operation
from servicedesk.api.paging import PAGE, page, page_of
from servicedesk.api.schemas import (
    integer, list_of, moment, nullable, one_of, record, text, written,
)  # fmt: skip
from servicedesk.intake import batches
from servicedesk.intake.models import ImportBatch, ImportRow
from servicedesk.intake.proposals import Verdict
from servicedesk.intake.tables import LARGEST_FILE, read_table
from servicedesk.problems import Problem, wrong

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_COLUMN = record(
    "ImportColumn",
    {"heading": text(most=1000), "field": nullable(text("The key that it fills.", most=80))},
)
IMPORT = record(
    "Import",
    {
        "id": integer(),
        "fileName": text(),
        "class": text("Empty for an inventory, which holds several.", most=40),
        "madeAt": moment(),
        "new": integer("How many rows would register an item."),
        "changed": integer("How many rows would change one."),
        "same": integer("How many rows change nothing."),
        "refused": integer("How many rows do not fit."),
        "columns": list_of(_COLUMN, "What the columns mean: as in the last file with these headings."),
        "changeSet": nullable(integer("The act that applied it; null while it did nothing.")),
        "reversal": nullable(integer("The act that took it back.")),
    },
)
ROW = record(
    "ImportRow",
    {
        "row": integer("Its number in the file; the headings stand on row 1."),
        "verdict": one_of(Verdict),
        "number": text("Of the item that it is about; empty for a new one.", most=16),
        "name": text(),
        "cells": list_of(
            record(
                "ImportCell",
                {
                    "label": text(most=1000),
                    "before": text(most=20_000),
                    "after": text(most=20_000),
                    "reason": text("Why it is refused; empty when it fits.", most=2000),
                },
            ),
            "What would change, and what does not fit.",
        ),
    },
)
_KEY = {"key": integer()}


@operation(
    "POST", "/imports", "Bring in a file of items", IMPORT,
    permission=Permission.ITEM_WRITE, status=201, file_types=("text/csv", _XLSX),
    file_bytes=LARGEST_FILE,
    query={
        "class": item_classes.KEY,
        "owner": municipalities.CODE | {"description": "Of the centre unless told: a code."},
        "fileName": text("By which the history tells it.", least=1),
    },
)  # fmt: skip
def add_import(file, query):
    """Nothing is written yet: it tells what the file would do."""
    owner = municipalities.asked(query.get("owner"))
    if "class" not in query:
        raise wrong("is required", parameter="class")
    try:
        spec = registry.find_class(query["class"])
    except ValueError as error:
        raise wrong(str(error), parameter="class") from None
    allowance.spend(me(), utc_now(), sizes=[len(file)])
    try:
        batch = batches.stage(
            query.get("fileName", "api"), read_table(file), spec.key, owner and owner.id, me(),
            utc_now(),
        )  # fmt: skip
        batches.assess(batch)
    except ValueError as error:
        raise Problem(400, str(error)) from None
    return Answer(_told(batch), {"Location": f"/api/v1/imports/{batch.id}"})


@operation(
    "GET", "/imports/{key}", "A file that was brought in", IMPORT,
    permission=Permission.ITEM_WRITE, keys=_KEY,
)  # fmt: skip
def import_batch(key):
    """With how many rows would do what."""
    return _told(_found(key))


@operation(
    "GET", "/imports/{key}/rows", "The rows of a file", page_of(ROW),
    permission=Permission.ITEM_WRITE, keys=_KEY,
    query={"verdict": one_of(Verdict, "Only these.")} | PAGE,
)  # fmt: skip
def import_rows(key, query):
    """In their order, for 30 days."""
    chosen = sa.select(ImportRow).where(ImportRow.batch_id == _found(key).id)
    if "verdict" in query:
        chosen = chosen.where(ImportRow.verdict == Verdict(query["verdict"]))
    return page(chosen, [ImportRow.number], lambda rows: [_row(row) for row in rows], query)


@operation(
    "POST", "/imports/{key}/applications", "Apply a file", IMPORT,
    permission=Permission.ITEM_WRITE, keys=_KEY, status=201,
)  # fmt: skip
def apply_import(key):
    """As one act, exactly what it told; 409 when the register changed since, and it tells anew."""
    batch = _found(key, lock=True)
    try:
        batches.carry_out(batch, me(), utc_now())
    except batches.Outdated:
        # An answer and no refusal, so that what the file would do now is kept.
        return problems.answer(409, "The register changed meanwhile: look at the rows again.")
    except ValueError as error:
        raise Problem(409, str(error)) from None
    return Answer(_told(batch))


@operation(
    "POST", "/imports/{key}/reversals", "Take back what a file did", IMPORT,
    permission=Permission.ITEM_WRITE, keys=_KEY, status=201,
)  # fmt: skip
def reverse_import(key):
    """All of it; 409 when something later touched the same."""
    batch = _found(key, lock=True)
    try:
        batches.take_back(batch, me(), utc_now())
    except ValueError as error:
        raise Problem(409, str(error)) from None
    return Answer(_told(batch))


def _found(key: int, lock: bool = False) -> ImportBatch:
    return db.session.get(ImportBatch, key, with_for_update=lock or None) or abort(404)


def _told(batch: ImportBatch) -> dict[str, object]:
    return {
        "id": batch.id,
        "fileName": batch.file_name,
        "class": batch.class_key,
        "madeAt": written(batch.created_at),
        **{verdict.value: batch.counts.get(verdict.value, 0) for verdict in Verdict},
        "columns": [
            {"heading": heading, "field": batch.mapping.get(heading) or None}
            for heading in batch.headings
            if heading
        ],
        "changeSet": batch.change_set_id,
        "reversal": batch.undone_by_id,
    }


def _row(row: ImportRow) -> dict[str, object]:
    return {
        "row": row.number,
        "verdict": row.verdict,
        "number": row.uid,
        "name": row.name,
        "cells": [
            {
                "label": cell["label"],
                "before": cell["old"],
                "after": cell["new"],
                "reason": cell["reason"],
            }
            for cell in row.shown
        ],
    }
