"""Who may do what: every permission, and the one table of roles.

A role's grant says how far it reaches: to one's own records, to one's municipality, or everywhere.
"""

import enum
import functools

import sqlalchemy as sa


class Permission(enum.StrEnum):
    ACCESS_READ = "access:read"
    ACCESS_REVIEW = "access:review"
    ACCESS_VIEW_AS = "access:view-as"
    DIRECTORY_WRITE = "directory:write"
    ITEM_CERTIFY = "item:certify"
    ITEM_READ = "item:read"
    ITEM_WRITE = "item:write"
    OUTAGE_READ = "outage:read"
    OUTAGE_REPORT = "outage:report"
    OUTAGE_WRITE = "outage:write"
    PERSON_WRITE = "person:write"
    QUEUE_READ = "queue:read"
    REPORT_READ = "report:read"
    ROTA_ABSENCE = "rota:absence"
    ROTA_FEED = "rota:feed"
    ROTA_PLAN = "rota:plan"
    ROTA_READ = "rota:read"
    ROTA_SWAP = "rota:swap"
    SITE_READ = "site:read"
    TICKET_ACCEPT = "ticket:accept"
    TICKET_FILE = "ticket:file"
    TICKET_FILE_FOR_OTHERS = "ticket:file-for-others"
    TICKET_NOTE = "ticket:note"
    TICKET_READ = "ticket:read"
    TICKET_REPLY = "ticket:reply"
    TICKET_WORK = "ticket:work"


class Role(enum.StrEnum):
    EMPLOYEE = "employee"
    AGENT = "agent"
    MUNICIPALITY_MANAGER = "municipality-manager"
    CENTRE_MANAGER = "centre-manager"
    ADMINISTRATOR = "administrator"

    @property
    def serves_everyone(self) -> bool:
        """Whether people with this role belong to the centre and not to a municipality."""
        return self in (Role.AGENT, Role.CENTRE_MANAGER, Role.ADMINISTRATOR)


class Reach(enum.IntEnum):
    OWN = 1
    MUNICIPALITY = 2
    EVERYWHERE = 3


_EMPLOYEE = {
    Permission.ITEM_READ: Reach.MUNICIPALITY,
    Permission.OUTAGE_READ: Reach.MUNICIPALITY,
    Permission.OUTAGE_REPORT: Reach.MUNICIPALITY,
    Permission.ROTA_FEED: Reach.OWN,
    Permission.SITE_READ: Reach.MUNICIPALITY,
    Permission.TICKET_ACCEPT: Reach.OWN,
    Permission.TICKET_FILE: Reach.OWN,
    Permission.TICKET_READ: Reach.OWN,
    Permission.TICKET_REPLY: Reach.OWN,
}
_AGENT = dict.fromkeys(
    (
        Permission.ITEM_READ,
        Permission.OUTAGE_READ,
        Permission.OUTAGE_WRITE,
        Permission.QUEUE_READ,
        Permission.ROTA_READ,
        Permission.SITE_READ,
        Permission.TICKET_FILE_FOR_OTHERS,
        Permission.TICKET_NOTE,
        Permission.TICKET_READ,
        Permission.TICKET_REPLY,
        Permission.TICKET_WORK,
    ),
    Reach.EVERYWHERE,
) | dict.fromkeys(
    (Permission.ITEM_CERTIFY, Permission.ROTA_ABSENCE, Permission.ROTA_FEED, Permission.ROTA_SWAP),
    Reach.OWN,
)
# Who makes the roster sees why somebody is away, and may do all that its people may.
_PLANNER = dict.fromkeys(
    (Permission.ROTA_ABSENCE, Permission.ROTA_PLAN, Permission.ROTA_SWAP), Reach.EVERYWHERE
)

ROLE_GRANTS: dict[Role, dict[Permission, Reach]] = {
    Role.EMPLOYEE: _EMPLOYEE,
    Role.MUNICIPALITY_MANAGER: _EMPLOYEE
    | dict.fromkeys(
        (Permission.ACCESS_REVIEW, Permission.REPORT_READ, Permission.TICKET_READ),
        Reach.MUNICIPALITY,
    ),
    Role.AGENT: _AGENT,
    Role.CENTRE_MANAGER: _AGENT
    | _PLANNER
    | dict.fromkeys((Permission.ACCESS_REVIEW, Permission.REPORT_READ), Reach.EVERYWHERE),
    Role.ADMINISTRATOR: _AGENT
    | _PLANNER
    | dict.fromkeys(
        (
            Permission.ACCESS_READ,
            Permission.ACCESS_REVIEW,
            Permission.ACCESS_VIEW_AS,
            Permission.DIRECTORY_WRITE,
            Permission.ITEM_CERTIFY,
            Permission.ITEM_WRITE,
            Permission.PERSON_WRITE,
            Permission.REPORT_READ,
        ),
        Reach.EVERYWHERE,
    ),
}


def reach(person, permission: Permission) -> Reach | None:
    """How far `person` may go with `permission`; None when not at all."""
    return ROLE_GRANTS[person.role].get(permission)


def may(person, permission: Permission, record=None) -> bool:
    """Whether `person` may do the deed, to `record` when one is given."""
    granted = reach(person, permission)
    if granted is None or record is None:
        return granted is not None
    if granted == Reach.OWN:
        return record.belongs_to(person)
    return granted == Reach.EVERYWHERE or record.municipality_id == person.municipality_id


def visible(model, person, permission: Permission) -> sa.Select:
    """The select of what `person` may reach of `model`: every list, count and report starts here.

    The model tells what is one's own by a class method `owned_by(person)`.
    """
    granted = reach(person, permission)
    if granted is None:
        return sa.select(model).where(sa.false())
    if granted == Reach.OWN:
        return sa.select(model).where(model.owned_by(person))
    if granted == Reach.MUNICIPALITY:
        return sa.select(model).where(model.within(frozenset({person.municipality_id})))
    return _all_of(model)


@functools.cache
def _all_of(model) -> sa.Select:
    """The same each time, so that what is put together of it is put together once."""
    return sa.select(model)
