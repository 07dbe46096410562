"""Links by which somebody chooses a password: an invitation, or after forgetting the old one."""

import datetime as dt
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.people import Person
from servicedesk.notify.outbox import enqueue
from servicedesk.signin import story, tokens
from servicedesk.signin.account_models import AccountLink, Deed, Purpose, SecondStep
from servicedesk.signin.passwords import set_password
from servicedesk.signin.sessions import end_all, hash_token

LIFE = {Purpose.RESET: dt.timedelta(hours=1), Purpose.INVITATION: dt.timedelta(days=7)}


def make(person: Person, purpose: Purpose, now: dt.datetime) -> str:
    """Make a link and end the earlier ones of that person; its token, of 256 bits."""
    end(person, now)
    token = secrets.token_urlsafe(32)
    db.session.add(
        AccountLink(
            token_hash=hash_token(token),
            municipality_id=person.municipality_id,
            person_id=person.id,
            purpose=purpose,
            made_at=now,
            expires_at=now + LIFE[purpose],
        )
    )
    db.session.flush()
    return token


def send(person: Person, purpose: Purpose, now: dt.datetime) -> None:
    """Mail a new link."""
    token = make(person, purpose, now)
    enqueue(
        person,
        f"password-{purpose}",
        dedup_key=f"account-link:{hash_token(token)}",
        municipality_id=person.municipality_id,
        now=now,
        secret=token,
        until=now + LIFE[purpose],
    )


def end(person: Person, now: dt.datetime) -> int:
    """End the links of `person` that were not used; how many there were."""
    return db.session.execute(
        sa.update(AccountLink)
        .where(AccountLink.person_id == person.id, AccountLink.ended_at.is_(None))
        .values(ended_at=now)
    ).rowcount


def find(token: str, now: dt.datetime) -> AccountLink | None:
    """The link with that token, if a password can still be chosen by it."""
    link = db.session.scalar(
        sa.select(AccountLink)
        .where(AccountLink.token_hash == hash_token(token), AccountLink.ended_at.is_(None))
        .options(joinedload(AccountLink.person))
    )
    is_open = link is not None and link.expires_at > now and link.person.is_active
    return link if is_open else None


def redeem(link: AccountLink, password: str, now: dt.datetime) -> bool:
    """Let the password be that of the link's person from now on; False when another was first.

    Every session and token of the person ends. The second step is still asked.
    """
    mine = sa.update(AccountLink).where(
        AccountLink.token_hash == link.token_hash, AccountLink.ended_at.is_(None)
    )
    if not db.session.execute(mine.values(ended_at=now)).rowcount:
        return False
    person = link.person
    end(person, now)
    choose(person, password, now)
    end_all(person, now)
    tokens.revoke_all(person, now)
    is_reset = link.purpose == Purpose.RESET
    story.tell(person, Deed.RESET if is_reset else Deed.ACCEPTED, person, now)
    if is_reset:
        tell_of_change(person, now)
    return True


def choose(person: Person, password: str, now: dt.datetime) -> None:
    """Set the password; who tried codes with the old one does not count against it."""
    set_password(person, password)
    db.session.execute(
        sa.update(SecondStep).where(SecondStep.person_id == person.id).values(failures=0)
    )


def tell_of_change(person: Person, now: dt.datetime) -> None:
    """Mail that the password was changed, so that a thief does not do it in silence."""
    enqueue(
        person,
        "password-changed",
        dedup_key=f"password-changed:{now.isoformat()}",
        municipality_id=person.municipality_id,
        now=now,
        at=now,
    )
