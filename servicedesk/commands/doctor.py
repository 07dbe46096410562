"""`servicedesk doctor`: is everything in place, and if not, what to do."""

import stat
from collections.abc import Iterator

import click
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import with_appcontext

from cmdb.database import db, utc_now
from cmdb.permissions import Role
from cmdb.tenancy import everything
from servicedesk import paths
from servicedesk.heartbeat import is_worker_alive
from servicedesk.notify import delivery
from servicedesk.notify.models import Message
from sla import watch

# What is wrong, and what to do about it; None is in order.
Finding = tuple[str, str | None]


@click.command("doctor")
@with_appcontext
def doctor():
    """Check the installation; exits 1 when something needs doing."""
    findings = list(examine(current_app._get_current_object()))
    for subject, remedy in findings:
        click.echo(f"ok    {subject}" if remedy is None else f"todo  {subject}: {remedy}")
    raise SystemExit(any(remedy for _, remedy in findings))


def examine(app: Flask) -> Iterator[Finding]:
    """Everything that a running installation needs, in the order in which to repair it."""
    yield "secret key", _secret_key(app)
    fault = _database(app)
    yield "database", fault
    if fault:
        return
    migrated = is_migrated(app)
    yield "migrations", None if migrated else "run servicedesk db upgrade"
    if not migrated:
        return
    with everything():
        alive = is_worker_alive(utc_now())
        faulty = watch.faulty()
        failed = db.session.scalar(
            sa.select(sa.func.count()).where(
                Message.failed_at.is_not(None), Message.error != delivery.LEFT
            )
        )
    yield (
        "worker",
        None
        if alive
        else "no sign of life in the last minute: start servicedesk worker, or servicedesk run",
    )
    yield "clocks", _clocks(faulty)
    yield "mail", None if app.config["SMTP_URL"] else "messages wait: set SERVICEDESK_SMTP"
    yield (
        "outbox",
        None if not failed else f"{failed} messages could not be delivered: see message.error",
    )
    yield "address", _address(app)
    yield _second_step(app)


def is_migrated(app: Flask) -> bool:
    """Whether the tables are those of this release."""
    newest = ScriptDirectory(str(paths.MIGRATIONS)).get_current_head()
    with app.app_context(), db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest


def _database(app: Flask) -> str | None:
    """The application connects here, so a role above the wall is refused here as well."""
    try:
        with app.app_context(), db.engine.connect():
            return None
    except (sa.exc.SQLAlchemyError, RuntimeError) as error:
        return f"{str(error).splitlines()[0]}; SERVICEDESK_DATABASE names it (docs/install.md)"


def _secret_key(app: Flask) -> str | None:
    path = app.config["INSTANCE"] / "secret-key"
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return f"others can read it: chmod 600 {path}"
    return None


def _clocks(faulty: list[int]) -> str | None:
    if not faulty:
        return None
    keys = ", ".join(map(str, faulty))
    return f"these could not be settled, see the worker's log and repair their rows: {keys}"


def _address(app: Flask) -> str | None:
    if app.config["SITE_URL"].startswith("https:"):
        return None
    return "cookies travel unprotected: serve by https, and set SERVICEDESK_URL"


def _second_step(app: Flask) -> Finding:
    """Who can change everything must not come in by a password alone."""
    required = app.config["SECOND_STEP_ROLES"]
    names = ", ".join(sorted(required)) or "nobody"
    needed = " ".join(sorted({*required, Role.ADMINISTRATOR}))
    return (
        f"second step (required for {names})",
        None
        if Role.ADMINISTRATOR in required
        else f'administrators need none: set SERVICEDESK_SECOND_STEP="{needed}"',
    )
