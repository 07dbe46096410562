"""Configuration items: what exists, whose it is, who uses it, and what it was on any day."""

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Model
from cmdb.organisation import Location, Municipality
from cmdb.people import Person
from cmdb.tenancy import Owned, Scope, Walled


class Hosting(enum.StrEnum):
    CENTRAL = "central"
    AT_MUNICIPALITY = "at-municipality"
    SPLIT = "split"
    SAAS = "saas"


class ItemStatus(enum.StrEnum):
    """The lifecycle of an item, in order."""

    PLANNED = "planned"
    IN_STOCK = "in-stock"
    IN_USE = "in-use"
    IN_REPAIR = "in-repair"
    RETIRED = "retired"


def _choice(kind: type[enum.StrEnum]) -> sa.Enum:
    return sa.Enum(kind, native_enum=False, length=24, values_callable=lambda kinds: [k.value for k in kinds])


class ItemClass(Model):
    """A class of items; `prefix` starts their identifiers: APP-0031."""

    key: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str] = mapped_column(sa.String(3), unique=True)
    parent_key: Mapped[str | None] = mapped_column(sa.ForeignKey("item_class.key"))


class ItemConsumer(Owned, Model):
    """A municipality that uses an item, with its share in thousandths, over a span of dates."""

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), primary_key=True)
    municipality_id: Mapped[int] = mapped_column(
        sa.ForeignKey("municipality.id"), primary_key=True, index=True
    )
    valid_from: Mapped[dt.date] = mapped_column(primary_key=True)
    valid_to: Mapped[dt.date | None]
    share: Mapped[int | None]

    municipality: Mapped[Municipality] = relationship()


class Item(Owned, Model):
    """A configuration item; it is the centre's own when `municipality_id` is None."""

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["municipality_id", "location_id"], ["location.municipality_id", "location.id"]
        ),
        sa.ForeignKeyConstraint(["municipality_id", "user_id"], ["person.municipality_id", "person.id"]),
        sa.Index("ix_item_name", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(sa.String(16), unique=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"), index=True)
    class_key: Mapped[str] = mapped_column(sa.ForeignKey("item_class.key"), index=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    hosting: Mapped[Hosting] = mapped_column(_choice(Hosting))
    status: Mapped[ItemStatus] = mapped_column(_choice(ItemStatus), default=ItemStatus.IN_USE)
    location_id: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(index=True)
    manager_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    deputy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)

    item_class: Mapped[ItemClass] = relationship()
    municipality: Mapped[Municipality | None] = relationship()
    location: Mapped[Location | None] = relationship(viewonly=True)
    user: Mapped[Person | None] = relationship(
        viewonly=True, primaryjoin=lambda: sa.orm.foreign(Item.user_id) == Person.id
    )
    manager: Mapped[Person | None] = relationship(foreign_keys=manager_id)
    deputy: Mapped[Person | None] = relationship(foreign_keys=deputy_id)
    consumers: Mapped[list[ItemConsumer]] = relationship(viewonly=True)

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def within(cls, municipalities):
        """Its own items, and those that it uses."""
        used = sa.select(ItemConsumer.item_id).where(ItemConsumer.municipality_id.in_(municipalities))
        return sa.or_(cls.municipality_id.in_(municipalities), cls.id.in_(used))

    def is_within(self, scope: Scope) -> bool:
        """A shared item passes here: only `within`, and PostgreSQL below it, know who uses it."""
        return True


class ChangeSet(Walled, Model):
    """One act on the register: who, when, why, and from which source."""

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    source: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")

    actor: Mapped[Person | None] = relationship()

    @classmethod
    def within(cls, municipalities):
        versions = sa.select(ItemVersion.change_set_id).where(ItemVersion.within(municipalities))
        return cls.id.in_(versions)


class ItemVersion(Owned, Model):
    """What an item was from `valid_from` until `valid_to`; None means still."""

    __table_args__ = (
        sa.Index("ix_item_version_valid", "item_id", "valid_from"),
        sa.Index("ix_item_version_span", "valid_from", "valid_to"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    valid_from: Mapped[dt.datetime]
    valid_to: Mapped[dt.datetime | None]
    change_set_id: Mapped[int] = mapped_column(sa.ForeignKey("change_set.id"), index=True)
    state: Mapped[dict[str, Any]]

    change_set: Mapped[ChangeSet] = relationship()

    @classmethod
    def within(cls, municipalities):
        return cls.item_id.in_(sa.select(Item.id).where(Item.within(municipalities)))

    def is_within(self, scope: Scope) -> bool:
        return True


class Relation(Walled, Model):
    """`source` needs `target`: when the target fails, the source may fail."""

    __table_args__ = (sa.UniqueConstraint("source_id", "target_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    target_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(40))

    @classmethod
    def within(cls, municipalities):
        return _both_ends(cls, municipalities)


class RelationVersion(Walled, Model):
    """That a relation stood from `valid_from` until `valid_to`; None means still."""

    __table_args__ = (
        sa.Index("ix_relation_version_source", "source_id", "valid_from"),
        sa.Index("ix_relation_version_target", "target_id", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    relation_id: Mapped[int] = mapped_column(index=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    target_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    kind: Mapped[str] = mapped_column(sa.String(40))
    valid_from: Mapped[dt.datetime]
    valid_to: Mapped[dt.datetime | None]
    change_set_id: Mapped[int] = mapped_column(sa.ForeignKey("change_set.id"), index=True)

    @classmethod
    def within(cls, municipalities):
        return _both_ends(cls, municipalities)


def _both_ends(model, municipalities):
    items = sa.select(Item.id).where(Item.within(municipalities))
    return sa.and_(model.source_id.in_(items), model.target_id.in_(items))
