"""The figures of the report on agreements, and the files that hold them."""

import csv
import datetime as dt
import io
import json
from collections import Counter
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from cmdb.database import db
from cmdb.organisation import Municipality
from servicedesk.commands import report as command
from servicedesk.intake.incident_log import read_log
from servicedesk.intake.servicenow import take_over
from servicedesk.reports import export, months
from servicedesk.reports.breaches import breaches, topics
from servicedesk.reports.figures import Question, Tally, sla_report
from servicedesk.reports.periods import around, between
from servicedesk.reports.standing import Line, Verdict, by_ledger
from servicedesk.tickets import actions
from servicedesk.tickets.workflow import WaitingFor
from sla import watch
from sla.priority import Impact, Urgency
from sla.terms import ServiceKind
from tests.makers import NOW, make_municipality, make_ticket

DATA = Path(__file__).parents[1] / "data"
SPRING = between("2016-03-01", "2016-04-30")
OCTOBER, NOVEMBER = around(dt.date(2026, 10, 1), "month"), around(dt.date(2026, 11, 1), "month")
FRIDAY = dt.datetime(2026, 10, 30, 9, 0, tzinfo=dt.UTC)  # 10:00 in the Netherlands
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
FACTS = ("external_id", "kind", "priority", "due_at", "breached_at")


@pytest.fixture
def town(session):
    return make_municipality("Proefstad", json.loads((DATA / "agreement_2016.json").read_text()))


def import_log(path: Path, town: Municipality) -> None:
    list(take_over(read_log(path.read_bytes(), NOW).incidents, town, NOW))


def settle(now: dt.datetime = NOW) -> None:
    """What the worker does: notice what passed."""
    while watch.settle_due(now):
        pass


def facts(rows, names) -> list[tuple]:
    return sorted((tuple(row[name] for name in names) for row in rows), key=str)


def told(town: Municipality, period=SPRING) -> dict:
    question = Question(period, municipality_id=town.id)
    return export.as_json(period, sla_report(question, [town]), breaches(question, NOW))


def totals(period, municipality: Municipality, **wanted) -> dict[ServiceKind, Tally]:
    report = sla_report(Question(period, municipality.id), [municipality])
    return {kind: report.total(kind=kind, **wanted) for kind in ServiceKind}


def test_breaches_of_a_real_log_are_those_of_an_independent_calculation(town):
    import_log(DATA / "incidents_servicenow.csv", town)
    expected = json.loads((DATA / "incidents_breaches.json").read_text())
    found = told(town)
    assert facts(found["breaches"], FACTS) == facts(expected, FACTS)
    counted = {(row["priority"], row["kind"]): row["breached"] for row in found["rows"]}
    late = Counter((row["priority"], row["kind"]) for row in expected)
    assert {key: count for key, count in counted.items() if count} == late


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("events", "breached_at", "verdict"),
    [
        ([(0, "started", 3)], None, (3, Verdict.RUNNING)),
        ([(0, "started", 3), (1, "stopped", 3)], None, (3, Verdict.MET)),
        ([(0, "started", 3), (1, "stopped", 3), (2, "reopened", 3)], None, (3, Verdict.RUNNING)),
        ([(0, "started", 3), (1, "stopped", 3), (12, "reopened", 3)], None, (3, Verdict.MET)),
        ([(0, "started", 3), (2, "retargeted", 1)], None, (1, Verdict.RUNNING)),
        ([(0, "started", 3), (12, "retargeted", 1)], None, (3, Verdict.RUNNING)),
        ([(0, "started", 3), (12, "stopped", 3)], 11, (3, Verdict.RUNNING)),
        ([(0, "started", 3), (5, "stopped", 3)], 4, (3, Verdict.BREACHED)),
        ([(0, "started", 3), (5, "stopped", 3)], -1, None),
        ([(-9, "started", 3), (-8, "stopped", 3)], None, None),
        ([(0, "started", 3), (1, "cancelled", 3)], None, None),
        ([(10, "started", 3)], None, None),
    ],
)
def test_a_clock_counts_as_it_stood_at_the_end(events, breached_at, verdict):
    """Ten days, in which it was decided; what came later does not matter."""
    lines = [Line(NOW + day * DAY, event, priority) for day, event, priority in events]
    breach = None if breached_at is None else NOW + breached_at * DAY
    assert by_ledger(lines, breach, NOW, NOW + 10 * DAY) == verdict


def test_a_solution_reopened_in_a_later_month_was_met_in_its_own(cast):
    ticket = make_ticket(cast.anna, now=FRIDAY)
    actions.resolve(ticket, "Opnieuw gestart.", cast.daan, FRIDAY + HOUR)
    before = totals(OCTOBER, cast.oosterveen)
    actions.reopen(ticket, "Het is terug.", cast.anna, FRIDAY + 3 * DAY)
    assert before == dict.fromkeys(ServiceKind, Tally(met=1))
    assert totals(OCTOBER, cast.oosterveen) == before
    assert totals(NOVEMBER, cast.oosterveen)[ServiceKind.RESOLUTION] == Tally(running=1)


def test_a_clock_is_listed_under_its_priority_at_the_end(cast):
    ticket = make_ticket(cast.anna, now=FRIDAY)
    worse = (Impact.TEAM, Urgency.HIGH, "Het zijn er meer.")
    actions.change_priority(ticket, *worse, cast.daan, FRIDAY + 3 * DAY)
    settle()
    in_october = totals(OCTOBER, cast.oosterveen, priority=3)
    assert in_october[ServiceKind.RESOLUTION] == Tally(running=1)
    assert totals(OCTOBER, cast.oosterveen, priority=2) == dict.fromkeys(ServiceKind, Tally())
    [late] = breaches(Question(NOVEMBER, kind=ServiceKind.RESOLUTION, priority=2), NOW)
    assert late.ticket is ticket and not breaches(Question(NOVEMBER, priority=3), NOW)


def test_a_breach_tells_how_late_it_was_and_what_it_waited_for(cast):
    """Filed on Friday at 10:00, eighteen hours allowed; four of waiting for the supplier count.
    Solved on Wednesday at 10:00, after 27: nine too late."""
    ticket = make_ticket(cast.anna, now=FRIDAY)
    actions.wait(ticket, WaitingFor.SUPPLIER, cast.daan, FRIDAY + HOUR)
    actions.start_work(ticket, cast.daan, FRIDAY + 5 * HOUR)
    actions.resolve(ticket, "Vervangen.", cast.daan, FRIDAY + 5 * DAY)
    [late] = breaches(Question(NOVEMBER, kind=ServiceKind.RESOLUTION), NOW)
    assert late.ticket is ticket and late.priority == 3
    assert late.breached_at == late.due_at == dt.datetime(2026, 11, 3, 9, 0, tzinfo=dt.UTC)
    assert late.late == 9 * 3600
    assert late.waits == {WaitingFor.SUPPLIER: 4 * 3600}


def test_breaches_are_read_in_pages_both_ways(cast):
    for hour in range(5):
        make_ticket(cast.anna, now=FRIDAY + hour * HOUR)
        actions.resolve(make_ticket(cast.anna, now=FRIDAY), "Klaar.", cast.daan, FRIDAY + 10 * DAY)
    question = Question(NOVEMBER, kind=ServiceKind.RESOLUTION)
    everything = [late.clock_id for late in breaches(question, NOW)]
    first = breaches(question, NOW, limit=2)
    second = breaches(question, NOW, after=first[-1].place, limit=2)
    assert [late.clock_id for late in first + second] == everything[:4]
    back = breaches(question, NOW, before=second[0].place, limit=2)
    assert [late.clock_id for late in back] == everything[:2]


def test_municipality_and_priority_narrow_the_figures(cast):
    make_ticket(cast.anna, now=FRIDAY)
    make_ticket(cast.carla, now=FRIDAY)
    both = [cast.oosterveen, cast.lindhoven]
    assert len(sla_report(Question(OCTOBER), both).rows) == 4
    rows = sla_report(Question(OCTOBER, cast.lindhoven.id, kind=ServiceKind.RESPONSE), both).rows
    assert [(row.municipality, row.kind) for row in rows] == [
        (cast.lindhoven, ServiceKind.RESPONSE)
    ]
    assert sla_report(Question(OCTOBER, priority=1), both).rows == []


def test_topics_count_what_was_filed_in_the_period_and_the_one_before(cast):
    for day in (0, 3, 3):
        make_ticket(cast.anna, now=FRIDAY + day * DAY)
    [topic] = topics(Question(NOVEMBER))
    assert (topic.name, topic.filed, topic.filed_before) == ("Programma", 2, 1)


def test_kept_months_draw_the_same_trend(cast):
    for day in (0, 3, 4):
        ticket = make_ticket(cast.anna, now=FRIDAY + day * DAY)
        actions.resolve(ticket, "Klaar.", cast.daan, FRIDAY + (2 * day + 1) * DAY)
    both, question = [cast.oosterveen, cast.lindhoven], Question(NOVEMBER)
    report = sla_report(question, both)
    counted = months.trend(question, report, both, 4)
    assert months.keep(NOW) == 1
    assert months.trend(question, report, both, 4) == counted
    assert [tallies[ServiceKind.RESOLUTION].decided for _, tallies in counted] == [0, 0, 1, 2]


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("met", "breached", "percentage"),
    [(0, 0, None), (2, 6, 25.0), (4, 3, 57.1), (1, 15, 6.3), (153, 163, 48.4), (999, 1, 99.9)],
)
def test_a_percentage_has_one_decimal_and_rounds_a_half_up(met, breached, percentage):
    assert Tally(met, breached).percentage == percentage


@pytest.mark.parametrize("title", ["=1+1", "+31", "-1", "@SUM(A1)", "\tx"])
def test_a_text_is_never_a_formula(cast, title):
    make_ticket(cast.anna, now=FRIDAY).title = title
    settle()
    question = Question(NOVEMBER, kind=ServiceKind.RESOLUTION)
    report = sla_report(question, db.session.scalars(sa.select(Municipality)).all())
    late = breaches(question, NOW)
    text = export.as_csv(report, late)
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig")), delimiter=";"))
    assert (
        rows[1][:4] == ["Oosterveen", cast.oosterveen.code, "3", "Oplostijd"]
        and rows[1][7] == "0,0"
    )
    assert rows[-1][2] == f"'{title}"
    book = openpyxl.load_workbook(io.BytesIO(export.as_xlsx(report, late)))
    cell = book.worksheets[1]["C2"]
    assert cell.data_type == "s" and cell.value == f"'{title}"


def test_the_command_writes_the_figures(cast):
    make_ticket(cast.anna, now=FRIDAY)
    settle()
    asked = ["sla", "--from", "2026-11-01", "--to", "2026-11-30"]
    said = CliRunner().invoke(command.group, [*asked, "--municipality", "Oosterveen"])
    assert said.exit_code == 0, said.stderr
    found = json.loads(said.stdout)
    assert (found["from"], found["to"]) == ("2026-11-01", "2026-11-30")
    assert found["rows"][0] == {
        "municipality": cast.oosterveen.code,
        "priority": "3",
        "kind": "resolution",
        "met": 0,
        "breached": 1,
        "running": 0,
        "percentage": 0.0,
    }
    assert [late["breached_at"] for late in found["breaches"]] == ["2026-11-03T09:00:00Z"]
    elsewhere = CliRunner().invoke(command.group, [*asked, "--municipality", "Lindhoven"])
    assert json.loads(elsewhere.stdout)["rows"] == []


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--from", "2016-03-32", "--to", "2016-04-30"], "is not a date"),
        (["--from", "2016-05-01", "--to", "2016-04-30"], "2016-05-01 is after 2016-04-30"),
        (
            ["--from", "2016-03-01", "--to", "2016-04-30", "--municipality", "Atlantis"],
            "no municipality",
        ),
    ],
)
def test_the_command_refuses_in_one_line(session, arguments, reason):
    said = CliRunner().invoke(command.group, ["sla", *arguments])
    assert said.exit_code == 2 and said.stdout == ""
    assert reason in said.stderr and said.stderr.count("\n") == 1
