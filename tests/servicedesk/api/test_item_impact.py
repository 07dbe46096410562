"""What fails with an item and why, for a program: only what its person may see, and no count more."""

import datetime as dt

import pytest

from cmdb import register
from cmdb.database import db
from cmdb.localtime import local
from tests.makers import NOW, make_item
from tests.servicedesk.web.test_impact import estate
from tests.servicedesk.web.test_query_counts import counted

__all__ = ["estate"]  # a fixture


def read(program, item, what="impact", **query):
    answer = program.get(f"/items/{item.uid}/{what}", **({"query_string": query} if query else {}))
    assert answer.status_code == 200, answer.json
    return answer.json


def test_what_fails_with_the_storage_and_why(cast, program, estate):
    told = read(program(cast.daan), estate["san"])
    assert [told[key] for key in ("down", "degraded", "atRisk")] == [5, 1, 0]
    assert told["failing"] == [{"number": estate["san"].uid, "name": "vl-san"}]
    by_name = {one["name"]: one for one in told["items"]}
    assert [one["state"] for one in told["items"]] == ["down"] * 5 + ["degraded"]
    scan = by_name["Scanstraat"]
    assert scan["reason"] == "Werkt minder goed zonder Zaaksysteem: uitgevallen."
    assert [step["name"] for step in scan["path"]][:2] == ["Scanstraat", "Zaaksysteem"]
    assert scan["path"][-1]["name"] == "vl-san"
    assert "nog 0 van 2" in by_name["pg-zaken"]["reason"]


def test_another_municipality_has_no_name_and_no_count(cast, program, estate):
    anna = read(program(cast.anna), cast.application)
    assert [one["name"] for one in anna["items"]] == ["Scanstraat"] and anna["down"] == 0
    carla = program(cast.carla)
    told = read(carla, cast.application)
    assert told["items"] == [] and (told["down"], told["degraded"]) == (0, 0)
    for what in ("impact", "weak-points"):
        assert carla.get(f"/items/{estate['san'].uid}/{what}").status_code == 404
        assert "vl-" not in carla.get(f"/items/{cast.application.uid}/{what}").text


def test_what_fails_together_and_how(cast, program, estate):
    daan = program(cast.daan)
    alone = read(daan, estate["first"])
    assert (alone["down"], alone["atRisk"]) == (0, 4)
    assert {one["name"] for one in alone["items"] if one["isWithoutSpare"]} == {"pg-zaken"}
    both = read(daan, estate["first"], also=estate["second"].uid)
    assert both["down"] == 3 and len(both["failing"]) == 2
    assert read(daan, estate["san"], state="degraded")["state"] == "degraded"
    for query in ({"also": "SRV-9999"}, {"also": ["x"] * 21}, {"state": "ok"}, {"on": "2199-01-01"}):
        answer = daan.get(f"/items/{estate['san'].uid}/impact", query_string=query)
        assert answer.status_code == 400, query


def test_as_of_a_day(cast, program, estate):
    before = local(NOW - dt.timedelta(days=2)).date().isoformat()
    told = read(program(cast.daan), estate["san"], on=before)
    assert told["items"] == [] and told["onDate"] == before


def test_what_hangs_by_a_thread(cast, program, estate):
    told = read(program(cast.daan), cast.application, "weak-points")
    assert [one["name"] for one in told["points"]] == ["pg-zaken", "vl-san"]
    assert told["points"][1]["path"][0]["name"] == "Zaaksysteem" and told["pointsLeft"] == 0
    assert told["groups"] == [
        {
            "item": {"number": estate["cluster"].uid, "name": "pg-zaken"},
            "label": "servers",
            "brokenBy": [{"number": estate["san"].uid, "name": "vl-san"}],
        }
    ]


@pytest.mark.parametrize("many", [2, 25])
def test_impact_takes_as_many_statements_whatever_it_hits(cast, program, estate, many):
    act = register.begin(None, "test", NOW)
    for number in range(many):
        register.relate(make_item(f"app-{number}"), estate["cluster"], "needs", act)
    db.session.commit()
    daan = program(cast.daan)
    read(daan, estate["san"])
    with counted() as seen:
        assert read(daan, estate["san"])["down"] == 5 + many
    assert len(seen) == 9
