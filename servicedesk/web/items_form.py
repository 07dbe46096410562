"""The form that registers or changes an item."""

import sqlalchemy as sa
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from cmdb import registry
from cmdb.catalogue import concrete
from cmdb.database import db
from cmdb.items import Hosting, Item, ItemConsumer, ItemStatus
from cmdb.organisation import Location, Municipality
from cmdb.people import Person
from cmdb.permissions import Role
from servicedesk.language import lazy_gettext
from servicedesk.language import gettext as _
from servicedesk.tickets import labels
from servicedesk.web.forms import Form

NOBODY = ""


def _key(value: str | None) -> int | None:
    return int(value) if value else None


class ItemForm(Form):
    """`version` is what the writer saw; who uses the item is chosen among the municipalities."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    item_class = SelectField(lazy_gettext("Soort"))
    name = StringField(
        lazy_gettext("Naam"), [InputRequired(lazy_gettext("Geef het object een naam")), Length(max=120)]
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
    reason = StringField(lazy_gettext("Reden van de wijziging"), [Length(max=500)])

    def offer(self, item: Item | None = None) -> None:
        """Set what there is to choose; shares that are agreed stay as they are."""
        self.item_class.choices = [(spec.key, spec.name) for spec in concrete(registry.classes())]
        if item is not None:
            self.item_class.data = item.class_key
        self.hosting.choices = [(key.value, label) for key, label in labels.HOSTING.items()]
        self.status.choices = [(key.value, label) for key, label in labels.ITEM_STATUS.items()]
        towns = [
            (str(key), name)
            for key, name in db.session.execute(sa.select(Municipality.id, Municipality.name).order_by("name"))
        ]
        self.owner.choices = [(NOBODY, _("Servicecentrum")), *towns]
        self.consumers.choices = towns
        self.location.choices = [(NOBODY, _("Geen")), *_locations()]
        staff = [(NOBODY, _("Niemand")), *_staff()]
        self.manager.choices = self.deputy.choices = staff
        self.agreed = _agreed(item)

    def validate_location(self, field):
        """A site of another municipality cannot hold the item."""
        if not field.data or field.errors or self.owner.errors:
            return
        if db.session.get(Location, _key(field.data)).municipality_id != _key(self.owner.data):
            raise ValidationError(_("Deze locatie hoort niet bij de eigenaar"))

    def validate_user(self, field):
        """Who has the device, by login; somebody of the owner."""
        field.data = (field.data or "").strip()
        if not field.data or self.owner.errors:
            return
        person = db.session.scalar(sa.select(Person).where(Person.login == field.data.lower()))
        if person is None:
            raise ValidationError(_("Er is niemand met deze gebruikersnaam"))
        if person.municipality_id is None or person.municipality_id != _key(self.owner.data):
            raise ValidationError(_("Deze persoon hoort niet bij de eigenaar"))

    def validate_deputy(self, field):
        if field.data and field.data == self.manager.data:
            raise ValidationError(_("De vervanger is iemand anders dan de beheerder"))

    def values(self) -> dict[str, object]:
        """What the register keeps of the form."""
        user = self.user.data and db.session.scalar(sa.select(Person.id).where(Person.login == self.user.data.lower()))
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
        }

    def shares(self) -> dict[int, int | None]:
        """Who uses it from today, with the share that was agreed."""
        return {int(key): self.agreed.get(int(key)) for key in self.consumers.data or ()}

    def differences(self, seen: dict[str, object], item: Item) -> list[tuple[str, str]]:
        """What a colleague changed since: field and present value, of the plain fields."""
        plain = {"name": self.name, "description": self.description, "hosting": self.hosting, "status": self.status}
        return [
            (field.label.text, _shown(field, getattr(item, key)))
            for key, field in plain.items()
            if seen.get(key) != getattr(item, key)
        ]

    @staticmethod
    def data_of(item: Item) -> dict[str, object]:
        """The form's content for an item as it stands."""
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
        }


def _shown(field, value: object) -> str:
    return str(dict(getattr(field, "choices", None) or ()).get(value, value))


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
    roles = [role for role in Role if role.serves_everyone]
    found = sa.select(Person.id, Person.name).where(Person.role.in_(roles), Person.is_active)
    return [(str(key), name) for key, name in db.session.execute(found.order_by(Person.name))]
