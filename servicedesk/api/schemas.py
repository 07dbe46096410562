"""JSON Schema (2020-12) in short words: what checks a request is what describes it.

A moment goes out in UTC with `Z` and is called `…At`; a date is called `…Date`.
"""

import datetime as dt
import functools
import re
from collections.abc import Iterable, Mapping

Schema = dict[str, object]

_FIRST_DAY, _LAST_DAY = dt.date(2000, 1, 1), dt.date(2199, 12, 31)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class Named(dict):
    """A schema that the description holds once, under its name."""

    def __init__(self, name: str, schema: Schema):
        super().__init__(schema)
        self.name = name


def _told(description: str) -> Schema:
    return {"description": description} if description else {}


def text(description: str = "", *, least: int = 0, most: int = 200, pattern: str = "") -> Schema:
    limits: Schema = {"type": "string", "maxLength": most}
    if least:
        limits["minLength"] = least
    if pattern:
        limits["pattern"] = pattern
    return limits | _told(description)


def said(description: str = "", *, most: int = 20000) -> Schema:
    """A text of somebody, that is not blank."""
    return text(description, least=1, most=most, pattern=r"\S")


def trimmed(value: str) -> str:
    """A text as pages keep it: one kind of line end, nothing around it."""
    return "\n".join(value.splitlines()).strip()


def one_of(values: Iterable[str], description: str = "") -> Schema:
    return {"type": "string", "enum": [str(value) for value in values]} | _told(description)


def integer(description: str = "", *, least: int = 0, most: int = 2**31 - 1) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most} | _told(description)


def boolean(description: str = "") -> Schema:
    return {"type": "boolean"} | _told(description)


def date(description: str = "") -> Schema:
    return {"type": "string", "format": "date"} | _told(description)


def moment(description: str = "") -> Schema:
    return {"type": "string", "format": "date-time"} | _told(description)


def nullable(schema: Schema) -> Schema:
    """What may be unknown: then it is null, never absent."""
    if isinstance(schema, Named) or "enum" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema | {"type": [schema["type"], "null"]}


def list_of(schema: Schema, description: str = "", *, most: int = 1000) -> Schema:
    return {"type": "array", "items": schema, "maxItems": most} | _told(description)


def record(
    name: str, properties: Mapping[str, Schema], optional: Iterable[str] = (), description: str = ""
) -> Named:
    """An object with these properties and no others."""
    left_out = set(optional)
    assert left_out <= set(properties), left_out - set(properties)
    schema: Schema = {
        "type": "object",
        "properties": dict(properties),
        "required": [key for key in properties if key not in left_out],
        "additionalProperties": False,
    }
    return Named(name, schema | _told(description))


def _is_date(value: object) -> bool:
    return not isinstance(value, str) or read_date(value) is not None


def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or read_moment(value) is not None


def read_date(value: str) -> dt.date | None:
    """A full date (RFC 3339) between 2000 and 2199; None when it is none."""
    try:
        day = dt.date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        return None
    return day if day and _FIRST_DAY <= day <= _LAST_DAY else None


def read_moment(value: str) -> dt.datetime | None:
    """A moment with any offset (RFC 3339) as one in UTC, in whole seconds; None when it is none."""
    try:
        at = dt.datetime.fromisoformat(value.upper()) if _MOMENT.fullmatch(value) else None
        at = at and at.astimezone(dt.UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None
    return at if at and _FIRST_DAY <= at.date() <= _LAST_DAY else None


def written(at: dt.datetime | None) -> str | None:
    """A moment as answers hold it: `2026-11-23T09:00:00Z`."""
    return at and f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


@functools.cache
def formats():
    """What checks a date and a moment in a JSON Schema, as they are read here."""
    from jsonschema import FormatChecker

    made = FormatChecker(formats=())
    made.checks("date")(_is_date)
    made.checks("date-time")(_is_moment)
    return made


def validator(schema: Schema):
    """What checks a request; jsonschema is loaded for the first one."""
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema, format_checker=formats())
