"""JSON as a schema asks it, in which now and then something is odd: so that it gets past the door."""

from random import Random

from tests.fuzz import odd

_DEEP = [[[[[[[[{}]]]]]]]]
_ODD = [None, -1, 0, 1.0, 1.5, 1e15, 1e99, 2**31, 2**63, 10**400, True, [], {}, "", "\0", _DEEP, {"a/~b": [{}]}]


def of(schema, chance: Random, known: list[str]) -> object:
    """A value that mostly fits; `known` are words that mean something here."""
    if chance.random() < 0.06:
        return chance.choice([*_ODD, odd.value(chance)])
    if "anyOf" in schema:
        return of(chance.choice(schema["anyOf"]), chance, known)
    if "enum" in schema:
        return chance.choice(schema["enum"])
    kinds = schema.get("type", "object")
    return _MAKERS[kinds if isinstance(kinds, str) else chance.choice(kinds)](schema, chance, known)


def _object(schema, chance, known):
    properties = schema.get("properties", {})
    if not properties:
        more = schema.get("additionalProperties") or {"type": ["string", "number", "boolean"]}
        return {chance.choice(known): of(more, chance, known) for _ in range(chance.randrange(3))}
    needed = schema.get("required", ())
    return {
        name: of(each, chance, known)
        for name, each in properties.items()
        if chance.random() < (0.97 if name in needed else 0.3)
    }


def _array(schema, chance, known):
    return [of(schema["items"], chance, known) for _ in range(chance.randrange(3))]


def _text(schema, chance, known):
    if schema.get("format") == "date":
        return chance.choice(["2026-11-29", "2000-01-01", "2199-12-31", "2026-02-30"])
    if schema.get("format") == "date-time":
        return chance.choice(["2026-11-29T12:00:00Z", "2199-12-31T23:59:59+14:00", "2000-01-01T00:00:00Z"])
    text = chance.choice(known) if chance.random() < 0.7 else odd.value(chance)
    return text[: schema.get("maxLength", 200)]


def _number(schema, chance, known):
    least = schema.get("minimum", schema.get("exclusiveMinimum", -(2**31)))
    most = schema.get("maximum", schema.get("exclusiveMaximum", 2**31))
    return chance.choice([least, most, least + 1, (least + most) // 2, 1.0])


_MAKERS = {
    "object": _object,
    "array": _array,
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": lambda schema, chance, known: chance.random() < 0.5,
    "null": lambda schema, chance, known: None,
}
