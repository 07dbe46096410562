"""Figures in the notation of the reader’s language, worked out once: a report shows hundreds."""

import functools
from decimal import Decimal

from babel import Locale
from babel import numbers as babel
from flask_babel import get_locale

from servicedesk.language import gettext as _
from servicedesk.tickets.queue import COUNTED


def count(number: int) -> str:
    """A whole number, its thousands apart: "1.357"."""
    return _decimal(number, get_locale())


def counted(number: int) -> str:
    """A number of tickets, "1.000+" where no more were counted."""
    return f"{count(COUNTED)}+" if number > COUNTED else count(number)


def share(percent: float | None) -> str:
    """A share of 0 to 100 in one decimal, "93,5%"; a dash when there is none."""
    return "–" if percent is None else _percent(percent, "0.0%", get_locale())


def whole_share(percent: int) -> str:
    """The same without a decimal: "95%"."""
    return _percent(percent, "0%", get_locale())


def part_of(part: int, whole: int) -> str:
    """What a share counts: "29 van 31"."""
    return _("%(part)s van %(whole)s", part=count(part), whole=count(whole))


def euros(cents: int) -> str:
    """An amount: "€ 1.250,50"."""
    return _euros(cents, get_locale())


@functools.lru_cache(4096)
def _euros(cents: int, locale: Locale | None) -> str:
    return babel.format_currency(Decimal(cents) / 100, "EUR", locale=locale or "nl")


@functools.lru_cache(4096)
def _decimal(number: int, locale: Locale | None) -> str:
    return babel.format_decimal(number, locale=locale or "nl")


@functools.lru_cache(4096)
def _percent(percent: float, pattern: str, locale: Locale | None) -> str:
    return babel.format_percent(percent / 100, pattern, locale=locale or "nl")
