"""Answers that are made while they are sent."""

from collections.abc import Iterable, Iterator
from typing import AnyStr

from flask import stream_with_context

from cmdb.database import db
from cmdb.tenancy import current_scope, enter


def streamed(parts: Iterable[AnyStr]) -> Iterator[AnyStr]:
    """The parts, in the scope of who asked: the session of the request has ended when they are made.

    What was loaded before is detached by then, and what was not committed is lost.
    """
    scope = current_scope()

    def made() -> Iterator[AnyStr]:
        enter(scope)
        try:
            yield from parts
        finally:
            db.session.remove()

    return stream_with_context(made())
