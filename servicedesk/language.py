"""Words in the language of the reader: as flask-babel has it, but looked up once.

A list says the same twenty words in every row, and flask-babel asks for the request, the locale and
the catalog at each. What is in a catalog does not change while the process lives.
"""

import functools

import flask_babel
from flask import g
from flask_babel import LazyString


def gettext(message: str, /, **variables: object) -> str:
    """`message` in the language of the reader, its placeholders filled in."""
    text = _translated(reader_language(), message)
    return text % variables if variables else text


def lazy_gettext(message: str) -> LazyString:
    """The same, but in the language of who reads it later."""
    return LazyString(gettext, message)


def reader_language() -> str:
    """The code of the language of this moment; empty outside an application.

    A page asks for it some hundreds of times, so what flask-babel noted is not asked again.
    """
    try:
        noted = getattr(g._get_current_object(), "_flask_babel", None)
    except RuntimeError:
        noted = None
    locale = getattr(noted, "babel_locale", None) or flask_babel.get_locale()
    return locale.language if locale else ""


@functools.lru_cache(maxsize=8192)
def _translated(language: str, message: str) -> str:
    """`message` in `language`, which is the language of this moment."""
    return flask_babel.gettext(message)
