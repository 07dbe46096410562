"""Who comes to a municipality and who mans the desk, for a program."""

import datetime as dt

import pytest

from cmdb.database import utc_now
from cmdb.localtime import local
from tests.makers import make_desk_seat, make_visit
from tests.servicedesk.web.test_query_counts import counted

DAY = dt.timedelta(days=1)
TUESDAY = dt.date(2026, 12, 1)


@pytest.fixture
def visits(cast):
    make_visit(cast.oosterveen, cast.daan, TUESDAY)
    make_visit(cast.lindhoven, cast.femke, TUESDAY)
    make_visit(cast.oosterveen, None, TUESDAY + DAY)
    make_desk_seat(cast.els, TUESDAY, 480, 1020, "Balie vroeg")


def read(program, path):
    answer = program.get(path)
    assert answer.status_code == 200
    return answer.json["items"]


def test_who_is_at_oosterveen_on_tuesday(visits, cast, program):
    path = f"/visits?municipality={cast.oosterveen.code}&from=2026-12-01&to=2026-12-01"
    for person in (cast.anna, cast.daan):
        assert read(program(person), path) == [
            {
                "visitDate": "2026-12-01",
                "startsAt": "2026-12-01T07:30:00Z",
                "endsAt": "2026-12-01T15:30:00Z",
                "municipality": {"code": cast.oosterveen.code, "name": "Oosterveen"},
                "location": None,
                "room": "1.12",
                "person": {"name": "Daan Mulder"},
            }
        ]


def test_a_visit_for_which_nobody_is_found_is_told(visits, cast, program):
    second = read(program(cast.anna), "/visits?from=2026-12-02&to=2026-12-02")
    assert [visit["person"] for visit in second] == [None]


def test_a_municipality_sees_who_comes_to_it_and_nothing_else(visits, cast, program):
    carla = program(cast.carla)
    seen = read(carla, "/visits?from=2026-11-01&to=2027-01-01")
    assert [visit["municipality"]["name"] for visit in seen] == ["Lindhoven"]
    theirs = carla.get(f"/visits?municipality={cast.oosterveen.code}&from=2026-11-01")
    unknown = carla.get("/visits?municipality=0000&from=2026-11-01")
    assert theirs.status_code == 400 and theirs.data == unknown.data
    assert carla.get("/duties?from=2026-11-01").status_code == 404


def test_the_desk_sees_all_visits_and_who_mans_the_desk(visits, cast, program):
    daan = program(cast.daan)
    assert len(read(daan, "/visits?from=2026-12-01&to=2026-12-02")) == 3
    assert read(daan, "/duties?from=2026-12-01&to=2026-12-01") == [
        {
            "dutyDate": "2026-12-01",
            "startsAt": "2026-12-01T07:00:00Z",
            "endsAt": "2026-12-01T16:00:00Z",
            "name": "Balie vroeg",
            "person": {"name": "Els Verhoeven"},
        }
    ]


def test_without_days_it_is_about_the_coming_weeks(cast, program):
    today = local(utc_now()).date()
    for day in (today - DAY, today, today + 27 * DAY, today + 28 * DAY):
        make_visit(cast.oosterveen, cast.daan, day)
    told = [visit["visitDate"] for visit in read(program(cast.anna), "/visits")]
    assert told == [str(today), str(today + 27 * DAY)]


@pytest.mark.parametrize("days", ["from=2026-12-02&to=2026-12-01", "from=2026-01-01&to=2027-06-01"])
def test_days_in_the_wrong_order_and_too_many_are_refused(cast, program, days):
    answer = program(cast.daan).get(f"/visits?{days}")
    assert answer.status_code == 400 and answer.json["errors"][0]["parameter"] == "to"


def test_the_pages_of_a_list_hold_every_visit_once(cast, program):
    for number in range(7):
        make_visit(cast.oosterveen, cast.daan, TUESDAY + DAY * (number // 3))
        make_visit(cast.lindhoven, cast.femke, TUESDAY + DAY * (number // 3))
    anna, seen, address = program(cast.anna), [], "/visits?from=2026-12-01&to=2026-12-31&pageSize=3"
    pages = 0
    while address:
        answer = anna.get(address)
        seen += [visit["visitDate"] for visit in answer.json["items"]]
        address, pages = answer.json["next"], pages + 1
    assert seen == sorted(seen) and len(seen) == 7 and pages == 3


def test_a_cursor_of_one_list_is_none_of_another(cast, program):
    for _ in range(2):
        make_visit(cast.oosterveen, cast.daan, TUESDAY)
    daan = program(cast.daan)
    cursor = daan.get("/visits?from=2026-12-01&pageSize=1").json["next"].rpartition("cursor=")[2]
    assert daan.get(f"/duties?from=2026-12-01&cursor={cursor}").status_code == 400


@pytest.mark.parametrize("many", [1, 20])
def test_a_list_takes_as_many_statements_whatever_it_holds(cast, program, many):
    for _ in range(many):
        make_visit(cast.oosterveen, cast.daan, TUESDAY)
    daan = program(cast.daan)
    daan.get("/visits")
    with counted() as seen:
        daan.get("/visits?from=2026-12-01")
    assert len(seen) == 2  # the token, the list


def test_the_municipalities(cast, program):
    assert [one["name"] for one in read(program(cast.daan), "/municipalities")] == ["Lindhoven", "Oosterveen"]
    assert [one["name"] for one in read(program(cast.anna), "/municipalities")] == ["Oosterveen"]
