"""The people with their role, where it comes from, and when they were last here."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from cmdb.database import db
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import ROLE_GRANTS, Permission, Reach, Role
from servicedesk.directory.models import Directory, DirectoryAccount
from servicedesk.rota.models import FeedToken
from servicedesk.signin.models import ApiToken, WebSession

CENTRE = 0
_AT_ONCE = 500


@dataclass(frozen=True)
class Question:
    """Whose rights: of a municipality (`CENTRE` is the centre), a role, who holds one of some permissions.

    `words` is a part of a name or of a sign-in name. What is None or empty asks nothing.
    """

    municipality_id: int | None = None
    role: Role | None = None
    permissions: frozenset[Permission] = frozenset()
    words: str = ""


@dataclass(frozen=True)
class Right:
    """Somebody who may sign in.

    `domain` is of the directory that the person comes from; `group` what there gives the role.
    Both are empty for what was done by hand. `signed_in_at` is None when that is longer ago than
    sessions are kept. `sessions` are open now; `calendars` are the secret addresses and `tokens` those
    of programs that hold now.
    """

    person: Person
    domain: str
    group: str
    signed_in_at: dt.datetime | None
    sessions: int
    calendars: int
    tokens: int


@dataclass(frozen=True)
class Openness:
    """When a session still counts as open."""

    now: dt.datetime
    idle: dt.timedelta
    absolute: dt.timedelta


def count(question: Question) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(_people(question).subquery()))


def page(question: Question, openness: Openness, limit: int, offset: int = 0) -> list[Right]:
    """The people by name; ask in scope `EVERYTHING`."""
    chosen = _people(question).order_by(Person.name, Person.id).limit(limit).offset(offset)
    return _rights(chosen, openness)


def everybody(question: Question, openness: Openness) -> Iterator[Right]:
    """All of them, in bites."""
    offset = 0
    while found := page(question, openness, _AT_ONCE, offset):
        yield from found
        offset += _AT_ONCE


def one(person: Person, openness: Openness) -> Right:
    return _rights(sa.select(Person).where(Person.id == person.id), openness)[0]


def group_of(directory: Directory | None, role: Role) -> str:
    """The groups of a directory that give `role`; empty when people get it by hand.

    A directory that names no group of managers leaves every role as it is.
    """
    if directory is None or not directory.groups.get(Role.MUNICIPALITY_MANAGER.value):
        return ""
    return ", ".join(directory.groups.get(role.value) or [directory.domain])


def grants(role: Role) -> list[tuple[Permission, Reach]]:
    """What a role may, in the order of the permissions."""
    return [(each, ROLE_GRANTS[role][each]) for each in Permission if each in ROLE_GRANTS[role]]


def counts() -> dict[Role, int]:
    """How many people who may sign in have each role."""
    counted = sa.select(Person.role, sa.func.count()).where(Person.is_active).group_by(Person.role)
    return dict(db.session.execute(counted).all())


def last_signed_in() -> sa.ScalarSelect:
    """When the person of the row around it signed in last."""
    return (
        sa.select(sa.func.max(WebSession.created_at))
        .where(WebSession.person_id == Person.id)
        .correlate(Person)
        .scalar_subquery()
    )


def _people(question: Question) -> sa.Select:
    chosen = sa.select(Person).where(Person.is_active)
    if question.municipality_id is not None:
        home = question.municipality_id or None
        chosen = chosen.where(Person.municipality_id.is_not_distinct_from(home))
    if question.role is not None:
        chosen = chosen.where(Person.role == question.role)
    if question.permissions:
        holding = [role for role in Role if question.permissions & ROLE_GRANTS[role].keys()]
        chosen = chosen.where(Person.role.in_(holding))
    if question.words:
        named = [
            each.icontains(question.words, autoescape=True) for each in (Person.name, Person.login)
        ]
        chosen = chosen.where(sa.or_(*named))
    return chosen


def _rights(chosen: sa.Select, openness: Openness) -> list[Right]:
    rows = db.session.execute(
        chosen.outerjoin(DirectoryAccount, DirectoryAccount.person_id == Person.id)
        .outerjoin(Directory, Directory.id == DirectoryAccount.directory_id)
        .options(joinedload(Person.municipality), selectinload(Person.teams))
        .add_columns(
            Directory,
            last_signed_in(),
            _counted(
                WebSession,
                WebSession.ended_at.is_(None),
                WebSession.seen_at > openness.now - openness.idle,
                WebSession.created_at > openness.now - openness.absolute,
            ),
            _counted(FeedToken, FeedToken.revoked_at.is_(None)),
            _counted(
                ApiToken,
                ApiToken.revoked_at.is_(None),
                ApiToken.expires_on >= local(openness.now).date(),
            ),
        )
    ).all()
    return [
        Right(
            person, directory.domain if directory else "", group_of(directory, person.role), *rest
        )
        for person, directory, *rest in rows
    ]


def _counted(model, *conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect:
    return (
        sa.select(sa.func.count())
        .select_from(model)
        .where(model.person_id == Person.id, *conditions)
        .correlate(Person)
        .scalar_subquery()
    )
