"""Spans of dates: from a day until before another; None is without end."""

import datetime as dt
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

from cmdb.refusal import Unfit


@dataclass(frozen=True)
class Span:
    """What holds from `since` until before `until`."""

    what: Hashable
    since: dt.date
    until: dt.date | None = None


def check(since: dt.date, until: dt.date | None) -> None:
    """Accept the ends of a span.

    Raises:
        ValueError: it ends before it begins; one Dutch sentence.
    """
    if until is not None and until <= since:
        raise Unfit("De einddatum ligt voor of op de begindatum. Kies een latere einddatum.")


def without(spans: Iterable[Span], since: dt.date, until: dt.date | None) -> list[Span]:
    """What is left of spans outside [since, until)."""
    left = []
    for one in spans:
        if one.since < since:
            left.append(replace(one, until=min(one.until or since, since)))
        if until is not None and (one.until is None or one.until > until):
            left.append(replace(one, since=max(one.since, until)))
    return left


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same in as few spans as say it, in order of time: equal neighbours become one."""
    found: list[Span] = []
    for one in sorted(spans, key=lambda one: one.since):
        if found and (found[-1].what, found[-1].until) == (one.what, one.since):
            found[-1] = replace(found[-1], until=one.until)
        else:
            found.append(one)
    return found
