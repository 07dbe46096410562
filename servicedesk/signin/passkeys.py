"""Passkeys: keys that a browser uses for this site alone, each of them two steps in one.

A passkey is found by the browser itself and asks its holder for a finger, a face or a PIN, so it serves
after the password and instead of it. Only for local accounts: of the others, their directory decides
what signing in takes. Who made the device is not asked.
"""

import datetime as dt
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.people import Person
from servicedesk.notify.outbox import enqueue
from servicedesk.signin import second_step, story, webauthn
from servicedesk.signin.account_models import Deed
from servicedesk.signin.attempts import TooManyAttempts, counted_address
from servicedesk.signin.passkey_models import Passkey, PasskeyChallenge
from servicedesk.signin.sessions import hash_token
from servicedesk.signin.webauthn import Refused

LIFE = dt.timedelta(minutes=5)
# Open challenges of one address: an office behind one address stays far below it.
PER_ADDRESS = 100
MOST = 10  # of one person


def of(person: Person) -> list[Passkey]:
    """The passkeys of `person`, the oldest first."""
    chosen = sa.select(Passkey).where(Passkey.person_id == person.id).order_by(Passkey.id)
    return list(db.session.scalars(chosen))


def are_in_use() -> bool:
    """Whether anybody in scope can sign in with one."""
    return webauthn.site() is not None and db.session.scalar(
        sa.select(sa.exists().where(Passkey.stopped_at.is_(None)))
    )


def can_add(person: Person) -> bool:
    return webauthn.site() is not None and bool(person.password_hash) and len(of(person)) < MOST


def begin(person: Person, address: str, now: dt.datetime) -> tuple[str, dict[str, Any]]:
    """A challenge for who just proved to be `person`, and the question for a new passkey.

    Raises:
        TooManyAttempts: that address asked too often.
        Refused: no passkey can be added.
    """
    _refuse_more(person)
    challenge = _challenge(person.id, address, now)
    known = [(each.credential_id, each.transports) for each in of(person)]
    question = webauthn.creation(challenge, _handle(person), person.login, person.name, known)
    return challenge, question


def add(person: Person, challenge: str, answer: str, name: str, now: dt.datetime) -> list[str]:
    """Keep the passkey that the browser made; codes for on paper for who has none left.

    The challenge is used up, whatever comes of it.

    Raises:
        Refused: the answer is not one to that challenge, or no passkey can be added.
    """
    _use_up(challenge, person.id, now)
    _refuse_more(person)
    made = webauthn.made(webauthn.read(answer), challenge)
    passkey = Passkey(
        municipality_id=person.municipality_id,
        person_id=person.id,
        name=name,
        credential_id=made.credential_id,
        public_key=made.public_key,
        user_handle=_handle(person),
        transports=made.transports,
        is_backup_eligible=made.is_backup_eligible,
        sign_count=made.count,
        created_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(passkey)
    except sa.exc.IntegrityError:
        raise Refused("the passkey is there already") from None
    story.tell(person, Deed.PASSKEY_ADDED, person, now, name)
    _mail(person, "passkey-added", passkey, now)
    return second_step.codes_for_who_has_none(person)


def remove(passkey: Passkey, person: Person, now: dt.datetime) -> None:
    """Forget a passkey of `person`; with the last way of a second step, the codes on paper too."""
    story.tell(person, Deed.PASSKEY_REMOVED, person, now, passkey.name)
    db.session.delete(passkey)
    db.session.flush()
    if not second_step.is_asked(person):
        second_step.remove(person, person, now)


def ask(address: str, now: dt.datetime) -> tuple[str, dict[str, Any]]:
    """A challenge for anybody, and the question for a passkey.

    Raises:
        TooManyAttempts: that address asked too often.
        Refused: there are no passkeys at this address.
    """
    challenge = _challenge(None, address, now)
    return challenge, webauthn.request(challenge)


def login_of(answer: str) -> str:
    """In whose name the browser answers, to count the attempt; empty when nobody in scope has that key."""
    try:
        return _find(webauthn.read(answer)).person.login
    except Refused:
        return ""


def use(challenge: str, answer: str, now: dt.datetime, whose: Person | None = None) -> Person:
    """Who proved to be there; of `whose` it must be, when that is given.

    The challenge is used up, whatever comes of it. A passkey that counts no further than before is one
    of two: it is stopped, and its person is told.

    Raises:
        Refused: the answer is not one to that challenge, or its giver may not come in by it.
    """
    _use_up(challenge, None, now)
    told = webauthn.read(answer)
    passkey = _find(told)
    person = passkey.person
    if whose is not None and person.id != whose.id:
        raise Refused("the passkey is of somebody else")
    if not person.is_active or not person.password_hash:
        raise Refused("the person has no account here any more")
    if passkey.stopped_at is not None:
        raise Refused("the passkey is stopped")
    count = webauthn.count(told, challenge, passkey.public_key, passkey.user_handle)
    if not _counts_on(passkey, count, now):
        passkey.stopped_at = now
        story.tell(person, Deed.PASSKEY_STOPPED, None, now, passkey.name)
        _mail(person, "passkey-stopped", passkey, now)
        raise Refused("the count went back: there is a copy")
    return person


def _counts_on(passkey: Passkey, count: int, now: dt.datetime) -> bool:
    """Whether the count grew, or is never kept; the update makes that of two equal ones one is right."""
    grown = sa.or_(
        Passkey.sign_count < count, sa.and_(Passkey.sign_count == 0, sa.literal(count) == 0)
    )
    known = sa.update(Passkey).where(Passkey.id == passkey.id, grown)
    return db.session.execute(known.values(sign_count=count, used_at=now)).rowcount == 1


def _find(told: Mapping[str, Any]) -> Passkey:
    passkey = db.session.scalar(
        sa.select(Passkey)
        .where(Passkey.credential_id == told["id"])
        .options(joinedload(Passkey.person))
    )
    if passkey is None:
        raise Refused("the passkey is not known")
    return passkey


def _challenge(person_id: int | None, address: str, now: dt.datetime) -> str:
    here = counted_address(address)
    is_open = PasskeyChallenge.address == here, PasskeyChallenge.made_at > now - LIFE
    if db.session.scalar(sa.select(sa.func.count()).where(*is_open)) >= PER_ADDRESS:
        raise TooManyAttempts
    challenge = secrets.token_urlsafe(32)
    kept = PasskeyChallenge(
        challenge_hash=hash_token(challenge), person_id=person_id, address=here, made_at=now
    )
    db.session.add(kept)
    db.session.flush()
    return challenge


def _use_up(challenge: str, person_id: int | None, now: dt.datetime) -> None:
    """Of two who use the same one only the first may."""
    used = sa.delete(PasskeyChallenge).where(
        PasskeyChallenge.challenge_hash == hash_token(challenge),
        PasskeyChallenge.person_id.is_not_distinct_from(person_id),
        PasskeyChallenge.made_at > now - LIFE,
    )
    if not db.session.execute(used).rowcount:
        raise Refused("the challenge is not open (any more)")


def _refuse_more(person: Person) -> None:
    if not can_add(person):
        raise Refused("there can be no (more) passkeys")


def _handle(person: Person) -> bytes:
    """What devices call the account: it tells nothing about the person, and stays the same."""
    known = of(person)
    if known:
        return known[0].user_handle
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(secret, f"passkey {person.id}".encode(), "sha256")


def _mail(person: Person, template: str, passkey: Passkey, now: dt.datetime) -> None:
    """So that a thief does nothing in silence."""
    enqueue(
        person,
        template,
        dedup_key=f"{template}:{passkey.id}",
        municipality_id=person.municipality_id,
        now=now,
        at=now,
        passkey=passkey.name,
    )
