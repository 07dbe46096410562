"""What the fields of an item may point at, and what must fit together: for forms and programs."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import Item
from cmdb.organisation import Location
from cmdb.people import Person
from cmdb.permissions import Role
from servicedesk.inventory.fields import Field
from servicedesk.language import gettext as _

_SERVING = [role for role in Role if role.serves_everyone]
_BY_STAFF = ("manager", "deputy")


def candidates(field: Field, chosen: int | None = None) -> sa.Select:
    """The rows that a field may point at; the one that was chosen before stays one."""
    model: Any = field.refers
    if field.key in _BY_STAFF:
        fits = sa.and_(Person.role.in_(_SERVING), Person.is_active)
    elif model is Item:
        fits = Item.class_key == field.key
    else:
        return sa.select(model)
    return sa.select(model).where(sa.or_(fits, model.id == chosen))


def misfits(values: Mapping[str, Any]) -> dict[str, str]:
    """What of the values does not go together: by the name of the field, one sentence.

    `values` are those of an item by the names of its columns, as far as they are known.
    """
    owner, found = values.get("municipality_id"), {}
    if (key := values.get("location_id")) is not None:
        location = db.session.get(Location, key)
        if location is None or location.municipality_id != owner:
            found["location_id"] = _("Deze locatie hoort niet bij de eigenaar")
    if (key := values.get("user_id")) is not None:
        person = db.session.get(Person, key)
        if person is None or owner is None or person.municipality_id != owner:
            found["user_id"] = _("Deze persoon hoort niet bij de eigenaar")
    if values.get("deputy_id") is not None and values["deputy_id"] == values.get("manager_id"):
        found["deputy_id"] = _("De vervanger is iemand anders dan de beheerder")
    return found
