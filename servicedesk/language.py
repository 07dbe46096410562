"""Words in the language of the reader: as flask-babel has it, but looked up once instead of each time.

A list says the same twenty words in every row, and flask-babel asks for the request, the locale and
the catalog at each. What is in a catalog does not change while the process lives.
"""

import functools

import flask_babel
from babel import Locale
from flask_babel import LazyString, get_locale


def gettext(message: str, /, **variables: object) -> str:
    """`message` in the language of the reader, its placeholders filled in."""
    text = _translated(get_locale(), message)
    return text % variables if variables else text


def lazy_gettext(message: str) -> LazyString:
    """The same, but in the language of who reads it later."""
    return LazyString(gettext, message)


@functools.lru_cache(maxsize=8192)
def _translated(locale: Locale | None, message: str) -> str:
    """`message` in `locale`, which is the locale of this moment."""
    return flask_babel.gettext(message)
