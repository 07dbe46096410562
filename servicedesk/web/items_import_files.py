"""Workbooks for an import: an empty one per class to fill in, and the refused rows to correct."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from servicedesk.intake.columns import Column
from servicedesk.language import gettext as _
from servicedesk.reports.export import safe

_MOST_ROWS = 5_000


def template(columns: Mapping[str, Column]) -> bytes:
    """An XLSX with a heading for each field; one with choices lets a cell hold no other.

    The choices stand on a second sheet, since a list in a cell may hold 255 characters only.
    """
    # Here, as each process that has it loaded is 6 MB larger, and few ever write a workbook.
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet, lists = book.active, book.create_sheet(_("Keuzes"))
    sheet.title, lists.sheet_state = _("Objecten"), "hidden"
    sheet.freeze_panes = "A2"
    shown = [column for column in columns.values() if column.key != "uid"]
    for at, column in enumerate([columns["uid"], *shown], start=1):
        letter = get_column_letter(at)
        sheet.cell(1, at, column.title).font = Font(bold=True)
        sheet.column_dimensions[letter].width = max(12, len(column.title) + 2)
        if column.choices:
            for row, choice in enumerate(column.choices, start=1):
                lists.cell(row, at, choice)
            place = f"'{lists.title}'!${letter}$1:${letter}${len(column.choices)}"
            rule = DataValidation("list", formula1=place, allow_blank=True, showErrorMessage=True)
            rule.add(f"{letter}2:{letter}{_MOST_ROWS}")
            sheet.add_data_validation(rule)
    return _saved(book)


def refused_rows(headings: Sequence[str], rows: Iterable[tuple[Sequence[str], str]]) -> bytes:
    """An XLSX of rows as they were read, each with why it was refused in a last column."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Geweigerd"))
    sheet.append([*map(safe, headings), _("Waarom geweigerd")])
    for cells, reason in rows:
        padded = [*cells[: len(headings)], *[""] * (len(headings) - len(cells))]
        sheet.append([*map(safe, padded), safe(reason)])
    return _saved(book)


def _saved(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
