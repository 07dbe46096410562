"""What a question about impact costs among 100,000 items and 500,000 relations; and other pages."""

import datetime as dt
import gc
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from cmdb.database import db, utc_now
from cmdb.dependencies import Register
from cmdb.impact import State
from cmdb.items import Item
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Role
from cmdb.tenancy import EVERYTHING, enter
from cmdb.weak_points import single_points
from servicedesk.app import create_app
from servicedesk.commands.database import upgrade
from servicedesk.signin.passwords import set_password
from tests.bench import estate
from tests.bench.client import Failed
from tests.bench.load import PASSWORD
from tests.bench.result import Result
from tests.postgres import Cluster

_ROUNDS = 7
_FAILING, _SERVICES = (0, 2, 3, 4, 6), (7, 8)  # layers of the estate
_PAGES = (  # name, address, and the ms that it must take and aims at
    ("list of items", "/items?view=all", 150, 60),
    ("list of items, by a word", "/items?q=server", 300, None),
    ("list of items, of some facets", "/items?class=server,workstation&hosting=central", 150, 60),
    ("report on quality", "/reports/items/quality", 300, None),
    ("report on deadlines", "/reports/items/deadlines", 300, None),
    ("sheets of labels", "/items/labels?view=all", 300, None),
)


def questions(cluster: Cluster) -> Iterator[Result]:
    """Milliseconds of the loading, of the whole answer, and of the weak points of a service."""
    application_url, owner_url = cluster.create("bench_impact")
    app = create_app(
        SQLALCHEMY_DATABASE_URI=application_url,
        OWNER_DATABASE_URI=owner_url,
        WTF_CSRF_ENABLED=False,
    )
    gc.collect()  # as wsgi.py does
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)
    with app.app_context():
        upgrade()
        enter(EVERYTHING)
        now = utc_now()
        superuser = cluster.url("bench_impact", "postgres").replace("+psycopg", "")
        with psycopg.connect(superuser, autocommit=True) as connection:
            estate.fill(connection, now)
            connection.execute("VACUUM (ANALYZE)")
        yield from _asked(now, _signed_in(app))
        db.session.remove()
        db.engine.dispose()


def _asked(now: dt.datetime, client: FlaskClient) -> Iterator[Result]:
    first = db.session.scalar(sa.select(sa.func.min(Item.id)).where(Item.class_key == "room"))
    today = local(now).date()
    took, _ = _timed(lambda: Register(today).below([first]), rounds=1)
    yield Result("the first question of a process, which reads all relations", "ms", took)
    for name, known in (("", Register(today)), (", as of a date", Register(today, now))):
        for number in _FAILING:
            yield from _below(known, _middle(number, first), name)
    for number in _FAILING:
        yield _impact_page(client, _middle(number, first))
    for name, address, must, aim in _PAGES:
        yield _page(client, name, address, must, aim)
    for number in _SERVICES:
        yield _weak_points(Register(today), _middle(number, first))


def _middle(number: int, first: int) -> int:
    keys = estate.layer(number, first)
    return keys[len(keys) // 2]


def _below(known: Register, key: int, name: str) -> Iterator[Result]:
    took, graph = _timed(lambda: known.below([key]))
    thought, found = _timed(lambda: graph.impact({key: State.DOWN}))
    reach = f"{len(found.states):,} items"
    yield Result(f"closure of {reach}{name}", "ms", took, 100)
    yield Result(f"states of {reach}{name}", "ms", took + thought, 300)


def _impact_page(client: FlaskClient, key: int) -> Result:
    address = f"/items/{db.session.get(Item, key).uid}/impact"
    return _page(client, f"impact page {address}", address, 300)


def _page(
    client: FlaskClient, name: str, address: str, must: float, aim: float | None = None
) -> Result:
    """The whole page as the centre gets it, in this process."""
    took, answer = _timed(lambda: _sent(client.get, address))
    if answer.status_code != 200:
        raise Failed(f"{address} answers {answer.status}")
    return Result(name, "ms", took, must, aim, note=f"{len(answer.data):,} bytes")


def _signed_in(app: Flask) -> FlaskClient:
    manager = Person(
        name="Els Visser", login="els", email="els@example.org", role=Role.CENTRE_MANAGER
    )
    set_password(manager, PASSWORD)
    db.session.add(manager)
    db.session.commit()
    client = app.test_client()
    _sent(client.post, "/signin", data={"login": "els", "password": PASSWORD})
    return client


def _sent(method: Callable[..., Any], address: str, **options: Any) -> Any:
    """The answer to a request with a database session of its own."""
    with method.__self__.application.app_context():
        return method(address, **options)


def _weak_points(known: Register, key: int) -> Result:
    took, points = _timed(lambda: single_points(known.above([key]), key))
    above = len(known.above([key]).upstream(key))
    name = f"single points of failure among {above:,} items"
    return Result(name, "ms", took, 1500, note=f"{len(points)} found")


def _timed(work: Callable[[], Any], rounds: int = _ROUNDS) -> tuple[float, Any]:
    """The median, in milliseconds, and what the work gave."""
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        given = work()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took), given
