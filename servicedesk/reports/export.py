"""The report as JSON, CSV and XLSX: the same figures, for other programs.

CSV is what a Dutch spreadsheet opens without questions: UTF-8 with a byte order mark, semicolons,
decimal commas; the figures, an empty line, the breaches. A text that a spreadsheet would take for a
formula gets an apostrophe in front.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from cmdb.localtime import local
from servicedesk.language import gettext as _
from servicedesk.reports.breaches import Breach
from servicedesk.reports.figures import Report
from servicedesk.reports.periods import Period
from servicedesk.tickets import labels

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# With the wide forms of East Asian keyboards, that Excel takes for the same.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

_Cell = str | int | float | dt.datetime | None


def as_json(period: Period, report: Report, breaches: Iterable[Breach]) -> dict[str, object]:
    """The figures as `contracts` of the command tell: instants in UTC, municipalities by code."""
    return {
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "rows": [
            {
                "municipality": row.municipality.code,
                "priority": str(row.priority),
                "kind": row.kind.value,
                "met": row.tally.met,
                "breached": row.tally.breached,
                "running": row.tally.running,
                "percentage": row.tally.percentage,
            }
            for row in report.rows
        ],
        "breaches": [
            {
                "ticket": breach.ticket.number,
                "external_id": breach.ticket.external_id,
                "kind": breach.kind.value,
                "priority": str(breach.priority),
                "due_at": _utc(breach.due_at),
                "breached_at": _utc(breach.breached_at),
            }
            for breach in _oldest_first(breaches)
        ],
    }


def as_csv(report: Report, breaches: Iterable[Breach]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerows(map(_written, _figures(report)))
    writer.writerow([])
    writer.writerows(map(_written, _breaches(breaches)))
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(report: Report, breaches: Iterable[Breach]) -> bytes:
    # Here, as each process that has it loaded is 6 MB larger, and few ever write a workbook.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for title, table in (
        (_("Cijfers"), _figures(report)),
        (_("Overschrijdingen"), _breaches(breaches)),
    ):
        sheet = book.create_sheet(title)
        for row in table:
            sheet.append([_stored(cell) for cell in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _figures(report: Report) -> Iterator[Sequence[_Cell]]:
    yield (
        _("Gemeente"),
        _("Code"),
        _("Prioriteit"),
        _("Afspraak"),
        _("Op tijd"),
        _("Te laat"),
        _("Loopt nog"),
        _("Percentage op tijd"),
    )
    for row in report.rows:
        tally = row.tally
        yield (
            row.municipality.name,
            row.municipality.code,
            row.priority,
            str(labels.SERVICE_KIND[row.kind]),
            tally.met,
            tally.breached,
            tally.running,
            tally.percentage,
        )


def _breaches(breaches: Iterable[Breach]) -> Iterator[Sequence[_Cell]]:
    yield (
        _("Melding"),
        _("Nummer elders"),
        _("Onderwerp"),
        _("Gemeente"),
        _("Afspraak"),
        _("Prioriteit"),
        _("Streefdatum"),
        _("Overschreden op"),
        _("Minuten te laat (in servicetijd)"),
        *map(str, labels.WAITING_FOR.values()),
        _("Doorgezet"),
    )
    for breach in _oldest_first(breaches):
        ticket = breach.ticket
        yield (
            ticket.number,
            ticket.external_id,
            ticket.title,
            ticket.municipality.name,
            str(labels.SERVICE_KIND[breach.kind]),
            breach.priority,
            breach.due_at,
            breach.breached_at,
            breach.late // 60,
            *(breach.waits.get(reason, 0) // 60 for reason in labels.WAITING_FOR),
            ticket.handoffs,
        )


def _oldest_first(breaches: Iterable[Breach]) -> list[Breach]:
    return sorted(
        breaches, key=lambda b: (b.breached_at, b.ticket.external_id or b.ticket.number, b.kind)
    )


def safe(text: str) -> str:
    """The text as a spreadsheet shows it, and never computes it."""
    text = _UNSHOWABLE.sub("", text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _written(row: Sequence[_Cell]) -> list[str | int | None]:
    return [
        f"{cell:.1f}".replace(".", ",") if isinstance(cell, float) else _text(cell) for cell in row
    ]


def _text(cell: _Cell) -> str | int | None:
    if isinstance(cell, dt.datetime):
        return f"{local(cell):%Y-%m-%d %H:%M}"
    return safe(cell) if isinstance(cell, str) else cell


def _stored(cell: _Cell) -> str | int | float | dt.datetime | None:
    """A spreadsheet's moment has no zone: it is local time."""
    if isinstance(cell, dt.datetime):
        return local(cell).replace(tzinfo=None)
    return safe(cell) if isinstance(cell, str) else cell


def _utc(at: dt.datetime | None) -> str | None:
    return at and f"{at:%Y-%m-%dT%H:%M:%SZ}"
