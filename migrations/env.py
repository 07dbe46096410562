"""Runs the migrations as the role that owns the tables, and lets the application's role use them."""

import sqlalchemy as sa
from alembic import context
from flask import current_app

from cmdb.database import UtcDateTime, db


def spell_out(kind, value, autogen):
    """Write our own column types as plain SQLAlchemy, so old migrations never import the application."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, sa.JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def is_ours(thing, name, kind, reflected, compare_to):
    """Leave out the full-text and JSON indexes, which are written in each database's own SQL."""
    return not (name and ("_text" in name or name.endswith("_gin")) and kind in ("index", "table"))


def engine():
    """The owner's engine; the application's own where one role does both."""
    owner = current_app.config["OWNER_DATABASE_URI"]
    if owner == current_app.config["SQLALCHEMY_DATABASE_URI"]:
        return db.engine
    return sa.create_engine(owner, poolclass=sa.NullPool)


def let_the_application_in(connection):
    """Grant the application's role the rows, never the tables."""
    role = sa.engine.make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).username
    if connection.dialect.name != "postgresql" or not role:
        return
    quoted = connection.dialect.identifier_preparer.quote(role)
    for grant in (
        "USAGE ON SCHEMA public",
        "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public",
        "USAGE ON ALL SEQUENCES IN SCHEMA public",
    ):
        connection.exec_driver_sql(f"GRANT {grant} TO {quoted}")


def run(connection):
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_item=spell_out,
        render_as_batch=True,
        include_object=is_ours,
    )
    with context.begin_transaction():
        context.run_migrations()
        let_the_application_in(connection)


def forget_foreign_keys(connection):
    """Let SQLite rebuild a table that others point at; it refuses that while it guards foreign keys."""
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")


def guard_foreign_keys(connection):
    """Guard them again; a rebuilt table must not have lost a row that another points at."""
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        broken = driver.execute("PRAGMA foreign_key_check").fetchall()
        driver.execute("PRAGMA foreign_keys = ON")
        if broken:
            raise RuntimeError(f"rows point at nothing after the migration: {broken[:10]}")


with engine().connect() as connection:
    forget_foreign_keys(connection)
    try:
        run(connection)
    finally:
        guard_foreign_keys(connection)
