"""An estate of 100,000 items and 500,000 relations in PostgreSQL: layers from sites to work places.

An item hangs on a few items of the layers below that lie near it on the same site, so a site reaches
a third of all. A quarter has a redundant group; on the first site some relations run back, so there
are rings. The same seed gives the same rows.
"""

import datetime as dt
import json
import random
from collections.abc import Iterator

import psycopg
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db
from cmdb.items import Hosting, Item
from cmdb.tenancy import everything
from tests.bench.load import SEED
from tests.makers import make_municipality

ITEMS, RELATIONS = 100_000, 500_000
_LAYERS = (3, 60, 600, 3_000, 8_000, 15_000, 20_000, 25_000, 28_337)
_CLASSES = (
    "room", "rack", "switch", "storage", "server", "virtual-machine", "dbms-instance", "application",
    "workstation",
)  # fmt: skip
_NEAR = 0.02  # of the width of the estate, for each layer
_BACK, _GROUPED = 500, 0.25
_TOWNS = ("Aalland", "Berkum", "Dorpstad", "Eiland", "Fivelmond", "Grasveen")

Row = tuple[int, int, str, str]


def fill(connection: psycopg.Connection, now: dt.datetime) -> None:
    """Make items and relations with one version each, below what is in the database already."""
    chance = random.Random(SEED)
    with everything():
        towns = [make_municipality(name, agreement=None).id for name in _TOWNS]
        first = (db.session.scalar(sa.select(sa.func.max(Item.id))) or 0) + 1
        change_set = register.begin(None, "bench", now).id
        db.session.commit()
    relations = list(_relations(chance, first))
    grouped = {source for source, _, label, _ in relations if label}
    _copy(connection, "item", _items(chance, first, grouped, towns))
    _copy(connection, "relation", (
        {
            "id": key, "source_id": source, "target_id": target, "kind": "needs", "group": label,
            "effect": effect,
        }
        for key, (source, target, label, effect) in enumerate(relations, 1)
    ))  # fmt: skip
    since = f"'{now.isoformat()}'::timestamptz, {change_set}"
    connection.execute(
        'INSERT INTO relation_version (relation_id, source_id, target_id, kind, "group", effect,'
        " valid_from, change_set_id)"
        f' SELECT id, source_id, target_id, kind, "group", effect, {since} FROM relation'
    )
    connection.execute(
        "INSERT INTO item_version (item_id, municipality_id, class_key, name, state, valid_from,"
        " change_set_id)"
        " SELECT id, municipality_id, class_key, name, jsonb_build_object('groups', groups),"
        f" {since} FROM item WHERE id >= {first}"
    )


def layer(number: int, first: int) -> range:
    """The keys of a layer."""
    start = first + sum(_LAYERS[:number])
    return range(start, start + _LAYERS[number])


def _relations(chance: random.Random, first: int) -> Iterator[Row]:
    layers = [layer(number, first) for number in range(len(_LAYERS))]
    above = [(number, key) for number in range(1, len(_LAYERS)) for key in layers[number]]
    left = RELATIONS - _BACK
    for index, (number, key) in enumerate(above):
        wanted = round(left / (len(above) - index))
        place = (key - layers[number].start) / len(layers[number])
        targets = {_near(chance, layers, number, place) for _ in range(wanted)}
        left -= len(targets)
        yield from _ties(chance, key, sorted(targets))
    for _ in range(_BACK):
        number = chance.randrange(3, len(_LAYERS))
        place = chance.random() / _LAYERS[0]
        source = _near(chance, layers, number - 1, place)
        yield source, layers[number][int(place * len(layers[number]))], "", "soft"


def _ties(chance: random.Random, key: int, targets: list[int]) -> Iterator[Row]:
    size = chance.choice((2, 3)) if len(targets) > 1 and chance.random() < _GROUPED else 0
    for index, target in enumerate(targets):
        yield key, target, "paar" if index < size else "", chance.choice(("hard", "hard", "soft"))


def _near(chance: random.Random, layers: list[range], number: int, place: float) -> int:
    target = layers[max(0, number - chance.choice((1, 1, 1, 2)))]
    site = int(place * _LAYERS[0])
    shifted = place + chance.uniform(-_NEAR, _NEAR)
    shifted = min(max(shifted, site / _LAYERS[0]), (site + 1) / _LAYERS[0] - 1e-9)
    return target[int(shifted * len(target))]


def _items(
    chance: random.Random, first: int, grouped: set[int], towns: list[int]
) -> Iterator[dict]:
    defaults = {
        column.name: column.default.arg for column in sa.inspect(Item).columns
        if column.default is not None and column.default.is_scalar
    }  # fmt: skip
    pair = [{"label": "paar", "rule": {"kind": "at_least", "count": 1}, "effect": "hard"}]
    for number, class_key in enumerate(_CLASSES):
        for key in layer(number, first):
            yield defaults | {
                "id": key, "uid": f"B-{key}", "class_key": class_key, "name": f"{class_key} {key}",
                "municipality_id": chance.choice(towns) if number > 6 else None,
                "hosting": Hosting.CENTRAL.value, "environment": "none", "status": "in-use",
                "attributes": "{}", "tags": "[]",
                "groups": json.dumps(pair if key in grouped else []),
            }  # fmt: skip


def _copy(connection: psycopg.Connection, table: str, rows: Iterator[dict]) -> None:
    row = next(rows)
    names = ", ".join(f'"{name}"' for name in row)
    with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        copy.write_row(list(row.values()))
        for row in rows:
            copy.write_row(list(row.values()))
    connection.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
    )
