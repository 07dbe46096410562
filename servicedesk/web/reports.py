"""The report on agreements: which promises were kept, as a page, CSV and XLSX."""

import datetime as dt

import sqlalchemy as sa
from flask import Blueprint, Response, abort, render_template, request

from cmdb.database import db, utc_now
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.permissions import Permission, Reach, reach
from servicedesk.access import me, requires
from servicedesk.reports import export, periods
from servicedesk.reports.breaches import Place, breaches, topics
from servicedesk.reports.figures import Question, sla_report
from servicedesk.reports.months import trend
from servicedesk.web import report_page, report_tabs
from servicedesk.web.report_page import Asked
from sla.instants import to_datetime
from sla.terms import ServiceKind

pages = Blueprint("reports", __name__)

_MONTHS = 12
_PER_PAGE = 15


@pages.get("/reports/sla")
@requires(Permission.REPORT_READ)
def sla():
    now = utc_now()
    asked = _asked(now)
    after, before = _place("after"), _place("before")
    report = sla_report(asked.question, asked.municipalities)
    months = trend(asked.question, report, asked.municipalities, _MONTHS)
    # One more than is shown tells whether there are more.
    late = breaches(asked.question, now, after=after, before=before, limit=_PER_PAGE + 1)
    more = len(late) > _PER_PAGE
    late = late[1:] if more and before else late[:_PER_PAGE]
    context = report_page.context(asked, report, months, late, topics(asked.question))
    newer, older = (more, True) if before else (bool(after), more)
    pager = report_page.pager(asked, late, newer=newer, older=older)
    return render_template("reports/sla.html", **context, pager=pager, tabs=report_tabs.tabs())


@pages.get("/reports/sla.csv")
@requires(Permission.REPORT_READ)
def sla_csv():
    return _file(export.as_csv, export.CSV_TYPE, "csv")


@pages.get("/reports/sla.xlsx")
@requires(Permission.REPORT_READ)
def sla_xlsx():
    return _file(export.as_xlsx, export.XLSX_TYPE, "xlsx")


def _file(write, content_type: str, extension: str) -> Response:
    now = utc_now()
    asked = _asked(now)
    report = sla_report(asked.question, asked.municipalities)
    answer = Response(write(report, breaches(asked.question, now)), content_type=content_type)
    period = asked.question.period
    name = f"dvo-{period.first}-{period.last}.{extension}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _asked(now: dt.datetime) -> Asked:
    """What the query asks for; who manages a municipality gets hers, whatever it says."""
    municipalities = _municipalities()
    chosen = municipalities[0] if len(municipalities) == 1 else _chosen(municipalities)
    question = Question(
        _period(now),
        municipality_id=chosen and chosen.id,
        priority=_one_of({str(n): n for n in (1, 2, 3, 4)}, "priority"),
        kind=_one_of({kind.value: kind for kind in ServiceKind}, "kind"),
    )
    return Asked(question, municipalities, chosen, now)


def _municipalities() -> list[Municipality]:
    if reach(me(), Permission.REPORT_READ) != Reach.EVERYWHERE:
        return [me().municipality]
    return list(db.session.scalars(sa.select(Municipality).order_by(Municipality.name)))


def _chosen(municipalities: list[Municipality]) -> Municipality | None:
    return _one_of(
        {municipality.code: municipality for municipality in municipalities}, "municipality"
    )


def _one_of(choices: dict, name: str):
    text = request.args.get(name, "")
    if text and text not in choices:
        abort(404)
    return choices.get(text)


def _period(now: dt.datetime) -> periods.Period:
    """The named period, that between two dates, or the month of today."""
    args = request.args
    try:
        if args.get("from") or args.get("to"):
            return periods.between(args.get("from", ""), args.get("to", ""))
        if args.get("period"):
            return periods.named(args["period"])
    except ValueError:
        abort(400)
    return periods.around(local(now).date(), "month")


def _place(name: str) -> Place | None:
    """A place in the list of breaches, as `report_page` writes it."""
    text = request.args.get(name)
    if not text:
        return None
    try:
        at, clock_id = map(int, text.split("-"))
        return to_datetime(at), clock_id
    except (ValueError, OverflowError, OSError):
        abort(400)
