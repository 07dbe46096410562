"""The `servicedesk` command."""

from flask.cli import FlaskGroup

from servicedesk.app import create_app
from servicedesk.commands import sla

main = FlaskGroup(
    create_app=create_app,
    add_default_commands=False,
    help="Run and look after the service desk.",
)
main.add_command(sla.group)

if __name__ == "__main__":
    main()
