"""A request against its declaration: what fits is given on, all that does not is told together."""

import json
from collections.abc import Mapping, Sequence

from flask import request

from servicedesk.api import schemas
from servicedesk.problems import Problem

# A long text and some fields; files have their own limit.
MAX_BODY_BYTES = 256 * 1024
_MOST_TOLD, _LONGEST_NAME = 50, 100


def query(check) -> dict[str, object]:
    """The parameters after the question mark, as the values that their schemas ask.

    Raises:
        Problem: 400, with an error for each parameter that is unknown, repeated, or does not fit.
    """
    properties = check.schema["properties"]
    asked, errors = {}, []
    for name, values in request.args.lists():
        schema = properties.get(name, {})
        if schema.get("type") == "array":
            asked[name] = [_typed(value, schema["items"]["type"]) for value in values]
        elif len(values) > 1:
            errors.append({"parameter": name[:_LONGEST_NAME], "detail": "is given more than once"})
        else:
            asked[name] = _typed(values[0], schema.get("type"))
    errors += [
        {"parameter": str(path[0]), "detail": detail} for path, detail in _wrong(check, asked)
    ]
    if errors:
        raise Problem(400, "The parameters do not fit.", errors[:_MOST_TOLD])
    return _converted(asked, properties)


def body(check) -> dict[str, object]:
    """The JSON object that was sent, with its dates and moments read.

    Raises:
        Problem: 400, 413 or 415; at 400 with an error for each field that does not fit.
    """
    if request.mimetype != "application/json":
        raise Problem(415, "Send the body as application/json.")
    request.max_content_length = MAX_BODY_BYTES
    try:
        sent = json.loads(_sent().decode(), parse_constant=_no_number)
        _refuse_unstorable(sent)
        wrong = _wrong(check, sent)
    except RecursionError:
        raise Problem(400, "The JSON is nested too deep.") from None
    except ValueError:
        raise Problem(400, "The body is not JSON in UTF-8.") from None
    if wrong:
        errors = [{"pointer": _pointer(path), "detail": detail} for path, detail in wrong]
        raise Problem(400, "The body does not fit.", errors[:_MOST_TOLD])
    return _converted(sent, check.schema["properties"])


def file(types: Sequence[str]) -> bytes:
    """The file that was sent as the whole body; the door says how large it may be.

    Raises:
        Problem: 415, it is sent as of another type; 413, it is larger.
    """
    if request.mimetype not in types:
        raise Problem(415, f"Send the file as {' or '.join(types)}.")
    return _sent()


def _sent() -> bytes:
    """The whole body.

    Raises:
        Problem: 413; of a body that told no length only the part within the limit was read.
    """
    data = request.get_data()
    if request.content_length is None and len(data) == request.max_content_length:
        raise Problem(413)
    return data


def _typed(value: str, kind: object) -> object:
    """A parameter is text; what asks for another type and is none stays text, which then does not fit."""
    if kind == "integer" and value.isascii() and value.removeprefix("-").isdigit():
        return int(value) if len(value) < 12 else value
    if kind == "boolean":
        return {"true": True, "false": False}.get(value, value)
    return value


def _wrong(check, sent: object) -> list[tuple[tuple, str]]:
    """All that does not fit: the way to each field, and words."""
    found: dict[tuple, str] = {}
    for error in check.iter_errors(sent):
        path = tuple(error.absolute_path)
        if error.validator == "required":
            missing = (name for name in error.validator_value if name not in error.instance)
            found |= {(*path, name): "is required" for name in missing}
        elif error.validator == "additionalProperties":
            unknown = error.instance.keys() - error.schema["properties"].keys()
            found |= {(*path, name[:_LONGEST_NAME]): "is not known here" for name in unknown}
        else:
            found.setdefault(path, _in_words(error))
    return sorted(found.items(), key=lambda pair: [str(step) for step in pair[0]])


def _in_words(error) -> str:
    match error.validator:
        case "type":
            kinds = error.validator_value
            return f"is not of type {kinds if isinstance(kinds, str) else ' or '.join(kinds)}"
        case "enum":
            return f"is none of {', '.join(map(str, error.validator_value))}"
        case "format":
            return f"is no {error.validator_value} (RFC 3339)"
        case "pattern":
            return "is empty" if error.validator_value == r"\S" else "has another form"
        case "maxLength":
            return f"is longer than {error.validator_value} characters"
        case "minLength":
            return f"is shorter than {error.validator_value} characters"
        case "minimum":
            return f"is less than {error.validator_value}"
        case "maximum":
            return f"is more than {error.validator_value}"
        case "maxItems":
            return f"holds more than {error.validator_value}"
    return "does not fit"


def _pointer(path: tuple) -> str:
    """Where in the body, as RFC 6901 writes it."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def _converted(values, properties: Mapping[str, Mapping]) -> dict[str, object]:
    readers = {"date": schemas.read_date, "date-time": schemas.read_moment}
    return {
        name: readers[form](value)
        if value is not None and (form := properties[name].get("format")) in readers
        else value
        for name, value in values.items()
    }


def _refuse_unstorable(value: object) -> None:
    """A NUL or half a surrogate pair is no text: databases refuse them.

    Raises:
        ValueError: the value holds one.
    """
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("a NUL")
        value.encode()
    elif isinstance(value, dict):
        for key, each in value.items():
            _refuse_unstorable(key)
            _refuse_unstorable(each)
    elif isinstance(value, list):
        for each in value:
            _refuse_unstorable(each)


def _no_number(constant: str):
    raise ValueError(f"{constant} is no JSON")
