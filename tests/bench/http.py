"""Whole operations over HTTP by a signed-in client, one and eight at a time, against gunicorn."""

import gzip
import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from cmdb.database import db
from cmdb.tenancy import EVERYTHING, enter
from tests.bench import load, visits
from tests.bench.client import Client
from tests.bench.operations import Operation, operations
from tests.bench.result import Result
from tests.bench.server import Server
from tests.bench.statements import count
from tests.postgres import Cluster

CLIENTS = 8
MUST_MEMORY, AIM_MEMORY = 160, 110
MUST_DATABASE, AIM_DATABASE = 450, 375
_WARM_UP, _SECONDS, _AT_LEAST = 6, 2.5, 10


@dataclass(frozen=True)
class Figures:
    """One operation: seconds of each time it was done, by one client and by eight; CPU in ms each."""

    alone: list[float]
    together: list[float]
    rate: float
    cpu_application: float
    cpu_database: float


def measure(cluster: Cluster, app: Flask, name: str, instance: Path, only: str = "") -> Iterator[Result]:
    """Every operation on the database `name`, then what the application and the database weigh."""
    large = name == "bench100k"
    with app.app_context():
        enter(EVERYTHING)
        chosen = [operation for operation in operations() if only in operation.name]
        db.session.remove()
        url = db.engine.url.render_as_string(hide_password=False)
    server = Server(cluster, url, instance)
    try:
        for operation in chosen:
            yield from _results(operation, _figures(server, operation), large)
        yield from _weights(server, app, name, large)
        yield from visits.measure(server.port, large)
    finally:
        server.stop()
    for operation in chosen:
        number = count(app, operation)
        yield Result(f"{operation.name}, SQL statements", "", number, operation.statements)


def _figures(server: Server, operation: Operation) -> Figures:
    clients = [Client(server.port).sign_in(operation.login, load.PASSWORD) for _ in range(CLIENTS)]
    deeds = [operation.start(client) for client in clients]
    for deed in deeds * _WARM_UP:
        _check(deed())
    before = server.cpu_seconds()
    alone = _repeat(deeds[0], _SECONDS)
    after = server.cpu_seconds()
    together, took = _at_once(deeds)
    for client in clients:
        client.close()
    application, database = ((b - a) / len(alone) * 1000 for a, b in zip(before, after))
    return Figures(alone, together, len(together) / took, application, database)


def _check(page: bytes) -> None:
    text = gzip.decompress(page).decode()
    if "<main" not in text:
        raise RuntimeError(f"not a page: {text[:200]}")


def _repeat(deed, seconds: float) -> list[float]:
    took: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(took) < _AT_LEAST:
        begun = time.perf_counter()
        deed()
        took.append(time.perf_counter() - begun)
    return took


def _at_once(deeds: list) -> tuple[list[float], float]:
    """All times of all clients together, and how long it lasted."""
    took: list[list[float]] = [[] for _ in deeds]
    threads = [
        threading.Thread(target=lambda n=n, deed=deed: took[n].extend(_repeat(deed, _SECONDS)))
        for n, deed in enumerate(deeds)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [each for client in took for each in client], time.perf_counter() - begun


def _results(operation: Operation, figures: Figures, large: bool) -> Iterator[Result]:
    alone, late = _percentiles(figures.alone)
    cpu = f"p95 {late:.1f}, CPU {figures.cpu_application:.1f}+{figures.cpu_database:.1f} ms, n {len(figures.alone)}"
    bounds = (operation.must, operation.aim) if large else (None, None)
    yield Result(operation.name, "ms", alone, *bounds, note=cpu)
    together, late = _percentiles(figures.together)
    yield Result(
        f"{operation.name}, {CLIENTS} clients",
        "/s",
        figures.rate,
        operation.rate if large else None,
        more_is_better=True,
        note=f"p50 {together:.1f} ms, p95 {late:.1f}",
    )


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    """Median and 95th percentile in ms."""
    ordered = sorted(seconds)
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000


def _weights(server: Server, app: Flask, name: str, large: bool) -> Iterator[Result]:
    bounds = (MUST_MEMORY, AIM_MEMORY) if large else (None, None)
    yield Result("memory of the application, PSS", "MB", server.memory(), *bounds)
    yield Result("cold start to the first page", "s", server.cold_start)
    with app.app_context():
        enter(EVERYTHING)
        size = db.session.scalar(sa.select(sa.func.pg_database_size(name))) / 1e6
        db.session.remove()
    yield Result("database", "MB", size, *((MUST_DATABASE, AIM_DATABASE) if large else (None, None)))
