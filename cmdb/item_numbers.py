"""The identifiers of items (APP-0031): each is given once, also after its item is removed."""

import re
from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cmdb.database import Model, db
from cmdb.items import Item
from cmdb.refusal import Unfit

_UID = re.compile(r"([A-Z]{1,3})-(\d{1,9})", re.ASCII)


class ItemNumber(Model):
    """The last number that was given with a prefix; its row is locked while one is taken."""

    prefix: Mapped[str] = mapped_column(sa.String(3), primary_key=True)
    last: Mapped[int]


def take(prefixes: Iterable[str]) -> list[str]:
    """The next identifier for each of these prefixes, in their order."""
    prefixes = list(prefixes)
    following = {}
    for prefix, count in sorted(Counter(prefixes).items()):
        number = _locked(prefix)
        following[prefix] = iter(range(number.last + 1, number.last + count + 1))
        number.last += count
    return [f"{prefix}-{next(following[prefix]):04d}" for prefix in prefixes]


def note(uids: Iterable[str]) -> None:
    """Never give these identifiers, which were chosen elsewhere.

    Raises:
        ValueError: one of them is no identifier.
    """
    highest: dict[str, int] = {}
    for uid in uids:
        if not (found := _UID.fullmatch(uid)):
            raise Unfit("Een objectnummer ziet eruit als APP-0031.")
        highest[found[1]] = max(int(found[2]), highest.get(found[1], 0))
    for prefix, last in sorted(highest.items()):
        number = _locked(prefix)
        number.last = max(number.last, last)


def _locked(prefix: str) -> ItemNumber:
    number = db.session.get(ItemNumber, prefix, with_for_update=True, populate_existing=True)
    if number is None:
        number = ItemNumber(prefix=prefix, last=_highest(prefix))
        db.session.add(number)
        db.session.flush()
    return number


def _highest(prefix: str) -> int:
    """The highest number among items from before numbers were counted."""
    last = db.session.scalar(
        sa.select(Item.uid)
        .where(Item.uid.like(f"{prefix}-%"))
        .order_by(sa.func.length(Item.uid).desc(), Item.uid.desc())
        .limit(1)
    )
    return int(last.rpartition("-")[2]) if last else 0
