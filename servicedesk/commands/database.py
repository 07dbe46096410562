"""The migrations, for `servicedesk db` and whoever makes a database.

Apart from the application: a web process that loads Alembic is a tenth larger, and never uses it.
"""

import flask_migrate
from flask import Flask, current_app

from cmdb.database import db
from servicedesk import paths

_migrate = flask_migrate.Migrate(db=db, directory=str(paths.MIGRATIONS))


def make_migratable(app: Flask) -> Flask:
    """Let the commands of `servicedesk db` find the migrations of `app`."""
    _migrate.init_app(app)
    return app


def upgrade(revision: str = "head") -> None:
    """Bring the database of the current application to `revision`."""
    make_migratable(current_app._get_current_object())
    flask_migrate.upgrade(revision=revision)
