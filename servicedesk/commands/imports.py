"""`servicedesk import`: take over what other systems hold."""

import dataclasses
import json
import sys

import click
from flask.cli import with_appcontext

from cmdb.database import db, utc_now
from cmdb.organisation import Municipality
from cmdb.tenancy import everything
from servicedesk.commands.item_imports import inventory, items
from servicedesk.commands.municipality import find_municipality
from servicedesk.intake.incident_log import Log, read_log
from servicedesk.intake.servicenow import known_numbers, take_over
from servicedesk.reports import months
from sla import agreements

# A commit lets others write; one for each incident would take most of the time.
_PER_COMMIT = 20


@click.group("import", help="Take over agreements, tickets and items from files.")
def group():
    pass


group.add_command(items)
group.add_command(inventory)


@group.command("agreement")
@click.argument("file")
@click.option("--municipality", required=True, help="CBS code or name.")
@with_appcontext
def agreement(file, municipality):
    """Make an agreement, or a new version of one, of the JSON in FILE."""
    try:
        source = json.loads(_read(file))
        with everything():
            version = agreements.register(find_municipality(municipality), source)
            db.session.commit()
            summary = {
                "agreement": version.agreement.name,
                "valid_from": version.valid_from.isoformat().replace("+00:00", "Z"),
                "targets": len(version.targets),
            }
    except json.JSONDecodeError as error:
        _fail("agreement", f"line {error.lineno}, column {error.colno} is not JSON: {error.msg}")
    except UnicodeDecodeError:
        _fail("agreement", "the file is not text in UTF-8")
    except (OSError, ValueError) as error:
        _fail("agreement", error)
    click.echo(json.dumps(summary))


@group.command("tickets")
@click.argument("file")
@click.option("--format", "form", type=click.Choice(["servicenow"]), required=True)
@click.option("--municipality", required=True, help="CBS code or name.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@with_appcontext
def tickets(file, form, municipality, dry_run):
    """Build tickets with their whole history of the incidents in FILE.

    Incidents that were taken over before are left alone. Of an incident with a bad row nothing is
    written; the row is named on standard error and the exit status is 2.
    """
    now = utc_now()
    try:
        log = read_log(_read(file), now)
        with everything():
            summary = _take_over(log, find_municipality(municipality), now, dry_run)
    except (OSError, ValueError) as error:
        _fail("tickets", error)
    for warning in log.warnings:
        click.echo(f"import tickets: {warning}", err=True)
    for refusal in log.refused:
        place = f"line {refusal.line}" + (f", column {refusal.column}" if refusal.column else "")
        click.echo(f"import tickets: {place}: {refusal.reason}", err=True)
    click.echo(json.dumps(summary))
    if log.refused:
        raise SystemExit(2)


def _take_over(log: Log, municipality: Municipality, now, dry_run: bool) -> dict[str, object]:
    """Write what is new in `log`, with a progress bar; what was done, in figures."""
    there = known_numbers(municipality)
    new = [incident for incident in log.incidents if incident.number not in there]
    if not dry_run:
        _write(new, municipality, now, log.warnings)
    return {
        "tickets": len(new),
        "updates": sum(len(incident.updates) for incident in new),
        "reopenings": sum(incident.reopenings for incident in new),
        "already_there": len(log.incidents) - len(new),
        "refused": [dataclasses.asdict(refusal) for refusal in log.refused],
        "warnings": log.warnings,
    }


def _write(new, municipality: Municipality, now, warnings: list[str]) -> None:
    without_clock = 0
    months.forget(municipality)
    bar = click.progressbar(length=len(new), label="incidents", file=sys.stderr)
    with bar:
        for count, ticket in enumerate(take_over(new, municipality, now), start=1):
            without_clock += ticket.resolution_clock_id is None
            bar.update(1)
            if count % _PER_COMMIT == 0:
                db.session.commit()
        # Again: a worker may have kept a month that was half there.
        months.forget(municipality)
        db.session.commit()
    if without_clock:
        warnings.append(
            f"{without_clock} tickets have no resolution clock: no agreement of"
            f" {municipality.name} held for them when they were created"
        )


def _read(file: str) -> bytes:
    with click.open_file(file, "rb") as stream:
        return stream.read()


def _fail(command: str, reason: object) -> None:
    click.echo(f"import {command}: {reason}", err=True)
    raise SystemExit(2)
