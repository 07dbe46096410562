"""`servicedesk demo`: fill an empty database with a living demo."""

import click
from flask.cli import with_appcontext

from cmdb.database import db, utc_now
from cmdb.tenancy import everything
from servicedesk.demo import fill
from servicedesk.demo.organisation import PASSWORD, SIGN_INS


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Leave a database alone that holds something.")
@with_appcontext
def demo(if_empty: bool):
    """Fill an empty database with six invented municipalities and 300 tickets."""
    with everything():
        try:
            filled = fill.is_filled()
        except fill.HoldsRealData:
            if if_empty:
                return
            raise click.ClickException(
                "This database holds real data: the demo goes into an empty one only."
            ) from None
        if not filled:
            click.echo("Filling the demo ...")
            count = fill.fill(utc_now())
            db.session.commit()
            click.echo(f"{count} tickets of the last 90 days.")
    click.echo(f"Demo sign-ins, all with the password {PASSWORD}")
    for login, who, role in SIGN_INS:
        click.echo(f"  {login:<8} {who} ({role})")
