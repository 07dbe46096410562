"""The accounts of the centre's people: made, invited, given another role, shut out and let in.

All of it is written down. Nobody changes the own role or shuts the own account, and an
administrator who may sign in is always left.
"""

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa

from cmdb.database import db
from cmdb.people import Membership, Person
from cmdb.permissions import Role
from servicedesk.signin import links, sessions, story, tokens
from servicedesk.signin.account_models import Deed, Purpose

ROLES = tuple(role for role in Role if role.serves_everyone)


class Refused(Exception):
    """This would leave the centre without an administrator, or is about oneself."""


def add(person: Person, teams: Collection[int], actor: Person | None, now: dt.datetime) -> None:
    """Add somebody who chooses a password by a link."""
    db.session.add(person)
    db.session.flush()
    db.session.add_all([Membership(team_id=key, person_id=person.id) for key in sorted(teams)])
    story.tell(person, Deed.ADDED, actor, now)


def invite(person: Person, actor: Person | None, now: dt.datetime) -> None:
    """Mail an invitation; an earlier one is void."""
    links.send(person, Purpose.INVITATION, now)
    story.tell(person, Deed.INVITED, actor, now)


def withdraw(person: Person, actor: Person, now: dt.datetime) -> bool:
    """Make the invitation void; False when there was none."""
    ended = links.end(person, now) > 0
    if ended:
        story.tell(person, Deed.WITHDRAWN, actor, now)
    return ended


def change_role(person: Person, role: Role, actor: Person, now: dt.datetime) -> None:
    """Give another role; who is signed in does so again, and makes new tokens.

    Raises:
        Refused: it is one's own, or `actor` is no administrator any more.
    """
    _refuse_own(person, actor)
    if person.role == role:
        return
    story.tell(person, Deed.ROLE, actor, now, f"{person.role.value} {role.value}")
    person.role = role
    sessions.end_all(person, now)
    tokens.revoke_all(person, now)


def shut(person: Person, actor: Person, now: dt.datetime) -> None:
    """Shut `person` out: sessions, tokens and links end at once.

    Raises:
        Refused: as `change_role`.
    """
    _refuse_own(person, actor)
    if person.is_active:
        person.is_active = False
        sessions.end_all(person, now)
        tokens.revoke_all(person, now)
        links.end(person, now)
        story.tell(person, Deed.INACTIVE, actor, now)


def let_in(person: Person, actor: Person, now: dt.datetime) -> None:
    if not person.is_active:
        person.is_active = True
        story.tell(person, Deed.ACTIVE, actor, now)


def _refuse_own(person: Person, actor: Person) -> None:
    """Two administrators who shut each other out at once take turns: the second is none any more."""
    acting = db.session.scalars(
        sa.select(Person)
        .where(Person.role == Role.ADMINISTRATOR)
        .order_by(Person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if person.id == actor.id or not any(one.id == actor.id and one.is_active for one in acting):
        raise Refused
