"""Configuration items: what exists, whose it is, who uses it, and what it was on any day."""

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Json, Model
from cmdb.organisation import Location, Municipality
from cmdb.people import Person
from cmdb.relations import Effect
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


class Environment(enum.StrEnum):
    PRODUCTION = "production"
    ACCEPTANCE = "acceptance"
    TEST = "test"
    DEVELOPMENT = "development"
    NONE = "none"


def choice(kind: type[enum.StrEnum]) -> sa.Enum:
    """A column of one of the values of `kind`."""
    return sa.Enum(
        kind, native_enum=False, length=24, values_callable=lambda kinds: [k.value for k in kinds]
    )


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
    """A configuration item; it is the centre's own when `municipality_id` is None.

    `class_key` is a key of `cmdb.registry.classes()`, which describe `attributes`.
    `confidentiality`, `integrity` and `availability` are the BIV classification: 1 low to 3 high.
    `groups` are its dependency groups, as `cmdb.dependency_groups` has them, and `ports` those of a
    device, as `cmdb.ports` has them.
    """

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["municipality_id", "location_id"], ["location.municipality_id", "location.id"]
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "user_id"], ["person.municipality_id", "person.id"]
        ),
        sa.CheckConstraint("confidentiality BETWEEN 1 AND 3", name="confidentiality"),
        sa.CheckConstraint("integrity BETWEEN 1 AND 3", name="integrity"),
        sa.CheckConstraint("availability BETWEEN 1 AND 3", name="availability"),
        sa.Index("ix_item_name", "name"),
        # The facets of the list are counted from this alone; `id` is for the wall.
        sa.Index("ix_item_facets", "class_key", "hosting", "municipality_id", "id"),
        {"sqlite_autoincrement": True},  # the key of a removed item is never another's
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(sa.String(16), unique=True)
    municipality_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("municipality.id"), index=True
    )
    class_key: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    hosting: Mapped[Hosting] = mapped_column(choice(Hosting))
    status: Mapped[ItemStatus] = mapped_column(choice(ItemStatus), default=ItemStatus.IN_USE)
    location_id: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(index=True)
    manager_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    deputy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    environment: Mapped[Environment] = mapped_column(choice(Environment), default=Environment.NONE)
    confidentiality: Mapped[int | None]
    integrity: Mapped[int | None]
    availability: Mapped[int | None]
    serial: Mapped[str] = mapped_column(default="", index=True)
    asset_tag: Mapped[str] = mapped_column(default="", index=True)
    supplier_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"), index=True)
    contract_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"), index=True)
    purchased_on: Mapped[dt.date | None]
    warranty_until: Mapped[dt.date | None]
    support_until: Mapped[dt.date | None]
    end_of_life: Mapped[dt.date | None]
    next_certification: Mapped[dt.date | None]
    confirmed_on: Mapped[dt.date | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    purchase_cents: Mapped[int | None] = mapped_column(sa.BigInteger)
    yearly_cents: Mapped[int | None] = mapped_column(sa.BigInteger)
    tags: Mapped[list[Any]] = mapped_column(default=list)
    groups: Mapped[list[Any]] = mapped_column(default=list)
    ports: Mapped[list[Any] | None] = mapped_column(Json)
    version: Mapped[int] = mapped_column(default=1)

    municipality: Mapped[Municipality | None] = relationship()
    location: Mapped[Location | None] = relationship(viewonly=True)
    user: Mapped[Person | None] = relationship(
        viewonly=True, primaryjoin=lambda: sa.orm.foreign(Item.user_id) == Person.id
    )
    manager: Mapped[Person | None] = relationship(foreign_keys=manager_id)
    deputy: Mapped[Person | None] = relationship(foreign_keys=deputy_id)
    supplier: Mapped["Item | None"] = relationship(
        viewonly=True,
        primaryjoin=lambda: sa.orm.foreign(Item.supplier_id) == sa.orm.remote(Item.id),
    )
    contract: Mapped["Item | None"] = relationship(
        viewonly=True,
        primaryjoin=lambda: sa.orm.foreign(Item.contract_id) == sa.orm.remote(Item.id),
    )
    consumers: Mapped[list[ItemConsumer]] = relationship(viewonly=True)

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def within(cls, municipalities):
        """Its own items, and those that it uses."""
        used = sa.select(ItemConsumer.item_id).where(
            ItemConsumer.municipality_id.in_(municipalities)
        )
        return sa.or_(cls.municipality_id.in_(municipalities), cls.id.in_(used))

    @classmethod
    def owned_by(cls, person):
        """What somebody looks after, as manager or as deputy."""
        return sa.or_(cls.manager_id == person.id, cls.deputy_id == person.id)

    def belongs_to(self, person: Person) -> bool:
        return person.id in (self.manager_id, self.deputy_id)

    def is_within(self, scope: Scope) -> bool:
        """A shared item passes here: only `within`, and PostgreSQL below it, know who uses it."""
        return True


class ChangeSet(Walled, Model):
    """One act on the register: who, when, why, and from which source; all of it one transaction.

    `xid` is the number of that, which PostgreSQL fills in for `cmdb.acts`.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    source: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    xid: Mapped[int | None] = mapped_column(
        sa.BigInteger, index=True, server_default=sa.FetchedValue()
    )

    actor: Mapped[Person | None] = relationship()

    @classmethod
    def within(cls, municipalities):
        versions = sa.select(ItemVersion.change_set_id).where(ItemVersion.within(municipalities))
        return cls.id.in_(versions)


class ItemVersion(Owned, Model):
    """What an item was from `valid_from` until `valid_to`; None means still.

    The change set that began the span and the one that ended it are named. An item that is removed
    keeps its versions, so `item_id` may point at nothing any more.
    """

    __table_args__ = (
        sa.Index("ix_item_version_valid", "item_id", "valid_from"),
        sa.Index("ix_item_version_span", "valid_from", "valid_to"),
        sa.Index("ix_item_version_end", "valid_to"),
        # A list of a day is read and counted from this alone.
        sa.Index(
            "ix_item_version_list",
            *("name", "item_id", "valid_from", "valid_to", "class_key", "municipality_id", "id"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int]
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    class_key: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str]
    valid_from: Mapped[dt.datetime]
    valid_to: Mapped[dt.datetime | None]
    change_set_id: Mapped[int] = mapped_column(sa.ForeignKey("change_set.id"), index=True)
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("change_set.id"), index=True)
    state: Mapped[dict[str, Any]]

    change_set: Mapped[ChangeSet] = relationship(foreign_keys=change_set_id)

    @classmethod
    def within(cls, municipalities):
        """What was theirs then, and all of what they see now."""
        seen = sa.select(Item.id).where(Item.within(municipalities))
        return sa.or_(cls.municipality_id.in_(municipalities), cls.item_id.in_(seen))

    def is_within(self, scope: Scope) -> bool:
        return True


class _Tie:
    """What a relation says; the same columns for what is and what was.

    `group` names a dependency group of the source; without one the relation is a group of its own.
    `capacity` counts in groups that need one. `valid_on` and `valid_until` are what was agreed.
    `port` is that of the target, where it has ports.
    """

    kind: Mapped[str] = mapped_column(sa.String(40))
    group: Mapped[str] = mapped_column(sa.String(80), default="")
    effect: Mapped[Effect] = mapped_column(choice(Effect), default=Effect.HARD)
    capacity: Mapped[float | None] = mapped_column(sa.Double)
    valid_on: Mapped[dt.date | None]
    valid_until: Mapped[dt.date | None]
    port: Mapped[str | None] = mapped_column(sa.String(80))


class Relation(_Tie, Walled, Model):
    """`source` needs `target`: when the target fails, the source may fail."""

    __table_args__ = (
        sa.UniqueConstraint("source_id", "target_id", "kind"),
        # What hangs on an item is read from this alone.
        sa.Index(
            "ix_relation_below",
            *("target_id", "source_id", "group", "effect", "valid_on", "valid_until"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    target_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))

    @classmethod
    def within(cls, municipalities):
        return _both_ends(cls, municipalities)


class RelationVersion(_Tie, Walled, Model):
    """What a relation said from `valid_from` until `valid_to`; None means still."""

    __table_args__ = (
        sa.Index("ix_relation_version_source", "source_id", "valid_from"),
        sa.Index("ix_relation_version_target", "target_id", "valid_from"),
        sa.Index("ix_relation_version_span", "valid_from", "valid_to"),
        sa.Index("ix_relation_version_end", "valid_to"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    relation_id: Mapped[int] = mapped_column(index=True)
    source_id: Mapped[int]
    target_id: Mapped[int]
    valid_from: Mapped[dt.datetime]
    valid_to: Mapped[dt.datetime | None]
    change_set_id: Mapped[int] = mapped_column(sa.ForeignKey("change_set.id"), index=True)
    ended_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("change_set.id"), index=True)

    @classmethod
    def within(cls, municipalities):
        return _both_ends(cls, municipalities)


class Baseline(Model):
    """A moment with a name: the register as it stood then."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    at: Mapped[dt.datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


def _both_ends(model, municipalities):
    items = sa.select(Item.id).where(Item.within(municipalities))
    return sa.and_(model.source_id.in_(items), model.target_id.in_(items))
