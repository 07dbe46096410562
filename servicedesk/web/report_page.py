"""What the page of the report shows: figures, chart, matrix and lists, in words and places."""

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import url_for
from flask_babel import format_date

from cmdb.organisation import Municipality
from cmdb.permissions import Permission, may
from servicedesk.access import me
from servicedesk.language import gettext as _
from servicedesk.reports.breaches import Breach, Topic
from servicedesk.reports.figures import Question, Report, Tally
from servicedesk.reports.months import Trend
from servicedesk.reports.periods import MONTHS_OF, Period, around, name_of
from servicedesk.tickets import labels
from servicedesk.web.numbers import count, part_of, share, whole_share
from servicedesk.web.report_chart import NORM, trend, trend_table
from sla.instants import to_epoch
from sla.terms import ServiceKind

_FAR = 5  # points below the norm at which it is said louder
_PRIORITIES = (1, 2, 3, 4)
_TOPICS = 8


@dataclass(frozen=True)
class Asked:
    """What a reader asks for, and the municipalities that she may choose from."""

    question: Question
    municipalities: list[Municipality]
    chosen: Municipality | None
    now: dt.datetime

    def url(self, page: str = "sla", period: Period | None = None, **changes) -> str:
        """The address of the same question, but for what changes; None leaves a part out."""
        parts = _named(period or self.question.period) | self.filters | changes
        query = urlencode({name: value for name, value in parts.items() if value is not None})
        return f"{self._paths[page]}?{query}"

    @functools.cached_property
    def _paths(self) -> dict[str, str]:
        """The router takes its time, and a page has some sixty addresses."""
        return {page: url_for(f"reports.{page}") for page in ("sla", "sla_csv", "sla_xlsx")}

    @property
    def filters(self) -> dict[str, str | int | None]:
        """The chosen filters as parts of an address."""
        return {
            "municipality": self.chosen.code if self.chosen and self.may_choose else None,
            "priority": self.question.priority,
            "kind": self.question.kind and self.question.kind.value,
        }

    @property
    def may_choose(self) -> bool:
        return len(self.municipalities) > 1


def context(
    asked: Asked, report: Report, months: Trend, late: Sequence[Breach], topics: Sequence[Topic]
) -> dict[str, object]:
    """Everything that templates/reports/sla.html needs, but for the pager."""
    kinds = [asked.question.kind] if asked.question.kind else list(ServiceKind)
    main = asked.question.kind or ServiceKind.RESOLUTION
    return {
        "state": _state(asked, report.total()),
        "period": _period(asked),
        "lengths": _lengths(asked),
        "dates": asked.question.period,
        "dates_keep": {name: value for name, value in asked.filters.items() if value},
        "filters": _filters(asked),
        "filters_keep": _named(asked.question.period),
        "filter_url": url_for("reports.sla"),
        "chips": _chips(asked),
        "clear_url": asked.url(municipality=None, priority=None, kind=None),
        "exports": {"csv": asked.url("sla_csv"), "xlsx": asked.url("sla_xlsx")},
        "figures": _figures(report, kinds),
        "norm": whole_share(NORM),
        "trend": trend(months, kinds, main),
        "trend_table": trend_table(months, kinds),
        "matrix": _matrix(asked, report, main),
        "matrix_note": _ON_TIME[main](),
        "breaches": [_breach(breach) for breach in late],
        "breach_total": report.total().breached,
        "topics": _topics(topics),
        "topic_total": count(sum(topic.filed for topic in topics)),
        "topics_since": _label(asked.question.period.shifted(-1)),
    }


def pager(asked: Asked, late: Sequence[Breach], *, newer: bool, older: bool) -> dict[str, str]:
    text = _("nieuwste eerst, %(count)s op deze pagina", count=len(late))
    if not late:
        return {"text": text, "previous_url": asked.url() if newer else "", "next_url": ""}
    return {
        "text": text,
        "previous_url": asked.url(before=_place(late[0])) if newer else "",
        "next_url": asked.url(after=_place(late[-1])) if older else "",
    }


_ON_TIME = {
    ServiceKind.RESPONSE: lambda: _("op tijd gereageerd"),
    ServiceKind.RESOLUTION: lambda: _("op tijd opgelost"),
}


def _named(period: Period) -> dict[str, str]:
    """A period as parts of an address."""
    name = name_of(period)
    return {"period": name} if name else {"from": str(period.first), "to": str(period.last)}


def _place(breach: Breach) -> str:
    return f"{to_epoch(breach.breached_at)}-{breach.clock_id}"


def _label(period: Period) -> str:
    length, first = period.length, period.first
    if length == "month":
        return format_date(first, "MMMM y")
    if length == "quarter":
        return _("%(number)se kwartaal %(year)s", number=(first.month + 2) // 3, year=first.year)
    if length == "year":
        return str(first.year)
    return _("%(first)s tot en met %(last)s", first=_date(first), last=_date(period.last))


def _date(day: dt.date) -> str:
    return format_date(day, "d MMM y").replace(".", "")


def _state(asked: Asked, total: Tally) -> str:
    """The state in one sentence."""
    return _(
        "%(decided)s afspraken beslist, waarvan %(late)s te laat;"
        " %(running)s liepen aan het eind nog.",
        decided=count(total.decided),
        late=count(total.breached),
        running=count(total.running),
    )


def _period(asked: Asked) -> dict[str, object]:
    period = asked.question.period
    earlier, later = period.shifted(-1), period.shifted(1)
    return {
        "label": _capital(_label(period)),
        "previous": {"label": _label(earlier), "url": asked.url(period=earlier)},
        "next": {"label": _label(later), "url": asked.url(period=later)}
        if later.start <= asked.now
        else None,
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lengths(asked: Asked) -> list[dict[str, object]]:
    period = asked.question.period
    words = {"month": _("Maand"), "quarter": _("Kwartaal"), "year": _("Jaar")}
    return [
        {
            "label": words[length],
            "url": asked.url(period=around(period.last, length)),
            "current": period.length == length,
        }
        for length in MONTHS_OF
    ]


def _filters(asked: Asked) -> list[dict[str, object]]:
    question = asked.question
    municipalities = [(each.code, each.name) for each in asked.municipalities]
    priorities = [(n, f"{n} {labels.PRIORITY[n]}") for n in _PRIORITIES]
    kinds = [(kind.value, labels.SERVICE_KIND[kind]) for kind in ServiceKind]
    found = [
        _filter("priority", _("Prioriteit"), _("Alle prioriteiten"), priorities, question.priority),
        _filter("kind", _("Afspraak"), _("Beide"), kinds, question.kind),
    ]
    if asked.may_choose:
        chosen = asked.chosen and asked.chosen.code
        every = _("Alle gemeenten")
        found.insert(0, _filter("municipality", _("Gemeente"), every, municipalities, chosen))
    return found


def _filter(name: str, label: str, every: str, options: list, value) -> dict[str, object]:
    return {
        "id": f"filter-{name}",
        "name": name,
        "label": label,
        "options": [("", every), *options],
        "value": value or "",
    }


def _chips(asked: Asked) -> list[dict[str, str]]:
    """The filters that are on; each leads to the page without it."""
    return [
        {
            "label": each["label"],
            "value": next(
                str(text) for key, text in each["options"] if str(key) == str(each["value"])
            ),
            "url": asked.url(**{each["name"]: None}),
        }
        for each in _filters(asked)
        if each["value"]
    ]


def _figures(report: Report, kinds: list[ServiceKind]) -> list[dict[str, str | None]]:
    """Share on time by kind, solutions first, and what still runs; none when there is nothing."""
    if not report.rows:
        return []
    lines = {ServiceKind.RESOLUTION: "g-line", ServiceKind.RESPONSE: "g-line-2"}
    found = [
        {
            "label": _capital(_ON_TIME[kind]()),
            "value": share(report.total(kind=kind).percentage),
            "note": part_of(report.total(kind=kind).met, report.total(kind=kind).decided),
            "line": lines[kind],
        }
        for kind in lines
        if kind in kinds
    ]
    running = count(report.total().running)
    note = _("niet beslist in deze periode")
    return [*found, {"label": _("Loopt nog"), "value": running, "note": note, "line": None}]


def _matrix(asked: Asked, report: Report, kind: ServiceKind) -> dict[str, object] | None:
    """Municipality by priority for one kind; a total only where it adds up more than one row."""
    names = [
        m for m in asked.municipalities if report.total(municipality_id=m.id, kind=kind) != Tally()
    ]
    if not names:
        return None
    rows = [{"name": each.name, "cells": _cells(asked, report, kind, each)} for each in names]
    return {
        "columns": [f"P{n}" for n in _PRIORITIES] + [_("Totaal")],
        "rows": rows,
        "total": _cells(asked, report, kind) if len(rows) > 1 else None,
    }


def _cells(
    asked: Asked, report: Report, kind: ServiceKind, municipality: Municipality | None = None
) -> list[dict[str, str]]:
    home = municipality and municipality.id
    place = {"municipality": municipality.code} if municipality and asked.may_choose else {}
    cells = [
        _cell(
            report.total(municipality_id=home, priority=n, kind=kind),
            asked.url(**place, priority=n, kind=kind.value),
        )
        for n in _PRIORITIES
    ]
    return [*cells, _cell(report.total(municipality_id=home, kind=kind), "")]


def _cell(tally: Tally, url: str) -> dict[str, str]:
    on_time = tally.percentage
    if on_time is None:
        return {"share": share(None), "note": "", "level": "none", "url": ""}
    level = "good" if on_time >= NORM else "below" if on_time >= NORM - _FAR else "far"
    note = part_of(tally.breached, tally.decided)
    return {"share": share(on_time), "note": note, "level": level, "url": url}


def _breach(breach: Breach) -> dict[str, object]:
    ticket = breach.ticket
    page = "desk.ticket" if may(me(), Permission.QUEUE_READ) else "portal.ticket"
    return {
        "url": url_for(page, number=ticket.number),
        "title": ticket.title,
        "number": ticket.number,
        "municipality": ticket.municipality.name,
        "priority": breach.priority,
        "kind": labels.SERVICE_KIND[breach.kind],
        "late": service_time(breach.late),
        "waits": [
            (labels.WAITING_FOR[reason], service_time(s)) for reason, s in breach.waits.items()
        ],
        "handoffs": ticket.handoffs,
    }


def service_time(seconds: int) -> str:
    """A span of service hours; never in days, since a day of service is no day."""
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return _("%(m)s min", m=minutes)
    return _("%(h)s u %(m)02d", h=hours, m=minutes)


def _topics(topics: Sequence[Topic]) -> list[dict[str, object]]:
    shown, rest = list(topics[:_TOPICS]), topics[_TOPICS:]
    if rest:
        sums = (sum(getattr(t, part) for t in rest) for part in ("filed", "filed_before", "late"))
        shown.append(Topic(_("Overig"), *sums))
    most = max((topic.filed for topic in shown), default=0)
    return [
        {
            "name": topic.name,
            "share": round(100 * topic.filed / most, 1),
            "filed": count(topic.filed),
            "change": _change(topic.filed - topic.filed_before),
            "late": count(topic.late),
        }
        for topic in shown
    ]


def _change(difference: int) -> str:
    if not difference:
        return "0"
    sign = "+" if difference > 0 else "−"
    return f"{sign}{count(abs(difference))}"
