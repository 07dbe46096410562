"""The terms of an agreement, read from a file and checked.

Standard library only.
"""

import datetime as dt
import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sla.hours import Calendar

WAITS = ("requester", "supplier", "site-day", "change", "problem")
TYPES = ("incident", "service-request")


class ServiceKind(enum.StrEnum):
    """What a target promises: that somebody looks at it, or that it works again."""

    RESPONSE = "response"
    RESOLUTION = "resolution"


@dataclass(frozen=True)
class Terms:
    """What an agreement says from `valid_from`; `targets`: minutes by (type, priority, kind)."""

    name: str
    valid_from: dt.datetime
    calendar: dict[str, Any]
    paused_while: list[str]
    targets: dict[tuple[str, int, str], int]


def read_terms(source: object) -> Terms:
    """Read `{"name", "valid_from", "calendar", "targets", "unit", "paused_while_waiting_for"}`.

    Raises:
        ValueError: something is wrong, with one line that names the place.
    """
    if not isinstance(source, dict):
        raise ValueError("the agreement must be an object")
    name = source.get("name")
    if not isinstance(name, str) or not name.strip():
        raise ValueError("name: give the agreement a name")
    if source.get("unit", "service minutes") != "service minutes":
        raise ValueError("unit: only 'service minutes' is known")
    zone = ZoneInfo(Calendar.from_dict(source.get("calendar")).timezone)
    targets = dict(_targets(source.get("targets")))
    if not targets:
        raise ValueError("targets: there is none")
    return Terms(
        name.strip(),
        _midnight(source.get("valid_from"), zone),
        source["calendar"],
        _waits(source.get("paused_while_waiting_for", [])),
        targets,
    )


def _midnight(text: object, zone: ZoneInfo) -> dt.datetime:
    try:
        day = dt.date.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError(f"valid_from: {text!r} is not a date as 2026-01-31") from None
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def _waits(waits: object) -> list[str]:
    if not isinstance(waits, list) or any(wait not in WAITS for wait in waits):
        raise ValueError(f"paused_while_waiting_for: a list of {', '.join(WAITS)}")
    return waits


def _targets(source: object) -> Iterator[tuple[tuple[str, int, str], int]]:
    if not isinstance(source, dict):
        raise ValueError('targets: an object by type, as {"incident": {"1": ...}}')
    for written, by_priority in source.items():
        ticket_type = str(written).replace("_", "-")
        if ticket_type not in TYPES:
            raise ValueError(f"targets: {written!r} is not one of {', '.join(TYPES)}")
        if not isinstance(by_priority, dict):
            raise ValueError(f"targets.{written}: an object by priority")
        for priority, kinds in by_priority.items():
            place = f"targets.{written}.{priority}"
            if priority not in ("1", "2", "3", "4"):
                raise ValueError(f"{place}: a priority is 1, 2, 3 or 4")
            if not isinstance(kinds, dict) or set(kinds) - set(ServiceKind):
                raise ValueError(f"{place}: give response and resolution in minutes")
            for kind, minutes in kinds.items():
                _check_minutes(f"{place}.{kind}", minutes)
                yield (ticket_type, int(priority), str(kind)), minutes


def _check_minutes(place: str, minutes: object) -> None:
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 < minutes <= 10**6:
        raise ValueError(f"{place}: {minutes!r} is not a number of service minutes")
