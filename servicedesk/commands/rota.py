"""`servicedesk rota`: explain a roster."""

import json

import click

from servicedesk.rota.cases import answer


@click.group("rota", help="Explain a roster.")
def group():
    pass


@group.command("solve")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
def solve(file):
    """Answer the cases of FILE by the rules that the product runs on; write them as JSON."""
    try:
        answers = answer(file.read())
    except ValueError as error:
        click.echo(f"rota solve: {error}", err=True)
        raise SystemExit(2) from None
    click.echo(json.dumps(answers))
