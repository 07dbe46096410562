"""How templates import each other, and where their links lead."""

import functools

from flask import Flask, g, has_request_context, request, url_for
from flask_wtf.csrf import generate_csrf
from jinja2 import Template
from jinja2.environment import TemplateModule
from jinja2.runtime import Context


def init_app(app: Flask) -> None:
    app.jinja_env.template_class = _Template
    # All templates are kept. Jinja itself keeps 400, and goes through them at each of thirty imports a page.
    app.jinja_env.cache = {}
    app.jinja_env.globals["url_for"] = address_of
    app.jinja_env.globals["csrf_token"] = csrf_token


def csrf_token() -> str:
    """As Flask-WTF gives it; a page has many forms, and the same token for all."""
    return g.get("csrf_token") or generate_csrf()


def address_of(endpoint: str, **values: object) -> str:
    """As `url_for`; on every page there are twenty addresses without values, each made once."""
    if values or endpoint.startswith(".") or not has_request_context():
        return url_for(endpoint, **values)
    return _plain(request.script_root, endpoint)


@functools.lru_cache(maxsize=512)
def _plain(root: str, endpoint: str) -> str:
    """The address of `endpoint` below `root`, which is that of this request."""
    return url_for(endpoint)


class _Template(Template):
    """Here every template has the same globals, so what it exports is the same for all.

    Jinja compares all names of both templates at every import, twenty times a page.
    """

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return super()._get_default_module()
