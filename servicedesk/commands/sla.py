"""`servicedesk sla`: explain a deadline."""

import json

import click

from sla.replay import replay_file


@click.group("sla", help="Explain the clocks of agreements.")
def group():
    pass


@group.command("replay")
@click.argument("file", type=click.File(encoding="utf-8"))
def replay(file):
    """Replay the cases of FILE by the rules that the product runs on; writes JSON."""
    try:
        result = replay_file(file.read())
    except ValueError as error:
        click.echo(f"sla replay: {error}", err=True)
        raise SystemExit(2) from None
    click.echo(json.dumps(result))
