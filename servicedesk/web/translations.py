"""`_()` in templates, and macros that are drawn once."""

import functools
from collections.abc import Callable

from flask import Flask
from jinja2 import pass_eval_context
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from servicedesk.language import gettext, reader_language


def init_app(app: Flask) -> None:
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"] = _translate
    app.jinja_env.globals["drawn_once"] = drawn_once
    app.jinja_env.globals["drawn_alike"] = drawn_alike


@pass_eval_context
def _translate(eval_ctx, message: str, **variables: object) -> str:
    text = _marked(reader_language(), message) if eval_ctx.autoescape else gettext(message)
    # Without variables, too, a message is a format: "100 %%" reads as "100 %".
    if not variables and "%" not in text:
        return text
    if not eval_ctx.autoescape:
        return text % variables
    # As Markup does it itself, but that takes five times as long.
    safe = {name: _escaped(value) for name, value in variables.items()}
    return Markup(str.__mod__(text, safe))


def _escaped(value: object) -> object:
    return value if isinstance(value, int | float) else escape(value)


@functools.lru_cache(maxsize=8192)
def _marked(language: str, message: str) -> Markup:
    """The words are ours, so their HTML is safe."""
    return Markup(gettext(message))


def drawn_once(macro: Macro, remembered: int = 1024) -> Callable[..., Markup]:
    """`macro`, remembered for each language and arguments; it may rest on nothing else.

    Of the drawings `remembered` are kept, those that were asked last.
    """

    @functools.lru_cache(maxsize=remembered)
    def draw(language: str, *arguments: object, **named: object) -> Markup:
        return macro(*arguments, **named)

    return lambda *arguments, **named: draw(reader_language(), *arguments, **named)


def drawn_alike(macro: Macro) -> Callable[..., Markup]:
    """`macro`, remembered for its arguments: it has no words, so every language draws it alike."""
    return functools.lru_cache(maxsize=1024)(macro)
