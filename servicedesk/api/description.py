"""The API described by itself, as OpenAPI 3.1: made from the declarations that guard and check it."""

import json
import re
from collections.abc import Mapping

from flask import Response, current_app

from servicedesk.api.door import OPERATIONS, VERSION, Operation, operation
from servicedesk.api.schemas import Named, Schema, integer, list_of, record, text

PROBLEM = record(
    "Problem",
    {
        "status": integer("The status of the answer."),
        "title": text("What the status means."),
        "detail": text("What is wrong this time.", most=1000),
        "errors": list_of(
            record(
                "FieldError",
                {
                    "detail": text("What is wrong with it.", most=1000),
                    "pointer": text("Where in the body (RFC 6901).", most=1000),
                    "parameter": text("Which parameter."),
                    "header": text("Which header."),
                },
                optional=("pointer", "parameter", "header"),
            ),
            "Every field that does not fit.",
        ),
        "reference": text("By which our log knows the failure."),
    },
    optional=("errors", "reference"),
    description="What is wrong (RFC 9457).",
)
_VERSION_HEADER = {
    "API-Version": {"description": "Version of the API.", "schema": {"type": "string"}}
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key within 24 hours acts once, and is answered the same.",
    "schema": text(least=1),
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what you read; when it changed meanwhile, nothing is done (412).",
    "schema": text(),
}
_ABOUT = (
    "Make a token at /account/tokens and send it as `Authorization: Bearer …`. It sees and does"
    " what its maker sees and does."
)


@operation("GET", "/openapi.json", "This description", {"type": "object"}, is_public=True)
def describe():
    answer = Response(json.dumps(document(), ensure_ascii=False), content_type="application/json")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def document() -> dict[str, object]:
    """The whole description, with the names and addresses of this installation."""
    config = current_app.config
    components: dict[str, Schema] = {}
    paths: dict[str, dict[str, object]] = {}
    for told in OPERATIONS.values():
        paths.setdefault(told.path, {})[told.method.lower()] = _named(_operation(told), components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Servicedesk",
            "description": _ABOUT,
            "version": VERSION,
            "contact": {
                "name": config["CENTRE_NAME"],
                "email": config["SENDER"],
                "url": config["SITE_URL"],
            },
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": f"{config['SITE_URL']}/api/v1"}],
        "security": [{"token": []}],
        "tags": [{"name": tag} for tag in sorted({told.subject for told in OPERATIONS.values()})],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(told: Operation) -> dict[str, object]:
    answer = {"description": told.summary, "headers": _VERSION_HEADER}
    answer["content"] = (
        {"*/*": {}} if told.answer is None else {"application/json": {"schema": told.answer}}
    )
    problem = {"description": "What is wrong.", "headers": _VERSION_HEADER}
    problem["content"] = {"application/problem+json": {"schema": PROBLEM}}
    described: dict[str, object] = {
        "operationId": re.sub(r"_(\w)", lambda found: found[1].upper(), told.name),
        "summary": told.summary,
        "description": " ".join(told.description.split()) or told.summary,
        "tags": [told.subject],
        "parameters": [
            *_parameters(told),
            *([] if told.reads else [_IDEMPOTENCY_KEY]),
            *([_IF_MATCH] if told.is_versioned else []),
        ],
        "responses": {str(told.status): answer, "default": problem},
    }
    if told.is_public:
        described["security"] = []
    if told.body:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": told.body}},
        }
    if told.file_types:
        described["requestBody"] = {
            "required": True,
            "content": {kind: {} for kind in told.file_types},
        }
    return described


def _parameters(told: Operation) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "in": place,
            "required": place == "path",
            "description": schema.get("description", name),
            "schema": schema,
        }
        for place, schemas in (("path", told.keys), ("query", told.query))
        for name, schema in schemas.items()
    ]


def _named(value: object, components: dict[str, Schema]) -> object:
    """The same with a reference in place of each schema that has a name; those are gathered."""
    if isinstance(value, Named):
        if value.name not in components:
            components[value.name] = {}  # it may hold itself
            components[value.name] = _named(dict(value), components)
        return {"$ref": f"#/components/schemas/{value.name}"}
    if isinstance(value, Mapping):
        return {key: _named(each, components) for key, each in value.items()}
    if isinstance(value, list):
        return [_named(each, components) for each in value]
    return value
