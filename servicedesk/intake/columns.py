"""The fields of an item that a column can fill: by what names, and how a cell reads and writes.

What all items have stands here; the attributes of a class come from its declaration.
"""

import datetime as dt
import enum
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cmdb.catalogue import Attribute, ItemClassSpec
from cmdb.items import Environment, Item
from cmdb.kinds import Kind
from servicedesk.intake.references import References
from servicedesk.language import gettext as _
from servicedesk.tickets import labels

CLEARED = ("-", "(leeg)")
OWNER, CLASS = "owner", "class"

_ENVIRONMENT = {
    Environment.PRODUCTION: "Productie",
    Environment.ACCEPTANCE: "Acceptatie",
    Environment.TEST: "Test",
    Environment.DEVELOPMENT: "Ontwikkeling",
    Environment.NONE: "Geen",
}


@dataclass(frozen=True)
class Column:
    """A field that a cell can fill; `empty` is what a cleared one holds, None when it cannot be.

    `read` takes text that is not blank, and raises ValueError with a Dutch sentence.
    """

    key: str
    label: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    names: tuple[str, ...] = ()
    field: str = ""
    empty: Any = None
    can_be_cleared: bool = True
    choices: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The heading of its column: the label, with the unit where a value has one."""
        return self.names[0] if self.is_attribute and self.names else self.label

    @property
    def is_attribute(self) -> bool:
        return not self.field

    def of(self, item: Item) -> Any:
        """What the item holds in this field."""
        return item.attributes.get(self.key) if self.is_attribute else getattr(item, self.field)


def columns_of(spec: ItemClassSpec, references: References) -> dict[str, Column]:
    """Every field of items of a class that a column can fill, by key."""
    attributes = {one.key: _of_attribute(one) for one in spec.attributes}
    return {column.key: column for column in _envelope(references)} | attributes


def choose(
    headings: Sequence[str],
    columns: Mapping[str, Column],
    chosen: Mapping[str, str] | None = None,
) -> dict[int, str]:
    """The field of each column that fills one, by its place; `chosen` says some by heading.

    Raises:
        ValueError: two columns fill one field; one Dutch sentence.
    """
    known = _by_name(columns.values())
    fields: dict[int, str] = {}
    for at, heading in enumerate(headings):
        key = chosen[heading] if chosen and heading in chosen else known.get(_plain(heading))
        if not key or not heading:
            continue
        if key in fields.values():
            former = next(headings[place] for place, field in fields.items() if field == key)
            raise ValueError(
                _("De kolommen '%(one)s' en '%(two)s' gaan over hetzelfde. Laat er één weg.",
                  one=former, two=heading)
            )  # fmt: skip
        fields[at] = key
    return fields


def _by_name(columns: Iterable[Column]) -> dict[str, str]:
    """Keys before labels, labels before synonyms; an attribute before what every item has."""
    ordered = sorted(columns, key=lambda column: not column.is_attribute)
    known = {_plain(CLASS): CLASS, _plain(OWNER): OWNER}
    for names in (
        [(column.key, column.key) for column in ordered],
        [(column.label, column.key) for column in ordered],
        [(name, column.key) for column in ordered for name in column.names],
        [(name, CLASS) for name in ("soort", "soort object", "objectsoort", "klasse")],
        [(name, OWNER) for name in ("eigenaar", "gemeente")],
    ):
        for name, key in names:
            known.setdefault(_plain(name), key)
    return known


def _plain(heading: str) -> str:
    """A heading without case, accents, spaces and signs."""
    letters = unicodedata.normalize("NFKD", heading).casefold()
    return re.sub(r"[\W_]|[\u0300-\u036f]", "", letters)


def _of_attribute(one: Attribute) -> Column:
    choices = {Kind.CHOICE: one.choices, Kind.BOOLEAN: ("ja", "nee")}.get(one.kind, ())
    return Column(one.key, one.label, one.parse, one.format, (one.title,), choices=choices)


def _envelope(references: References) -> list[Column]:
    return [
        Column(
            "uid",
            "Objectnummer",
            _read_uid,
            str,
            ("nummer", "object-id", "objectnr"),
            "uid",
            can_be_cleared=False,
        ),
        Column(
            "name",
            "Naam",
            _read_as(Kind.TEXT),
            str,
            ("objectnaam", "name"),
            "name",
            can_be_cleared=False,
        ),
        _text(
            "description",
            "Omschrijving",
            Kind.LONG_TEXT,
            "beschrijving",
            "toelichting",
            "opmerking",
            "opmerkingen",
        ),
        _choice("status", "Status", labels.ITEM_STATUS, "levensfase"),
        _choice("hosting", "Hosting", labels.HOSTING, "waar draait het"),
        _choice("environment", "Omgeving", _ENVIRONMENT, "otap"),
        _reference(
            "location",
            "Locatie",
            references.location,
            references.location_name,
            "vestiging",
            "gebouw",
        ),
        _reference(
            "user",
            "Gebruiker",
            references.user,
            references.login,
            "login",
            "gebruikersnaam",
            "inlognaam",
        ),
        _reference(
            "manager",
            "Technisch applicatiebeheerder",
            references.staff,
            references.login,
            "beheerder",
        ),
        _reference("deputy", "Vervanger", references.staff, references.login, "plaatsvervanger"),
        _level("confidentiality", "BIV: vertrouwelijkheid", "vertrouwelijkheid"),
        _level("integrity", "BIV: integriteit", "integriteit"),
        _level("availability", "BIV: beschikbaarheid", "beschikbaarheid"),
        _text("serial", "Serienummer", Kind.TEXT, "s/n", "sn", "serial number", "serienr"),
        _text(
            "asset_tag",
            "Inventarisnummer",
            Kind.TEXT,
            "asset tag",
            "label",
            "stickernummer",
            "inventarisnr",
        ),
        _reference("supplier", "Leverancier", references.supplier, references.item_name),
        _reference("contract", "Contract", references.contract, references.item_name),
        _day(
            "purchased_on",
            "Aankoopdatum",
            "aangeschaft op",
            "gekocht op",
            "datum aankoop",
            "aanschafdatum",
        ),
        _day("warranty_until", "Garantie tot", "einde garantie", "garantie"),
        _day("support_until", "Ondersteuning tot", "einde ondersteuning", "support tot"),
        _day("end_of_life", "Einde levensduur", "end of life", "eol"),
        _day("next_certification", "Volgende controle"),
        _cents(
            "purchase_cents",
            "Aankoopprijs",
            "aankoopbedrag",
            "aanschaf",
            "aanschafprijs",
            "prijs",
            "aanschafwaarde",
        ),
        _cents("yearly_cents", "Kosten per jaar", "jaarlijkse kosten", "jaarkosten"),
        Column("tags", "Labels", _read_tags, ", ".join, ("tags", "trefwoorden"), "tags", empty=[]),
    ]


def _read_as(kind: Kind) -> Callable[[str], Any]:
    return Attribute("value", "", kind).parse


def _text(key: str, label: str, kind: Kind, *names: str) -> Column:
    return Column(key, label, _read_as(kind), str, names, key, empty="")


def _day(key: str, label: str, *names: str) -> Column:
    def read(text: str) -> dt.date:
        return dt.date.fromisoformat(_read_as(Kind.DATE)(text))

    return Column(key, label, read, lambda day: day.strftime("%d-%m-%Y"), names, key)


def _cents(key: str, label: str, *names: str) -> Column:
    def read(text: str) -> int:
        cents = _read_as(Kind.CENTS)(text)
        if cents < 0:
            raise ValueError(_("Een bedrag is nul of meer."))
        return cents

    both = (*names, f"{label} (€)")
    return Column(key, label, read, Attribute(key, label, Kind.CENTS).format, both, key)


def _level(key: str, label: str, *names: str) -> Column:
    words = {"1": 1, "2": 2, "3": 3, "laag": 1, "midden": 2, "hoog": 3}

    def read(text: str) -> int:
        if text.lower() not in words:
            raise ValueError(_("Vul 1, 2 of 3 in: laag, midden of hoog."))
        return words[text.lower()]

    return Column(key, label, read, str, names, key, choices=("1", "2", "3"))


def _choice(key: str, label: str, words: Mapping[enum.StrEnum, Any], *names: str) -> Column:
    def read(text: str) -> enum.StrEnum:
        for value, word in words.items():
            if text.casefold() in (value.casefold(), str(word).casefold()):
                return value
        raise ValueError(
            _("Kies een van deze waarden: %(words)s.", words=", ".join(map(str, words.values())))
        )

    chosen = tuple(str(word) for word in words.values())
    return Column(
        key, label, read, lambda value: str(words[value]), names, key,
        can_be_cleared=False, choices=chosen,
    )  # fmt: skip


def _reference(key: str, label: str, read: Callable, write: Callable, *names: str) -> Column:
    return Column(key, label, read, write, names, f"{key}_id")


def _read_uid(text: str) -> str:
    return text.upper()


def _read_tags(text: str) -> list[str]:
    return sorted({" ".join(tag.split()) for tag in re.split(r"[,;|]", text)} - {""})
