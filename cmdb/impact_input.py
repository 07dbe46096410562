"""Read the rules of dependency groups as JSON writes them; what is wrong is told with its place."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from cmdb.impact import Amount, Effect, Rule, RuleKind

_AMOUNTS = {RuleKind.AT_LEAST: "count", RuleKind.PERCENT: "percent", RuleKind.CAPACITY: "need"}
_RULES = {kind.value: kind for kind in RuleKind}
_EFFECTS = {effect.value: effect for effect in Effect}
_KINDS = {dict: "an object", list: "a list", str: "text"}
_DIGITS = 100


def read_rule(source: object, place: str = "rule") -> Rule:
    """`{"kind": "all"|"at_least"|"percent"|"capacity"}` with `count`, `percent` or `need`.

    Raises:
        ValueError: it is no such rule, with one line that begins with `place`.
    """
    name = field(source, "kind", str, place)
    if name not in _RULES:
        raise ValueError(f"{place}.kind: unknown rule {shown(name)}; known: {', '.join(RuleKind)}")
    kind = _RULES[name]
    if kind is RuleKind.ALL:
        return Rule(kind)
    key = _AMOUNTS[kind]
    amount = read_amount(field(source, key, object, place), f"{place}.{key}")
    if kind is RuleKind.AT_LEAST and amount.denominator != 1:
        raise ValueError(f"{place}.{key}: expected a whole number, not {shown(source[key])}")
    if kind is RuleKind.PERCENT and amount > 100:
        raise ValueError(f"{place}.{key}: expected 0 to 100, not {shown(source[key])}")
    return Rule(kind, amount)


def read_effect(name: object, place: str = "effect") -> Effect:
    """`hard`, `soft` or `none`.

    Raises:
        ValueError: it is another word, with one line that begins with `place`.
    """
    if not isinstance(name, str) or name not in _EFFECTS:
        raise ValueError(f"{place}: unknown effect {shown(name)}; known: {', '.join(Effect)}")
    return _EFFECTS[name]


def read_amount(value: object, place: str) -> Amount:
    """A number from 0, exactly as it was written: 0.1 is a tenth.

    Raises:
        ValueError: it is none, or absurdly large or small, with one line that begins with `place`.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"{place}: expected a number, not {shown(value)}")
    if value < 0 or not Decimal(value).is_finite():
        raise ValueError(f"{place}: expected a number from 0, not {shown(value)}")
    if isinstance(value, int) or not value:
        return int(value)
    exact = Decimal(str(value))
    if abs(exact.adjusted()) > _DIGITS:
        raise ValueError(f"{place}: {shown(value)} has too many digits")
    return Fraction(exact)


def field(source: object, key: str, kind: type, place: str) -> Any:
    """A field that must be there, of that kind.

    Raises:
        ValueError: it is not, with one line that begins with its place.
    """
    if not isinstance(source, dict):
        raise ValueError(f"{place or 'file'}: expected an object, not {shown(source)}")
    path = f"{place}.{key}" if place else key
    if key not in source:
        raise ValueError(f"{path}: missing")
    if not isinstance(source[key], kind):
        raise ValueError(f"{path}: expected {_KINDS[kind]}, not {shown(source[key])}")
    return source[key]


def check_once(names: Iterable[str], place: str) -> None:
    """Raises ValueError, with one line that begins with `place`, when a name occurs twice."""
    met = set()
    for name in names:
        if name in met:
            raise ValueError(f"{place}: {shown(name)} occurs twice")
        met.add(name)


def shown(value: object) -> str:
    """The value in a sentence: on one line, cut off when long."""
    if isinstance(value, dict | list):
        return _KINDS[type(value)]
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
