"""`servicedesk directory` and `secrets`: what an administrator does beside the pages."""

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from cmdb.database import db, utc_now
from cmdb.tenancy import everything
from servicedesk import secrets
from servicedesk.directory import sync
from servicedesk.directory.models import Directory


@click.group("directory", help="The directories of the municipalities.")
def group():
    pass


@group.command("sync")
@click.argument("domains", nargs=-1)
@click.option("--even-if-many-leave", is_flag=True, help="Also if over a fifth would be shut out.")
@with_appcontext
def synchronise(domains: tuple[str, ...], even_if_many_leave: bool):
    """Bring the people in line with the directories of DOMAINS, or with all; exits 1 on trouble."""
    now, is_well = utc_now(), True
    with everything():
        chosen = sa.select(Directory).where(Directory.is_active).order_by(Directory.domain)
        known = {directory.domain: directory for directory in db.session.scalars(chosen)}
        if unknown := set(domains) - set(known):
            there_are = ", ".join(known) or "none"
            raise click.UsageError(
                f"no directory in use for {', '.join(sorted(unknown))}; there are: {there_are}"
            )
        for domain, directory in known.items():
            if domains and domain not in domains:
                continue
            sync.ask(directory, now, even_if_many_leave)
            # Another worker may have the turn: then it does the work, as was asked.
            directory = sync.claim(directory.id, now)
            db.session.commit()
            if directory is not None:
                report = sync.run(directory, now)
                db.session.commit()
                is_well &= report.outcome == "done"
                click.echo(f"{domain}: {_said(report)}")
    raise SystemExit(not is_well)


def _said(report: sync.Report) -> str:
    if report.outcome == "failed":
        return f"failed at {report.step} ({report.host}): {report.detail}"
    if report.outcome == "stopped":
        return (
            f"stopped: {report.leaving} of {report.known} people would be shut out;"
            " if that is right, add --even-if-many-leave"
        )
    figures = report.figures
    return (
        f"{report.found} found, {figures.added} added, {figures.changed} changed,"
        f" {figures.left} left, {figures.refused} refused"
    )


@click.group("secrets", help="What is kept sealed in the database.")
def secrets_group():
    pass


@secrets_group.command("rotate")
@with_appcontext
def rotate():
    """Seal all secrets with a new key; the key before it still opens what is in a backup.

    With keys in SERVICEDESK_ENCRYPTION_KEYS: put a new one in front first, and restart.
    """
    with everything():
        try:
            if not current_app.config["ENCRYPTION_KEYS"]:
                # A secret under an older key would be lost with the key.
                secrets.reseal()
                db.session.commit()
                secrets.add_key()
            count = secrets.reseal()
        except secrets.Unreadable:
            raise click.ClickException("a secret was sealed with a key that is lost") from None
        db.session.commit()
    click.echo(f"{count} secrets are sealed with the newest key.")
