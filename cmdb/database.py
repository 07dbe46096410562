"""The database every package shares, and the base of every model."""

import contextvars
import datetime as dt
import functools
import re
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, declared_attr
from sqlalchemy.sql.selectable import _OffsetLimitParam

# Set while a request only reads: SQLite then takes no write lock (see _begin).
read_only: contextvars.ContextVar[bool] = contextvars.ContextVar("read_only", default=False)


class UtcDateTime(sa.TypeDecorator[dt.datetime]):
    """A moment in UTC; SQLite forgets the zone, so it is put back on load."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value and value.astimezone(dt.UTC)

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


Json = sa.JSON().with_variant(JSONB(), "postgresql")


class Model(DeclarativeBase):
    type_annotation_map = {dt.datetime: UtcDateTime, dict[str, Any]: Json, list[Any]: Json}
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    @declared_attr.directive
    def __tablename__(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


db = SQLAlchemy(
    metadata=Model.metadata,
    # Values stay readable after a commit, and an audit still sees the old ones.
    session_options={"join_transaction_mode": "create_savepoint", "expire_on_commit": False},
)


@compiles(_OffsetLimitParam, "postgresql")
def _write_limit(limit, compiler, **options):
    """Write a limit out: for an unknown one PostgreSQL has no plan worth keeping, and plans each time."""
    return compiler.visit_bindparam(limit, literal_execute=True, **options)


def written(value: str | int) -> sa.ColumnElement:
    """A fixed value that stands in the statement itself: nothing is filled in when it runs."""
    quoted = str(value) if isinstance(value, int) else "'{}'".format(value.replace("'", "''"))
    return sa.literal_column(quoted)


def utc_now() -> dt.datetime:
    """The present moment in UTC, in whole seconds, as all deadlines are."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def _is_sqlite(connection) -> bool:
    return connection.dialect.name == "sqlite"


@sa.event.listens_for(sa.Engine, "connect")
def _prepare_sqlite(connection, record):
    """Make SQLite strict and durable, and leave transactions to SQLAlchemy."""
    if "sqlite3" not in type(connection).__module__:
        return
    connection.isolation_level = None
    for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = FULL", "busy_timeout = 5000"):
        connection.execute(f"PRAGMA {pragma}")


@sa.event.listens_for(sa.Engine, "connect")
def _prepare_postgresql(connection, record):
    """Compile no statement: for its policies PostgreSQL takes a cheap one to be dear.

    A list that stops after fifty rows took a millisecond, and its compiling three hundred.
    """
    if "psycopg" not in type(connection).__module__:
        return
    connection.cursor_factory = _terse(connection.cursor_factory)
    connection.autocommit = True  # so that it outlives the first transaction
    connection.execute("SET jit = off")
    connection.autocommit = False


@functools.cache
def _terse(cursor: type) -> type:
    """A cursor that tells of a column its name and its type: SQLAlchemy asks no more.

    psycopg makes an object for each column of each answer, two hundred a page.
    """

    class TerseCursor(cursor):
        @property
        def description(self):
            answer = self.pgresult
            if not answer or not answer.nfields:
                return None
            return [
                (answer.fname(n).decode(), answer.ftype(n), None, None, None, None, None)
                for n in range(answer.nfields)
            ]

    return TerseCursor


@sa.event.listens_for(sa.Engine, "begin")
def _begin(connection):
    """A writer locks SQLite at once, or it loses updates without an error; a reader does not wait."""
    if _is_sqlite(connection):
        connection.exec_driver_sql("BEGIN" if read_only.get() else "BEGIN IMMEDIATE")


@sa.event.listens_for(sa.Engine, "first_connect")
def _refuse_a_role_above_the_wall(connection, record):
    """PostgreSQL lets a superuser pass row-level security, so the application never runs as one.

    Raises:
        RuntimeError: the role of the connection is a superuser or has BYPASSRLS.
    """
    if "psycopg" not in type(connection).__module__:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        (above,) = cursor.fetchone()
    connection.rollback()
    if above:
        raise RuntimeError(
            "the database role passes row-level security: connect as a role that is neither"
            " superuser nor BYPASSRLS (docs/install.md)"
        )
