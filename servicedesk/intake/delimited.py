"""CSV as spreadsheets of many years write it: the charset and the separator are found out."""

import codecs
import csv
import io
from collections.abc import Iterator

from servicedesk.language import gettext as _

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS = (";", "\t", ",", "|")
_GARBAGE = frozenset(map(chr, (*range(9), 11, 12, *range(14, 32), 127)))
_READABLE = 50  # one odd sign in so many may be a mistake in a cell; more is no text
_LONGEST_FIELD = 25_000_000  # as long as a file may be: a long cell is refused by its row


def read(data: bytes) -> Iterator[list[str]]:
    """The lines of a CSV file, each as its cells.

    Raises:
        ValueError: this is no text, or its quotes do not fit; one Dutch sentence.
    """
    text = _decoded(data)
    start = text[:4000]
    garbage = sum(start.count(sign) for sign in _GARBAGE)
    if garbage * _READABLE > len(start):
        raise ValueError(_("Dit is geen tabel. Kies een Excelbestand (.xlsx) of een CSV-bestand."))
    separator, text = _separator(text)
    return _lines(text, separator)


def _decoded(data: bytes) -> str:
    for mark, charset in _MARKS:
        if data.startswith(mark):
            return _strictly(data, charset)
    if charset := _wide(data):
        return _strictly(data, charset)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    # A few bad bytes among letters of UTF-8 are a broken UTF-8: as cp1252 all letters would be odd.
    mended = data.decode("utf-8", errors="replace")
    good = sum(sign > "\x7f" and sign != "\ufffd" for sign in mended)
    return mended if good > mended.count("\ufffd") else data.decode("cp1252", errors="replace")


def _strictly(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset)
    except UnicodeDecodeError:
        raise ValueError(
            _("Het bestand is beschadigd. Sla het opnieuw op als CSV UTF-8.")
        ) from None


def _wide(data: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of Western text is nought."""
    start = data[:2000]
    if start[1::2].count(0) > len(start) * 0.4:
        return "utf-16-le"
    return "utf-16-be" if start[::2].count(0) > len(start) * 0.4 else None


def _separator(text: str) -> tuple[str, str]:
    """What parts the headings, and the text after the line by which Excel may say so itself."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return first.strip()[-1], rest
    unquoted = "".join(first.split('"')[::2])
    return max(_SEPARATORS, key=unquoted.count), text


def _lines(text: str, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begun = 0
    try:
        for cells in reader:
            yield cells
            begun = reader.line_num
    except csv.Error:
        raise ValueError(
            _(
                "Regel %(line)s van dit CSV-bestand klopt niet: kijk of elk aanhalingsteken een tweede"
                " heeft.",
                line=begun + 1,
            )
        ) from None
