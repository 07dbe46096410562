"""What guards every request and every answer, whatever the page."""

import datetime as dt
import re
import time

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from servicedesk.app import create_app

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
ANYWHERE = [
    "/signin",
    "/health",
    "/",
    "/nothing-here",
    "/signin/keepalive",
    "/static/0/app.css",
    "/static/nothing",
]


def test_an_address_that_was_made_once_still_begins_where_the_site_does(client):
    for root in ("", "/desk", ""):
        page = client.get("/signin", environ_overrides={"SCRIPT_NAME": root}).text
        assert f'class="brand" href="{root}/signin"' in page


@pytest.mark.parametrize("path", ANYWHERE)
def test_every_answer_carries_the_headers_that_guard_it(client, path):
    headers = client.get(path).headers
    assert set(headers["Content-Security-Policy"].split("; ")) >= POLICY
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", [path for path in ANYWHERE if not path.startswith("/static/0")])
def test_no_page_is_kept_by_a_proxy_or_a_shared_browser(client, path):
    assert client.get(path).headers["Cache-Control"] == "no-store"


def test_an_answer_over_tls_keeps_the_browser_there(client):
    assert (
        "max-age="
        in client.get("/signin", base_url="https://localhost").headers["Strict-Transport-Security"]
    )


def test_another_origin_gets_no_permission(client):
    headers = client.get("/signin", headers={"Origin": "https://evil.example"}).headers
    assert not [name for name in headers.keys() if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example", ""]
)
def test_a_host_that_is_not_ours_is_refused(client, host):
    answer = client.get("/signin", headers={"Host": host})
    assert answer.status_code == 400 and "evil" not in answer.text


@pytest.mark.parametrize("path", ["/signin", "/api/v1/tickets", "/static/0/app.css"])
def test_a_host_that_is_not_ours_is_one_short_line_in_the_log(client, caplog, path):
    answer = client.get(path, headers={"Host": "evil.example" + "e" * 2000})
    assert answer.status_code == 400
    assert "Controleer het adres" in answer.text or answer.json["status"] == 400
    (record,) = caplog.records
    assert "SERVICEDESK_URL" in record.getMessage() and len(record.getMessage()) < 200
    assert record.levelname == "WARNING" and record.exc_info is None


@pytest.mark.parametrize(
    "forged",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Prefix": "/evil"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Original-URL": "/health"},
        {"X-Remote-User": "ada"},
    ],
)
def test_a_forged_header_of_a_proxy_is_ignored(client, forged):
    plain, answer = client.get("/"), client.get("/", headers=forged)
    assert (answer.status_code, answer.location) == (plain.status_code, plain.location)
    assert "Strict-Transport-Security" not in answer.headers and "evil" not in answer.text


def test_behind_a_proxy_that_is_configured_its_headers_count(tmp_path):
    app = create_app(
        INSTANCE=tmp_path, SECRET_KEY="x", PROXIES=1, SQLALCHEMY_DATABASE_URI="sqlite://"
    )
    answer = app.test_client().get("/signin", headers={"X-Forwarded-Proto": "https"})
    assert "Strict-Transport-Security" in answer.headers


@pytest.mark.parametrize("text", ["\0", "a\0b"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_text_that_no_database_holds_is_refused(client, method, text):
    sent = {"query_string" if method == "get" else "data": {"login": text, "password": "x"}}
    assert getattr(client, method)("/signin", **sent).status_code == 400


@pytest.mark.parametrize(
    "raw", [b"login=%ED%A0%80&password=x", b"login=%FF%FE&password=x", b"login=\xed\xb0\x80"]
)
def test_half_a_character_never_reaches_the_database(client, raw):
    answer = client.post("/signin", data=raw, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("path", ["/%00", "/my/tickets/%00", "/static/0/%00"])
def test_a_path_with_a_nul_is_refused(client, path):
    assert client.get(path).status_code in (400, 404)


def test_a_form_of_thousands_of_parts_is_refused_at_once(client):
    part = '--x\r\nContent-Disposition: form-data; name="field"\r\n\r\nx\r\n'
    start = time.perf_counter()
    answer = client.post(
        "/signin", data=part * 10_000 + "--x--", content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413 and time.perf_counter() - start < 2


def test_a_form_with_megabytes_of_text_is_refused(client):
    body = (
        '--x\r\nContent-Disposition: form-data; name="login"\r\n\r\n'
        + "x" * 2_000_000
        + "\r\n--x--"
    )
    answer = client.post("/signin", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413


def test_a_request_larger_than_the_limit_is_refused(client, app, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)
    assert client.post("/signin", data={"login": "x" * 2000}).status_code == 413


def failing(error):
    def view():
        raise error

    view.permission = "public"
    return view


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ZeroDivisionError("geheim detail"), 500),
        (sa.exc.OperationalError("SELECT geheim", {}, Exception("detail")), 503),
        (sa.exc.DataError("SELECT geheim", {}, Exception("detail")), 400),
        (OverflowError("geheim detail"), 400),
    ],
)
def test_a_failure_says_what_to_do_and_no_detail(client, app, monkeypatch, error, status):
    monkeypatch.setitem(app.view_functions, "signin.signin", failing(error))
    answer = client.get("/signin")
    assert answer.status_code == status and "<h1>" in answer.text
    assert not [word for word in ("geheim", "detail", "Traceback", "SELECT") if word in answer.text]


def test_a_failure_can_be_found_by_the_code_that_its_reader_mentions(
    client, app, monkeypatch, caplog
):
    monkeypatch.setitem(app.view_functions, "signin.signin", failing(ZeroDivisionError()))
    answer = client.get("/signin")
    code = re.search(r"Noem dan de code (\w{8})\.", answer.text)[1]
    assert f"failure {code}" in caplog.text


def test_without_a_database_the_page_that_says_so_still_comes(sign_in, cast, monkeypatch):
    browser = sign_in(cast.anna)

    def gone(*args, **kwargs):
        raise sa.exc.OperationalError("SELECT", {}, Exception("connection refused"))

    monkeypatch.setattr(db.session, "scalar", gone)
    answer = browser.get("/my/tickets")
    assert answer.status_code == 503 and "<h1>" in answer.text


def test_when_even_the_page_of_an_error_fails_there_is_a_sentence(client, app, monkeypatch):
    monkeypatch.setitem(app.view_functions, "signin.signin", failing(ZeroDivisionError()))
    monkeypatch.setattr("servicedesk.web.errors.render_template", failing_template)
    answer = client.get("/signin")
    assert answer.status_code == 500 and answer.text.startswith("Fout 500.")


def failing_template(*args, **kwargs):
    raise LookupError("no template")


def test_who_found_a_hole_reads_whom_to_tell(client, app):
    told = client.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in told.text.splitlines())
    assert told.mimetype == "text/plain" and fields["Contact"] == "mailto:servicedesk@localhost"
    expires = dt.datetime.fromisoformat(fields["Expires"])
    assert dt.timedelta(days=30) < expires - utc_now() < dt.timedelta(days=365)
    assert fields["Canonical"] == f"{app.config['SITE_URL']}/.well-known/security.txt"
