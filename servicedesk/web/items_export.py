"""A list of items as CSV or XLSX: exactly its rows, columns and order, at most `LIMIT` rows.

CSV is what a Dutch spreadsheet opens without questions: UTF-8 with a byte order mark, semicolons.
A text that a spreadsheet would take for a formula gets an apostrophe in front.
"""

import csv
import datetime as dt
import io
import itertools
import tempfile
from collections.abc import Iterable, Iterator

from flask import Response

from servicedesk.inventory import lists, words
from servicedesk.inventory.fields import Field
from servicedesk.inventory.lists import Row
from servicedesk.language import gettext as _
from servicedesk.reports.export import CSV_TYPE, XLSX_TYPE, safe
from servicedesk.web import items_list
from servicedesk.web.items_asked import Question
from servicedesk.web.streams import streamed

LIMIT = 50_000
_PART = 500
_BLOCK = 1 << 16


def answer(question: Question, form: str, now: dt.datetime) -> Response:
    """The file of the list, in the form `csv` or `xlsx`."""
    table = _table(question, now)
    name = f"objecten-{(question.on or now.date()).isoformat()}.{form}"
    body, kind = (_csv(table), CSV_TYPE) if form == "csv" else (_xlsx(table), XLSX_TYPE)
    return Response(
        streamed(body),
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _columns(question: Question) -> list[str]:
    """Those of the list; how an item is now is over before a file is read, so its status stands."""
    keys = ("status" if key == "standing" else key for key in question.columns)
    return list(dict.fromkeys(keys))


def _table(question: Question, now: dt.datetime) -> Iterator[list[object]]:
    heads = [_("Gebruikt door") if key == "used_by" else question.fields[key].title
             for key in _columns(question)]  # fmt: skip
    yield [_("Nummer"), _("Naam"), *heads]
    found = lists.rows(question.asked, LIMIT)
    while part := list(itertools.islice(found, _PART)):
        yield from _rows(question, part, now)


def _rows(question: Question, part: list[Row], now: dt.datetime) -> Iterator[list[object]]:
    columns = _columns(question)
    shown = [question.fields[key] for key in columns if key != "used_by"]
    names = words.names_for([row.state for row in part], [*shown, question.fields["owner"]])
    users = items_list.users_of(question, part, names, now)
    for row, used_by in zip(part, users, strict=True):
        cells = [
            used_by if key == "used_by" else _cell(row, question.fields[key], names)
            for key in columns
        ]
        yield [row.state["uid"], row.state["name"], *cells]


def _cell(row: Row, field: Field, names: words.Names) -> object:
    """A number stays a number, an amount is in euros, a date a date; all else is words."""
    value = words.value_of(row.state, field)
    if isinstance(value, int | float) and not isinstance(value, bool) and field.refers is None:
        return value / 100 if field.kind == "cents" else value
    if field.kind == "date" and isinstance(value, str):
        return dt.date.fromisoformat(value)
    return words.text_of(value, field, names)


def _csv(table: Iterable[list[object]]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    for row in table:
        writer.writerow([_written(cell) for cell in row])
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()


def _written(cell: object) -> object:
    if isinstance(cell, float):
        return f"{cell:.10g}".replace(".", ",")
    return safe(cell) if isinstance(cell, str) else cell


def _xlsx(table: Iterable[list[object]]) -> Iterator[bytes]:
    """The workbook, written to a file first: its parts are not in order."""
    # Here, as each process that has it loaded is 6 MB larger, and few ever write a workbook.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Objecten"))
    for row in table:
        sheet.append([safe(cell) if isinstance(cell, str) else cell for cell in row])
    with tempfile.TemporaryFile() as stream:
        book.save(stream)
        stream.seek(0)
        while block := stream.read(_BLOCK):
            yield block
