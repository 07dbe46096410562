"""Tables as people keep them: CSV and XLSX of unknown make, read into headings and rows of text.

Pure: bytes in, values out. What comes in may be hostile, so every size has a limit.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from servicedesk.intake import delimited, workbooks
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext

LARGEST_FILE = 25_000_000
MOST_ROWS = 20_000
MOST_LINES = 100_000  # blank ones included: a workbook may say that it has a million
MOST_COLUMNS = 150
LONGEST_CELL = 10_000

_PACKED = b"PK\x03\x04"
_NOT_TABLES = {
    b"\xd0\xcf\x11\xe0": lazy_gettext(
        "Dit is een oud of vergrendeld Excelbestand. Sla het op als .xlsx zonder wachtwoord, of als"
        " CSV."
    ),
    b"%PDF": lazy_gettext("Dit is een PDF. Kies een Excelbestand (.xlsx) of een CSV-bestand."),
}


@dataclass(frozen=True)
class TableRow:
    """A row that is not blank: its number in the file (the headings stand on row 1), its cells.

    It has as many cells as there are headings, or more: then something is wrong with the row.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """What a file holds: headings, rows, and the names of sheets that were left unread."""

    headings: tuple[str, ...]
    rows: tuple[TableRow, ...]
    unread: tuple[str, ...] = ()


def read_table(data: bytes) -> Table:
    """The table in a file; charset, separator and kind of file are told by its content.

    Raises:
        ValueError: it is no table, or too large; one Dutch sentence that says what to do.
    """
    if len(data) > LARGEST_FILE:
        raise ValueError(_("Het bestand is groter dan 25 MB. Deel het op in kleinere bestanden."))
    if not data.strip():
        raise ValueError(_("Het bestand is leeg."))
    for mark, sentence in _NOT_TABLES.items():
        if data.startswith(mark):
            raise ValueError(str(sentence))
    if data.startswith(_PACKED):
        lines, unread = workbooks.read(data, MOST_COLUMNS)
    else:
        lines, unread = delimited.read(data), ()
    return _table(lines, unread)


def _table(lines: Iterable[Sequence[str]], unread: tuple[str, ...]) -> Table:
    numbered = enumerate(lines, start=1)
    headings = _headings(next(numbered, (1, ()))[1])
    rows = tuple(_rows(numbered, len(headings)))
    if not rows:
        raise ValueError(_("Het bestand heeft alleen een rij met koppen, en geen objecten."))
    return Table(headings, rows, unread)


def _headings(cells: Sequence[str]) -> tuple[str, ...]:
    headings = [" ".join(cell.split()) for cell in cells]
    while len(headings) > MOST_COLUMNS and not headings[-1]:
        headings.pop()
    if not any(headings):
        raise ValueError(_("Rij 1 is leeg. Zet de koppen van de kolommen op rij 1."))
    if len(headings) > MOST_COLUMNS or any(len(heading) > 200 for heading in headings):
        raise ValueError(
            _("Rij 1 bevat geen koppen: er zijn te veel kolommen of te lange teksten.")
        )
    seen = set()
    for heading in filter(None, headings):
        if heading.casefold() in seen:
            raise ValueError(
                _("De kolom '%(name)s' staat er twee keer in. Laat er één weg.", name=heading)
            )
        seen.add(heading.casefold())
    return tuple(headings)


def _rows(numbered: Iterator[tuple[int, Sequence[str]]], width: int) -> Iterator[TableRow]:
    count = 0
    for number, cells in numbered:
        if number > MOST_LINES:
            raise ValueError(_("Het bestand heeft meer dan 100.000 regels. Haal lege regels weg."))
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise ValueError(_("Het bestand heeft meer dan 20.000 rijen. Deel het op."))
        stripped = [cell.strip() for cell in cells]
        while len(stripped) > width and not stripped[-1]:
            stripped.pop()
        yield TableRow(number, (*stripped, *[""] * (width - len(stripped))))
