"""Whole operations over HTTP by a signed-in client, one and eight at a time, against gunicorn.

A round in which other programs took more than an eighth of the processors is tried again.
"""

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import sqlalchemy as sa
from flask import Flask

from cmdb.database import db
from cmdb.tenancy import EVERYTHING, enter
from tests.bench import load, visits
from tests.bench.client import Client, Failed, plain
from tests.bench.operations import Operation, operations
from tests.bench.result import Result
from tests.bench.server import Server, product
from tests.bench.statements import count
from tests.postgres import Cluster

MEMORY, COLD_START = "memory of the application, PSS", "cold start to the first page"
MUST_MEMORY, AIM_MEMORY = 160, 110
MUST_DATABASE, AIM_DATABASE = 450, 375
_WARM_UP, _SECONDS, _AT_LEAST = 6, 2.5, 10
_PATIENCE, _AT_LEAST_SLOW = 12, 3  # seconds, and how often after them
QUIET = 0.12  # the share of the processors that others may take
_ROUNDS = 3  # how often to try


@dataclass(frozen=True)
class Round:
    """Seconds of each time an operation was done, how long all took, and who used the processors.

    CPU in ms for each time: of the application and of the database; `foreign` is the share of the
    processors that other programs of the machine took.
    """

    took: list[float]
    seconds: float
    application: float
    database: float
    foreign: float

    @property
    def cpu(self) -> float:
        return self.application + self.database


def measure(
    cluster: Cluster, app: Flask, name: str, instance: Path, only: str = ""
) -> Iterator[Result]:
    """Every operation on the database `name`, then what the application and the database weigh."""
    large = name == "bench100k"
    with app.app_context():
        enter(EVERYTHING)
        chosen = [operation for operation in operations() if only in operation.name]
        db.session.remove()
        url = db.engine.url.render_as_string(hide_password=False)
    server = product(cluster, url, instance)

    def enter_as(login: str) -> Client:
        return Client(server.port).sign_in(login, load.PASSWORD)

    try:
        for operation in chosen:
            yield from figures(server, operation, enter_as, large)
        yield from _weights(server, app, name, large)
        yield from visits.measure(server.port, large)
    finally:
        server.stop()
    for operation in chosen:
        number = count(app, operation)
        yield Result(f"{operation.name}, SQL statements", "", number, operation.statements)


def figures(
    server: Server, operation: Operation, enter_as: Callable[[str], Client], large: bool = False
) -> Iterator[Result]:
    """By one client and by all; `enter_as` gives one that is signed in."""
    clients = [enter_as(operation.login) for _ in range(operation.clients)]
    deeds = [operation.start(client) for client in clients]
    _warm_up(deeds, operation.mark)
    yield _alone(operation, _quietest(server, deeds[:1]), large)
    if operation.clients > 1:
        yield _together(operation, _quietest(server, deeds), large)
    for client in clients:
        client.close()


def _warm_up(deeds: list, mark: bytes) -> None:
    """Everything that is loaded at first is loaded.

    Raises:
        Failed: an answer is not what is expected.
    """
    end = time.perf_counter() + _PATIENCE
    for deed in deeds * _WARM_UP:
        page = plain(deed())
        if mark not in page:
            raise Failed(f"{mark!r} is not in {page[:200]!r}")
        if time.perf_counter() > end:
            break


def _quietest(server: Server, deeds: list) -> Round:
    """The quietest of a few rounds, as soon as one was quiet enough."""
    rounds = []
    while len(rounds) < _ROUNDS:
        rounds.append(_round(server, deeds))
        if rounds[-1].foreign <= QUIET:
            break
    return min(rounds, key=lambda each: each.foreign)


def _round(server: Server, deeds: list) -> Round:
    ours, machine = server.cpu_seconds(), _busy()
    took, seconds = _at_once(deeds)
    application, database = (after - before for before, after in zip(ours, server.cpu_seconds()))
    generator, busy = (after - before for before, after in zip(machine, _busy()))
    foreign = max(0.0, busy - application - database - generator) / seconds / os.cpu_count()
    each = 1000 / len(took)
    return Round(took, seconds, application * each, database * each, foreign)


def _busy() -> tuple[float, float]:
    """CPU seconds of this process, and of the whole machine."""
    times = psutil.cpu_times()
    idle = times.idle + times.iowait
    return time.process_time(), sum(times[:8]) - idle


def is_enough(times: int, seconds: float) -> bool:
    """Whether something was done often enough; of what is slow a few times will do."""
    least = _AT_LEAST if seconds < _PATIENCE else _AT_LEAST_SLOW
    return seconds >= _SECONDS and times >= least


def _repeat(deed) -> list[float]:
    took: list[float] = []
    begun = time.perf_counter()
    while not is_enough(len(took), time.perf_counter() - begun):
        before = time.perf_counter()
        deed()
        took.append(time.perf_counter() - before)
    return took


def _at_once(deeds: list) -> tuple[list[float], float]:
    """All times of all clients together, and how long it lasted."""
    took: list[list[float]] = [[] for _ in deeds]
    threads = [
        threading.Thread(target=lambda n=n, deed=deed: took[n].extend(_repeat(deed)))
        for n, deed in enumerate(deeds)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [each for client in took for each in client], time.perf_counter() - begun


def _alone(operation: Operation, round_: Round, large: bool) -> Result:
    median, late = _percentiles(round_.took)
    bounds = (operation.must, operation.aim) if large else (None, None)
    note = f"p95 {late:.1f}, {_used(round_)}"
    return Result(
        operation.name, "ms", median, *bounds, note=note, foreign=round_.foreign, cpu=round_.cpu
    )


def _together(operation: Operation, round_: Round, large: bool) -> Result:
    median, late = _percentiles(round_.took)
    return Result(
        f"{operation.name}, {operation.clients} clients",
        "/s",
        len(round_.took) / round_.seconds,
        operation.rate if large else None,
        more_is_better=True,
        note=f"p50 {median:.1f}, p95 {late:.1f} ms, {_used(round_)}",
        foreign=round_.foreign,
        cpu=round_.cpu,
    )


def _used(round_: Round) -> str:
    """CPU of application and database for each operation, and how much others disturbed it."""
    others = f", others {round_.foreign:.0%}" if round_.foreign > QUIET else ""
    return f"CPU {round_.application:.1f}+{round_.database:.1f} ms{others}"


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    """Median and 95th percentile in ms."""
    ordered = sorted(seconds)
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000


def _weights(server: Server, app: Flask, name: str, large: bool) -> Iterator[Result]:
    bounds = (MUST_MEMORY, AIM_MEMORY) if large else (None, None)
    yield Result(MEMORY, "MB", server.memory(), *bounds)
    yield Result(COLD_START, "s", server.cold_start)
    with app.app_context():
        enter(EVERYTHING)
        size = db.session.scalar(sa.select(sa.func.pg_database_size(name))) / 1e6
        db.session.remove()
    yield Result(
        "database", "MB", size, *((MUST_DATABASE, AIM_DATABASE) if large else (None, None))
    )
