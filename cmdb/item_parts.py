"""What an item has more than one of: identifiers, roles, steps, documents, sources of fields."""

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Json, Model
from cmdb.items import Item, ItemStatus, choice
from cmdb.people import Person, Team
from cmdb.tenancy import Walled


class IdentifierKind(enum.StrEnum):
    UUID = "uuid"
    MAC = "mac"
    FQDN = "fqdn"
    ADDRESS = "address"
    OTHER = "other"


class Fill(enum.StrEnum):
    """When a source may fill a field, where it may not by its rank alone."""

    NEVER = "never"
    EMPTY = "empty"


class Duty(enum.StrEnum):
    """What somebody, or a team, does for an item."""

    TECHNICAL_MANAGER = "technical-manager"
    FUNCTIONAL_MANAGER = "functional-manager"
    PROCESS_OWNER = "process-owner"
    BUDGET_HOLDER = "budget-holder"
    RESOLVER_TEAM = "resolver-team"
    SUPPLIER_CONTACT = "supplier-contact"


class _Part(Walled):
    """Something of an item: seen with the item, written for everybody only."""

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), index=True)

    @classmethod
    def within(cls, municipalities):
        return cls.item_id.in_(sa.select(Item.id).where(Item.within(municipalities)))


class ItemIdentifier(_Part, Model):
    """A name by which the outside world knows an item."""

    __table_args__ = (sa.Index("ix_item_identifier_value", "kind", "value"),)

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), primary_key=True)
    kind: Mapped[IdentifierKind] = mapped_column(choice(IdentifierKind), primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(255), primary_key=True)


class ItemTerm(_Part, Model):
    """A word by which an item is found, or was once: see `cmdb.terms`.

    PostgreSQL compares it byte by byte.
    """

    __table_args__ = (sa.Index("ix_item_term_term", "term", "item_id", "is_current"),)

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), primary_key=True)
    term: Mapped[str] = mapped_column(
        sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql"), primary_key=True
    )
    is_current: Mapped[bool] = mapped_column(default=True)


class ItemRole(_Part, Model):
    """Who does what for an item: a person, a team, or somebody outside by `contact`."""

    __table_args__ = (
        sa.CheckConstraint(
            "CASE WHEN person_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN team_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN contact = '' THEN 0 ELSE 1 END = 1",
            name="one_holder",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[Duty] = mapped_column(choice(Duty))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    contact: Mapped[str] = mapped_column(sa.String(255), default="")
    is_deputy: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]

    person: Mapped[Person | None] = relationship()
    team: Mapped[Team | None] = relationship()


class ItemStep(_Part, Model):
    """A step in the life of an item: when it is planned, and when it was done."""

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[ItemStatus] = mapped_column(choice(ItemStatus))
    planned_on: Mapped[dt.date | None]
    done_on: Mapped[dt.date | None]


class ItemDocument(_Part, Model):
    """A file about an item; one that is removed stays with what the item was."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    content_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    added_at: Mapped[dt.datetime]
    is_removed: Mapped[bool] = mapped_column(default=False)
    data: Mapped[bytes] = mapped_column(deferred=True)


class FieldSource(_Part, Model):
    """Which source last told or confirmed a field of an item, and when."""

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), primary_key=True)
    field: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    source: Mapped[str] = mapped_column(sa.String(80))
    at: Mapped[dt.datetime]


class Observation(Walled, Model):
    """What an inventory saw of a field that it may not write: the agreed value stays.

    `value` is as the state of the item would hold it. Somebody may have said that it is wrong;
    that holds until something else is seen.
    """

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), primary_key=True)
    field: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    value: Mapped[Any] = mapped_column(Json)
    source: Mapped[str] = mapped_column(sa.String(80))
    seen_at: Mapped[dt.datetime]
    rejected_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    rejected_at: Mapped[dt.datetime | None]

    item: Mapped[Item] = relationship()
    rejected_by: Mapped[Person | None] = relationship()


class FieldRule(Walled, Model):
    """When a kind of source, such as `glpi`, may fill a field of any item."""

    source: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    field: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    fill: Mapped[Fill] = mapped_column(choice(Fill))
