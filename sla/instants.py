"""Instants as whole UTC seconds since 1970, and as ISO 8601 text."""
from datetime import UTC, datetime


def to_epoch(moment: datetime) -> int:
    """Give an aware moment as whole epoch seconds; a fraction of a second is left off."""
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return int(moment.timestamp() // 1)


def to_datetime(at: int) -> datetime:
    """Give epoch seconds as a moment in UTC."""
    return datetime.fromtimestamp(at, UTC)


def read_instant(text: object) -> int:
    """Read ISO 8601 with an offset or Z, as "2026-06-15T09:00:00+02:00", into epoch seconds.

    Raises ValueError with one line for anything else, a moment without an offset included.
    """
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is not a moment in ISO 8601")
    try:
        return to_epoch(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a moment in ISO 8601 with an offset or Z") from None


def write_instant(at: int) -> str:
    """Write epoch seconds as "2026-06-15T07:00:00Z"."""
    return to_datetime(at).strftime("%Y-%m-%dT%H:%M:%SZ")
