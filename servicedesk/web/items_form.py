"""The form that registers or changes an item: what every item has, and the fields of its class."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from wtforms import Field as FormField
from wtforms import (
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from cmdb import describing, item_state, registry
from cmdb.catalogue import ItemClassSpec, concrete
from cmdb.classes_common import COMMON, MONEY, PROTECTION
from cmdb.database import db
from cmdb.item_parts import IdentifierKind, ItemIdentifier
from cmdb.items import Environment, Hosting, Item, ItemConsumer, ItemStatus
from cmdb.kinds import Kind
from cmdb.organisation import Location, Municipality
from cmdb.people import Person
from servicedesk.inventory import fields, pointing, words
from servicedesk.language import gettext as _
from servicedesk.language import lazy_gettext
from servicedesk.tickets import labels
from servicedesk.web import items_values
from servicedesk.web.forms import Form

NOBODY = ""
LEVELS = [
    SelectChoice(NOBODY, lazy_gettext("Onbekend")),
    SelectChoice("1", lazy_gettext("1 Laag")),
    SelectChoice("2", lazy_gettext("2 Midden")),
    SelectChoice("3", lazy_gettext("3 Hoog")),
]
_ENVELOPE = {one.key: one for one in fields.ENVELOPE}
_LINES = (
    "serial", "asset_tag", "purchased_on", "warranty_until", "support_until", "end_of_life",
    "next_certification", "purchase_cents", "yearly_cents",
)  # fmt: skip
_LEVELS = ("confidentiality", "integrity", "availability")
_MOST = 1000
_KNOWN_AS = re.compile(r"(\w+)\s*[:= ]\s*(\S.*)")


def form_for(spec: ItemClassSpec | None, item: Item | None = None) -> "ItemForm":
    """The form of an item of this class; without a class it only asks for one."""
    kind = items_values.with_attributes(ItemForm, spec)
    form = kind(data=None if item is None else data_of(item))
    form.spec, form.former = spec, item
    form.offer(item)
    return form


def _key(value: str | None) -> int | None:
    return int(value) if value else None


def _line(key: str) -> StringField:
    """A line for a field of the envelope, read as its kind."""
    return items_values.form_field(_ENVELOPE[key].attribute)


class ItemForm(Form):
    """`version` is what the writer saw; who uses the item is chosen among the municipalities."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    item_class = SelectField(lazy_gettext("Soort"))
    name = StringField(
        lazy_gettext("Naam"),
        [InputRequired(lazy_gettext("Geef het object een naam")), Length(max=120)],
    )
    description = TextAreaField(lazy_gettext("Omschrijving"), [Length(max=4000)])
    hosting = SelectField(lazy_gettext("Hosting"))
    status = SelectField(lazy_gettext("Status"))
    owner = SelectField(lazy_gettext("Eigenaar"))
    location = SelectField(lazy_gettext("Locatie"))
    user = StringField(lazy_gettext("Gebruiker"))
    manager = SelectField(lazy_gettext("Technisch applicatiebeheerder"))
    deputy = SelectField(lazy_gettext("Vervanger"))
    consumers = SelectMultipleField(lazy_gettext("Gebruikt door"))
    environment = SelectField(lazy_gettext("Omgeving"), default=Environment.NONE.value)
    serial = _line("serial")
    asset_tag = _line("asset_tag")
    identifiers = TextAreaField(lazy_gettext("Ook bekend als"), [Length(max=4000)])
    tags = StringField(lazy_gettext("Labels"), [Length(max=1000)])
    supplier = SelectField(lazy_gettext("Leverancier"), default=NOBODY)
    contract = SelectField(lazy_gettext("Contract"), default=NOBODY)
    purchased_on = _line("purchased_on")
    warranty_until = _line("warranty_until")
    support_until = _line("support_until")
    end_of_life = _line("end_of_life")
    next_certification = _line("next_certification")
    purchase_cents = _line("purchase_cents")
    yearly_cents = _line("yearly_cents")
    confidentiality = SelectField(lazy_gettext("Vertrouwelijkheid"), choices=LEVELS, default=NOBODY)
    integrity = SelectField(lazy_gettext("Integriteit"), choices=LEVELS, default=NOBODY)
    availability = SelectField(lazy_gettext("Beschikbaarheid"), choices=LEVELS, default=NOBODY)
    reason = StringField(lazy_gettext("Reden van de wijziging"), [Length(max=500)])

    def offer(self, item: Item | None = None) -> None:
        """Set what there is to choose; shares that are agreed stay as they are."""
        self.item_class.choices = [(spec.key, _(spec.name)) for spec in concrete(registry.classes())]
        if item is not None:
            self.item_class.data = item.class_key
        self.hosting.choices = [(key.value, label) for key, label in labels.HOSTING.items()]
        self.status.choices = [(key.value, label) for key, label in labels.ITEM_STATUS.items()]
        towns = [
            (str(key), name)
            for key, name in db.session.execute(
                sa.select(Municipality.id, Municipality.name).order_by("name")
            )
        ]
        self.owner.choices = [(NOBODY, _("Servicecentrum")), *towns]
        self.consumers.choices = towns
        self.location.choices = [(NOBODY, _("Geen")), *_locations()]
        staff = [(NOBODY, _("Niemand")), *_staff()]
        self.manager.choices = self.deputy.choices = staff
        self.environment.choices = [(key.value, word) for key, word in fields.ENVIRONMENT.items()]
        self.supplier.choices = [
            (NOBODY, _("Geen")),
            *_items_of("supplier", item and item.supplier_id),
        ]
        self.contract.choices = [
            (NOBODY, _("Geen")),
            *_items_of("contract", item and item.contract_id),
        ]
        self.agreed = _agreed(item)
        self.held = dict(item.attributes) if item is not None else {}

    def parts(self) -> dict[str, list[FormField]]:
        """The fields of the class under `own`, and what all may have: `protection`, `money`."""
        some = {"protection": PROTECTION, "money": MONEY}
        own = [] if self.spec is None else [one for one in self.spec.attributes if one not in COMMON]
        named = {"own": own} | (some if self.spec else dict.fromkeys(some, ()))
        return {
            name: [self[items_values.PREFIX + one.key] for one in attributes]
            for name, attributes in named.items()
        }

    def validate_identifiers(self, field):
        """One a line: its kind, and its value."""
        try:
            describing.readable(self.known_as())
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def known_as(self) -> list[tuple[IdentifierKind, str]]:
        """The identifiers as typed.

        Raises:
            ValueError: a line that is none; one sentence.
        """
        found = []
        for line in (self.identifiers.data or "").splitlines():
            parts = _KNOWN_AS.fullmatch(line.strip())
            if line.strip() and (not parts or parts[1].lower() not in list(IdentifierKind)):
                kinds = ", ".join(IdentifierKind)
                raise ValueError(
                    _("Begin elke regel met een van deze woorden: %(kinds)s.", kinds=kinds)
                )
            if parts:
                found.append((IdentifierKind(parts[1].lower()), parts[2]))
        return found

    def validate(self, extra_validators=None) -> bool:
        """Also what the register itself would refuse."""
        if not super().validate(extra_validators) or self.spec is None:
            return False
        try:
            item_state.accepted(self.values(), self.spec, self.former)
        except ValueError as error:
            self.form_errors.append(str(error))
            return False
        return True

    def validate_location(self, field):
        """A site of another municipality cannot hold the item."""
        if not field.errors and not self.owner.errors:
            self._fit("location_id", _key(field.data))

    def validate_user(self, field):
        """Who has the device, by login; somebody of the owner."""
        field.data = (field.data or "").strip()
        if not field.data or self.owner.errors:
            return
        person = db.session.scalar(sa.select(Person).where(Person.login == field.data.lower()))
        if person is None:
            raise ValidationError(_("Er is niemand met deze gebruikersnaam"))
        self._fit("user_id", person.id)

    def validate_deputy(self, field):
        if not (field.errors or self.manager.errors or self.owner.errors):
            self._fit("deputy_id", _key(field.data), manager_id=_key(self.manager.data))

    def _fit(self, name: str, value: int | None, **others: int | None) -> None:
        given = {"municipality_id": _key(self.owner.data), name: value, **others}
        if problem := pointing.misfits(given).get(name):
            raise ValidationError(problem)

    def values(self) -> dict[str, object]:
        """What the register keeps of the form."""
        user = self.user.data and db.session.scalar(
            sa.select(Person.id).where(Person.login == self.user.data.lower())
        )
        return {
            "name": self.name.data.strip(),
            "description": (self.description.data or "").strip(),
            "hosting": Hosting(self.hosting.data),
            "status": ItemStatus(self.status.data),
            "municipality_id": _key(self.owner.data),
            "location_id": _key(self.location.data),
            "user_id": user or None,
            "manager_id": _key(self.manager.data),
            "deputy_id": _key(self.deputy.data),
            "environment": Environment(self.environment.data),
            "supplier_id": _key(self.supplier.data),
            "contract_id": _key(self.contract.data),
            "tags": [tag for part in (self.tags.data or "").split(",") if (tag := part.strip())],
            "attributes": items_values.read(self, self.spec, self.held),
            **{key: _key(self[key].data) for key in _LEVELS},
            **{key: self._line_value(key) for key in _LINES},
        }

    def _line_value(self, key: str) -> Any:
        value = _ENVELOPE[key].attribute.parse(self[key].data or "")
        if _ENVELOPE[key].kind == Kind.DATE:
            return value and dt.date.fromisoformat(value)
        return "" if value is None and _ENVELOPE[key].kind == Kind.TEXT else value

    def shares(self) -> dict[int, int | None]:
        """Who uses it from today, with the share that was agreed."""
        return {int(key): self.agreed.get(int(key)) for key in self.consumers.data or ()}

    def differences(self, seen: Mapping[str, Any], item: Item) -> list[tuple[str, str]]:
        """What a colleague changed since: field and present value."""
        present = item_state.written(item)
        known = {**fields.of_class(self.spec), **fields.envelope()}.values()
        changed = [
            one for one in known if words.value_of(seen, one) != words.value_of(present, one)
        ]
        names = words.names_for([present], changed)
        return [
            (one.label, words.text_of(words.value_of(present, one), one, names)) for one in changed
        ]


def data_of(item: Item) -> dict[str, object]:
    """The form's content for an item as it stands."""
    known_as = sa.select(ItemIdentifier).where(ItemIdentifier.item_id == item.id)
    known_as = known_as.order_by(ItemIdentifier.kind, ItemIdentifier.value)
    state = item_state.written(item)
    return {
        "version": item.version,
        "item_class": item.class_key,
        "name": item.name,
        "description": item.description,
        "hosting": item.hosting.value,
        "status": item.status.value,
        "owner": str(item.municipality_id or NOBODY),
        "location": str(item.location_id or NOBODY),
        "user": item.user.login if item.user else "",
        "manager": str(item.manager_id or NOBODY),
        "deputy": str(item.deputy_id or NOBODY),
        "consumers": [str(key) for key in _agreed(item)],
        "environment": item.environment.value,
        "supplier": str(item.supplier_id or NOBODY),
        "contract": str(item.contract_id or NOBODY),
        "tags": ", ".join(item.tags),
        "identifiers": "\n".join(
            f"{one.kind}: {one.value}" for one in db.session.scalars(known_as)
        ),
        **{key: str(state[key] or NOBODY) for key in _LEVELS},
        **{key: items_values.shown(_ENVELOPE[key].attribute, state[key]) for key in _LINES},
        **items_values.data_of(registry.classes()[item.class_key], item.attributes),
    }


def _agreed(item: Item | None) -> dict[int, int | None]:
    """The municipalities that use the item now, with their shares."""
    if item is None:
        return {}
    current = sa.select(ItemConsumer.municipality_id, ItemConsumer.share).where(
        ItemConsumer.item_id == item.id, ItemConsumer.valid_to.is_(None)
    )
    return dict(db.session.execute(current).all())


def _locations() -> list[tuple[str, str]]:
    found = db.session.execute(
        sa.select(Location.id, Location.name, Municipality.name)
        .join(Municipality, Municipality.id == Location.municipality_id)
        .order_by(Municipality.name, Location.name)
    )
    return [(str(key), f"{town}: {name}") for key, name, town in found]


def _staff() -> list[tuple[str, str]]:
    found = pointing.candidates(_ENVELOPE["manager"]).with_only_columns(Person.id, Person.name)
    return [(str(key), name) for key, name in db.session.execute(found.order_by(Person.name))]


def _items_of(key: str, chosen: int | None) -> list[tuple[str, str]]:
    """The items that a field can hold, and the one that it holds."""
    found = pointing.candidates(_ENVELOPE[key], chosen)
    rows = db.session.execute(
        found.with_only_columns(Item.id, Item.name, Item.uid)
        .order_by(Item.name, Item.uid)
        .limit(_MOST)
    )
    return [(str(key), f"{name} ({uid})") for key, name, uid in rows]
