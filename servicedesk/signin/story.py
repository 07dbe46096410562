"""What was done to an account, by whom and when; nothing of it is ever changed."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from cmdb.database import db
from cmdb.people import Person
from servicedesk.signin.account_models import AccountEvent, Deed

_MOST = 50


def tell(
    person: Person, deed: Deed, actor: Person | None, now: dt.datetime, detail: str = ""
) -> None:
    """Write that `actor`, or the product itself when None, did `deed` to the account of `person`."""
    db.session.add(
        AccountEvent(
            municipality_id=person.municipality_id,
            person_id=person.id,
            actor_id=actor and actor.id,
            at=now,
            deed=deed,
            detail=detail,
        )
    )


def of(person: Person) -> list[AccountEvent]:
    """The last of what was done, the newest first."""
    return list(
        db.session.scalars(
            sa.select(AccountEvent)
            .where(AccountEvent.person_id == person.id)
            .options(joinedload(AccountEvent.actor))
            .order_by(AccountEvent.at.desc(), AccountEvent.id.desc())
            .limit(_MOST)
        )
    )
