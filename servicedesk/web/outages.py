"""Pages of outages."""

from flask import Blueprint

pages = Blueprint("outages", __name__)
