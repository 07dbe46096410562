"""Pages of portal."""

from flask import Blueprint

pages = Blueprint("portal", __name__)
