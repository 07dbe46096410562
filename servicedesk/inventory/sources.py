"""Who told the fields of an item last, and when, in words."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from cmdb import authority
from cmdb.catalogue import ItemClassSpec
from cmdb.database import db
from cmdb.item_parts import FieldSource
from servicedesk.inventory import fields
from servicedesk.language import gettext as _


@dataclass(frozen=True)
class Told:
    """A field, what told it last (`by`, in words `source`), and when (UTC)."""

    key: str
    label: str
    by: str
    source: str
    at: dt.datetime


def of_item(item_id: int, spec: ItemClassSpec) -> list[Told]:
    """What is known of the sources of an item, by field as the form has them."""
    known = [*fields.envelope().values(), *fields.of_class(spec).values()]
    rows = db.session.scalars(sa.select(FieldSource).where(FieldSource.item_id == item_id))
    by_field = {row.field: row for row in rows}
    told = []
    for one in known:
        if row := by_field.get(one.name) or by_field.get(one.key):
            told.append(Told(one.key, one.label, row.source, _said(row.source), row.at))
    return told


def _said(source: str) -> str:
    said = {authority.HAND: _("met de hand"), authority.CONFIRMED: _("bevestigd")}
    return said.get(source, source)
