"""`_()` in templates: as flask-babel has it, but each message is looked up and marked safe only once."""

import functools

from babel import Locale
from flask import Flask
from flask_babel import get_locale, gettext
from jinja2 import pass_eval_context
from markupsafe import Markup


def init_app(app: Flask) -> None:
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"] = _translate


@pass_eval_context
def _translate(eval_ctx, message: str, **variables: object) -> str:
    text = _translated(get_locale(), message) if eval_ctx.autoescape else gettext(message)
    # Without variables, too, a message is a format: "100 %%" reads as "100 %".
    return text % variables if variables or "%" in text else text


@functools.lru_cache(maxsize=8192)
def _translated(locale: Locale | None, message: str) -> Markup:
    """`message` in `locale`, which is the locale of this moment; it is ours, so its HTML is safe."""
    return Markup(gettext(message))
