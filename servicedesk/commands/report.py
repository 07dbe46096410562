"""`servicedesk report`: the figures of the pages, for other programs."""

import json

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from cmdb.database import db, read_only, utc_now
from cmdb.organisation import Municipality
from cmdb.tenancy import everything
from servicedesk.commands.municipality import find_municipality
from servicedesk.reports import export, periods
from servicedesk.reports.breaches import breaches
from servicedesk.reports.figures import Question, sla_report


@click.group("report", help="Write the figures of a report.")
def group():
    pass


@group.command("sla")
@click.option("--from", "first", required=True, metavar="DATE", help="First day, as 2016-03-01.")
@click.option("--to", "last", required=True, metavar="DATE", help="Last day, included.")
@click.option("--municipality", help="CBS code or name; without it, all.")
@click.option("--format", "form", type=click.Choice(["json", "csv", "xlsx"]), default="json")
@with_appcontext
def sla(first, last, municipality, form):
    """Write which promises were kept and which were not, over the local days of a period."""
    reading = read_only.set(True)
    try:
        with everything():
            answer = _sla(periods.between(first, last), municipality, form)
    except ValueError as error:
        click.echo(f"report sla: {error}", err=True)
        raise SystemExit(2) from None
    finally:
        read_only.reset(reading)
    click.echo(answer, nl=False)


def _sla(period: periods.Period, named: str | None, form: str) -> bytes:
    known = (
        [find_municipality(named)] if named else db.session.scalars(sa.select(Municipality)).all()
    )
    question = Question(period, municipality_id=known[0].id if named else None)
    report, late = sla_report(question, known), breaches(question, utc_now())
    if form == "csv":
        return export.as_csv(report, late)
    if form == "xlsx":
        return export.as_xlsx(report, late)
    return json.dumps(export.as_json(period, report, late)).encode() + b"\n"
