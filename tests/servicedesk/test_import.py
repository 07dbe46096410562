"""Taking over tickets that another system handled, and the agreement they ran under."""

import datetime as dt
import json
import os
import statistics
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from cmdb.database import db
from cmdb.localtime import local
from cmdb.people import Person, Team
from servicedesk.commands import imports
from servicedesk.intake.incident_log import read_log
from servicedesk.intake.servicenow import known_numbers, steps, take_over
from servicedesk.notify.models import Message
from servicedesk.reports import periods
from servicedesk.reports.breaches import breaches
from servicedesk.reports.export import as_json
from servicedesk.reports.figures import Question, sla_report
from servicedesk.tickets.models import Category, Entry, Ticket
from servicedesk.tickets.workflow import Channel, Status, WaitingFor
from sla.models import ClockEvent
from tests.makers import make_municipality

DATA = Path(__file__).parents[1] / "data"
SHARED = Path(__file__).parents[3] / "shared" / "data"
AGREEMENT = json.loads((DATA / "agreement_2016.json").read_text())
LOG = DATA / "incidents_servicenow.csv"
INCIDENTS = LOG.read_bytes()
NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
HEADER = "number,incident_state,opened_at,sys_updated_at,priority\n"
GOOD = "INC1,New,29-02-2016 09:00,29-02-2016 09:05,3 - Moderate\n"


@pytest.fixture
def town(session):
    return make_municipality("Proefstad", AGREEMENT)


@pytest.fixture
def taken_over(town):
    """The incidents of the log as tickets, by their number there."""
    tickets = take_over(read_log(INCIDENTS, NOW).incidents, town, NOW)
    return {ticket.external_id: ticket for ticket in list(tickets)}


def run(*arguments: object):
    return CliRunner().invoke(imports.group, [str(argument) for argument in arguments])


def take(file: object, municipality: str, *options: str):
    return run("tickets", file, "--format", "servicenow", "--municipality", municipality, *options)


def written(tmp_path, text: str | bytes) -> Path:
    path = tmp_path / "log.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_an_incident_becomes_a_ticket_with_its_whole_story(taken_over):
    ticket = taken_over["INC0000672"]
    assert ticket.number.startswith("M1603-") and ticket.channel == Channel.IMPORT
    assert ticket.created_at == dt.datetime(2016, 3, 1, 11, 5, tzinfo=dt.UTC)
    assert ticket.status == Status.CLOSED and ticket.priority == 3
    assert ticket.team.name == "Group 48" and ticket.assignee.name == "Resolver 74"
    entries = sa.select(Entry).where(Entry.ticket_id == ticket.id).order_by(Entry.id)
    story = db.session.scalars(entries)
    assert [(e.change["event"], e.change.get("to")) for e in story] == [
        ("filed", None),
        ("priority", 3),
        ("status", "in-progress"),
        ("status", "resolved"),
        ("status", "closed"),
    ]


def test_clocks_run_as_they_would_have_run(taken_over):
    """Critical at 12:05: due after half an hour. A lower priority later undoes no breach."""
    clock = taken_over["INC0000672"].response_clock
    assert clock.breached_at == dt.datetime(2016, 3, 1, 11, 35, tzinfo=dt.UTC)
    assert clock.due_at == dt.datetime(2016, 3, 1, 15, 5, tzinfo=dt.UTC)
    assert clock.stopped_at == dt.datetime(2016, 3, 18, 12, 54, tzinfo=dt.UTC)


def test_what_was_reopened_is_counted(taken_over):
    assert sum(ticket.reopenings for ticket in taken_over.values()) == 6


def test_an_update_before_the_opening_moves_the_beginning(taken_over):
    assert taken_over["INC0000130"].created_at == dt.datetime(2016, 2, 29, 6, 27, tzinfo=dt.UTC)


def test_nobody_is_told_and_nobody_of_the_log_can_sign_in(taken_over):
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 0
    people = db.session.scalars(sa.select(Person).where(Person.login.like("servicenow-%"))).all()
    assert people and not any(person.is_active or person.password_hash for person in people)
    home = taken_over["INC0000672"].municipality_id
    assert {person.municipality_id for person in people} == {None, home}
    taken = sa.select(Category).where(Category.key.like("servicenow-%"))
    categories = db.session.scalars(taken).all()
    assert categories and all(category.position is None for category in categories)
    assert db.session.scalar(sa.select(Team).where(Team.name == "Group 70"))


def test_an_open_incident_has_its_breach_recorded_already(town):
    """No worker would be left to find it, and to tell of it ten years later."""
    [ticket] = take_over(read_log((HEADER + GOOD).encode(), NOW).incidents, town, NOW)
    breach = db.session.get(ClockEvent, (ticket.resolution_clock_id, 100))
    assert breach.at == dt.datetime(2016, 3, 3, 8, 0, tzinfo=dt.UTC) and breach.noticed_at == NOW
    assert ticket.resolution_clock.next_event_at is None


def test_the_command_takes_over_what_is_new_only(town, tmp_path):
    first = take(LOG, town.code)
    assert first.exit_code == 0, first.stderr
    assert json.loads(first.stdout) == {
        "tickets": 40,
        "updates": 252,
        "reopenings": 6,
        "already_there": 0,
        "refused": [],
        "warnings": [],
    }
    entries = db.session.scalar(sa.select(sa.func.count(Entry.id)))
    again = take(LOG, town.name)
    summary = json.loads(again.stdout)
    assert summary["tickets"] == summary["updates"] == 0 and summary["already_there"] == 40
    assert db.session.scalar(sa.select(sa.func.count(Entry.id))) == entries


def test_a_dry_run_writes_nothing(town):
    said = take(LOG, town.code, "--dry-run")
    assert json.loads(said.stdout)["tickets"] == 40
    assert known_numbers(town) == set()


def test_of_an_incident_with_a_bad_row_nothing_is_written(town, tmp_path):
    bad = (
        "INC2,New,29-02-2016 09:00,31-02-2016 09:05,3 - Moderate\n"
        "INC2,Resolved,29-02-2016 09:00,01-03-2016 09:05,9\n"
    )
    path = written(tmp_path, HEADER + GOOD + bad)
    said = take(path, town.code)
    assert said.exit_code == 2
    assert [(r["line"], r["column"]) for r in json.loads(said.stdout)["refused"]] == [
        (3, "sys_updated_at"),
        (4, "priority"),
    ]
    assert "line 3, column sys_updated_at: '31-02-2016 09:05' is not a moment" in said.stderr
    assert known_numbers(town) == {"INC1"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (HEADER.encode() + GOOD.encode() + "INC2,Café".encode("latin-1"), "line 3 is not UTF-8"),
        ("number,incident_state\n", "line 1: no column opened_at, sys_updated_at, priority"),
        (HEADER.replace("priority", "priority,priority"), "line 1: column priority occurs twice"),
        (HEADER + '"INC1,New', "line 2 is not CSV"),
    ],
)
def test_a_file_that_is_no_log_is_refused_in_one_line(town, tmp_path, content, reason):
    said = take(written(tmp_path, content), town.code)
    assert said.exit_code == 2 and said.stdout == ""
    assert reason in said.stderr and said.stderr.count("\n") == 1


def test_an_unknown_municipality_is_answered_with_those_there_are(town):
    said = take(LOG, "Atlantis")
    assert said.exit_code == 2 and f"{town.code} Proefstad" in said.stderr


def test_a_missing_file_is_answered_in_one_line(town):
    said = take("nowhere.csv", town.code)
    assert said.exit_code == 2 and said.stderr.count("\n") == 1 and "nowhere.csv" in said.stderr


def test_tickets_without_an_agreement_are_named(session, tmp_path):
    bare = make_municipality("Kaalstad", None)
    said = take(written(tmp_path, HEADER + GOOD), bare.code)
    assert said.exit_code == 0 and "1 tickets have no resolution clock" in said.stderr


@pytest.mark.no_database
@pytest.mark.parametrize("separator", [";", "\t"])
def test_semicolons_and_a_byte_order_mark_are_read(separator):
    text = "\ufeff" + (HEADER + GOOD).replace(",", separator)
    [incident] = read_log(text.encode(), NOW).incidents
    assert incident.number == "INC1" and incident.updates[0].priority == 3


@pytest.mark.no_database
def test_a_row_back_in_time_is_moved_up_with_a_warning():
    rows = GOOD + "INC1,Active,29-02-2016 09:00,29-02-2016 08:00,3 - Moderate\n"
    log = read_log((HEADER + rows).encode(), NOW)
    [incident] = log.incidents
    assert incident.created_at == dt.datetime(2016, 2, 29, 7, 0, tzinfo=dt.UTC)
    assert incident.updates[1].at == incident.updates[0].at
    assert log.warnings == [
        "line 3: INC1 goes back in time, from 29-02-2016 09:05 to 29-02-2016 08:00;"
        " it is moved up to the update before it"
    ]


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("INC1,Lost,29-02-2016 09:00,29-02-2016 09:05,3 - Moderate", "incident_state"),
        ("INC1,New,?,?,3 - Moderate", "sys_updated_at"),
        ("INC1,New,29/02/2016,29-02-2016 09:05,3 - Moderate", "opened_at"),
        ("INC1,New,?,29-02-2036 09:05,3 - Moderate", "sys_updated_at"),
        ("INC1,New,01-01-0001 00:00,29-02-2016 09:05,3 - Moderate", "opened_at"),
        ("INC1,New,?,01-01-1960 09:05,3 - Moderate", "sys_updated_at"),
        ("INC1,New,?,29-02-2016 09:05", ""),
        ("?,New,?,29-02-2016 09:05,3 - Moderate", ""),
        (",New,?,29-02-2016 09:05,3 - Moderate", "number"),
    ],
)
def test_a_bad_value_is_named_by_line_and_column(row, column):
    log = read_log(f"{HEADER}{row}\n".encode(), NOW)
    assert log.incidents == [] and [(r.line, r.column) for r in log.refused] == [(2, column)]


@pytest.mark.no_database
def test_local_time_is_read_with_its_summer_time():
    row = "INC1,Awaiting Evidence,?,27-03-2016 02:30,4 - Low\n"  # an hour that did not exist
    [incident] = read_log((HEADER + row).encode(), NOW).incidents
    assert incident.created_at == dt.datetime(2016, 3, 27, 1, 30, tzinfo=dt.UTC)
    assert incident.updates[0].waiting_for == WaitingFor.PROBLEM


@pytest.mark.no_database
def test_steps_that_the_workflow_does_not_know_go_by_one_that_it_does():
    assert steps(Status.RESOLVED, Status.CLOSED) == [Status.CLOSED]
    assert steps(Status.NEW, Status.CLOSED) == [Status.RESOLVED, Status.CLOSED]
    assert steps(Status.CLOSED, Status.WAITING) == [Status.IN_PROGRESS, Status.WAITING]


def test_an_agreement_is_made_of_a_file_and_a_bad_one_says_what_is_wrong(session, tmp_path):
    town = make_municipality("Kaalstad", None)
    said = run("agreement", DATA / "agreement_2016.json", "--municipality", town.code)
    assert said.exit_code == 0, said.stderr
    assert json.loads(said.stdout) == {
        "agreement": "DVO Basis 2016",
        "valid_from": "2015-12-31T23:00:00Z",
        "targets": 8,
    }
    for content, reason in (
        ('{"name": ', "line 1, column 10 is not JSON"),
        (json.dumps(AGREEMENT | {"unit": "days"}), "unit: only 'service minutes'"),
        (json.dumps(AGREEMENT | {"paused_while_waiting_for": ["x"]}), "paused_while_waiting_for"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
    ):
        said = run("agreement", written(tmp_path, content), "--municipality", town.code)
        assert said.exit_code == 2 and said.stdout == ""
        assert reason in said.stderr and said.stderr.count("\n") == 1


def wall_clock_hours(ticket: Ticket) -> float:
    """From creation to the last resolution by the clock on the wall, as was calculated elsewhere.

    45 incidents span the night that summer time began, and count an hour that never was.
    """
    begin, end = local(ticket.created_at), local(ticket.resolved_at)
    return (end.replace(tzinfo=None) - begin.replace(tzinfo=None)).total_seconds() / 3600


def test_the_whole_log_gives_the_figures_that_were_calculated_elsewhere(town):
    if not SHARED.exists() and not os.environ.get("CI"):
        pytest.skip("the whole log (shared/data) is not here")
    expected = json.loads((SHARED / "incidents_expected.json").read_text())
    log = read_log((SHARED / "incidents_servicenow.csv").read_bytes(), NOW)
    assert sum(len(incident.updates) for incident in log.incidents) == 3019
    assert sum(incident.reopenings for incident in log.incidents) == expected["reopenings"]
    hours = [wall_clock_hours(ticket) for ticket in take_over(log.incidents, town, NOW)]
    assert len(hours) == expected["incidents"]
    assert round(statistics.mean(hours), 2) == expected["mean_hours_to_last_resolution"]
    assert round(statistics.median(hours), 2) == expected["median_hours"]

    period = periods.between("2016-03-01", "2016-04-30")
    question = Question(period, municipality_id=town.id)
    written = as_json(period, sla_report(question, [town]), breaches(question, NOW))
    extra = ("municipality", "percentage", "ticket")
    for part in ("rows", "breaches"):
        assert [
            {key: value for key, value in row.items() if key not in extra} for row in written[part]
        ] == expected[part]
