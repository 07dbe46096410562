"""The sub-commands of `servicedesk`."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Tie the groups of commands to the application."""
