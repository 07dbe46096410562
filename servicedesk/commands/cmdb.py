"""`servicedesk cmdb`: questions about what is registered."""

import json

import click

from cmdb.impact_cases import answer


@click.group("cmdb", help="Ask what hangs on what.")
def group():
    pass


@group.command("impact")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
def impact(file):
    """Answer the cases of FILE by the rules that the product runs on; write the results as JSON."""
    try:
        results = answer(file.read())
    except ValueError as error:
        click.echo(f"cmdb impact: {error}", err=True)
        raise SystemExit(2) from None
    click.echo(json.dumps(results))
