"""What holds for every operation: who comes in, how errors are told, and which headers go out."""

import time

import pytest
import sqlalchemy as sa

from servicedesk import pace
from servicedesk.api import door, roster
from servicedesk.signin.models import ApiToken


def test_every_answer_carries_the_headers_that_guard_it(cast, program):
    for answer in (
        program(cast.anna).get("/visits"),
        program(None).get("/visits"),
        program(None).get("/nergens"),
        program(None).get("/openapi.json"),
    ):
        assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
    safe = program(cast.anna).get("/visits", base_url="https://localhost")
    assert "max-age" in safe.headers["Strict-Transport-Security"]


def test_another_origin_reads_only_the_description(cast, program):
    asked = {"Origin": "https://evil.example"}
    allowed = "Access-Control-Allow-Origin"
    assert program(None).get("/openapi.json", headers=asked).headers[allowed] == "*"
    assert allowed not in program(cast.anna).get("/visits", headers=asked).headers


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/visits",
                                  "/api/v1/visits/", "/api/v1/nergens/x"])  # fmt: skip
def test_an_unknown_path_is_a_problem_and_never_a_redirect(cast, program, path):
    for caller in (program(None), program(cast.ada)):
        answer = caller.get(path)
        assert answer.status_code == 404 and answer.json["title"] == "Not Found"


def test_another_method_is_told_which_there_are(cast, program):
    answer = program(cast.anna).open("DELETE", "/visits")
    assert answer.status_code == 405 and "GET" in answer.headers["Allow"]


def test_a_forbidden_operation_is_as_one_that_does_not_exist(cast, program):
    anna = program(cast.anna)
    assert anna.get("/duties").data == anna.get("/nergens").data


def test_all_wrong_parameters_are_told_together(cast, program):
    answer = program(cast.daan).get("/visits?from=gisteren&pageSize=0&wat=1&to=2026-02-30&pageSize=9")
    assert answer.status_code == 400
    assert {error["parameter"]: error["detail"] for error in answer.json["errors"]} == {
        "from": "is no date (RFC 3339)",
        "to": "is no date (RFC 3339)",
        "pageSize": "is given more than once",
        "wat": "is not known here",
    }


@pytest.mark.parametrize("size", ["0", "101", "-1", "1.5", "x", "", "9" * 30, "1;DROP TABLE seat", "²"])
def test_a_page_has_a_size_that_is_a_number(cast, program, size):
    assert program(cast.daan).get("/visits", query_string={"pageSize": size}).status_code == 400


@pytest.mark.parametrize("cursor", ["x", "W10.x", "", "1' OR '1'='1", "[]", "a" * 1001, "\udc80"])
def test_a_cursor_that_no_list_gave_is_refused(cast, program, cursor):
    asked = {"cursor": cursor.encode("utf-8", "surrogateescape")}
    answer = program(cast.daan).get("/visits", query_string=asked)
    assert answer.status_code == (200 if cursor == "" else 400)


def test_a_failure_gives_a_reference_and_no_detail(cast, program, monkeypatch, caplog):
    def fail(*arguments):
        raise ZeroDivisionError("geheim")

    monkeypatch.setattr(roster, "_days", fail)
    answer = program(cast.daan).get("/visits")
    assert answer.status_code == 500 and "geheim" not in answer.text
    assert answer.json["reference"] in caplog.text


def test_a_database_that_is_away_is_a_problem_too(cast, program, monkeypatch):
    def fail(*arguments):
        raise sa.exc.OperationalError("SELECT", {}, Exception("weg"))

    monkeypatch.setattr(roster, "_days", fail)
    assert program(cast.daan).get("/visits").status_code == 503


def test_who_asks_too_often_waits(cast, program, monkeypatch):
    monkeypatch.setattr(door, "_PER_TOKEN", pace.Pace(2, door.dt.timedelta(minutes=1)))
    daan, els = program(cast.daan), program(cast.els)
    assert [daan.get("/visits").status_code for _ in range(3)] == [200, 200, 429]
    assert daan.get("/visits").headers["Retry-After"] == "60"
    assert els.get("/visits").status_code == 200


def test_a_language_or_a_cookie_changes_nothing(cast, sign_in, program):
    anna = program(cast.anna)
    plain = anna.get("/visits?from=x")
    assert anna.get("/visits?from=x", headers={"Accept-Language": "nl", "Cookie": "servicedesk=x"}).data == plain.data


def test_the_token_is_in_no_answer_and_in_no_line_of_the_log(cast, program, caplog):
    anna = program(cast.anna)
    secret = anna.headers["Authorization"].partition(" ")[2]
    for answer in (anna.get("/visits"), anna.get("/duties"), anna.get("/visits?from=x")):
        assert secret not in answer.text and secret not in str(answer.headers)
    assert secret not in caplog.text
    assert secret not in str(sa.inspect(ApiToken).columns)


def test_a_page_takes_as_long_as_it_should(cast, program):
    start = time.process_time()
    program(cast.daan).get("/visits?" + "&".join(f"from{n}=1" for n in range(5000)))
    assert time.process_time() - start < 1
