"""What the pages of an import show."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload

from cmdb import registry
from cmdb.catalogue import concrete
from cmdb.database import db
from cmdb.organisation import Municipality
from servicedesk.intake import batches
from servicedesk.intake.models import ImportBatch, ImportRow
from servicedesk.intake.proposals import Verdict
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext

CENTRE = "centre"
_PAGE = 50
_RECENT = 10
WORDS = {
    Verdict.NEW: lazy_gettext("Nieuw"),
    Verdict.CHANGED: lazy_gettext("Gewijzigd"),
    Verdict.SAME: lazy_gettext("Gelijk"),
    Verdict.REFUSED: lazy_gettext("Geweigerd"),
}
FORMS = {
    "": lazy_gettext("Tabel: Excel (.xlsx) of CSV"),
    "glpi": lazy_gettext("Inventaris van GLPI (JSON)"),
    "nmap": lazy_gettext("Scan van nmap (XML)"),
    "ansible": lazy_gettext("Feiten van Ansible (JSON)"),
}
_ICONS = {
    Verdict.NEW: "plus",
    Verdict.CHANGED: "pencil",
    Verdict.SAME: "check",
    Verdict.REFUSED: "ban",
}


def start(asked: Mapping[str, str], refused: str) -> dict[str, Any]:
    """The form that takes a file, the templates, and the files of late."""
    towns = db.session.execute(
        sa.select(Municipality.code, Municipality.name).order_by(Municipality.name)
    )
    recent = sa.select(ImportBatch).options(
        joinedload(ImportBatch.owner), joinedload(ImportBatch.by)
    )
    specs = registry.classes()
    return {
        "refused": refused,
        "asked": asked,
        "classes": [(spec.key, _(spec.name)) for spec in concrete(specs)],
        "owners": [(CENTRE, _("Servicecentrum")), *map(tuple, towns)],
        "specs": specs,
        "forms": FORMS,
        "recent": db.session.scalars(recent.order_by(ImportBatch.id.desc()).limit(_RECENT)).all(),
    }


def preview(
    batch: ImportBatch, args: Mapping[str, str], refused: str, mapping: Mapping[str, str] | None
) -> dict[str, Any]:
    """A page of rows, of one verdict or all, with what the columns mean."""
    kind = args.get("kind", "")
    kind = kind if kind in set(Verdict) else ""
    after = args.get("after", "")
    after = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
    rows = _rows(batch, kind, after)
    fields = {} if batch.form else batches.columns(batch)
    chosen = mapping or batch.mapping
    return {
        "batch": batch,
        "refused": refused,
        "spec": registry.classes().get(batch.class_key),
        "forms": FORMS,
        "tabs": _tabs(batch, kind),
        "rows": rows[:_PAGE],
        "next_url": _url(batch, kind, rows[_PAGE - 1].number) if len(rows) > _PAGE else "",
        "first_url": _url(batch, kind) if after else "",
        "words": WORDS,
        "icons": _ICONS,
        "columns": [
            {"at": at, "heading": heading, "field": chosen.get(heading, "")}
            for at, heading in enumerate(batch.headings)
            if heading
        ],
        "fields": sorted(
            ((key, column.title) for key, column in fields.items()),
            key=lambda pair: pair[1].lower(),
        ),
        "keys": [(key, fields[key].label) for key in chosen.values() if key in fields],
        "unused": [heading for heading, key in chosen.items() if not key],
        "writes": batch.counts.get("new", 0) + batch.counts.get("changed", 0),
    }


def refused_rows(batch: ImportBatch) -> Iterator[tuple[list[str], str]]:
    """The refused rows as they were read, with their reasons in one text."""
    rows = sa.select(ImportRow).where(
        ImportRow.batch_id == batch.id, ImportRow.verdict == Verdict.REFUSED
    )
    for row in db.session.scalars(rows.order_by(ImportRow.number)):
        reasons = [
            f"{cell['label']}: {cell['reason']}" if cell["label"] else cell["reason"]
            for cell in row.shown
            if cell["reason"]
        ]
        yield [row.name] if batch.form else row.cells, " ".join(reasons)


def _rows(batch: ImportBatch, kind: str, after: int) -> list[ImportRow]:
    rows = sa.select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.number > after)
    if kind:
        rows = rows.where(ImportRow.verdict == kind)
    return list(db.session.scalars(rows.order_by(ImportRow.number).limit(_PAGE + 1)))


def _tabs(batch: ImportBatch, kind: str) -> list[dict[str, Any]]:
    every = {
        "label": _("Alle"),
        "url": _url(batch),
        "current": not kind,
        "count": sum(batch.counts.values()),
    }
    return [every] + [
        {
            "label": WORDS[verdict],
            "url": _url(batch, verdict.value),
            "current": kind == verdict,
            "count": batch.counts.get(verdict.value, 0),
            "alert": verdict == Verdict.REFUSED and batch.counts.get(verdict.value, 0) > 0,
        }
        for verdict in Verdict
    ]


def _url(batch: ImportBatch, kind: str = "", after: int = 0) -> str:
    return url_for("items_import.batch", key=batch.id, kind=kind or None, after=after or None)
