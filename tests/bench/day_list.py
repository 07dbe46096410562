"""What pages about items cost as of a date, among 1,000,000 versions of 100,000 items."""

import datetime as dt
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from flask.testing import FlaskClient

from cmdb.database import db, utc_now
from cmdb.localtime import local
from cmdb.people import Person
from cmdb.permissions import Role
from cmdb.tenancy import EVERYTHING, enter
from servicedesk.app import create_app
from servicedesk.commands.database import upgrade
from servicedesk.signin.passwords import set_password
from tests.bench.client import Failed
from tests.bench.load import PASSWORD
from tests.bench.result import Result
from tests.postgres import Cluster

_ROUNDS = 7
_LIST = "/items?on={on}"
_ASKED = {
    "as of a date": _LIST,
    "as of a date, of one class": _LIST + "&class=server",
    "as of a date, on an attribute": _LIST + "&class=server&memory.gt=60000&columns=memory,status",
    "as of a date, by name": _LIST + "&q=item-00077",
    "as of a date, by a word of all": _LIST + "&q=item",
}
_ITEM = "/items/SRV-1?on={on}"
_IMPACT = "/items/SRV-1/impact?on={on}"
_STATE = """jsonb_build_object('uid', uid, 'name', name, 'class_key', class_key, 'status', 'in-use',
    'hosting', 'central', 'environment', 'production', 'municipality_id', null,
    'serial', 'SN-' || id,
    'asset_tag', '', 'attributes', jsonb_build_object('memory', (id * 7 + version) % 65536,
    'operating_system', 'Debian ' || version), 'tags', '[]'::jsonb, 'groups', '[]'::jsonb,
    'identifiers', '[]'::jsonb, 'roles', '[]'::jsonb)"""


def questions(cluster: Cluster) -> Iterator[Result]:
    """Milliseconds of the whole page, from the request to the last byte."""
    application_url, owner_url = cluster.create("bench_day_list")
    app = create_app(
        SQLALCHEMY_DATABASE_URI=application_url,
        OWNER_DATABASE_URI=owner_url,
        WTF_CSRF_ENABLED=False,
    )
    with app.app_context():
        upgrade()
        enter(EVERYTHING)
        now = utc_now()
        superuser = cluster.url("bench_day_list", "postgres").replace("+psycopg", "")
        with psycopg.connect(superuser, autocommit=True) as connection:
            _fill(connection, now)
        client = _signed_in(app.test_client())
        on = local(now).date() - dt.timedelta(days=200)
        for name, address in _ASKED.items():
            taken = _median(client, address.format(on=on), 'class="row-link"')
            yield Result(f"list of items {name}", "ms", taken, 500)
        for name, address in (("page of an item", _ITEM), ("impact of an item", _IMPACT)):
            taken = _median(client, address.format(on=on), "item-0")
            yield Result(f"{name} as of a date", "ms", taken, 500)
        db.session.remove()
        db.engine.dispose()


def _fill(connection: psycopg.Connection, now: dt.datetime) -> None:
    """Items of three classes, each with ten versions that are forty days apart, and relations.

    Of the first thousand each is needed by a hundred others, of which some by ten more.
    """
    connection.execute(
        "INSERT INTO change_set (id, at, source, reason)"
        " SELECT v, %s - (10 - v) * interval '40 days', 'bench', '' FROM generate_series(1, 10) v",
        (now,),
    )
    connection.execute(
        "INSERT INTO item (id, uid, class_key, name, description, hosting, status, attributes,"
        " environment, serial, asset_tag, tags, groups, version)"
        " SELECT i, 'SRV-' || i, (ARRAY['server', 'workstation', 'application'])[1 + i % 3],"
        " 'item-' || lpad(i::text, 6, '0'), '', 'central', 'in-use', '{}', 'production',"
        " 'SN-' || i,"
        " '', '[]', '[]', 10 FROM generate_series(1, 100000) i"
    )
    connection.execute(
        "INSERT INTO item_term (item_id, term, is_current) SELECT id, term, true FROM item,"
        " unnest(ARRAY[name, substr(name, 6), lower(uid), lower(serial)]) term"
    )
    connection.execute(
        "INSERT INTO item_version (item_id, class_key, name, valid_from, valid_to, change_set_id,"
        " ended_by_id, state)"
        f" SELECT item.id, class_key, name, began, ended, version, ended_by, {_STATE}"
        " FROM (SELECT id, uid, name, class_key FROM item) item CROSS JOIN ("
        "SELECT c.id AS version, c.at AS began, e.at AS ended, e.id AS ended_by"
        " FROM change_set c LEFT JOIN change_set e ON e.id = c.id + 1) spans"
    )
    connection.execute(
        'INSERT INTO relation (source_id, target_id, kind, "group", effect)'
        " SELECT i, 1 + i %% 1000, 'needs', '', 'hard' FROM generate_series(1001, 100000) i"
        " UNION ALL SELECT i, 1001 + i %% 9000, 'runs-on', '', 'hard'"
        " FROM generate_series(10001, 100000) i",
        (),
    )
    connection.execute(
        'INSERT INTO relation_version (relation_id, source_id, target_id, kind, "group", effect,'
        " valid_from, valid_to, change_set_id, ended_by_id)"
        ' SELECT r.id, source_id, target_id, kind, "group", effect, c.at, e.at, c.id, e.id'
        " FROM relation r CROSS JOIN change_set c LEFT JOIN change_set e ON e.id = c.id + 2"
        " WHERE c.id % 2 = 1"
    )
    connection.execute("VACUUM (ANALYZE)")


def _signed_in(client: FlaskClient) -> FlaskClient:
    person = Person(login="bench", name="Bench", email="bench@example.org", role=Role.AGENT)
    db.session.add(person)
    set_password(person, PASSWORD)
    db.session.commit()
    _sent(client.post, "/signin", data={"login": "bench", "password": PASSWORD})
    return client


def _sent(method: Callable[..., Any], address: str, **options: Any) -> Any:
    """The answer to a request with a database session of its own."""
    with method.__self__.application.app_context():
        return method(address, **options)


def _median(client: FlaskClient, address: str, says: str) -> float:
    taken = []
    for _round in range(_ROUNDS):
        began = time.perf_counter()
        answer = _sent(client.get, address)
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200 or says not in answer.text:
            raise Failed(f"{address}: {answer.status_code}")
    return statistics.median(taken)
