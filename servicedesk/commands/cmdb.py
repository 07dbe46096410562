"""`servicedesk cmdb`: questions about what is registered."""

import json

import click
from flask.cli import with_appcontext

from cmdb.database import db, utc_now
from cmdb.impact_cases import answer
from cmdb.items import ChangeSet
from cmdb.tenancy import everything
from servicedesk.quality.merging import take_back


@click.group("cmdb", help="Ask what hangs on what.")
def group():
    pass


@group.command("impact")
@click.argument("file")
def impact(file):
    """Answer the cases of FILE by the rules that the product runs on; write the results as JSON."""
    try:
        with click.open_file(file, encoding="utf-8-sig") as source:
            results = answer(source.read())
    except OSError as error:
        click.echo(f"cmdb impact: {file!r}: {error.strerror}", err=True)
        raise SystemExit(2) from None
    except ValueError as error:
        click.echo(f"cmdb impact: {error}", err=True)
        raise SystemExit(2) from None
    click.echo(json.dumps(results))


@group.command("undo")
@click.argument("change_set", type=click.IntRange(1, 2**31 - 1))
@with_appcontext
def undo(change_set):
    """Take back all that CHANGE_SET did, unless something later touched the same."""
    try:
        with everything():
            done = db.session.get(ChangeSet, change_set)
            if done is None:
                raise ValueError(f"there is no change set {change_set}")
            taken_back = take_back(done, None, utc_now())
            db.session.commit()
    except ValueError as error:
        click.echo(f"cmdb undo: {error}", err=True)
        raise SystemExit(2) from None
    click.echo(json.dumps({"undone": change_set, "change_set": taken_back.id}))
