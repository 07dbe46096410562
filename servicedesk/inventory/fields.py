"""Every field of an item by its name in addresses: the envelope, and the attributes of its class.

Lists, filters, columns, bulk edit, export and history all take their fields from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from cmdb import registry
from cmdb.catalogue import Attribute, ItemClassSpec, concrete
from cmdb.database import Model
from cmdb.items import Environment, Item
from cmdb.kinds import Kind
from cmdb.organisation import Location, Municipality
from cmdb.people import Person
from servicedesk.language import gettext
from servicedesk.language import lazy_gettext as _
from servicedesk.tickets import labels

ENVIRONMENT = {
    Environment.PRODUCTION: _("Productie"),
    Environment.ACCEPTANCE: _("Acceptatie"),
    Environment.TEST: _("Test"),
    Environment.DEVELOPMENT: _("Ontwikkeling"),
    Environment.NONE: _("Geen"),
}


@dataclass(frozen=True)
class Field:
    """One field: `key` names it in addresses, `name` in the state of an item.

    `words` are the values that a choice has, with how each is shown; `refers` is the model whose
    key the field holds. `is_attribute` tells that it stands among the attributes of the class.
    """

    key: str
    name: str
    attribute: Attribute
    words: Mapping[str, object] = field(default_factory=dict)
    refers: type[Model] | None = None
    is_attribute: bool = False
    is_plain: bool = True

    @property
    def label(self) -> str:
        return gettext(str(self.attribute.label))

    @property
    def title(self) -> str:
        """The label with its unit."""
        return titled(self.attribute)

    @property
    def kind(self) -> Kind:
        return self.attribute.kind


def titled(attribute: Attribute) -> str:
    """The label with its unit, in the language of the reader."""
    return replace(attribute, label=gettext(str(attribute.label))).title


def _field(key, label, kind=Kind.TEXT, name="", unit="", words=(), **more) -> Field:
    return Field(key, name or key, Attribute(key, label, kind, unit), dict(words), **more)


ENVELOPE = (
    _field("uid", _("Nummer")),
    _field("name", _("Naam")),
    _field("description", _("Omschrijving"), Kind.LONG_TEXT),
    _field("status", _("Status"), Kind.CHOICE, words=labels.ITEM_STATUS),
    _field("hosting", _("Hosting"), Kind.CHOICE, words=labels.HOSTING),
    _field("environment", _("Omgeving"), Kind.CHOICE, words=ENVIRONMENT),
    _field("owner", _("Eigenaar"), name="municipality_id", refers=Municipality),
    _field("location", _("Locatie"), name="location_id", refers=Location),
    _field("user", _("Gebruiker"), name="user_id", refers=Person),
    _field("manager", _("Beheerder"), name="manager_id", refers=Person),
    _field("deputy", _("Vervanger"), name="deputy_id", refers=Person),
    _field("serial", _("Serienummer")),
    _field("asset_tag", _("Inventarisnummer")),
    _field("supplier", _("Leverancier"), name="supplier_id", refers=Item),
    _field("contract", _("Contract"), name="contract_id", refers=Item),
    _field("purchased_on", _("Gekocht op"), Kind.DATE),
    _field("warranty_until", _("Garantie tot"), Kind.DATE),
    _field("support_until", _("Ondersteuning tot"), Kind.DATE),
    _field("end_of_life", _("Einde levensduur"), Kind.DATE),
    _field("next_certification", _("Volgende controle"), Kind.DATE),
    _field("confirmed_on", _("Bevestigd op"), Kind.DATE),
    _field("purchase_cents", _("Aanschaf"), Kind.CENTS),
    _field("yearly_cents", _("Kosten per jaar"), Kind.CENTS),
    _field("confidentiality", _("BIV: vertrouwelijkheid"), Kind.NUMBER),
    _field("integrity", _("BIV: integriteit"), Kind.NUMBER),
    _field("availability", _("BIV: beschikbaarheid"), Kind.NUMBER),
    _field("tags", _("Labels"), is_plain=False),
    _field("completeness", _("Volledig"), Kind.NUMBER, unit="%"),
)

# How an item is now: no register holds it, so it is shown and ordered by, and no more.
STANDING = _field("standing", _("Toestand"), Kind.NUMBER, is_plain=False)


def envelope() -> dict[str, Field]:
    """The fields that every item has, by key."""
    classes = {spec.key: _(spec.name) for spec in registry.classes().values()}
    kind = Field("class", "class_key", Attribute("class", _("Soort"), Kind.CHOICE), classes)
    return {one.key: one for one in (*ENVELOPE[:2], kind, *ENVELOPE[2:])}


def named(names: Iterable[str], class_key: str) -> list[Field]:
    """The fields of a class by how `cmdb.completeness` names them."""
    own = of_class(registry.classes()[class_key])
    every = {one.name: one for one in ENVELOPE}
    return [own.get(name) or every[name] for name in names]


def of_class(spec: ItemClassSpec | None) -> dict[str, Field]:
    """The attributes of a class as fields, by key; of all classes when there is none."""
    specs = [spec] if spec is not None else concrete(registry.classes())
    found: dict[str, Field] = {}
    for each in specs:
        for one in each.attributes:
            words = {choice: _(choice) for choice in one.choices}
            found.setdefault(one.key, Field(one.key, one.key, one, words, is_attribute=True))
    return found


def of_list(class_key: str = "") -> dict[str, Field]:
    """All that a list of this class can show and filter, by key; the envelope first."""
    return {**of_class(registry.classes().get(class_key)), **envelope()}


def unknown(name: str, label: str) -> Field:
    """A field that no list knows: what an item held of another class, or has more than one of."""
    key = name.removeprefix("attributes.")
    return Field(key, key, Attribute(key, label), is_attribute=key != name)
