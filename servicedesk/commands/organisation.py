"""`servicedesk municipality`, `team`, `category`, `person`: what a database begins with."""

import re
import sys

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from cmdb.database import db, utc_now
from cmdb.organisation import Municipality
from cmdb.people import Person, Team
from cmdb.permissions import Role
from cmdb.tenancy import everything
from servicedesk.commands.municipality import find_municipality
from servicedesk.signin import accounts, links, password_rule
from servicedesk.signin.account_models import Purpose
from servicedesk.signin.password_rule import Fault
from servicedesk.signin.passwords import set_password
from servicedesk.tickets.models import Category
from servicedesk.tickets.workflow import Route

_FAULT = {
    Fault.SHORT: f"it has at least {password_rule.SHORTEST} characters",
    Fault.LONG: f"it has at most {password_rule.LONGEST} characters",
    Fault.COMMON: "it is one of the first that are guessed",
    Fault.OWN: "it is made of names that belong to the account or to the product",
}


class Refused(click.ClickException):
    """One sentence that says what is wrong with what was asked."""

    exit_code = 2


@click.group("municipality", help="The municipalities that take part.")
def municipality():
    pass


@municipality.command("add")
@click.argument("code")
@click.argument("name")
@click.option("--inhabitants", required=True, type=click.IntRange(1), help="How many live there.")
@with_appcontext
def add_municipality(code: str, name: str, inhabitants: int):
    """Add the municipality NAME with its four-digit CODE of CBS."""
    if not re.fullmatch(r"[0-9]{4}", code):
        raise Refused(
            f"{code!r} is not a municipality code of CBS: it has four digits, such as 0363."
        )
    with everything():
        for column, value in ((Municipality.code, code), (Municipality.name, _named(name))):
            _refuse_twin(column, value, "municipality")
        db.session.add(Municipality(code=code, name=_named(name), inhabitants=inhabitants))
        db.session.commit()
    click.echo(f"Municipality {code} {_named(name)} is added.")


@click.group("team", help="The teams of the centre.")
def team():
    pass


@team.command("add")
@click.argument("name")
@with_appcontext
def add_team(name: str):
    """Add the team NAME."""
    with everything():
        _refuse_twin(Team.name, _named(name), "team")
        db.session.add(Team(name=_named(name)))
        db.session.commit()
    click.echo(f"Team {_named(name)} is added.")


@click.group("category", help="What a ticket can be about.")
def category():
    pass


@category.command("add")
@click.argument("name")
@click.option("--team", "team_name", help="The team that gets its tickets first.")
@with_appcontext
def add_category(name: str, team_name: str | None):
    """Add the category NAME, as the last tile of the portal."""
    key = re.sub(r"[^a-z0-9]+", "-", _named(name).lower()).strip("-")[:40]
    if not key:
        raise Refused(f"{name!r} is no name: it needs letters or digits.")
    with everything():
        _refuse_twin(Category.name, _named(name), "category")
        _refuse_twin(Category.key, key, "category")
        last = db.session.scalar(sa.select(sa.func.max(Category.position))) or 0
        team_id = _team(team_name).id if team_name else None
        db.session.add(Category(key=key, name=_named(name), position=last + 1, team_id=team_id))
        db.session.commit()
    click.echo(f"Category {_named(name)} is added.")


@category.command("route")
@click.argument("name")
@click.option(
    "--to",
    "goal",
    required=True,
    type=click.Choice(["team", *(route.value for route in Route)]),
    help="desk: who is at the desk then; site: who is at that municipality today; team: nobody.",
)
@click.option("--skill", help="Only to somebody who knows this.")
@with_appcontext
def route_category(name: str, goal: str, skill: str | None):
    """Let new tickets of the category NAME go on to who is on duty."""
    with everything():
        found = db.session.scalars(sa.select(Category).where(Category.name == name)).first()
        if found is None:
            raise Refused(f"There is no category {name!r}.")
        found.route = None if goal == "team" else Route(goal)
        found.skill = skill if found.route else None
        db.session.commit()
    whom = "who is on duty" if found.route else "its team"
    click.echo(f"New tickets of {name} go to {whom}.")


@click.group("person", help="The people who sign in.")
def person():
    pass


@person.command("add")
@click.option("--name", required=True, help="As colleagues know them: Anna Bakker.")
@click.option("--login", required=True, help="What they sign in with.")
@click.option("--email", required=True, help="Where messages go.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--municipality", "home", help="CBS code or name; for roles of a municipality.")
@click.option(
    "--team", "teams", multiple=True, help="A team they work in; for roles of the centre."
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--invite", is_flag=True, help="Print a link by which they choose it, good for a week.")
@with_appcontext
def add_person(name, login, email, role, home, teams, password_stdin, invite):
    """Add somebody who can sign in; asks for the password without showing it."""
    added = Person(name=_named(name), login=_login(login), email=_email(email), role=Role(role))
    with everything():
        _refuse_twin(Person.login, added.login, "person with the sign-in name")
        added.municipality_id = _home(added.role, home)
        members = _memberships(added.role, teams)
        if not invite:
            set_password(added, _password(added, password_stdin))
        accounts.add(added, members, None, utc_now())
        token = links.make(added, Purpose.INVITATION, utc_now()) if invite else None
        db.session.commit()
    if token:
        click.echo(f"{added.name} chooses a password here, within 7 days, once:")
        click.echo(f"{current_app.config['SITE_URL']}/password/{token}")
    else:
        click.echo(f"{added.name} can sign in as {added.login}.")


def _refuse_twin(column, value: str, what: str) -> None:
    if db.session.scalar(sa.select(column).where(column == value)) is not None:
        raise Refused(f"There is a {what} {value} already.")


def _home(role: Role, named: str | None) -> int | None:
    """The key of the municipality; the centre has none."""
    if role.serves_everyone:
        if named:
            raise Refused(
                f"A person with the role {role} is of the centre: leave out --municipality."
            )
        return None
    if not named:
        raise Refused(
            f"A person with the role {role} is of a municipality: name it by --municipality."
        )
    try:
        return find_municipality(named).id
    except ValueError as error:
        raise Refused(f"There is {error}.") from None


def _memberships(role: Role, teams: tuple[str, ...]) -> set[int]:
    if teams and not role.serves_everyone:
        raise Refused(f"Teams are of the centre, and the role {role} is not: leave out --team.")
    return {_team(name).id for name in teams}


def _team(named: str) -> Team:
    found = db.session.scalar(sa.select(Team).where(Team.name == named))
    if found is None:
        raise Refused(f"There is no team {named}: add it by servicedesk team add.")
    return found


def _named(name: str) -> str:
    if not name.strip():
        raise Refused("The name is empty.")
    return name.strip()


def _login(login: str) -> str:
    """As the sign-in page looks it up."""
    if not re.fullmatch(r"\S+", login):
        raise Refused(f"{login!r} is no sign-in name: it has no spaces, as in anna.bakker.")
    return login.lower()


def _email(email: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise Refused(f"{email!r} is not an e-mail address.")
    return email


def _password(person: Person, from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if fault := password_rule.fault(password, person):
        raise Refused(f"The password is refused: {_FAULT[fault]}.")
    return password
