"""The people who sign in, and the teams of the centre."""

import functools

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cmdb.database import Model
from cmdb.organisation import Department, Location, Municipality
from cmdb.permissions import Role
from cmdb.tenancy import Owned, Scope


class Person(UserMixin, Owned, Model):
    """Somebody of one municipality, or of the centre when `municipality_id` is None."""

    __table_args__ = (
        sa.UniqueConstraint("municipality_id", "id"),
        sa.ForeignKeyConstraint(
            ["municipality_id", "department_id"], ["department.municipality_id", "department.id"]
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "location_id"], ["location.municipality_id", "location.id"]
        ),
        sa.CheckConstraint(
            "(municipality_id IS NULL) = (role IN ('agent', 'centre-manager', 'administrator'))",
            name="role_fits_home",
        ),
        sa.Index("ix_person_name", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    role: Mapped[Role] = mapped_column(
        sa.Enum(Role, native_enum=False, length=24, values_callable=lambda roles: [r.value for r in roles])
    )
    department_id: Mapped[int | None]
    location_id: Mapped[int | None]
    password_hash: Mapped[str | None]
    locale: Mapped[str] = mapped_column(sa.String(2), default="nl")
    is_active: Mapped[bool] = mapped_column(default=True)
    # Local hours between which mail that can wait does; None is the hour of the centre.
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]

    municipality: Mapped[Municipality | None] = relationship()
    department: Mapped[Department | None] = relationship(viewonly=True)
    location: Mapped[Location | None] = relationship(viewonly=True)
    teams: Mapped[list["Team"]] = relationship(secondary="membership", order_by="Team.name", viewonly=True)

    @classmethod
    def within(cls, municipalities):
        """People of the centre are known to every municipality: they answer its tickets."""
        return sa.or_(cls.municipality_id.in_(municipalities), cls.municipality_id.is_(None))

    def is_within(self, scope: Scope) -> bool:
        return self.municipality_id is None or scope.holds(self.municipality_id)

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def tone(self) -> int:
        return tone(self.name)


# A page names the same few people in every line.
@functools.lru_cache(maxsize=1024)
def initials(name: str) -> str:
    words = name.split()
    return (words[0][:1] + words[-1][:1] if len(words) > 1 else name[:2]).upper()


@functools.lru_cache(maxsize=1024)
def tone(name: str) -> int:
    """Which of the five avatar colours belongs to somebody of this name."""
    return sum(map(ord, name)) % 5


class Team(Model):
    """A group of agents who share a queue."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    members: Mapped[list[Person]] = relationship(secondary="membership", order_by=Person.name, viewonly=True)


class Membership(Model):
    team_id: Mapped[int] = mapped_column(sa.ForeignKey("team.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, index=True)
