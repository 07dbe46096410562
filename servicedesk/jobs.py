"""What runs on time: one table of jobs, and the scheduler that is their metronome.

Any number of workers may run: a job takes only rows that nobody else holds, and unique keys make
that what it records exists once. A job that fails is logged and runs again at its next beat.
"""

import datetime as dt
import functools
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask, current_app

from cmdb import lifecycle as lifecycle_of_items
from cmdb.database import db, utc_now
from cmdb.localtime import local
from cmdb.tenancy import everything
from servicedesk import heartbeat
from servicedesk.api import repeats
from servicedesk.api.models import KeptAnswer
from servicedesk.directory import sync
from servicedesk.notify import delivery
from servicedesk.quality import duplicates, rounds
from servicedesk.reports import months, reminders
from servicedesk.reviews import rounds as reviews
from servicedesk.rota import rhythm
from servicedesk.signin import forgotten
from servicedesk.signin.account_models import AccountLink, PasswordAsk, PendingSignIn
from servicedesk.signin.passkey_models import PasskeyChallenge
from servicedesk.signin.models import SignInAttempt, WebSession
from servicedesk.tickets import actions, lifecycle, routing, upstream
from servicedesk.tickets.models import Draft
from sla import watch

log = logging.getLogger(__name__)

# After a standstill, "the deadline is near" of hours ago is noise: it is recorded, not mailed.
STALE_WARNING = dt.timedelta(hours=1)
KEEP_ATTEMPTS = dt.timedelta(days=1)
KEEP_SESSIONS = dt.timedelta(days=30)
KEEP_DRAFTS = dt.timedelta(days=30)
BATCH = 100


def sla_tick(now: dt.datetime) -> None:
    """Record what came due by `now`, and tell of it: a transaction for each hundred clocks."""

    def tell(passed: watch.Passed) -> None:
        if passed.is_breach or now - passed.at <= STALE_WARNING:
            actions.warn(passed, now)

    while keys := watch.due(now, BATCH):
        watch.settle_apart(keys, now, tell)
        lifecycle.follow_clocks(keys)
        db.session.commit()


def outbox_send(now: dt.datetime) -> None:
    """Send the mail that waits; without a mail server it goes on waiting."""
    config = current_app.config
    if not config["SMTP_URL"]:
        return
    with delivery.Post(config["SMTP_URL"], config["SENDER"], config["CENTRE_NAME"]) as post:
        # Each claim is committed before its message leaves: no lock is held while a server thinks.
        while message := delivery.claim(now):
            db.session.commit()
            reached = delivery.send(message, post, now)
            db.session.commit()
            if not reached:
                break


def answer_forgotten(now: dt.datetime) -> None:
    """Mail who forgot a password."""
    while forgotten.answer(now) == forgotten.BATCH:
        db.session.commit()


def sla_replan(now: dt.datetime) -> None:
    """Let open clocks and their tickets follow calendars that changed."""
    while keys := watch.replan(now):
        lifecycle.follow_clocks(keys)
        db.session.commit()


def close_resolved(now: dt.datetime) -> None:
    """Close the tickets whose requester did not object for a week."""
    while actions.close_resolved(now):
        db.session.commit()


def show_life(now: dt.datetime) -> None:
    """Write that this worker lives; /health and the doctor look at it."""
    heartbeat.beat(f"{socket.gethostname()}:{os.getpid()}", now)


def clean_up(now: dt.datetime) -> None:
    """Forget what has lost its use: attempts, ended sessions, old drafts, kept answers, dead workers."""
    for model, moment, kept in (
        (SignInAttempt, SignInAttempt.at, KEEP_ATTEMPTS),
        (PasswordAsk, PasswordAsk.at, KEEP_ATTEMPTS),
        (PendingSignIn, PendingSignIn.made_at, KEEP_ATTEMPTS),
        (PasskeyChallenge, PasskeyChallenge.made_at, KEEP_ATTEMPTS),
        (AccountLink, AccountLink.expires_at, KEEP_SESSIONS),
        (WebSession, WebSession.seen_at, KEEP_SESSIONS),
        (Draft, Draft.saved_at, KEEP_DRAFTS),
        (KeptAnswer, KeptAnswer.created_at, repeats.KEEP),
        (heartbeat.Heartbeat, heartbeat.Heartbeat.at, KEEP_ATTEMPTS),
    ):
        old = sa.delete(model).where(moment < now - kept)
        db.session.execute(old, execution_options={"synchronize_session": False})


def keep_months(now: dt.datetime) -> None:
    """Keep the figures of finished months for the trend of the report."""
    months.keep(now)


def remind_of_deadlines(now: dt.datetime) -> None:
    """File a ticket for what ends soon."""
    reminders.remind(now, current_app.config["DEADLINE_DAYS"])


def take_planned_steps(now: dt.datetime) -> None:
    """Take the planned steps in the life of items whose day has come, each by itself."""
    for key in lifecycle_of_items.due(now):
        try:
            lifecycle_of_items.take(key, now)
        except ValueError as error:
            db.session.rollback()
            log.warning("planned step %s is not taken: %s", key, error)
        db.session.commit()


def watch_radar(now: dt.datetime) -> None:
    """Tell the managers of the centre of what may be a major incident."""
    upstream.tell_managers(now)


def ask_for_confirmation(now: dt.datetime) -> None:
    """Invite the managers whose next round has come, in the morning of a working day."""
    moment, days = local(now), current_app.config["CERTIFICATION_DAYS"]
    if days and moment.weekday() < 5 and moment.hour >= 8:
        rounds.begin(now, days)


def remind_of_reviews(now: dt.datetime) -> None:
    """Tell who has to look over access, and is late, once a week."""
    reviews.remind(now)


def keep_roster(now: dt.datetime) -> None:
    """Publish the roster on its rhythm, warn of open seats, tell each their week."""
    rhythm.keep(now)


def hand_out(now: dt.datetime) -> None:
    """Give new tickets to who is on duty, where their category asks for that."""
    while routing.hand_out(now) == routing.BATCH:
        db.session.commit()


def sync_directories(now: dt.datetime) -> None:
    """Bring the people of the municipalities in line with their directories, each by itself."""
    for key in sync.due(now):
        directory = sync.claim(key, now)
        # No transaction is open while a directory thinks.
        db.session.commit()
        if directory is None:
            continue
        try:
            sync.run(directory, now)
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("directory %s is not synchronised", key)


def find_duplicates(now: dt.datetime) -> None:
    """Look for items that may be one and the same."""
    duplicates.find(now)


@dataclass(frozen=True)
class Job:
    """Something to do every `seconds`, by a function of the present moment."""

    name: str
    seconds: int
    work: Callable[[dt.datetime], None]


JOBS = (
    Job("sla_tick", 5, sla_tick),
    Job("answer_forgotten", 5, answer_forgotten),
    Job("outbox_send", 5, outbox_send),
    Job("heartbeat", 15, show_life),
    Job("hand_out", 15, hand_out),
    Job("sla_replan", 60, sla_replan),
    Job("sync_directories", 30, sync_directories),
    Job("watch_radar", 60, watch_radar),
    Job("close_resolved", 3600, close_resolved),
    Job("keep_months", 3600, keep_months),
    Job("remind_of_deadlines", 3600, remind_of_deadlines),
    Job("take_planned_steps", 3600, take_planned_steps),
    Job("find_duplicates", 3600, find_duplicates),
    Job("ask_for_confirmation", 3600, ask_for_confirmation),
    Job("remind_of_reviews", 3600, remind_of_reviews),
    Job("keep_roster", 3600, keep_roster),
    Job("clean_up", 24 * 3600, clean_up),
)


def run_job(app: Flask, job: Job, now: dt.datetime | None = None) -> None:
    """Do `job` once and commit; an error is logged and undone, and stops nothing else."""
    with app.app_context(), everything():
        try:
            job.work(now or utc_now())
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("%s failed; it runs again in %s seconds", job.name, job.seconds)


def scheduler(app: Flask) -> BlockingScheduler:
    """The metronome of one worker: every job at once, and then in its rhythm."""
    metronome = BlockingScheduler(
        jobstores={"default": MemoryJobStore()},
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        timezone=dt.UTC,
    )
    for job in JOBS:
        metronome.add_job(
            functools.partial(run_job, app, job),
            "interval",
            seconds=job.seconds,
            id=job.name,
            name=job.name,
            next_run_time=utc_now(),
        )
    return metronome
