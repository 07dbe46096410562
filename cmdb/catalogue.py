"""What a class of items is: its attributes, and the class that it refines.

Forms, lists, filters, import, export, the API and history read these, so that an attribute is
added in one place. cmdb/classes.py declares the built-in classes, cmdb/registry.py adds those of
the centre.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cmdb.kinds import Kind, format_of
from cmdb.refusal import Unfit, Said

KEY = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True)
class Attribute:
    """One property of a class; a number may have a `unit`.

    A required one is asked for by forms, and counted as a gap where it is missing; the register
    takes an item without, since a source may know less.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False

    @property
    def title(self) -> str:
        """The label with its unit: the head of a column or a field."""
        unit = "€" if self.kind == Kind.CENTS else self.unit
        return f"{self.label} ({unit})" if unit else self.label

    def parse(self, text: str) -> Any:
        """The value that Dutch text gives; None for blank text.

        Raises:
            ValueError: the text does not fit; one Dutch sentence that says what to do.
        """
        text = text.strip()
        if self.unit and text.lower().endswith(self.unit.lower()):
            text = text[: -len(self.unit)].strip()
        if not text:
            return None
        value = format_of(self.kind).parse(text)
        return self._chosen(value) if self.kind == Kind.CHOICE else value

    def format(self, value: Any) -> str:
        """The value as Dutch text, without its unit; `parse` reads it back."""
        return "" if value is None else format_of(self.kind).format(value)

    def check(self, value: Any) -> None:
        """Accept a value as it is kept.

        Raises:
            ValueError: it is of another kind, or written in another way than `parse` gives.
        """
        if not format_of(self.kind).is_kept(value):
            raise Unfit("Deze waarde is van de verkeerde soort.")
        if isinstance(value, str) and self.parse(value) != value:
            raise Unfit("Schrijf deze waarde op de afgesproken manier.")

    def _chosen(self, text: str) -> str:
        for choice in self.choices:
            if choice.lower() == text.lower():
                return choice
        raise Unfit(
            "Kies een van deze waarden: %(words)s.",
            words=", ".join(str(Said(choice)) for choice in self.choices),
        )


@dataclass(frozen=True)
class ItemClassSpec:
    """A class of items; `prefix` starts their identifiers: APP-0031.

    It is empty where the class only gathers what its descendants share. `counted` are the fields
    that an item should have filled: attributes by key, what every item has by the name of its
    column. After `resolved`, `attributes` and `counted` hold those of the ancestors too, `counted`
    with every required attribute, and `ancestors` the nearest first.
    """

    key: str
    name: str
    prefix: str = ""
    parent: str | None = None
    attributes: tuple[Attribute, ...] = ()
    counted: tuple[str, ...] = ()
    icon: str = ""
    ancestors: tuple[str, ...] = ()

    @property
    def is_abstract(self) -> bool:
        return not self.prefix

    def is_a(self, key: str) -> bool:
        """Whether this is that class, or refines it."""
        return key == self.key or key in self.ancestors

    def attribute(self, key: str) -> Attribute | None:
        return next((one for one in self.attributes if one.key == key), None)

    def check(self, attributes: Mapping[str, Any]) -> None:
        """Accept the attributes of an item of this class, as they are kept.

        Raises:
            ValueError: an attribute that the class does not have, or a value that does not fit.
        """
        for key, value in attributes.items():
            attribute = self.attribute(key)
            if attribute is None:
                raise Unfit(
                    "%(name)s heeft geen kenmerk %(key)r.", name=Said(self.name), key=key
                )
            try:
                attribute.check(value)
            except ValueError as error:
                raise Unfit(
                    "%(field)s: %(problem)s", field=Said(attribute.label), problem=error
                ) from None


def resolved(
    declared: Iterable[ItemClassSpec], common: Iterable[Attribute] = ()
) -> dict[str, ItemClassSpec]:
    """The classes by key, each with the attributes and the icon of its ancestors, theirs first.

    The attributes that are `common` to all come last.

    Raises:
        ValueError: a parent that does not exist, or a class that is its own ancestor.
    """
    raw = {spec.key: spec for spec in declared}
    common = tuple(common)
    return {key: _with_ancestors(spec, raw, common) for key, spec in raw.items()}


def _with_ancestors(
    spec: ItemClassSpec, raw: Mapping[str, ItemClassSpec], common: tuple[Attribute, ...]
) -> ItemClassSpec:
    line = [spec]
    while parent := line[-1].parent:
        if parent not in raw or raw[parent] in line:
            raise ValueError(f"{spec.key}: {parent} cannot be a parent")
        line.append(raw[parent])
    own = {one.key: one for each in reversed(line) for one in each.attributes}
    attributes = own | {one.key: one for one in common if one.key not in own}
    counted = [key for each in reversed(line) for key in each.counted]
    required = [key for key, one in attributes.items() if one.required]
    return replace(
        spec,
        attributes=tuple(attributes.values()),
        counted=tuple(dict.fromkeys([*counted, *required])),
        icon=next((each.icon for each in line if each.icon), "package"),
        ancestors=tuple(each.key for each in line[1:]),
    )


def concrete(specs: Mapping[str, ItemClassSpec]) -> list[ItemClassSpec]:
    """The classes that items can be of, by name."""
    return sorted(
        (spec for spec in specs.values() if not spec.is_abstract), key=lambda spec: spec.name
    )
