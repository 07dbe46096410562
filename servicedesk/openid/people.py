"""Who somebody at a provider is here: the same person as last time, one who is known, or a new one.

A person is known by the issuer and the key there. The municipality is that of the provider, whatever
a claim or a mail address says. Somebody of the directory stays what the directory says; here is only
proven that they are there.
"""

import datetime as dt

import sqlalchemy as sa

from cmdb.database import db
from cmdb.people import Person
from cmdb.permissions import Role
from servicedesk.directory.models import Directory, DirectoryAccount
from servicedesk.openid.claims import Identity
from servicedesk.openid.failure import Reason, Refused
from servicedesk.openid.models import OpenIdAccount, OpenIdProvider
from servicedesk.signin import links


def person_of(provider: OpenIdProvider, identity: Identity, now: dt.datetime) -> Person:
    """That person, brought up to date. To be called in a session that sees everything.

    Raises:
        Refused: nobody is, or that person does not come in.
    """
    # Two who come in for the first time take turns.
    db.session.execute(
        sa.select(OpenIdProvider.id).where(OpenIdProvider.id == provider.id).with_for_update()
    )
    account = db.session.get(OpenIdAccount, (provider.id, provider.issuer, identity.key))
    if account is None:
        person = _claimed(provider, identity, now)
        db.session.add(
            OpenIdAccount(
                provider_id=provider.id,
                issuer=provider.issuer,
                key=identity.key,
                municipality_id=provider.municipality_id,
                person_id=person.id,
            )
        )
    else:
        person = db.session.get(Person, account.person_id)
    # Whoever moved the person elsewhere moved them out of the reach of this provider.
    if not person.is_active or person.municipality_id != provider.municipality_id:
        raise Refused(Reason.INACTIVE, f"person {person.id}")
    if not _is_of_directory(person):
        _describe(person, identity)
        person.role = _role(provider, person, identity)
    db.session.flush()
    return person


def _claimed(provider: OpenIdProvider, identity: Identity, now: dt.datetime) -> Person:
    """Who that is that comes in for the first time."""
    if provider.directory_claim:
        return _of_directory(provider, identity)
    holder = db.session.scalar(sa.select(Person).where(Person.login == identity.login))
    if holder is None:
        return _new(provider, identity)
    if not _may_take_over(provider, holder):
        raise Refused(Reason.TAKEN, f"person {holder.id}")
    # From here on the provider vouches for them, and no link gives them a password.
    holder.password_hash = None
    links.end(holder, now)
    return holder


def _of_directory(provider: OpenIdProvider, identity: Identity) -> Person:
    chosen = (
        sa.select(Person)
        .join(DirectoryAccount, DirectoryAccount.person_id == Person.id)
        .join(Directory, Directory.id == DirectoryAccount.directory_id)
        .where(
            Directory.municipality_id == provider.municipality_id,
            DirectoryAccount.key == identity.directory_key,
        )
    )
    person = db.session.scalar(chosen) if identity.directory_key else None
    if person is None:
        raise Refused(Reason.UNKNOWN, f"key {identity.directory_key!r}")
    return person


def _new(provider: OpenIdProvider, identity: Identity) -> Person:
    role = _highest(provider, identity)
    if role is None and provider.municipality_id is not None:
        role = Role.EMPLOYEE
    if role is None:
        raise Refused(Reason.NO_GROUP, "somebody new of the centre without a role")
    person = Person(
        municipality_id=provider.municipality_id, role=role, login=identity.login,
        name=identity.name, email=identity.email,
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    return person


def _may_take_over(provider: OpenIdProvider, holder: Person) -> bool:
    """Whether the account of that name may be given to who comes from the provider.

    Never that of another municipality, of the directory or of an administrator, and never one that
    somebody else at the same issuer has.
    """
    taken = sa.select(OpenIdAccount.key).where(
        OpenIdAccount.person_id == holder.id, OpenIdAccount.issuer == provider.issuer
    )
    return (
        provider.takes_over
        and holder.municipality_id == provider.municipality_id
        and holder.role != Role.ADMINISTRATOR
        and not _is_of_directory(holder)
        and db.session.scalar(taken.limit(1)) is None
    )


def _describe(person: Person, identity: Identity) -> None:
    person.name = identity.name
    if identity.email:
        person.email = identity.email
    if person.login != identity.login:
        holder = sa.select(Person.id).where(Person.login == identity.login)
        # A new name that is somebody else's by now: the old one stays.
        if db.session.scalar(holder) is None:
            person.login = identity.login


def _role(provider: OpenIdProvider, person: Person, identity: Identity) -> Role:
    """The highest role of the groups; a higher one that no group is about stays."""
    given = _highest(provider, identity) or provider.roles[0]
    is_lower = provider.roles.index(given) < provider.roles.index(person.role)
    is_governed = bool(provider.groups.get(person.role.value))
    return person.role if is_lower and not is_governed else given


def _highest(provider: OpenIdProvider, identity: Identity) -> Role | None:
    return max(identity.roles, key=provider.roles.index, default=None)


def _is_of_directory(person: Person) -> bool:
    chosen = sa.select(DirectoryAccount.key).where(DirectoryAccount.person_id == person.id)
    return db.session.scalar(chosen.limit(1)) is not None
