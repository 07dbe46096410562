"""`servicedesk import items` and `import inventory`: take over what is registered elsewhere."""

import dataclasses
import datetime as dt
import functools
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from cmdb import register, registry
from cmdb.database import db, utc_now
from cmdb.items import ChangeSet
from cmdb.organisation import Municipality
from cmdb.tenancy import everything
from servicedesk.commands.municipality import find_municipality
from servicedesk.intake.applying import apply
from servicedesk.intake.columns import choose
from servicedesk.intake.inventory import Thing
from servicedesk.intake.inventory_import import (
    READERS,
    known_things,
    note_seen,
    plan_things,
    take_over,
)
from servicedesk.intake.planning import known_items, plan
from servicedesk.intake.proposals import Plan, Verdict
from servicedesk.intake.references import References
from servicedesk.intake.sheets import Sheet, proposals
from servicedesk.intake.tables import LARGEST_FILE, Table, read_table
from servicedesk.language import gettext as _


class Refused(click.ClickException):
    """One sentence that says what is wrong with what was asked."""

    exit_code = 2

    def show(self, file=None):
        click.echo(self.message, err=True)


@click.command("items")
@click.argument("file")
@click.option("--class", "class_key", required=True, help="The class of the items: workstation.")
@click.option("--municipality", required=True, help="CBS code or name of the owner.")
@click.option("--key", "keys", default="", help="Fields that together tell an item: serial,name.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@with_appcontext
def items(file, class_key, municipality, keys, dry_run):
    """Register or change items of one class by the CSV or XLSX in FILE, as one change set.

    A row that cannot be taken over is named with its field and reason; the others are.
    """
    chosen = tuple(filter(None, (key.strip() for key in keys.split(","))))
    try:
        table = read_table(read_file(file))
        with everything():
            summary = _import(
                file, table, class_key, find_municipality(municipality), chosen, dry_run
            )
    except (OSError, ValueError) as error:
        raise Refused(f"import items: {_one_line(error)}") from None
    click.echo(json.dumps(summary))


def _import(
    file: str, table: Table, class_key: str, owner: Municipality, keys: Sequence[str], dry_run: bool
) -> dict[str, Any]:
    spec = registry.find_class(class_key)
    references = References(owner.id)
    known = known_items(owner.id, [spec.key], references)
    columns = known.columns[spec.key]
    fields = choose(table.headings, columns)
    sheet = Sheet(spec, owner, columns, fields, len(table.headings), keys)
    _tell_unread(table, fields)
    sheet.check()
    source = f"import {Path(file).name}"
    with click.progressbar(table.rows, label="rows", file=sys.stderr) as bar:
        planned = plan(proposals(bar, sheet), known, source, keys, reports_missing=True)
    write = functools.partial(apply, planned, known)
    return _carry_out(planned, write, source, utc_now(), dry_run)


@click.command("inventory")
@click.argument("file")
@click.option("--format", "form", type=click.Choice(list(READERS)), required=True)
@click.option("--municipality", required=True, help="CBS code or name of the owner.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@with_appcontext
def inventory(file, form, municipality, dry_run):
    """Register or change what an inventory in FILE saw, as one change set.

    Known items are found by their identifiers; name, state and hosting of those stay as agreed.
    """
    try:
        things = READERS[form](_of_bounded_size(read_file(file)))
        with everything():
            owner = find_municipality(municipality)
            summary = _take_over(things, owner, f"{form} {Path(file).name}", dry_run)
    except (OSError, ValueError) as error:
        raise Refused(f"import inventory: {_one_line(error)}") from None
    click.echo(json.dumps(summary))


def _take_over(
    things: Sequence[Thing], owner: Municipality, source: str, dry_run: bool
) -> dict[str, Any]:
    known, now = known_things(owner.id), utc_now()
    planned = plan_things(things, known, source)
    write = functools.partial(take_over, planned, things, known)
    if not planned.writes and not dry_run:
        note_seen(planned, source, now)
        db.session.commit()
    return _carry_out(planned, write, source, now, dry_run)


def _of_bounded_size(data: bytes) -> bytes:
    if len(data) > LARGEST_FILE:
        raise ValueError(_("Het bestand is groter dan 25 MB. Deel het op in kleinere bestanden."))
    return data


def _carry_out(
    planned: Plan,
    write: Callable[[ChangeSet, str, dt.datetime], object],
    source: str,
    now: dt.datetime,
    dry_run: bool,
) -> dict[str, Any]:
    """Write the plan unless it is a dry run, and commit; what was done, in figures."""
    change_set = None
    if planned.writes and not dry_run:
        change_set = register.begin(None, source, now)
        write(change_set, source, now)
        db.session.commit()
    return {
        "new": planned.count(Verdict.NEW),
        "changed": planned.count(Verdict.CHANGED),
        "same": planned.count(Verdict.SAME),
        "refused": [dataclasses.asdict(refusal) for refusal in planned.refused],
        "missing_from_file": planned.missing,
        "change_set": change_set and change_set.id,
    }


def read_file(file: str) -> bytes:
    """What a file or standard input (-) holds; of a larger one, enough to be refused.

    Raises:
        OSError: it cannot be read.
    """
    with click.open_file(file, "rb") as stream:
        return stream.read(LARGEST_FILE + 1)


def _tell_unread(table: Table, fields: dict[int, str]) -> None:
    """Name what is left alone: nothing is dropped in silence."""
    for at, heading in enumerate(table.headings):
        filled = any(row.cells[at] for row in table.rows)
        if at not in fields and (heading or filled):
            click.echo(
                f"import items: column {heading or at + 1!r} is not a field; it is left alone",
                err=True,
            )
    for title in table.unread:
        click.echo(f"import items: sheet {title!r} is left alone; only the first is read", err=True)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
