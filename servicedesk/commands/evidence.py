"""`servicedesk evidence`: the proof for an auditor, as one file."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from cmdb.database import read_only, utc_now
from cmdb.tenancy import everything
from servicedesk.reviews import evidence_files


@click.command("evidence")
@click.option(
    "--to", "path", required=True, type=click.Path(dir_okay=False, path_type=Path),
    help="Where the ZIP file goes; one that is there is replaced.",
)  # fmt: skip
@with_appcontext
def evidence(path: Path):
    """Write settings, rights, reviews, log coverage and versions, mapped to BIO2."""
    reading = read_only.set(True)
    try:
        with everything():
            written = evidence_files.as_zip(current_app.config, utc_now())
    finally:
        read_only.reset(reading)
    try:
        path.write_bytes(written)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None
    click.echo(f"{path} is written, {len(written)} bytes.")
