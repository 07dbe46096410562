"""Reports about items: what each municipality has and pays, and how alike they are."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Blueprint, Response, abort, render_template, request

from cmdb.database import db, utc_now
from cmdb.history import moment_of
from cmdb.localtime import local
from cmdb.organisation import Municipality
from cmdb.permissions import Permission, Reach, reach
from servicedesk.access import me, requires
from servicedesk.reports import sheets
from servicedesk.reports.export import CSV_TYPE, XLSX_TYPE
from servicedesk.web import (
    report_deadlines,
    report_holdings,
    report_likeness,
    report_portfolio,
    report_quality,
    report_rounds,
)
from servicedesk.web.item_report import Asked, Report, shown
from servicedesk.web.items_asked import date_of
from servicedesk.web.report_tabs import ABOUT_ITEMS, OVERVIEW, tabs

pages = Blueprint("item_reports", __name__)
pages.add_app_template_global(shown, "shown")


_MAKERS: dict[str, Callable[[Asked], Report]] = {
    OVERVIEW: report_holdings.report,
    "uniformity": report_likeness.report,
    "applications": report_portfolio.applications,
    "licences": report_portfolio.licence_position,
    "deadlines": report_deadlines.report,
    "quality": report_quality.report,
    "rounds": report_rounds.report,
}


@pages.get("/reports/items")
@requires(Permission.REPORT_READ)
def index():
    return _page(OVERVIEW)


@pages.get("/reports/items/<report>")
@requires(Permission.REPORT_READ)
def page(report: str):
    return _page(report)


@pages.get("/reports/items/<report>.<any(csv, xlsx):form>")
@requires(Permission.REPORT_READ)
def file(report: str, form: str):
    asked = _asked(report)
    found = _MAKERS[report](asked).sheets
    written = sheets.as_csv(found) if form == "csv" else sheets.as_xlsx(found)
    answer = Response(written, content_type=CSV_TYPE if form == "csv" else XLSX_TYPE)
    name = f"objecten-{report}-{asked.day}.{form}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _page(report: str) -> str:
    asked = _asked(report)
    return render_template(
        "reports/items.html",
        title=ABOUT_ITEMS[report],
        report=_MAKERS[report](asked),
        asked=asked,
        tabs=tabs(report),
        files={form: asked.url("file", form=form) for form in ("csv", "xlsx")},
    )


def _asked(report: str) -> Asked:
    """What the address asks; who manages a municipality gets hers, whatever it says."""
    if report not in _MAKERS:
        abort(404)
    now, municipalities = utc_now(), _municipalities()
    day = date_of(request.args.get("on"), now) or local(now).date()
    code = request.args.get("municipality", "")
    chosen = next((one for one in municipalities if one.code == code), None)
    if code and chosen is None and len(municipalities) > 1:
        abort(404)
    sees_all = reach(me(), Permission.REPORT_READ) == Reach.EVERYWHERE
    return Asked(
        report,
        now,
        day,
        moment_of(day, now),
        municipalities,
        chosen if sees_all else municipalities[0],
        sees_all,
    )


def _municipalities() -> list[Municipality]:
    if reach(me(), Permission.REPORT_READ) != Reach.EVERYWHERE:
        return [me().municipality]
    return list(db.session.scalars(sa.select(Municipality).order_by(Municipality.name)))
