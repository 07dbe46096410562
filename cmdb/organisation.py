"""Municipalities, and how each is divided."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cmdb.database import Model
from cmdb.tenancy import Owned


class Municipality(Model):
    """A participant of the centre. `code` is the four-digit municipality code of CBS."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(sa.String(4), unique=True)
    inhabitants: Mapped[int]


class Department(Owned, Model):
    __table_args__ = (sa.UniqueConstraint("municipality_id", "id"), sa.UniqueConstraint("municipality_id", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Location(Owned, Model):
    """A building or site of a municipality."""

    __table_args__ = (sa.UniqueConstraint("municipality_id", "id"), sa.UniqueConstraint("municipality_id", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
