"""Forgotten passwords: what is typed on the page is written down, and a worker answers by mail.

So the page does the same for every name, and takes as long: it tells nothing of who exists.
"""

import datetime as dt

import sqlalchemy as sa

from cmdb.database import db
from cmdb.people import Person
from servicedesk.directory.models import DirectoryAccount
from servicedesk.notify.outbox import enqueue
from servicedesk.signin import links
from servicedesk.signin.account_models import AccountLink, PasswordAsk, Purpose
from servicedesk.signin.attempts import TooManyAttempts, counted_address

WINDOW = dt.timedelta(hours=1)
PER_ADDRESS = 20
# With more, somebody could fill a mailbox; the last link stays good, so nobody is shut out by it.
PER_ACCOUNT = 3
# Of one mail address; more accounts than this do not share one.
_MOST = 5
BATCH = 50


def ask(name: str, address: str, now: dt.datetime) -> None:
    """Write down that the password behind a sign-in name or mail address is forgotten.

    Raises:
        TooManyAttempts: that address asked too often in the last hour.
    """
    here = counted_address(address)
    asked = sa.select(sa.func.count()).where(PasswordAsk.address == here, PasswordAsk.at > now - WINDOW)
    if db.session.scalar(asked) >= PER_ADDRESS:
        raise TooManyAttempts
    db.session.add(PasswordAsk(name=name, address=here, at=now))


def answer(now: dt.datetime) -> int:
    """Mail those who asked, as far as they are somebody; how many asks were taken, at most `BATCH`."""
    asks = db.session.scalars(
        sa.select(PasswordAsk)
        .where(PasswordAsk.answered_at.is_(None))
        .order_by(PasswordAsk.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for each in asks:
        each.answered_at = now
        for person, is_elsewhere in _people(each.name):
            if is_elsewhere:
                _say_where(person, now)
            elif person.password_hash and _links_of_late(person, now) < PER_ACCOUNT:
                links.send(person, Purpose.RESET, now)
    return len(asks)


def _people(name: str) -> list[tuple[Person, bool]]:
    """Who may mean that: the one with that sign-in name, else those with that mail address."""
    chosen = (
        sa.select(Person, DirectoryAccount.person_id.is_not(None))
        .outerjoin(DirectoryAccount, DirectoryAccount.person_id == Person.id)
        .where(Person.is_active)
    )
    named = db.session.execute(chosen.where(Person.login == name)).all()
    if named or "@" not in name:
        return [tuple(row) for row in named]
    mailed = chosen.where(sa.func.lower(Person.email) == name).order_by(Person.id).limit(_MOST)
    return [tuple(row) for row in db.session.execute(mailed)]


def _links_of_late(person: Person, now: dt.datetime) -> int:
    return db.session.scalar(
        sa.select(sa.func.count()).where(
            AccountLink.person_id == person.id,
            AccountLink.purpose == Purpose.RESET,
            AccountLink.made_at > now - WINDOW,
        )
    )


def _say_where(person: Person, now: dt.datetime) -> None:
    """Once an hour: the password is that of the municipality, and is not kept here."""
    enqueue(
        person,
        "password-elsewhere",
        dedup_key=f"password-elsewhere:{now:%Y-%m-%dT%H}",
        municipality_id=person.municipality_id,
        now=now,
    )
