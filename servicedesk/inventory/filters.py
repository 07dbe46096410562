"""What a list is narrowed to: read from an address, said in words, and put as a condition.

In an address a filter is `<field>.<operator>=<value>`, such as `support_until.between=2026-01-01..
2026-12-31` or `support_until.this-year=1`, and about relations `relation.<type>=none`, or
`reverse.<type>` seen from the other end; its value may also be the number or name of an item.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cmdb import registry
from cmdb.items import Item
from cmdb.kinds import Kind, clean
from cmdb.people import Person
from servicedesk.inventory import spans
from servicedesk.inventory.columns import Source
from servicedesk.inventory.fields import Field
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext

OPERATORS = {
    "is": lazy_gettext("is"),
    "not": lazy_gettext("is niet"),
    "contains": lazy_gettext("bevat"),
    "lt": lazy_gettext("is kleiner dan"),
    "gt": lazy_gettext("is groter dan"),
    "before": lazy_gettext("is voor"),
    "after": lazy_gettext("is na"),
    "between": lazy_gettext("ligt tussen (van..tot)"),
    **spans.WORDS,
    "empty": lazy_gettext("is leeg"),
    "filled": lazy_gettext("is ingevuld"),
}
TIES = {"has": lazy_gettext("heeft"), "none": lazy_gettext("heeft geen")}
ENDS = {"relation": False, "reverse": True}
_SIZES = ("lt", "gt", "between")
_DATES = ("before", "after", "between", *spans.WORDS)
_MANY = 40


@dataclass(frozen=True)
class Filter:
    """One condition: its part of an address, how it reads, and how it narrows a source."""

    parameter: str
    value: str
    label: str
    said: str
    where: Callable[[Source], sa.ColumnElement[bool]]


def read(
    arguments: Iterable[tuple[str, str]], fields: Mapping[str, Field], today: dt.date
) -> list[Filter]:
    """The filters of an address, on the day of the list; what is none filters nothing."""
    found = []
    for parameter, value in arguments:
        name, point, operator = parameter.partition(".")
        if not point or len(found) >= _MANY:
            continue
        try:
            if name in ENDS:
                found.append(of_relation(name, operator, value))
            elif name in fields:
                found.append(of_field(fields[name], operator, value, today))
        except ValueError:
            continue
    return found


def of_relation(end: str, kind: str, value: str) -> Filter:
    """Whether an item has a relation of a type: with any, with none, or with one of that name.

    Raises:
        ValueError: there is no such type, or this is asked of fields only; one sentence.
    """
    known, value = registry.relation_kinds().get(kind), clean(value, 200)
    if known is None or end not in ENDS or not value or value in OPERATORS:
        raise ValueError(_("Kies bij een relatie ‘heeft’, ‘heeft geen’ of ‘is’ met een object."))
    backwards, parameter = ENDS[end], f"{end}.{kind}"
    label = _(known.reverse if backwards else known.name)

    def any_or_none(source: Source) -> sa.ColumnElement[bool]:
        tied = source.tied(kind, backwards)
        return ~tied if value == "none" else tied

    def with_that(source: Source) -> sa.ColumnElement[bool]:
        named = sa.or_(Item.uid == value.upper(), sa.func.lower(Item.name) == value.lower())
        return source.tied(kind, backwards, sa.select(Item.id).where(named))

    if value in TIES:
        return Filter(parameter, value, str(TIES[value]), label, any_or_none)
    return Filter(parameter, value, label, f"{OPERATORS['is']} {value}", with_that)


def of_field(field: Field, operator: str, text: str, today: dt.date) -> Filter:
    """What a field must hold; the value is written as in a form, and no word of a span.

    Raises:
        ValueError: the operator does not suit the field, or the value does not; one sentence.
    """
    text = clean(text, 200)
    if operator not in operators_of(field):
        raise ValueError(
            _("Dit past niet bij %(field)s. Kies een ander vergelijk.", field=field.label)
        )
    if operator in ("empty", "filled"):
        return _filter(field, operator, "", lambda source: _blank(source, field, operator))
    if operator in spans.WORDS:
        span = spans.of(operator, today)
        return _filter(field, operator, "", lambda source: _within(source.value(field), *span))
    if not text:
        raise ValueError(_("Vul een waarde in om op te filteren."))
    if field.refers is not None:
        return _filter(field, operator, text, lambda source: _named(source, field, operator, text))
    if operator == "contains" or field.name == "tags":
        return _filter(
            field, operator, text,
            lambda source: source.value(field).icontains(text, autoescape=True),
        )  # fmt: skip
    values = _values(field, operator, text)
    return _filter(
        field, operator, text,
        lambda source: _compared(source.value(field), operator, values, exact=bool(field.words)),
    )  # fmt: skip


def operators_of(field: Field) -> list[str]:
    """The operators that suit a field."""
    if field.kind in (Kind.NUMBER, Kind.CENTS):
        fitting = ("is", "not", *_SIZES)
    elif field.kind == Kind.DATE:
        fitting = ("is", *_DATES)
    elif field.words or field.kind == Kind.BOOLEAN:
        fitting = ("is", "not")
    else:
        fitting = ("is", "contains")
    return [*fitting, "empty", "filled"]


def _filter(field: Field, operator: str, text: str, where: Callable) -> Filter:
    said = f"{OPERATORS[operator]} {_said(field, text)}".strip()
    return Filter(f"{field.key}.{operator}", text, field.label, said, where)


def _said(field: Field, text: str) -> str:
    return str(field.words.get(text, text))


def _within(
    value: sa.ColumnElement, first: dt.date | None, last: dt.date | None
) -> sa.ColumnElement[bool]:
    """Whether a day lies in a span; of attributes it is kept as ISO text, which has its order."""
    is_text = isinstance(value.type, sa.String)
    ends = [(first, value.__ge__), (last, value.__le__)]
    return sa.and_(*(fits(day.isoformat() if is_text else day) for day, fits in ends if day))


def _blank(source: Source, field: Field, operator: str) -> sa.ColumnElement[bool]:
    value = source.value(field)
    holds_text = isinstance(value.type, sa.String)
    blank = sa.or_(value.is_(None), value.in_(("", "[]"))) if holds_text else value.is_(None)
    return blank if operator == "empty" else ~blank


def _named(source: Source, field: Field, operator: str, text: str) -> sa.ColumnElement[bool]:
    """The rows that the field points at, by their name (of an item also by its number)."""
    model: Any = field.refers
    if operator == "contains":
        fits = model.name.icontains(text, autoescape=True)
    else:
        fits = sa.func.lower(model.name) == text.lower()
        if model is Item:
            fits = sa.or_(fits, Item.uid == text.upper())
        elif model is Person:  # namesakes are told by their sign-in names
            fits = sa.or_(fits, Person.login == text.lower())
    return source.value(field).in_(sa.select(model.id).where(fits))


def _values(field: Field, operator: str, text: str) -> list[Any]:
    """The values of an operator: two for a span, else one."""
    if operator == "between":
        parts = [part.strip() for part in text.split("..")]
        if len(parts) != 2 or not all(parts):
            raise ValueError(_("Schrijf twee waarden met twee punten ertussen, zoals 1..10."))
        return [_one(field, part) for part in parts]
    return [_one(field, text)]


def _one(field: Field, text: str) -> Any:
    if field.words:
        for value, word in field.words.items():
            if text.lower() in (str(value).lower(), str(word).lower()):
                return str(value)
        raise ValueError(
            _(
                "Kies een van deze waarden: %(words)s.",
                words=", ".join(map(str, field.words.values())),
            )
        )
    value = field.attribute.parse(text)
    if field.kind == Kind.BOOLEAN:
        return "ja" if value else "nee"
    return dt.date.fromisoformat(value) if field.kind == Kind.DATE else value


def _compared(
    value: sa.ColumnElement, operator: str, values: list[Any], exact: bool
) -> sa.ColumnElement[bool]:
    """The comparison; a date that stands in JSON is text, which orders alike."""
    if isinstance(value.type, sa.String):
        values = [one.isoformat() if isinstance(one, dt.date) else one for one in values]
    first = values[0]
    if operator == "is" and isinstance(first, str) and not exact:
        return sa.func.lower(value) == first.lower()
    if operator == "not":
        return value.is_distinct_from(first)
    if operator == "between":
        return value.between(*values)
    if operator in ("lt", "before"):
        return value < first
    return value > first if operator in ("gt", "after") else value == first
