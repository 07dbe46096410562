"""What the API answers when something is wrong: `application/problem+json` (RFC 9457).

An error reaches the one table of handlers whether a page or the API was asked; that table asks here.
"""

import json
from collections.abc import Mapping, Sequence

from flask import Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

_DETAIL = {
    400: "The request cannot be read.",
    404: "This does not exist, or is not yours to see.",
    405: "This method is not defined here.",
    409: "Somebody else changed this at the same moment: read it again.",
    413: "The request is too large.",
    429: "Too many requests: wait before the next.",
    500: "Something went wrong on our side; mention the reference to the service desk.",
    503: "The service is not available at this moment.",
}


def wrong(detail: str, **where: str) -> "Problem":
    """The problem that one field does not fit: its `pointer`, `parameter` or `header`, and why."""
    return Problem(400, "Something does not fit.", [{**where, "detail": detail}])


class Problem(HTTPException):
    """Ends a request of the API; `errors` are those of single fields, `headers` go along.

    An error holds `detail`, and `pointer` (RFC 6901, in the body), `parameter` or `header`.
    """

    def __init__(
        self,
        status: int,
        detail: str | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(detail)
        self.code, self.errors, self.headers = status, list(errors), dict(headers or {})


def is_api() -> bool:
    """Whether this request is one of the API, also where the API has no such path."""
    return request.path == "/api" or request.path.startswith("/api/")


def of(error: HTTPException) -> Response:
    """The answer to an error that ended the request."""
    if isinstance(error, Problem):
        return answer(error.code, error.description, error.errors, error.headers)
    methods = getattr(error, "valid_methods", None)
    return answer(error.code, headers={"Allow": ", ".join(sorted(methods))} if methods else None)


def answer(
    status: int,
    detail: str | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    reference: str | None = None,
) -> Response:
    """A problem as JSON; `reference` is how the log names it."""
    title = HTTP_STATUS_CODES[status]
    told: dict[str, object] = {
        "status": status,
        "title": title,
        "detail": detail or _DETAIL.get(status, title),
    }
    if errors:
        told["errors"] = [dict(error) for error in errors]
    if reference:
        told["reference"] = reference
    return Response(
        json.dumps(told, ensure_ascii=False),
        status,
        headers,
        content_type="application/problem+json",
    )
