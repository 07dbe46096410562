"""The one way in: an operation is declared once, and that is what checks, guards and describes it."""

import datetime as dt
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, Response, g, request
from flask_login import current_user

from cmdb.database import db, utc_now
from cmdb.permissions import Permission
from servicedesk.access import me, public, requires, signed_in
from servicedesk.api import reading, repeats
from servicedesk.api.schemas import Named, Schema, validator
from servicedesk.pace import Pace
from servicedesk.problems import Problem, is_api

VERSION = "1.0.0"
pages = Blueprint("api", __name__, url_prefix="/api/v1")
OPERATIONS: dict[str, "Operation"] = {}

_HEADERS = {
    "API-Version": VERSION,
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
# Of one token, in each process; a program that reads everything needs a tenth.
_PER_TOKEN = Pace(1200, dt.timedelta(minutes=1))
_CONVERTERS = {"integer": "int:", "string": ""}


@dataclass(frozen=True)
class Operation:
    """What can be asked: `permission` None is everybody who has a token."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    answer: Schema | None
    status: int
    permission: Permission | None
    is_public: bool
    keys: Mapping[str, Schema]
    query: Mapping[str, Schema]
    body: Named | None
    is_versioned: bool
    file_types: Sequence[str]
    file_bytes: int

    @property
    def subject(self) -> str:
        return self.path.split("/")[1]

    @property
    def reads(self) -> bool:
        return self.method == "GET"

    @functools.cached_property
    def asks(self):
        """What checks the parameters."""
        return validator(
            {"type": "object", "properties": dict(self.query), "additionalProperties": False}
        )

    @functools.cached_property
    def takes(self):
        """What checks the body."""
        return validator(self.body)


@dataclass(frozen=True)
class Answer:
    """What a view gives when a bare body says too little."""

    body: Mapping[str, object] | None
    headers: Mapping[str, str] = field(default_factory=dict)


def operation(
    method: str,
    path: str,
    summary: str,
    answer: Schema | None,
    *,
    permission: Permission | None = None,
    is_public: bool = False,
    status: int = 200,
    keys: Mapping[str, Schema] | None = None,
    query: Mapping[str, Schema] | None = None,
    body: Named | None = None,
    is_versioned: bool = False,
    file_types: Sequence[str] = (),
    file_bytes: int = 0,
) -> Callable[[Callable], Callable]:
    """Declare the view below it as an operation of the API.

    The view gets the `keys` of its path by name, and `query` and `body` where those are declared;
    it gives the body of its answer; `answer` None is a file. `is_versioned` tells that the view
    asks `check_match`. An operation that takes a file instead of a body tells the types of it and
    how large it may be, and its view gets the `file`. What it changed is committed here, once.
    """

    def declare(view: Callable) -> Callable:
        told = Operation(
            view.__name__, method, path, summary, view.__doc__ or "", answer, status, permission,
            is_public, keys or {}, query or {}, body, is_versioned, file_types, file_bytes,
        )  # fmt: skip
        assert told.name not in OPERATIONS, told.name
        OPERATIONS[told.name] = told
        pages.add_url_rule(
            _rule(told), told.name, _guarded(told, view), methods=[method], strict_slashes=True
        )
        return view

    return declare


def _rule(told: Operation) -> str:
    rule = told.path
    for name, schema in told.keys.items():
        rule = rule.replace(f"{{{name}}}", f"<{_CONVERTERS[schema['type']]}{name}>")
    return rule


def _guarded(told: Operation, view: Callable) -> Callable:
    @functools.wraps(view)
    def serve(**keys):
        return _read(told, view, keys) if told.reads else _act(told, view, keys)

    if told.is_public:
        return public(serve)
    inside = requires(told.permission)(serve) if told.permission else signed_in(serve)

    @functools.wraps(inside)
    def guarded(**keys):
        _admit()
        return inside(**keys)

    return guarded


def _admit() -> None:
    """Let in who sends a token that holds, as often as is reasonable."""
    if not current_user.is_authenticated:
        given = "authorization" in request.headers
        wrong = ', error="invalid_token"' if given else ""
        challenge = {"WWW-Authenticate": f'Bearer realm="servicedesk"{wrong}'}
        detail = "This token is unknown, ended or revoked." if given else "Send a token as Bearer."
        raise Problem(401, detail, headers=challenge)
    if not _PER_TOKEN.admits(g.api_token.token_hash, utc_now()):
        raise Problem(429, headers={"Retry-After": "60"})


def _read(told: Operation, view: Callable, keys: dict[str, object]) -> Response:
    query = reading.query(told.asks)
    if told.query:
        keys["query"] = query
    if told.body:
        keys["body"] = reading.body(told.takes)
    if told.file_types:
        keys["file"] = reading.file(told.file_types)
    return _respond(told, view(**keys))


def _act(told: Operation, view: Callable, keys: dict[str, object]) -> Response:
    """Change something: with a token that may, once for each idempotency key, in one transaction."""
    if not g.api_token.may_write:
        raise Problem(403, "This token reads only.")
    request.max_content_length = told.file_bytes or reading.MAX_BODY_BYTES
    place = repeats.claim(me(), utc_now())
    if isinstance(place, Response):
        return place
    answer = _read(told, view, keys)
    if place:
        repeats.keep(place, answer)
    db.session.commit()
    return answer


def _respond(told: Operation, given) -> Response:
    if isinstance(given, Response):
        return given
    if not isinstance(given, Answer):
        given = Answer(given)
    text = "" if given.body is None else json.dumps(given.body, ensure_ascii=False)
    return Response(text, told.status, given.headers, content_type="application/json")


def check_match(version: int) -> None:
    """Refuse a change by somebody who saw another version, when they told which.

    Raises:
        Problem: 412.
    """
    seen = request.if_match
    if seen and not seen.contains(str(version)):
        raise Problem(412, "Somebody else changed this meanwhile: read it again.")


@pages.after_app_request
def _mark(answer: Response) -> Response:
    """What every answer under /api carries, errors too."""
    if is_api():
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
    return answer
