"""The wall between municipalities: one scope per session, which fails closed.

PostgreSQL keeps the same wall underneath by row-level security; each transaction tells it the scope.
"""

import contextlib
import functools
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, with_loader_criteria
from sqlalchemy.orm.attributes import PASSIVE_NO_INITIALIZE, get_history
from sqlalchemy.orm.util import identity_key

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


class Walled:
    """A row behind the wall. One without a municipality of its own is written in scope `EVERYTHING` only."""

    @classmethod
    def within(cls, municipalities: frozenset[int]) -> sa.ColumnElement[bool]:
        """What of this table those municipalities may see; nothing (0 is no key) until a model says."""
        return sa.literal(0).in_(municipalities)

    def is_within(self, scope: Scope) -> bool:
        """Whether the row itself shows that `scope` may see it; True where only `within` can tell."""
        return True

    def is_of(self, scope: Scope) -> bool:
        """Whether `scope` may write the row."""
        return scope.municipalities is None


class Owned(Walled):
    """A row that belongs to one municipality."""

    municipality_id: Mapped[int] = mapped_column(sa.ForeignKey("municipality.id"))

    @classmethod
    def within(cls, municipalities: frozenset[int]) -> sa.ColumnElement[bool]:
        return cls.municipality_id.in_(municipalities)

    def is_within(self, scope: Scope) -> bool:
        return scope.holds(self.municipality_id)

    def is_of(self, scope: Scope) -> bool:
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
    """For a system task that serves all municipalities, such as the sign-in and the worker.

    What was loaded inside is forgotten at the end; after an error its transaction is rolled back.
    """
    before = current_scope()
    if before == EVERYTHING:
        yield
        return
    db.session.flush()
    enter(EVERYTHING)
    try:
        yield
        db.session.flush()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        enter(before)


def _tell_postgresql(session: Session, connection: sa.Connection) -> None:
    """Tell the scope, in the message that begins the transaction: psycopg would wait for each."""
    if connection.dialect.name != "postgresql":
        return
    command = f"SET LOCAL servicedesk.scope = '{session.info.get('scope', NOTHING).setting}'"
    pq, link = connection.dialect.dbapi.pq, connection.connection.driver_connection.pgconn
    if link.transaction_status == pq.TransactionStatus.IDLE:
        command = f"BEGIN; {command}"
    if link.exec_(command.encode()).status != pq.ExecStatus.COMMAND_OK:
        # It fails again, and SQLAlchemy sees it: connections that were lost leave the pool.
        connection.exec_driver_sql(command)


@sa.event.listens_for(db.session, "after_begin")
def _set_scope_of_transaction(session, transaction, connection):
    _tell_postgresql(session, connection)


@sa.event.listens_for(db.session, "do_orm_execute")
def _wall(state):
    """Narrow every statement to the scope; refuse those that cannot be narrowed."""
    scope = state.session.info.get("scope", NOTHING)
    if scope.municipalities is None:
        return
    whole = state.is_orm_statement and not (state.is_insert or state.is_from_statement)
    if not whole or state.is_executemany:  # an update of many rows by their keys is narrowed by nothing
        raise OutsideScope("a session with a scope runs only ORM selects, updates and deletes")
    if state.is_column_load:
        return
    if state.is_select and len(scope.municipalities) < 2:
        state.statement = _narrowed_to_one(state.statement)
        state.parameters = {**(state.parameters or {}), _ONE.key: next(iter(scope.municipalities), 0)}
    else:
        state.statement = state.statement.options(_narrowing(scope.municipalities))


def _narrowed_to_one(statement: sa.Select) -> sa.Select:
    """`statement` narrowed to the municipality that `_ONE` will name.

    What is asked on every page is put together once and narrowed once: SQLAlchemy then knows it
    again without looking through it.
    """
    narrowed = _narrowed.get(statement)
    if narrowed is None:
        narrowed = _narrowed[statement] = statement.options(_TO_ONE)
    return narrowed


@functools.lru_cache(maxsize=256)
def _narrowing(municipalities: frozenset[int]):
    """One option for all tables; made per statement it would cost more than the statement.

    An update needs the keys themselves: it is repeated on the rows that the session holds.
    """
    return _criteria(lambda model: model.within(municipalities))


def _criteria(within: Callable[[type[Walled]], sa.ColumnElement[bool]]):
    return with_loader_criteria(
        Walled,
        within,
        include_aliases=True,
        propagate_to_loaders=False,  # a lazy load passes `_wall` itself
    )


_ONE = sa.bindparam("seen_municipality", type_=sa.Integer)  # 0 is no key
_TO_ONE = _criteria(lambda model: model.within(frozenset({_ONE})))
_narrowed: WeakKeyDictionary[sa.Select, sa.Select] = WeakKeyDictionary()


@sa.event.listens_for(Walled, "load", propagate=True)
def _refuse_foreign_row(row, context):
    session = context.session if context else object_session(row)  # a merge gives no context
    scope = session.info.get("scope", NOTHING)
    if not row.is_within(scope):
        raise OutsideScope(f"a {type(row).__name__} of another municipality")


@sa.event.listens_for(Walled, "refresh", propagate=True)
def _refuse_refreshed_row(row, context, attributes):
    _refuse_foreign_row(row, context)


@sa.event.listens_for(db.session, "detached_to_persistent")
def _refuse_row_from_elsewhere(session, row):
    """A row that was loaded under another scope does not come back in."""
    if isinstance(row, Walled) and session.info.get("scope", NOTHING) != EVERYTHING:
        raise OutsideScope(f"a {type(row).__name__} from outside the session is not taken in")


@sa.event.listens_for(db.session, "before_flush")
def _refuse_foreign_write(session, context, instances):
    scope = session.info.get("scope", NOTHING)
    if scope.municipalities is None:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Walled) and not row.is_of(scope):
            raise OutsideScope(f"a {type(row).__name__} of another municipality is not written")
    _refuse_foreign_links(session)


def _refuse_foreign_links(session: Session) -> None:
    """A link to a row is written only by who may see that row.

    The database itself guards the links that carry the municipality; these are the others.
    """
    linked = defaultdict(set)
    for row in (*session.new, *session.dirty):
        for name, target in _plain_links(type(row)):
            added = get_history(row, name, PASSIVE_NO_INITIALIZE).added or ()
            linked[target].update(key for key in added if key is not None)
    for target, keys in linked.items():
        unseen = {key for key in keys if identity_key(target, key) not in session.identity_map}
        if unseen:
            column = sa.inspect(target).primary_key[0]
            found = session.scalars(sa.select(target).where(column.in_(unseen))).all()
            if len(found) != len(unseen):
                raise OutsideScope(f"a link to a {target.__name__} of another municipality is not written")


@functools.cache
def _plain_links(model: type) -> list[tuple[str, type]]:
    """The columns that point at a walled row by its key alone, with the model they point at."""
    walled = {m.local_table: m.class_ for m in Model.registry.mappers if issubclass(m.class_, Walled)}
    mapper = sa.inspect(model)
    return [
        (mapper.get_property_by_column(column).key, walled[constraint.referred_table])
        for constraint in mapper.local_table.foreign_key_constraints
        if len(constraint.columns) == 1 and constraint.referred_table in walled
        for column in constraint.columns
    ]
