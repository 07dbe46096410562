"""What every change of an item by a program shares: the record, its version, the act with a reason."""

from collections.abc import Callable, Mapping
from typing import Any

from cmdb import kinds, register
from cmdb.database import db, utc_now
from cmdb.items import ChangeSet, Item
from cmdb.permissions import Permission
from servicedesk.access import find, me
from servicedesk.api.door import check_match
from servicedesk.api.schemas import text
from servicedesk.problems import Problem, wrong

SOURCE = "api"
REASON = text("Why; the history tells it.", most=500)


def act(
    number: str, asked: Mapping[str, Any], deed: Callable[[Item, ChangeSet], Any]
) -> Any:
    """Do a deed to an item as one act; what it gives.

    `asked` is the body or the query, which may hold a `reason`.

    Raises:
        Problem: 412, somebody else changed the item meanwhile; 400, the register refuses it.
    """
    item = find(Item, number, Permission.ITEM_WRITE, by="uid", lock=True)
    check_match(item.version)
    change_set = begin(asked)
    try:
        done = deed(item, change_set)
        db.session.flush()
        return done
    except ValueError as error:
        raise Problem(400, str(error)) from None


def begin(asked: Mapping[str, Any]) -> ChangeSet:
    """Start an act of the program.

    Raises:
        Problem: 400, the reason cannot be kept.
    """
    try:
        reason = kinds.clean(asked.get("reason", ""))
    except ValueError as error:
        raise wrong(str(error), pointer="/reason") from None
    return register.begin(me(), SOURCE, utc_now(), reason)
