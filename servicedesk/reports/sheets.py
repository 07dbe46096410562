"""Tables of a report: the same rows as a page shows, as CSV and as XLSX.

A text that a spreadsheet would take for a formula gets an apostrophe in front. In CSV the sheets
follow each other, each under its title; amounts are in euros with a decimal comma.
"""

import csv
import datetime as dt
import enum
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from servicedesk.reports.export import safe

Value = str | int | float | dt.date | None
_LONGEST_TITLE = 31  # of a sheet in a workbook
_NOT_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


class Show(enum.StrEnum):
    """How the values of a column are written."""

    TEXT = "text"
    NUMBER = "number"
    CENTS = "cents"
    PERCENT = "percent"
    DATE = "date"


@dataclass(frozen=True)
class Cell:
    """A value, with the address that tells more of it, and what makes it stand out.

    `level` is "", "good", "warn" or "late"; `note` a few words that go under it.
    """

    value: Value
    url: str = ""
    level: str = ""
    note: str = ""


@dataclass(frozen=True)
class Column:
    """`named`: a value says nothing without the label, also where a row is put in lines."""

    label: str
    show: Show = Show.TEXT
    named: bool = False

    @property
    def is_number(self) -> bool:
        return self.show in (Show.NUMBER, Show.CENTS, Show.PERCENT)


@dataclass(frozen=True)
class Sheet:
    """Rows under columns; `note` says what they are. `total` is a last row, if any."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    total: Sequence[Cell] | None = None

    @property
    def is_wordy(self) -> bool:
        """Whether it holds more words than figures, so that a small screen puts a row in lines."""
        return sum(not column.is_number for column in self.columns) > 2

    @property
    def lines(self) -> Iterable[Sequence[Cell]]:
        """The rows and the total."""
        yield from self.rows
        if self.total is not None:
            yield self.total


def as_csv(sheets: Iterable[Sheet]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    for number, sheet in enumerate(sheets):
        writer.writerows([[]] * (number > 0))
        writer.writerow([safe(sheet.title)])
        writer.writerow([safe(column.label) for column in sheet.columns])
        for line in sheet.lines:
            pairs = zip(sheet.columns, line, strict=True)
            writer.writerow([_written(column, cell.value) for column, cell in pairs])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(sheets: Iterable[Sheet]) -> bytes:
    # Here, as each process that has it loaded is 6 MB larger, and few ever write a workbook.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.title.translate(_NOT_IN_TITLES)[:_LONGEST_TITLE])
        page.append([safe(column.label) for column in sheet.columns])
        for line in sheet.lines:
            pairs = zip(sheet.columns, line, strict=True)
            page.append([_stored(column, cell.value) for column, cell in pairs])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _written(column: Column, value: Value) -> str | int:
    if value is None:
        return ""
    if column.show == Show.CENTS and isinstance(value, int):
        return f"{Decimal(value) / 100:.2f}".replace(".", ",")
    if isinstance(value, float):
        return f"{value:.1f}".replace(".", ",")
    return safe(value) if isinstance(value, str) else str(value)


def _stored(column: Column, value: Value) -> str | int | float | dt.date | Decimal | None:
    if column.show == Show.CENTS and isinstance(value, int):
        return Decimal(value) / 100
    return safe(value) if isinstance(value, str) else value
