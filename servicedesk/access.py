"""Who is asking, and the one door to a record."""

import functools
from collections.abc import Callable

import sqlalchemy as sa
from flask import abort, current_app, g
from flask_login import current_user

from cmdb.database import db
from cmdb.people import Person
from cmdb.permissions import Permission, may, visible

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

    Unknown and forbidden are the same answer. `lock` takes the row for a change.
    """
    chosen = visible(model, me(), permission).where(getattr(model, by) == key).options(*options)
    if lock:
        chosen = chosen.with_for_update(of=model)
    record = db.session.execute(chosen).unique().scalar_one_or_none()
    if record is None:
        abort(404)
    return record
