"""How often one may try to sign in: enough to slow a guesser, never enough to lock another out.

A guesser is known by the name and the address together. Who guesses one name from many addresses, or
many names from one address, meets a wider limit that lets people through who signed in from that
address before: nobody shuts Anna out of her own desk by failing in her name.
"""

import datetime as dt
import hashlib
import ipaddress

import sqlalchemy as sa

from cmdb.database import db
from cmdb.people import Person
from cmdb.tenancy import everything
from servicedesk.signin.models import SignInAttempt, WebSession

WINDOW = dt.timedelta(minutes=15)
PER_NAME_AND_ADDRESS = 10
PER_NAME = 50
PER_ADDRESS = 100
# What is left to somebody known at an address that is over one of the two wider limits.
WHILE_ATTACKED = 3
KNOWN_FOR = dt.timedelta(days=30)


class TooManyAttempts(Exception):
    """This name or this address failed too often in the last quarter of an hour."""


def admit(login: str, address: str, now: dt.datetime) -> None:
    """Count an attempt as failed before the password is compared; `forgive` takes it back.

    Of attempts at once each is counted, if the caller commits before comparing. What the caller
    loaded before may be detached after it.

    Raises:
        TooManyAttempts: a limit is reached.
    """
    source = counted_address(address)
    _take_turns(login, source)
    by_both, by_name, by_address = _failed(login, source, now)
    if by_both >= PER_NAME_AND_ADDRESS:
        raise TooManyAttempts
    if by_name >= PER_NAME or by_address >= PER_ADDRESS:
        if by_both >= WHILE_ATTACKED or not _is_known(login, address, now):
            raise TooManyAttempts
    db.session.add(SignInAttempt(login=login, address=source, at=now))
    db.session.flush()


def forgive(login: str, address: str) -> None:
    """Forget the failures of who found the right password in the end."""
    source = counted_address(address)
    db.session.query(SignInAttempt).filter_by(login=login, address=source).delete()


def withdraw(login: str, address: str) -> None:
    """Take back the last attempt: nobody could say whether the password was right."""
    source = counted_address(address)
    last = sa.select(sa.func.max(SignInAttempt.id)).filter_by(login=login, address=source)
    db.session.query(SignInAttempt).filter_by(id=db.session.scalar(last)).delete()


def _take_turns(*names: str) -> None:
    """Let others who count the same name or address wait until this is committed.

    SQLite has one writer at a time as it is.
    """
    if db.session.get_bind().dialect.name != "postgresql":
        return
    keys = sorted(hashlib.sha256(name.encode()).digest()[:8] for name in names)
    for key in keys:
        number = int.from_bytes(key, signed=True)
        db.session.connection().execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def _failed(login: str, source: str, now: dt.datetime) -> tuple[int, int, int]:
    named, there = SignInAttempt.login == login, SignInAttempt.address == source
    count = sa.func.count()
    return db.session.execute(
        sa.select(count.filter(named, there), count.filter(named), count.filter(there))
        .select_from(SignInAttempt)
        .where(SignInAttempt.at > now - WINDOW, sa.or_(named, there))
    ).one()


def _is_known(login: str, address: str, now: dt.datetime) -> bool:
    """Whether that person signed in from that address in the last month."""
    with everything():
        return db.session.scalar(
            sa.select(
                sa.exists(
                    sa.select(WebSession.token_hash)
                    .join(Person, Person.id == WebSession.person_id)
                    .where(
                        Person.login == login,
                        WebSession.address == address,
                        WebSession.created_at > now - KNOWN_FOR,
                    )
                )
            )
        )


def counted_address(address: str) -> str:
    """The address that is counted; of IPv6 the network, since one subscriber has all of it."""
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return address
    return address if version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
