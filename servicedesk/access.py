"""Who is asking, and the one door to a record."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from flask import abort, current_app, g
from flask_login import current_user

from cmdb.database import db
from cmdb.people import Person
from cmdb.permissions import Permission, Role, may, visible

PUBLIC = "public"


def me() -> Person:
    """The person who signed in; call it only behind `requires`."""
    return current_user._get_current_object()


def public(view: Callable) -> Callable:
    """Mark a view that needs no sign-in; each view has this mark or another, or a test fails."""
    view.permission = PUBLIC
    return view


def requires(permission: Permission) -> Callable[[Callable], Callable]:
    """Let in only who signed in and holds `permission`; others see a page that does not exist."""

    def guard(view: Callable) -> Callable:
        @functools.wraps(view)
        def guarded(*args, **kwargs):
            if not current_user.is_authenticated:
                return current_app.login_manager.unauthorized()
            if not may(me(), permission):
                abort(404)
            return view(*args, **kwargs)

        guarded.permission = permission
        return guarded

    return guard


def signed_in(view: Callable) -> Callable:
    """Let in everybody who signed in, whatever the role: what concerns oneself."""

    @functools.wraps(view)
    def guarded(*args, **kwargs):
        if not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()
        return view(*args, **kwargs)

    guarded.permission = "signed-in"
    return guarded


def find(model, key, permission: Permission, *, by: str = "id", lock: bool = False, options=()):
    """The record whose column `by` is `key`, if `permission` reaches it; else 404.

    Unknown and forbidden are the same answer. `lock` takes the row for a change. `options` are best
    made once: what is asked with the same ones is put together once.
    """
    person = me()
    chosen = _sought(model, person.role, permission, by, lock, tuple(options))
    known = {"key": key, "asker": person.id, "home": person.municipality_id}
    record = db.session.execute(chosen, known).unique().scalar_one_or_none()
    if record is None:
        abort(404)
    return record


@dataclass(frozen=True)
class _Asker:
    """Anybody with a role, in a statement that is told later who asks."""

    role: Role
    id = sa.bindparam("asker", type_=sa.Integer)
    municipality_id = sa.bindparam("home", type_=sa.Integer)


@functools.lru_cache(maxsize=256)
def _sought(
    model, role: Role, permission: Permission, by: str, lock: bool, options: tuple
) -> sa.Select:
    """To put the select of a page together takes longer than to answer it."""
    column = getattr(model, by)
    chosen = visible(model, _Asker(role), permission).where(column == sa.bindparam("key"))
    return chosen.options(*options).with_for_update(of=model) if lock else chosen.options(*options)
