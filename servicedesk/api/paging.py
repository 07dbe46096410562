"""Lists in pages: by key instead of by number, so that the thousandth costs what the first does."""

import datetime as dt
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer

from cmdb.database import db
from servicedesk.api.schemas import Named, Schema, integer, list_of, nullable, record, text
from servicedesk.problems import wrong

_USUAL, _MOST = 50, 100
PAGE: dict[str, Schema] = {
    "pageSize": integer(f"How many at most; {_USUAL} unless told.", least=1, most=_MOST),
    "cursor": text("Where the page begins: the `next` of the page before holds it.", most=1000),
}


def page_of(schema: Named) -> Named:
    """A page of such records, and the address of the next one."""
    return record(
        f"{schema.name}Page",
        {
            "items": list_of(schema, most=_MOST),
            "next": nullable(text("Address of the next page; null on the last.", most=4000)),
        },
    )


def page(
    chosen: sa.Select,
    keys: Sequence[sa.ColumnElement],
    told: Callable[[Sequence], list[dict[str, object]]],
    query: dict[str, object],
    descending: bool = False,
) -> dict[str, object]:
    """The page that `query` asks of `chosen`, as `told` tells its records.

    `keys` order the list and name one record together; none of them is ever null.
    """
    size = query.get("pageSize", _USUAL)
    if cursor := query.get("cursor"):
        place, after = sa.tuple_(*keys), sa.tuple_(*_opened(cursor, keys))
        chosen = chosen.where(place < after if descending else place > after)
    order = [key.desc() if descending else key.asc() for key in keys]
    rows = db.session.execute(chosen.add_columns(*keys).order_by(*order).limit(size + 1)).unique()
    found = rows.all()
    more = len(found) > size
    return {
        "items": told([row[0] for row in found[:size]]),
        "next": _next(found[size - 1][1:]) if more else None,
    }


def _next(values: Sequence[object]) -> str:
    known = [value.isoformat() if isinstance(value, dt.date) else value for value in values]
    args = [(name, value) for name, value in request.args.items(multi=True) if name != "cursor"]
    asked = urlencode([*args, ("cursor", _seal().dumps(known))])
    return f"{current_app.config['SITE_URL']}{request.path}?{asked}"


def _opened(cursor: str, keys: Sequence[sa.ColumnElement]) -> list[object]:
    """The key that a cursor holds; only what this very list gave out is one."""
    try:
        known = _seal().loads(cursor)
        return [_value(value, key) for value, key in zip(known, keys, strict=True)]
    except (BadData, ValueError, TypeError):
        raise wrong("is not one that this list gave", parameter="cursor") from None


def _value(value: object, key: sa.ColumnElement) -> object:
    kind = key.type.python_type
    read = kind.fromisoformat(value) if kind in (dt.date, dt.datetime) else value
    return sa.bindparam(None, read, type_=key.type)


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key, salt=f"cursor {request.path}")


def size_of(query: dict[str, object]) -> int:
    """How many records are asked at most."""
    return query.get("pageSize", _USUAL)


def beyond(query: dict[str, object], order: str) -> object | None:
    """Where the page begins of a list that finds its own way; None is at its first record.

    Raises:
        Problem: 400, the cursor is none that this list gave in that order.
    """
    if not (cursor := query.get("cursor")):
        return None
    try:
        known, place = _seal().loads(cursor)
    except (BadData, ValueError, TypeError):
        known = None
    if known != order:
        raise wrong("is not one that this list gave", parameter="cursor")
    return place


def told_page(
    items: list[dict[str, object]], place: object | None, order: str
) -> dict[str, object]:
    """A page of such a list; `place` is where the next one begins, None on the last."""
    return {"items": items, "next": None if place is None else _next([order, place])}
