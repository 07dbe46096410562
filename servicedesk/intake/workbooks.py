"""XLSX, read without trust: its size is known before it is unpacked, and nothing in it is run."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException

from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext

MOST_UNPACKED = 200_000_000
MOST_PARTS = 2_000
HIGHEST_RATIO = 200

_NOT_A_WORKBOOK = lazy_gettext(
    "Dit is geen Excelbestand, of het is beschadigd. Sla het opnieuw op als .xlsx."
)
_BROKEN = (
    zipfile.BadZipFile, ParseError, DefusedXmlException, KeyError, ValueError,
    TypeError, AttributeError, IndexError, EOFError, OSError, NotImplementedError, RuntimeError,
)  # fmt: skip


_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?\bref=["']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})""")
_BLOCK = 1 << 20


class _Merged(Exception):
    """Cells are merged, at the place that it names."""


def read(data: bytes, most_columns: int) -> tuple[Iterator[list[str]], tuple[str, ...]]:
    """The lines of the first sheet, each as its cells in Dutch text, and the sheets left unread.

    A formula stays the text that it is.

    Raises:
        ValueError: this is no workbook, or it unpacks to too much; one Dutch sentence.
    """
    # Here, as each process that has it loaded is 6 MB larger, and few ever read a workbook.
    from openpyxl import load_workbook

    _check_parts(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheets = book.worksheets
        _refuse_merged(data, sheets[0]._worksheet_path)  # noqa: SLF001 - nothing public tells it
        others = tuple(sheet.title for sheet in sheets[1:] if sheet.sheet_state == "visible")
        return _lines(sheets[0], most_columns), others
    except _Merged as merged:
        raise ValueError(
            _(
                "De cellen %(place)s zijn samengevoegd. Splits ze, en vul elke cel in.",
                place=merged.args[0],
            )
        ) from None
    except _BROKEN:
        raise ValueError(str(_NOT_A_WORKBOOK)) from None


def _refuse_merged(data: bytes, path: str) -> None:
    """A merged cell holds its value once: of the other rows we would not know what they say."""
    rest = b""
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(path.lstrip("/")) as part:
        while block := part.read(_BLOCK):
            if found := _MERGED.search(rest + block):
                raise _Merged(found[1].decode())
            rest = block[-200:]


def _check_parts(data: bytes) -> None:
    """Look at what the archive says of its parts; `zipfile` never unpacks more than that."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        raise ValueError(str(_NOT_A_WORKBOOK)) from None
    unpacked = sum(part.file_size for part in parts)
    too_dense = any(
        part.file_size > 1_000_000 and part.file_size > part.compress_size * HIGHEST_RATIO
        for part in parts
    )
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or too_dense:
        raise ValueError(
            _(
                "Dit Excelbestand wordt te groot bij het uitpakken. Sla het op als CSV, of deel het"
                " op."
            )
        )


def _lines(sheet: Any, most_columns: int) -> Iterator[list[str]]:
    try:
        sheet.reset_dimensions()  # what a file says of its size may be wrong
        first = next(sheet.iter_rows(max_row=1, values_only=True), ())
        width = min(len(first), most_columns) + 1
        for row in sheet.iter_rows(max_col=width, values_only=True):
            yield _without_end([_text(value) for value in row])
    except _BROKEN:
        raise ValueError(str(_NOT_A_WORKBOOK)) from None


def _without_end(cells: list[str]) -> list[str]:
    """The cells up to the last that holds something: rows are padded to the widest."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: Any) -> str:
    """A value as a Dutch spreadsheet shows it."""
    match value:
        case None:
            return ""
        case bool():
            return "ja" if value else "nee"
        case int():
            return str(value)
        case float():
            return _number(value)
        case dt.datetime():
            is_day = value.time() == dt.time()
            return value.strftime("%d-%m-%Y" if is_day else "%d-%m-%Y %H:%M")
        case dt.date():
            return value.strftime("%d-%m-%Y")
    return str(value)


def _number(value: float) -> str:
    if value == int(value):
        return str(int(value))
    return f"{Decimal(repr(value)):f}".replace(".", ",")
