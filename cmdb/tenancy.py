"""The wall between municipalities: one scope per session, which fails closed.

PostgreSQL keeps the same wall underneath by row-level security; each transaction tells it the scope.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, with_loader_criteria

from cmdb.database import Model, db


class OutsideScope(Exception):
    """A statement or a row reaches beyond the municipalities that the session may see."""


@dataclass(frozen=True)
class Scope:
    """The municipalities a session may see; None means all of them."""

    municipalities: frozenset[int] | None

    def holds(self, municipality_id: int | None) -> bool:
        return self.municipalities is None or municipality_id in self.municipalities

    @property
    def setting(self) -> str:
        """The scope as the row-level security policies read it."""
        if self.municipalities is None:
            return "all"
        return ",".join(str(key) for key in sorted(self.municipalities))


EVERYTHING = Scope(None)
NOTHING = Scope(frozenset())


class Owned:
    """A row that belongs to one municipality."""

    municipality_id: Mapped[int] = mapped_column(sa.ForeignKey("municipality.id"))

    @classmethod
    def within(cls, municipalities: frozenset[int]) -> sa.ColumnElement[bool]:
        """What of this table those municipalities may see."""
        return cls.municipality_id.in_(municipalities)

    def is_within(self, scope: Scope) -> bool:
        return scope.holds(self.municipality_id)


def current_scope() -> Scope:
    return db.session().info.get("scope", NOTHING)


def enter(scope: Scope) -> None:
    """Let the current session see `scope`, and forget what it held before."""
    session = db.session()
    session.expunge_all()
    session.info["scope"] = scope
    if session.in_transaction():
        _tell_postgresql(session, session.connection())


@contextlib.contextmanager
def everything() -> Iterator[None]:
    """For a system task that serves all municipalities, such as the sign-in and the worker."""
    before = current_scope()
    enter(EVERYTHING)
    try:
        yield
    finally:
        db.session().info["scope"] = before
        if db.session().in_transaction():
            _tell_postgresql(db.session(), db.session().connection())


def _tell_postgresql(session: Session, connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        setting = session.info.get("scope", NOTHING).setting
        connection.exec_driver_sql("SELECT set_config('servicedesk.scope', %s, true)", (setting,))


@sa.event.listens_for(db.session, "after_begin")
def _set_scope_of_transaction(session, transaction, connection):
    _tell_postgresql(session, connection)


@sa.event.listens_for(db.session, "do_orm_execute")
def _wall(state):
    """Narrow every statement to the scope; refuse those that cannot be narrowed."""
    scope = state.session.info.get("scope", NOTHING)
    if scope.municipalities is None:
        return
    if not state.is_orm_statement or state.is_insert:
        raise OutsideScope("a session with a scope runs only ORM selects, updates and deletes")
    if state.is_column_load:
        return
    municipalities = scope.municipalities
    state.statement = state.statement.options(
        *(
            with_loader_criteria(model, model.within(municipalities), include_aliases=True)
            for model in _owned_models()
        )
    )


def _owned_models() -> list[type]:
    return [mapper.class_ for mapper in Model.registry.mappers if issubclass(mapper.class_, Owned)]


@sa.event.listens_for(Owned, "load", propagate=True)
def _refuse_foreign_row(row, context):
    scope = context.session.info.get("scope", NOTHING)
    if not row.is_within(scope):
        raise OutsideScope(f"a {type(row).__name__} of another municipality")


@sa.event.listens_for(Owned, "refresh", propagate=True)
def _refuse_refreshed_row(row, context, attributes):
    _refuse_foreign_row(row, context)


@sa.event.listens_for(db.session, "before_flush")
def _refuse_foreign_write(session, context, instances):
    scope = session.info.get("scope", NOTHING)
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Owned) and not scope.holds(row.municipality_id):
            raise OutsideScope(f"a {type(row).__name__} of another municipality is not written")
