"""The days on which something about an item ends, and the last day to give notice of that.

Knows no database: it reads the state of an item, as `cmdb.item_state.written` gives it.
"""

import calendar
import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


class DeadlineKind(enum.StrEnum):
    WARRANTY = "warranty"
    SUPPORT = "support"
    END_OF_LIFE = "end-of-life"
    CERTIFICATION = "certification"
    END = "end"
    NOTICE = "notice"


FIELDS: Mapping[str, DeadlineKind] = {
    "warranty_until": DeadlineKind.WARRANTY,
    "support_until": DeadlineKind.SUPPORT,
    "end_of_life": DeadlineKind.END_OF_LIFE,
    "next_certification": DeadlineKind.CERTIFICATION,
}
ATTRIBUTES: Mapping[str, DeadlineKind] = {
    "ends_on": DeadlineKind.END,
    "lease_until": DeadlineKind.END,
    "subscription_until": DeadlineKind.END,
    "os_support_until": DeadlineKind.SUPPORT,
}
_MOST_MONTHS = 1200


@dataclass(frozen=True, order=True)
class Deadline:
    day: dt.date
    kind: DeadlineKind


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day so many months before; the last of the month where that has no such day.

    Raises:
        ValueError: before the year 1.
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def of_item(state: Mapping[str, Any]) -> list[Deadline]:
    """The deadlines of an item, in order, each once.

    The last notice day is the end minus the notice period in months; who gives notice on that day
    is in time.
    """
    attributes = state.get("attributes") or {}
    found = {*_read(state, FIELDS), *_read(attributes, ATTRIBUTES)}
    ends, notice = _day(attributes.get("ends_on")), attributes.get("notice_period")
    if ends and isinstance(notice, int) and 0 < notice <= _MOST_MONTHS:
        found.add(Deadline(months_before(ends, notice), DeadlineKind.NOTICE))
    return sorted(found)


def _read(values: Mapping[str, Any], kinds: Mapping[str, DeadlineKind]) -> Iterable[Deadline]:
    for key, kind in kinds.items():
        if day := _day(values.get(key)):
            yield Deadline(day, kind)


def _day(text: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None
