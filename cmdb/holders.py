"""The table of permissions read from the other side: who reaches a record."""

import sqlalchemy as sa

from cmdb.people import Person
from cmdb.permissions import ROLE_GRANTS, Permission, Reach, Role


def roles_with(permission: Permission) -> dict[Reach, set[Role]]:
    """The roles that hold `permission`, by how far it reaches for them."""
    found: dict[Reach, set[Role]] = {}
    for role, grants in ROLE_GRANTS.items():
        if permission in grants:
            found.setdefault(grants[permission], set()).add(role)
    return found


def holders(model, key: int, permission: Permission) -> sa.Select:
    """The select of who may sign in and reaches the record `key` of `model`.

    What is one's own, and what is of a municipality, is told by the model itself, as for
    `cmdb.permissions.visible`; here the person is the column and the record is the value.
    """
    roles = roles_with(permission)
    ways = {
        Reach.OWN: lambda: model.owned_by(Person),
        Reach.MUNICIPALITY: lambda: model.within(frozenset({Person.municipality_id})),
        Reach.EVERYWHERE: sa.true,
    }
    reached = [sa.and_(Person.role.in_(roles[how]), ways[how]()) for how in ways if how in roles]
    return (
        sa.select(Person)
        .join(model, sa.or_(sa.false(), *reached))
        .where(model.id == key, Person.is_active)
    )
