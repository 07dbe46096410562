"""How templates import each other."""

from flask import Flask
from jinja2 import Template
from jinja2.environment import TemplateModule
from jinja2.runtime import Context


def init_app(app: Flask) -> None:
    app.jinja_env.template_class = _Template


class _Template(Template):
    """Here every template has the same globals, so what it exports is the same for all.

    Jinja compares all names of both templates at every import, twenty times a page.
    """

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return super()._get_default_module()
