"""What a deadline costs to compute, and what the watch costs while nothing is due."""

import datetime as dt
import statistics
import time
from collections.abc import Iterator

import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.tenancy import EVERYTHING, enter
from servicedesk import jobs
from servicedesk.app import create_app
from sla import watch
from sla.hours import Calendar, Timeline
from sla.instants import to_epoch
from sla.models import Clock
from servicedesk.commands.database import upgrade
from tests.bench.result import Result
from tests.makers import AGREEMENT, make_municipality
from tests.postgres import Cluster

HOURS = (4, 40, 1000)  # of service
OPEN_CLOCKS = (1_000, 10_000, 100_000, 1_000_000)
MUST_MICROSECONDS = 2.0
FLAT = 1.5  # the most that a tick may cost more among a million clocks than among a thousand
_CALLS, _TICKS, _ROUNDS = 20_000, 100, 5


def arithmetic() -> Iterator[Result]:
    """Microseconds for one deadline, so many service hours after moments spread over a year."""
    timeline = Timeline([(None, Calendar.from_dict(AGREEMENT["calendar"]))])
    first = to_epoch(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    moments = [first + n * 365 * 86400 // _CALLS for n in range(_CALLS)]
    for hours in HOURS:
        took = min(_microseconds(timeline, moments, hours * 3600) for _ in range(_ROUNDS))
        yield Result(f"deadline after {hours} service hours", "µs", took, MUST_MICROSECONDS)


def _microseconds(timeline: Timeline, moments: list[int], seconds: int) -> float:
    after = timeline.after
    after(moments[0], seconds)
    after(moments[-1], seconds)
    begun = time.process_time()
    for moment in moments:
        after(moment, seconds)
    return (time.process_time() - begun) / len(moments) * 1e6


def idle_tick(cluster: Cluster) -> Iterator[Result]:
    """Milliseconds of the worker's own jobs, commits included, while no clock is due or stale."""
    application_url, owner_url = cluster.create("bench_clocks")
    app = create_app(SQLALCHEMY_DATABASE_URI=application_url, OWNER_DATABASE_URI=owner_url)
    ticks = [job for job in jobs.JOBS if job.name in ("sla_tick", "sla_replan")]
    with app.app_context():
        upgrade()
        enter(EVERYTHING)
        sample = _sample(utc_now())
        smallest: dict[str, float] = {}
        for count in OPEN_CLOCKS:
            _fill(sample, count)
            cluster.sql("VACUUM (ANALYZE) clock", "CHECKPOINT", database="bench_clocks")
            for job in ticks:
                took = _undisturbed([_milliseconds(app, job) for _ in range(_TICKS)])
                must = smallest.setdefault(job.name, took) * FLAT
                yield Result(f"idle {job.name} among {count:,} open clocks", "ms", took, must)
        db.session.remove()
        db.engine.dispose()


def _undisturbed(took: list[float]) -> float:
    """The first tenth: other programs only ever make it longer, and a longer table makes all longer."""
    return statistics.quantiles(took, n=10)[0]


def _sample(now: dt.datetime) -> Clock:
    town = make_municipality("Duinwijk")
    clock = next(iter(watch.start(town.id, "incident", 4, now).values()))
    db.session.commit()
    return clock


def _fill(sample: Clock, count: int) -> None:
    """Copies of `sample` up to `count`, their next events spread over the coming year."""
    table = Clock.__table__
    series = sa.func.generate_series(1, count - _clocks()).column_valued("n")
    values = {
        column.name: sa.literal(getattr(sample, column.key), column.type)
        for column in table.columns
        if column.name not in ("id", "next_event_at")
    }
    values["next_event_at"] = sa.func.now() + sa.literal(dt.timedelta(seconds=30)) * (2880 + series)
    rows = sa.select(*values.values())
    db.session.execute(sa.insert(table).from_select(list(values), rows))
    db.session.commit()


def _clocks() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Clock))


def _milliseconds(app, job: jobs.Job) -> float:
    begun = time.perf_counter()
    jobs.run_job(app, job)
    return (time.perf_counter() - begun) * 1000
