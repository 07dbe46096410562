"""Jobs: a weekend that nobody watched, one job that fails, and workers that are killed."""

import contextlib
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from cmdb.database import db
from cmdb.tenancy import everything
from servicedesk import jobs
from servicedesk.app import create_app
from servicedesk.heartbeat import Heartbeat, is_worker_alive
from servicedesk.notify.models import Message
from servicedesk.signin.models import SignInAttempt, WebSession
from servicedesk.tickets import actions
from servicedesk.tickets.models import Draft
from servicedesk.tickets.workflow import Status
from sla import agreements
from sla.models import ClockEvent
from sla.priority import Impact, Urgency
from tests.makers import NOW, make_cast, make_ticket

ROOT = Path(__file__).resolve().parents[2]
FRIDAY_NOON = dt.datetime(2026, 11, 20, 11, 0, tzinfo=dt.UTC)
MONDAY_EVENING = dt.datetime(2026, 11, 23, 18, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
NIGHT_AND_DAY = {
    "timezone": "Europe/Amsterdam",
    "weekly": {
        day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    },
}


def test_after_a_weekend_without_a_worker_each_deadline_is_recorded_once_at_its_own_time(cast):
    tickets = [
        make_ticket(cast.anna, now=FRIDAY_NOON, impact=Impact.TEAM, urgency=Urgency.HIGH)
        for _ in range(40)
    ]
    db.session.query(Message).delete()
    jobs.sla_tick(MONDAY_EVENING)
    jobs.sla_tick(MONDAY_EVENING)

    events = db.session.scalars(sa.select(ClockEvent)).all()
    assert len(events) == len(tickets) * 2 * 4
    for ticket in tickets:
        (breach,) = [
            e for e in events if e.clock_id == ticket.resolution_clock_id and e.threshold == 100
        ]
        # Eight hours of service: five on Friday after noon, three on Monday.
        assert breach.at == dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
        assert breach.noticed_at == MONDAY_EVENING
    told = db.session.scalars(sa.select(Message.subject)).all()
    # Both breaches of each go to Daan of the team and to Els; warnings of hours ago go to nobody.
    assert len(told) == len(tickets) * 2 * 2


def test_a_fresh_warning_is_mailed(cast):
    ticket = make_ticket(cast.anna)
    db.session.query(Message).delete()
    jobs.sla_tick(NOW + HOUR)
    assert [m.recipient for m in db.session.scalars(sa.select(Message))] == [cast.daan]
    assert ticket.response_clock.fired == [50]


def test_a_ticket_follows_its_calendar_when_that_changes(cast):
    ticket = make_ticket(cast.anna)
    before = ticket.due_at
    calendar = ticket.resolution_clock.target.agreement_version.agreement.calendar
    agreements.add_calendar_version(calendar, NIGHT_AND_DAY, NOW)
    jobs.sla_replan(NOW)
    db.session.commit()
    db.session.refresh(ticket)
    assert ticket.due_at == ticket.resolution_clock.due_at == NOW + 18 * HOUR < before


def test_a_ticket_follows_its_calendar_also_when_the_tick_sees_it_first(cast):
    ticket = make_ticket(cast.anna)
    calendar = ticket.resolution_clock.target.agreement_version.agreement.calendar
    agreements.add_calendar_version(calendar, NIGHT_AND_DAY, NOW)
    jobs.sla_tick(NOW + 10 * HOUR)
    jobs.sla_replan(NOW + 10 * HOUR)
    db.session.refresh(ticket)
    assert ticket.due_at == NOW + 18 * HOUR


def test_a_solved_ticket_is_closed_after_a_week_of_silence(cast):
    ticket = make_ticket(cast.anna)
    actions.resolve(ticket, "Nieuwe toner.", cast.daan, NOW)
    jobs.close_resolved(NOW + dt.timedelta(days=6))
    assert ticket.status == Status.RESOLVED
    jobs.close_resolved(NOW + dt.timedelta(days=7))
    assert ticket.status == Status.CLOSED


def test_what_has_lost_its_use_is_forgotten_and_the_rest_kept(cast):
    ticket = make_ticket(cast.anna)
    for days in (0, 40):
        at = NOW - dt.timedelta(days=days)
        person = cast.daan if days else cast.femke
        db.session.add_all(
            [
                SignInAttempt(login="anna", address="127.0.0.1", at=at),
                Heartbeat(name=f"worker {days}", at=at),
                Draft(
                    ticket_id=ticket.id,
                    municipality_id=ticket.municipality_id,
                    person_id=person.id,
                    body="Half",
                    saved_at=at,
                ),
                WebSession(
                    token_hash=str(days),
                    person_id=person.id,
                    created_at=at,
                    seen_at=at,
                    address="127.0.0.1",
                    user_agent="test",
                    role=person.role,
                ),
            ]
        )
    db.session.flush()
    jobs.clean_up(NOW)
    for model in (SignInAttempt, Heartbeat, Draft, WebSession):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 1, model


def test_a_job_that_fails_is_undone_and_logged_and_stops_nothing(app, cast, caplog):
    def fail(now):
        db.session.add(Heartbeat(name="half done", at=now))
        db.session.flush()
        raise ZeroDivisionError

    jobs.run_job(app, jobs.Job("broken", 5, fail), NOW)
    jobs.run_job(app, jobs.Job("heartbeat", 5, jobs.show_life), NOW)
    assert "broken failed" in caplog.text
    assert db.session.get(Heartbeat, "half done") is None
    assert is_worker_alive(NOW)


def test_every_job_is_planned_in_utc_and_catches_up_once(app):
    metronome = jobs.scheduler(app)
    assert {job.id for job in metronome.get_jobs()} == {job.name for job in jobs.JOBS}
    assert metronome.timezone == dt.UTC
    assert metronome._job_defaults == {
        "misfire_grace_time": None,
        "coalesce": True,
        "max_instances": 1,
    }


@pytest.mark.no_database
def test_each_deadline_is_recorded_once_while_workers_are_killed(cluster, fresh_database, tmp_path):
    """Two workers on PostgreSQL, killed by turns as soon as they work, and 60 tickets long overdue."""
    url, owner = fresh_database()
    environment = os.environ | {
        "SERVICEDESK_DATABASE": url,
        "SERVICEDESK_OWNER_DATABASE": owner,
        "SERVICEDESK_INSTANCE": str(tmp_path),
    }
    app = create_app(
        SQLALCHEMY_DATABASE_URI=url,
        OWNER_DATABASE_URI=owner,
        INSTANCE=tmp_path,
        SECRET_KEY="for the test",
        TESTING=True,
    )
    with app.app_context(), everything():
        agreements.forget_timelines()
        _file_overdue(60)
        with _two_workers(environment) as workers:
            for number in range(3):
                workers.kill_at_work(number % 2, after=0.2 * number)
            deadline = time.monotonic() + 60
            while _recorded() < 60 * 2 * 4 and time.monotonic() < deadline:
                time.sleep(0.2)
            workers.await_sign_of_life()
        assert _recorded() == 60 * 2 * 4
        breaches = sa.select(sa.func.count()).where(Message.dedup_key.like("clock:%:100:%"))
        assert db.session.scalar(breaches) == 60 * 2 * 2
        assert workers.codes == [0, 0]
        db.session.remove()
        db.engine.dispose()


_COMMAND = (sys.executable, "-m", "servicedesk.cli")


class _Workers:
    """Two `servicedesk worker` processes; whoever is killed is followed by another."""

    def __init__(self, environment: dict[str, str]):
        self._environment = environment
        self._processes = [self._start(), self._start()]
        self.codes: list[int] = []

    def kill_at_work(self, number: int, after: float) -> None:
        """Kill one `after` seconds of work: its first tick begins with its sign of life."""
        self._await(self._processes[number])
        time.sleep(after)
        self._processes[number].send_signal(signal.SIGKILL)
        self._processes[number].wait()
        self._processes[number] = self._start()

    def await_sign_of_life(self) -> None:
        for process in self._processes:
            self._await(process)

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        self.codes = [process.wait(60) for process in self._processes]

    def _await(self, process: subprocess.Popen) -> None:
        alive = sa.select(Heartbeat.at).where(Heartbeat.name.like(f"%:{process.pid}"))
        deadline = time.monotonic() + 60
        while db.session.scalar(alive) is None:
            db.session.rollback()
            assert time.monotonic() < deadline, "a worker did not start"
            time.sleep(0.05)
        db.session.rollback()

    def _start(self) -> subprocess.Popen:
        return subprocess.Popen([*_COMMAND, "worker"], env=self._environment, cwd=ROOT)


@contextlib.contextmanager
def _two_workers(environment: dict[str, str]):
    workers = _Workers(environment)
    try:
        yield workers
    finally:
        workers.stop()


def _file_overdue(count: int) -> None:
    """Tickets of long ago whose deadlines nobody watched."""
    cast = make_cast()
    for _ in range(count):
        make_ticket(cast.anna, now=NOW - dt.timedelta(days=300))


def _recorded() -> int:
    count = db.session.scalar(sa.select(sa.func.count()).select_from(ClockEvent))
    db.session.rollback()
    return count
