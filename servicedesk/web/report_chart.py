"""The trend as an SVG without viewBox (x in percent, y in pixels), and as a table."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from flask_babel import format_date

from servicedesk.language import gettext as _
from servicedesk.reports.months import Trend
from servicedesk.reports.periods import Period
from servicedesk.tickets import labels
from servicedesk.web.numbers import share as shown
from sla.terms import ServiceKind

NORM = 95
"""The share that should be on time, in percent."""

_HEIGHT, _TOP, _BOTTOM = 138, 10, 112
_LEFT, _RIGHT = 5, 88
_APART = 13  # pixels that two words under each other need
_LINES = {
    ServiceKind.RESPONSE: ("g-line-2", "g-dot-2"),
    ServiceKind.RESOLUTION: ("g-line", "g-dot"),
}


def trend(months: Trend, kinds: Sequence[ServiceKind], main: ServiceKind) -> dict[str, object]:
    """What the macro `trend` draws: a line for each kind, the main one on top."""
    shares = {
        kind: [tallies[kind].percentage for _, tallies in months]
        for kind in _LINES
        if kind in kinds
    }
    floor = _floor(share for line in shares.values() for share in line)
    heights = {kind: [_y(share, floor) for share in line] for kind, line in shares.items()}
    return {
        "height": _HEIGHT,
        "label": _conclusion(months, shares[main], main),
        "ticks": [(_y(v, floor), str(v), v == NORM) for v in _ticks(floor)],
        "norm_y": _y(NORM, floor),
        "months": [(_x(i, months), _month(period)) for i, (period, _) in enumerate(months)],
        "lines": [
            _line(kind, months, heights[kind], shares[kind], end)
            for kind, end in zip(heights, _ends(heights.values()), strict=True)
        ],
    }


def trend_table(months: Trend, kinds: Sequence[ServiceKind]) -> dict[str, object]:
    """The same figures, with what they count."""
    return {
        "label": _("Op tijd per maand"),
        "months": [_month(period) for period, _ in months],
        "rows": [
            (
                labels.SERVICE_KIND[kind],
                [
                    _(
                        "%(share)s (%(met)s van %(decided)s)",
                        share=shown(tallies[kind].percentage),
                        met=tallies[kind].met,
                        decided=tallies[kind].decided,
                    )
                    for _period, tallies in months
                ],
            )
            for kind in kinds
        ],
    }


def _floor(shares: Iterable[float | None]) -> int:
    """The lowest value drawn: a round one under all that occur, and never above 80."""
    return min(80, *(int(share // 20 * 20) for share in shares if share is not None), 80)


def _ticks(floor: int) -> list[int]:
    """100, the norm, and a few round values below it."""
    return [100, NORM, *range(80, floor - 1, -20)]


def _y(share: float | None, floor: int) -> float | None:
    if share is None:
        return None
    return round(_TOP + (100 - share) / (100 - floor) * (_BOTTOM - _TOP), 1)


def _x(index: int, months: Trend) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * index / max(1, len(months) - 1), 2)


def _line(
    kind: ServiceKind, months: Trend, heights, shares, end: float | None
) -> dict[str, object]:
    line, dot = _LINES[kind]
    places = [(_x(i, months), y) for i, y in enumerate(heights)]
    return {
        "cls": line,
        "dot": dot,
        "segments": [
            (*here, *there) for here, there in pairwise(places) if None not in (here[1], there[1])
        ],
        "points": [
            (x, y, f"{labels.SERVICE_KIND[kind]}, {_month(period)}: {shown(share)}")
            for (x, y), share, (period, _tallies) in zip(places, shares, months, strict=True)
            if y is not None
        ],
        "end": (end, shown(shares[-1])) if end is not None else None,
    }


def _ends(lines: Iterable[Sequence[float | None]]) -> list[float | None]:
    """Where the words at the ends of the lines go, so that they do not cover each other."""
    ends = [line[-1] for line in lines]
    if len(ends) == 2 and None not in ends and abs(ends[0] - ends[1]) < _APART:
        push = (_APART - abs(ends[0] - ends[1])) / 2
        above = -push if ends[0] <= ends[1] else push
        ends = [round(ends[0] + above, 1), round(ends[1] - above, 1)]
    return ends


def _month(period: Period) -> str:
    return format_date(period.first, "MMM").replace(".", "")


def _conclusion(months: Trend, shares: Sequence[float | None], kind: ServiceKind) -> str:
    last = months[-1][0].first
    if shares[-1] is None:
        said = _("In %(month)s is nog niets beslist.", month=format_date(last, "MMMM"))
    elif shares[-1] >= NORM:
        said = _(
            "In %(month)s %(share)s, de norm is gehaald.",
            month=format_date(last, "MMMM"),
            share=shown(shares[-1]),
        )
    else:
        said = _(
            "In %(month)s %(share)s, onder de norm.",
            month=format_date(last, "MMMM"),
            share=shown(shares[-1]),
        )
    return _(
        "%(kind)s op tijd, van %(first)s tot en met %(last)s. %(said)s",
        kind=labels.SERVICE_KIND[kind],
        first=format_date(months[0][0].first, "MMMM y"),
        last=format_date(last, "MMMM y"),
        said=said,
    )
