"""The kinds of value of an attribute: how each is read from Dutch text, kept, and written.

What is kept is JSON: numbers are numbers, a date is its ISO text, an amount is whole cents. Each
reader takes text that is not blank, and raises ValueError with a Dutch sentence: what to do.
"""

import datetime as dt
import enum
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from cmdb.refusal import Unfit

_LARGEST = 10**15
_TEXT, _LONG_TEXT = 500, 10_000

_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}([. ]\d{3})+)(,\d+)?|[+-]?\d+\.\d+", re.ASCII)
# 1.024 is a thousand and 24, as in a Dutch spreadsheet; 0.125 and 1.5 can only be decimals.
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([. ]\d{3})+(,\d+)?", re.ASCII)
_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII)
_WORDED = re.compile(r"(\d{1,2})\.? ([a-z]{3,9})\.? (\d{4})", re.ASCII | re.IGNORECASE)
_MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_OTHER_MONTHS = {"maa": "mrt", "mar": "mrt", "may": "mei", "oct": "okt"}
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})([T ]00:00(:00(\.0+)?)?)?", re.ASCII)
_EMAIL = re.compile(r"[^@\s<>()\",;:]+@[^@\s<>()\",;:.]+(\.[^@\s<>()\",;:.]+)+")
_MAC = re.compile(r"[0-9a-f]{12}")
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_YES = {"ja", "j", "waar", "true", "yes", "1", "x"}
_NO = {"nee", "n", "onwaar", "false", "no", "0"}


class Kind(enum.StrEnum):
    """What an attribute holds; `format_of` tells how."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    CHOICE = "choice"
    ADDRESS = "address"
    NETWORK = "network"
    MAC = "mac"
    URL = "url"
    EMAIL = "email"
    CENTS = "cents"


def clean(text: str, longest: int = _TEXT) -> str:
    """The text as it is kept.

    Raises:
        ValueError: too long, or with characters that nothing can show.
    """
    text = text.strip()
    if _UNREADABLE.search(text):
        raise Unfit("Haal de onleesbare tekens weg.")
    if len(text) > longest:
        raise Unfit("Maak deze tekst korter.")
    return text


def _read_text(text: str) -> str:
    return " ".join(clean(text).split())


def _read_long_text(text: str) -> str:
    return clean(text.replace("\r\n", "\n"), _LONG_TEXT)


def _decimal(text: str) -> Decimal:
    text = text.replace("\N{NO-BREAK SPACE}", " ").strip()
    if not _NUMBER.fullmatch(text) or len(text) > 30:
        raise Unfit("Vul een getal in, bijvoorbeeld 12 of 12,5.")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(".", "").replace(" ", "")
    number = Decimal(text.replace(",", "."))
    if abs(number) >= _LARGEST:
        raise Unfit("Dit getal is te groot. Vul een kleiner getal in.")
    return number


def _read_number(text: str) -> int | float:
    number = _decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


def _write_number(value: int | float) -> str:
    return f"{Decimal(repr(value)):f}".replace(".", ",")


def _read_cents(text: str) -> int:
    try:
        cents = _decimal(re.sub(r"^(€|EUR)\s*|,-{1,2}$", "", text.strip())) * 100
    except ValueError:
        cents = Decimal("0.1")
    if cents != cents.to_integral_value():
        raise Unfit("Vul een bedrag in euro's in, bijvoorbeeld 1250 of 1250,50.")
    return int(cents)


def _write_cents(value: int) -> str:
    return f"{'-' if value < 0 else ''}{abs(value) // 100},{abs(value) % 100:02d}"


def _read_boolean(text: str) -> bool:
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise Unfit("Vul ja of nee in.")
    return word in _YES


def _read_date(text: str) -> str:
    text = text.strip()
    if found := _DATE.fullmatch(text):
        day, month, year = found.groups()
    elif (found := _WORDED.fullmatch(text)) and (number := _month(found[2])):
        day, month, year = found[1], number, found[3]
    elif found := _ISO_DATE.fullmatch(text):
        year, month, day = found.groups()[:3]
    else:
        raise Unfit("Vul een datum in als dd-mm-jjjj, bijvoorbeeld 24-11-2026.")
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise Unfit("Deze datum bestaat niet. Vul een datum in als dd-mm-jjjj.") from None


def _month(word: str) -> int:
    """The number of a month by its name or its first letters; 0 when it is none."""
    short = word[:3].lower()
    short = _OTHER_MONTHS.get(short, short)
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def _write_date(value: str) -> str:
    return "-".join(reversed(value.split("-")))


def _read_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        raise Unfit("Vul een IP-adres in, bijvoorbeeld 10.20.0.15.") from None


def _read_network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise Unfit("Vul een netwerk in, bijvoorbeeld 10.20.0.0/24.") from None
    if str(network.network_address) != str(ipaddress.ip_interface(text.strip()).ip):
        raise Unfit(
            "Dit is een adres binnen een netwerk. Bedoelt u %(network)s?", network=network
        )
    return str(network)


def _read_mac(text: str) -> str:
    digits = re.sub(r"[:.\- ]", "", text.strip().lower())
    if not _MAC.fullmatch(digits):
        raise Unfit("Vul een MAC-adres in, bijvoorbeeld 00:1a:2b:3c:4d:5e.")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _read_url(text: str) -> str:
    text = clean(text)
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or re.search(r"\s", text):
        raise Unfit("Vul een webadres in dat begint met https:// of http://.")
    return text


def _read_email(text: str) -> str:
    text = clean(text)
    if not _EMAIL.fullmatch(text):
        raise Unfit("Vul een e-mailadres in, bijvoorbeeld naam@gemeente.nl.")
    return text


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST * 100


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


@dataclass(frozen=True)
class Format:
    """How a kind reads text, writes a value, and what type of JSON it keeps."""

    parse: Callable[[str], Any]
    format: Callable[[Any], str] = str
    is_kept: Callable[[Any], bool] = _is_text


_FORMATS = {
    Kind.TEXT: Format(_read_text),
    Kind.LONG_TEXT: Format(_read_long_text),
    Kind.NUMBER: Format(_read_number, _write_number, _is_number),
    Kind.BOOLEAN: Format(_read_boolean, lambda value: "ja" if value else "nee", _is_boolean),
    Kind.DATE: Format(_read_date, _write_date),
    Kind.CHOICE: Format(_read_text),
    Kind.ADDRESS: Format(_read_address),
    Kind.NETWORK: Format(_read_network),
    Kind.MAC: Format(_read_mac),
    Kind.URL: Format(_read_url),
    Kind.EMAIL: Format(_read_email),
    Kind.CENTS: Format(_read_cents, _write_cents, _is_whole),
}


def format_of(kind: Kind) -> Format:
    return _FORMATS[kind]
