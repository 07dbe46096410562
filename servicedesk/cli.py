"""The `servicedesk` command."""

from flask.cli import FlaskGroup

from servicedesk.app import create_app
from servicedesk.commands import (
    cmdb,
    database,
    demo,
    directory,
    doctor,
    evidence,
    imports,
    organisation,
    report,
    rota,
    serve,
    sla,
)

main = FlaskGroup(
    create_app=lambda: database.make_migratable(create_app()),
    add_default_commands=False,
    help="Run and look after the service desk.",
)
main.add_command(serve.run)
main.add_command(serve.worker)
main.add_command(doctor.doctor)
main.add_command(evidence.evidence)
main.add_command(demo.demo)
main.add_command(sla.group)
main.add_command(imports.group)
main.add_command(report.group)
main.add_command(cmdb.group)
main.add_command(rota.group)
main.add_command(directory.group)
main.add_command(directory.secrets_group)
main.add_command(organisation.municipality)
main.add_command(organisation.team)
main.add_command(organisation.category)
main.add_command(organisation.person)

if __name__ == "__main__":
    main()
