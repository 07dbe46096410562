"""From an empty database to a filed ticket, by the commands of docs/install.md."""

import json
import re
import shlex
from pathlib import Path

import pytest
import sqlalchemy as sa

from cmdb.database import db
from cmdb.people import Person
from cmdb.tenancy import everything
from servicedesk.app import create_app
from servicedesk.cli import main
from servicedesk.tickets.models import Category, Ticket
from servicedesk.tickets.workflow import Route

pytestmark = pytest.mark.no_database

MANUAL = Path(__file__).parents[2] / "docs" / "install.md"
PASSWORD = "correct horse battery"
TOWN = 'municipality add 9901 Oosterveen --inhabitants 11000'
ANNA = "person add --name Anna --login anna --email a@example.org --role employee"


@pytest.fixture
def empty(fresh_database, tmp_path):
    """An application on a database with tables and nothing in them."""
    application_url, owner_url = fresh_database()
    app = create_app(
        SQLALCHEMY_DATABASE_URI=application_url,
        OWNER_DATABASE_URI=owner_url,
        INSTANCE=tmp_path,
        SECRET_KEY="for the test",
        TESTING=True,
        WTF_CSRF_ENABLED=False,
    )
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def run(empty):
    """`run("team add Werkplek")` gives the result; whoever asks for a password gets one."""

    def typed(line: str, password: str = PASSWORD):
        arguments = shlex.split(line)
        if arguments[:2] == ["person", "add"]:
            arguments.append("--password-stdin")
        return empty.test_cli_runner().invoke(main, arguments, input=f"{password}\n")

    return typed


def choose(empty, told):
    """Choose a password by the link that the command printed; the answer of the page."""
    path = told.split("http://localhost:8000")[1].strip()
    return empty.test_client().post(path, data={"password": PASSWORD, "again": PASSWORD})


def test_the_steps_of_the_manual_lead_to_a_filed_ticket(empty, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    chapter = MANUAL.read_text().partition("first ticket")[2].partition("\n## ")[0]
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)).replace("\\\n", " ")
    (agreement,) = re.findall(r"<<'JSON'\n(.*?)\nJSON", blocks, re.DOTALL)
    Path("agreement.json").write_text(agreement)
    steps = re.findall(r"^servicedesk (.*)$", blocks, re.MULTILINE)
    assert len(steps) == 7
    for step in steps:
        done = run(step)
        assert done.exit_code == 0, (step, done.output)
        if "--invite" in step:
            choose(empty, done.output)
    assert json.loads(done.output)["targets"] == 12

    anna = signed_in(empty, "anna")
    report = {
        "category": "printen",
        "title": "Printer print niet",
        "body": "Hij doet niets.",
        "affected": "person",
        "can_work": "medium",
        "location": "home",
    }
    filed = anna.post("/my/report", data=report)
    assert filed.status_code == 303
    with empty.app_context(), everything():
        ticket = db.session.scalars(sa.select(Ticket)).one()
        assert ticket.team.name == "Werkplek" and ticket.due_at is not None
    assert "Printer print niet" in signed_in(empty, "daan").get("/desk").text
    assert signed_in(empty, "ada").get("/items/new").status_code == 200


def signed_in(app, login: str):
    browser = app.test_client()
    answer = browser.post("/signin", data={"login": login, "password": PASSWORD})
    assert answer.status_code in (302, 303), answer.text
    return browser


@pytest.mark.parametrize(
    "twice",
    [TOWN, "team add Werkplek", "category add Printen", f"{ANNA} --municipality Oosterveen"],
)
def test_what_is_there_already_is_refused(run, twice):
    run(TOWN)
    if twice != TOWN:
        assert run(twice).exit_code == 0
    again = run(twice)
    assert again.exit_code == 2
    assert re.fullmatch(r"Error: There is a .* already\.\n", again.output)


def test_a_category_goes_to_who_is_on_duty_and_back_to_its_team(empty, run):
    def now():
        with empty.app_context(), everything():
            found = db.session.scalars(sa.select(Category)).one()
            return found.route, found.skill

    run("category add Printen")
    assert run("category route Printen --to desk --skill ervaren").exit_code == 0
    assert now() == (Route.DESK, "ervaren")
    run("category route Printen --to team --skill ervaren")
    assert now() == (None, None)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("municipality add 99 Oosterveen --inhabitants 9", "four digits"),
        ("municipality add 9901 Oosterveen", "Missing option '--inhabitants'"),
        ("municipality add 9901 ' ' --inhabitants 9", "The name is empty"),
        ("municipality add 9901 Oosterveen --inhabitants 0", "Invalid value for '--inhabitants'"),
        ("team add ''", "The name is empty"),
        ("category add Printen --team Nergens", "There is no team Nergens"),
        ("category add '?!'", "letters or digits"),
        ("category route Niets --to desk", "There is no category 'Niets'"),
        ("category route Printen --to maan", "Invalid value for '--to'"),
        (ANNA, "name it by --municipality"),
        (f"{ANNA} --municipality 9999", "There is no municipality '9999'"),
        (f"{ANNA} --municipality 9901 --team Werkplek", "leave out --team"),
        (ANNA.replace("employee", "agent") + " --municipality 9901", "leave out --municipality"),
        (ANNA.replace("employee", "agent") + " --team Nergens", "There is no team Nergens"),
        (ANNA.replace("employee", "boss"), "Invalid value for '--role'"),
        (ANNA.replace("a@example.org", "anna"), "not an e-mail address"),
        (ANNA.replace("--login anna", "--login 'an na'"), "no sign-in name"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_is_written(empty, run, line, sentence):
    if "9901" not in line.partition("--")[0]:
        run("municipality add 9901 Lindhoven --inhabitants 8000")
    refused = run(line)
    assert refused.exit_code == 2 and sentence in refused.output
    with empty.app_context(), everything():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0


def test_a_short_password_is_refused(run):
    refused = run(ANNA.replace("employee", "agent"), password="short")
    assert refused.exit_code == 2 and "at least 12 characters" in refused.output


def test_the_password_is_asked_twice_and_never_shown(empty):
    line = shlex.split(ANNA.replace("employee", "agent"))
    done = empty.test_cli_runner().invoke(main, line, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0 and PASSWORD not in done.output
    signed_in(empty, "anna")


def test_the_first_administrator_chooses_a_password_by_a_link(run, empty):
    told = run(
        "person add --name Ada --login ada --email ada@example.org --role administrator --invite"
    )
    assert told.exit_code == 0 and "7 days" in told.output
    assert choose(empty, told.output).status_code == 303
    signed_in(empty, "ada")
    assert choose(empty, told.output).status_code == 404


@pytest.mark.parametrize("password", ["Welkom2024!!!", "servicedesk-1", "x" * 1001])
def test_a_password_that_is_refused_in_the_browser_is_refused_here(run, password):
    refused = run(ANNA.replace("employee", "agent"), password=password)
    assert refused.exit_code == 2 and "is refused" in refused.output
