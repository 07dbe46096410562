"""How much one person may send in on one day: so many messages, so many files, so many bytes of them.

It is counted in the database, over all processes and over pages and API together. A person has one
row, that of the last day on which something came in; a local day later it starts anew.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Mapped, mapped_column

from cmdb.database import Model, db
from cmdb.localtime import day_start, local
from cmdb.people import Person
from cmdb.tenancy import Owned

# Who works for the centre answers many people, and files for who calls.
TIMES_AT_CENTRE = 10


class Kind(StrEnum):
    """What is counted; a message is a ticket, a reply, a note or a reopening."""

    MESSAGES = "messages"
    FILES = "files"
    BYTES = "bytes"


class SentIn(Owned, Model):
    """What a person sent in on the local day `day`."""

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    municipality_id: Mapped[int | None] = mapped_column(sa.ForeignKey("municipality.id"))
    day: Mapped[dt.date]
    messages: Mapped[int]
    files: Mapped[int]
    bytes: Mapped[int] = mapped_column(sa.BigInteger)


class TooMuch(Exception):
    """A person would send in more than one day allows: more than `most` of `kind`."""

    def __init__(self, kind: Kind, most: int):
        super().__init__(f"more than {most} {kind} on one day")
        self.kind, self.most = kind, most


def spend(
    person: Person, now: dt.datetime, *, messages: int = 0, sizes: Sequence[int] = ()
) -> None:
    """Count what `person` sends in; `sizes` are the bytes of each file.

    Two requests of one person at once are both counted: the second waits for the first. Call it
    before anything is written: what it refuses leaves no trace.

    Raises:
        TooMuch: it does not fit any more today; nothing is counted.
    """
    asked = {Kind.MESSAGES: messages, Kind.FILES: len(sizes), Kind.BYTES: sum(sizes)}
    if not any(asked.values()):
        return
    most = limits(person)
    for kind, count in asked.items():
        if count > most[kind]:
            raise TooMuch(kind, most[kind])
    today = local(now).date()
    values = {"person": person.id, "today": today}
    values |= {f"{kind}_asked": count for kind, count in asked.items()}
    values |= {f"{kind}_most": number for kind, number in most.items()}
    # The last is for who was second of two first requests at once.
    if _added(values) or _begun(person, today, asked) or _added(values):
        return
    kind = _full(person, asked, most)
    raise TooMuch(kind, most[kind])


def limits(person: Person) -> Mapping[Kind, int]:
    """The most of each kind on one day."""
    times = TIMES_AT_CENTRE if person.role.serves_everyone else 1
    return {kind: times * current_app.config[f"DAILY_{kind.name}"] for kind in Kind}


def renewed_in(now: dt.datetime) -> int:
    """The seconds until the next local day."""
    tomorrow = day_start(local(now).date() + dt.timedelta(days=1))
    return int((tomorrow - now).total_seconds())


def _asked(kind: Kind) -> sa.BindParameter[int]:
    return sa.bindparam(f"{kind}_asked", type_=sa.BigInteger)


_TODAY = SentIn.day == sa.bindparam("today", type_=sa.Date)
# Put together once: each message asks it. Who is at one limit may go on with what needs none of it.
_ADD = (
    sa.update(SentIn)
    .where(
        SentIn.person_id == sa.bindparam("person"),
        sa.or_(
            ~_TODAY,
            sa.and_(
                *(
                    sa.or_(
                        _asked(kind) == 0,
                        getattr(SentIn, kind) + _asked(kind)
                        <= sa.bindparam(f"{kind}_most", type_=sa.BigInteger),
                    )
                    for kind in Kind
                )
            ),
        ),
    )
    .values(
        {SentIn.day: sa.bindparam("today", type_=sa.Date)}
        | {
            getattr(SentIn, kind): sa.case((_TODAY, getattr(SentIn, kind)), else_=0) + _asked(kind)
            for kind in Kind
        }
    )
    .execution_options(synchronize_session=False)
)


def _added(values: Mapping[str, object]) -> bool:
    """Whether it was added to the person's row: there is one, and it fits."""
    return db.session.execute(_ADD, values).rowcount == 1


def _begun(person: Person, today: dt.date, asked: Mapping[Kind, int]) -> bool:
    """Whether it is the first that the person ever sends in."""
    first = SentIn(
        person_id=person.id, municipality_id=person.municipality_id, day=today,
        **{kind.value: count for kind, count in asked.items()},
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(first)
    except sa.exc.IntegrityError:
        return False
    return True


def _full(person: Person, asked: Mapping[Kind, int], most: Mapping[Kind, int]) -> Kind:
    """What does not fit any more."""
    columns = [getattr(SentIn, kind) for kind in Kind]
    kept = db.session.execute(sa.select(*columns).where(SentIn.person_id == person.id)).one()
    return next(
        kind for kind, so_far in zip(Kind, kept, strict=True)
        if asked[kind] and so_far + asked[kind] > most[kind]
    )  # fmt: skip
