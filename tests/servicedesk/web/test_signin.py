"""Signing in, and everything that must not let somebody in."""

import datetime as dt
import re
import time

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from cmdb.database import db, utc_now
from cmdb.people import Person
from servicedesk.signin import passwords, sessions
from servicedesk.signin.models import WebSession
from servicedesk.signin.passwords import is_password_of, set_password
from servicedesk.signin.sessions import hash_token
from tests.makers import make_person

PASSWORD = "correct paard batterij"
HOME = "198.51.100.7"


@pytest.fixture
def anna(cast):
    set_password(cast.anna, PASSWORD)
    db.session.commit()
    return cast.anna


def give(client, login, password, address=HOME, target="/signin"):
    form = {"login": login, "password": password}
    return client.post(target, data=form, environ_overrides={"REMOTE_ADDR": address})


def key_of(browser) -> str | None:
    with browser.session_transaction() as cookie:
        return cookie.get("key")


def row_of(browser) -> WebSession:
    return db.session.get(WebSession, hash_token(key_of(browser).partition(":")[2]))


def change(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    db.session.commit()


def is_in(browser) -> bool:
    return browser.get("/account/sessions").status_code == 200


def test_the_right_password_opens_a_session_in_which_she_is_known(client, anna):
    answer = give(client, f"  {anna.login.upper()} ", PASSWORD)
    assert answer.status_code == 302 and answer.location == "/my/tickets"
    assert is_in(client)
    row = row_of(client)
    assert (row.person_id, row.municipality_id, row.address) == (
        anna.id,
        anna.municipality_id,
        HOME,
    )


def test_daan_starts_at_the_desk(client, cast):
    set_password(cast.daan, PASSWORD)
    db.session.commit()
    assert give(client, cast.daan.login, PASSWORD).location == "/start"


def test_who_is_signed_in_is_sent_home(sign_in, cast):
    assert sign_in(cast.anna).get("/signin").location == "/my/tickets"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client, anna):
    wrong, unknown = (
        give(client, anna.login, "verkeerd"),
        give(client, "zz" + anna.login, "verkeerd"),
    )
    assert wrong.status_code == unknown.status_code == 422
    assert same(wrong, anna.login) == same(unknown, "zz" + anna.login)
    assert not is_in(client) and key_of(client) is None


def same(answer, login) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", answer.text).replace(login, "")


def test_an_unknown_name_takes_as_long_as_a_known_one(real_passwords, anna):
    def best(person):
        spent = []
        for _ in range(5):
            start = time.perf_counter()
            is_password_of(person, "verkeerd")
            spent.append(time.perf_counter() - start)
        return min(spent)

    assert 0.5 < best(None) / best(anna) < 2


@pytest.mark.parametrize("password", ["", " ", "nobody has this password"])
def test_no_password_fits_who_has_none(client, cast, password):
    assert cast.bram.password_hash is None
    assert give(client, cast.bram.login, password).status_code == 422
    assert give(client, "bestaat-niet", password).status_code == 422


def test_who_is_not_active_gets_the_answer_of_a_wrong_password(client, anna):
    anna.is_active = False
    db.session.commit()
    assert give(client, anna.login, PASSWORD).status_code == 422


def test_a_password_is_hashed_as_the_library_advises(real_passwords, anna):
    advised = PasswordHasher()
    assert not advised.check_needs_rehash(anna.password_hash)
    assert (advised.memory_cost, advised.time_cost) >= (64 * 1024, 3)


def test_a_password_that_was_hashed_more_cheaply_is_hashed_again_when_it_fits(
    client, anna, monkeypatch
):
    cheap, dear = anna.password_hash, PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", dear)
    give(client, anna.login, "verkeerd")
    assert kept_of(anna) == cheap
    give(client, anna.login, PASSWORD)
    again = kept_of(anna)
    assert again != cheap and not dear.check_needs_rehash(again)
    give(client, anna.login, PASSWORD)
    assert kept_of(anna) == again


def kept_of(person) -> str:
    return db.session.scalar(sa.select(Person.password_hash).where(Person.id == person.id))


def test_the_password_is_never_sent_back_or_kept_in_the_clear(client, anna):
    assert "geheim-woord" not in give(client, anna.login, "geheim-woord").text
    assert anna.password_hash.startswith("$argon2id$") and PASSWORD not in anna.password_hash


# The session


def test_signing_in_gives_a_new_session_and_a_clean_cookie(client, anna):
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
        cookie["key"] = f"{anna.municipality_id}:planted"
    give(client, anna.login, PASSWORD)
    first = key_of(client)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie and "planted" not in cookie["key"]
        cookie.clear()
    give(client, anna.login, PASSWORD)
    assert key_of(client) != first


def test_only_the_hash_of_the_token_is_kept(client, anna):
    give(client, anna.login, PASSWORD)
    token = key_of(client).partition(":")[2]
    assert token not in str([vars(row) for row in db.session.scalars(sa.select(WebSession))])


def test_the_cookie_is_for_this_site_alone_and_not_for_scripts(client, anna, app, monkeypatch):
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", True)
    cookie = give(client, anna.login, PASSWORD).headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Secure"} <= set(
        cookie.split("; ")
    ) and "Domain" not in cookie


@pytest.mark.parametrize(
    ("name", "ago", "inside"),
    [
        ("seen_at", dt.timedelta(minutes=29), True),
        ("seen_at", dt.timedelta(minutes=30), False),
        ("created_at", dt.timedelta(hours=7, minutes=59), True),
        ("created_at", dt.timedelta(hours=8), False),
    ],
)
def test_a_session_ends_after_half_an_hour_idle_or_eight_hours(sign_in, anna, name, ago, inside):
    browser = sign_in(anna)
    change(row_of(browser), **{name: utc_now() - ago})
    assert is_in(browser) is inside


def test_a_visit_keeps_the_session_awake(sign_in, anna):
    browser = sign_in(anna)
    change(row_of(browser), seen_at=utc_now() - dt.timedelta(minutes=20))
    assert is_in(browser)
    assert utc_now() - row_of(browser).seen_at < dt.timedelta(seconds=30)


def test_staying_awake_can_be_asked_for(sign_in, anna):
    browser = sign_in(anna)
    change(row_of(browser), seen_at=utc_now() - dt.timedelta(seconds=40))
    assert browser.post("/signin/keepalive").status_code == 204
    assert utc_now() - row_of(browser).seen_at < dt.timedelta(seconds=30)


def test_after_signing_out_a_copy_of_the_cookie_is_worth_nothing(sign_in, anna):
    browser = sign_in(anna)
    key = key_of(browser)
    assert browser.post("/signout").location == "/signin"
    with browser.session_transaction() as cookie:
        assert "key" not in cookie
        cookie["key"] = key
    assert not is_in(browser)


def test_who_is_deactivated_is_out_at_the_next_request(sign_in, anna):
    browser = sign_in(anna)
    assert is_in(browser)
    change(anna, is_active=False)
    assert not is_in(browser)


def test_who_moves_to_another_municipality_is_out_at_the_next_request(sign_in, anna, cast):
    browser = sign_in(anna)
    change(anna, municipality_id=cast.lindhoven.id)
    assert not is_in(browser)


@pytest.mark.parametrize("home", ["lindhoven", "", "0", "-1", "1e3", "²", "99999999", "all", "x"])
def test_a_cookie_that_names_another_municipality_opens_nothing(sign_in, anna, cast, home):
    browser = sign_in(anna)
    token = key_of(browser).partition(":")[2]
    with browser.session_transaction() as cookie:
        cookie["key"] = f"{cast.lindhoven.id if home == 'lindhoven' else home}:{token}"
    assert not is_in(browser)


def test_a_cookie_signed_with_another_secret_opens_nothing(sign_in, anna, app, monkeypatch):
    browser = sign_in(anna)
    monkeypatch.setitem(app.config, "SECRET_KEY", "an older one")
    assert not is_in(browser)


def test_a_refused_session_leaves_the_request_without_a_scope(app, cast):
    with app.test_request_context():
        for key in (f"{cast.oosterveen.id}:wrong", ":wrong", "x:wrong"):
            limits = (utc_now(), dt.timedelta(minutes=30), dt.timedelta(hours=8))
            assert sessions.resume(key, *limits) is None
            assert db.session().info.get("scope", sessions.NOTHING) == sessions.NOTHING


# One's own sessions


def test_anna_ends_her_session_in_another_browser(sign_in, anna, cast):
    here, there, brams = sign_in(anna), sign_in(anna), sign_in(cast.bram)
    answer = here.post("/account/sessions/end", data={"session": row_of(there).token_hash})
    assert answer.status_code == 302
    assert is_in(here) and not is_in(there) and is_in(brams)


def test_anna_ends_all_her_other_sessions(sign_in, anna, cast):
    here, there, also, brams = sign_in(anna), sign_in(anna), sign_in(anna), sign_in(cast.bram)
    here.post("/account/sessions/end-others")
    assert is_in(here) and is_in(brams) and not is_in(there) and not is_in(also)


def test_nobody_ends_or_sees_the_session_of_another(sign_in, anna, cast):
    here = sign_in(anna)
    for person in (cast.bram, cast.carla, cast.ada):
        theirs = sign_in(person)
        token_hash = row_of(theirs).token_hash
        assert here.post("/account/sessions/end", data={"session": token_hash}).status_code == 404
        assert is_in(theirs)
        assert token_hash not in here.get("/account/sessions").text


def test_the_page_names_the_browser_and_this_one_cannot_be_ended_there(sign_in, anna):
    browser = sign_in(anna)
    agent = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
    change(row_of(browser), user_agent=agent)
    page = browser.get("/account/sessions").text
    assert "Edge, Windows" in page and "deze browser" in page
    assert (
        browser.post(
            "/account/sessions/end", data={"session": row_of(browser).token_hash}
        ).status_code
        == 404
    )


def test_a_centre_person_has_sessions_too(sign_in, cast):
    here, there = sign_in(cast.daan), sign_in(cast.daan)
    here.post("/account/sessions/end-others")
    assert is_in(here) and not is_in(there)


# Where one goes next


@pytest.mark.parametrize("path", ["/my/tickets?q=printer", "/desk", "/account/sessions"])
def test_one_comes_back_to_the_page_one_asked_for(client, anna, path):
    assert give(client, anna.login, PASSWORD, target=f"/signin?next={path}").location == path


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example", "evil.example",
        "@evil.example", "/\t/evil.example", "\\\\evil.example", "javascript:alert(1)", "/%0d%0aX: y\r\nX: y", "",
        "http:///evil.example", "///evil.example", " //evil.example", "/a\\..\\\\evil.example",
    ],
)  # fmt: skip
def test_a_link_to_another_site_is_dropped(client, anna, path):
    answer = client.post(
        "/signin", query_string={"next": path}, data={"login": anna.login, "password": PASSWORD}
    )
    assert answer.location == "/my/tickets"
    assert client.post("/locale", data={"locale": "en", "next": path}).location == "/signin"


def test_a_person_of_nowhere_changes_only_the_language_of_the_cookie(client):
    client.post("/locale", data={"locale": "en"})
    assert '<html lang="en"' in client.get("/signin").text
    assert client.post("/locale", data={"locale": "xx"}).status_code == 302


# Forged forms


@pytest.fixture
def guarded(app, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


def token_on(page) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


def test_a_form_from_elsewhere_changes_nothing(guarded, sign_in, anna):
    browser = sign_in(anna)
    for path in ("/signout", "/signin/keepalive", "/account/sessions/end-others", "/locale"):
        for token in (None, "", "forged"):
            answer = browser.post(path, data={"csrf_token": token} if token is not None else {})
            assert answer.status_code == 400, path
    assert is_in(browser)


def test_the_token_of_another_browser_is_no_good(guarded, sign_in, anna, cast):
    hers = token_on(sign_in(cast.carla).get("/account/sessions"))
    browser = sign_in(anna)
    browser.get("/account/sessions")
    assert browser.post("/signout", data={"csrf_token": hers}).status_code == 400
    own = token_on(browser.get("/account/sessions"))
    assert browser.post("/signout", data={"csrf_token": own}).status_code == 302


def test_signing_in_needs_the_token_of_the_form_too(guarded, client, anna):
    form = {"login": anna.login, "password": PASSWORD}
    assert client.post("/signin", data=form).status_code == 400
    form["csrf_token"] = token_on(client.get("/signin"))
    assert client.post("/signin", data=form).status_code == 302


@pytest.mark.parametrize(
    "path", ["/signout", "/signin/keepalive", "/account/sessions/end", "/locale"]
)
def test_a_link_changes_nothing(sign_in, anna, path):
    assert sign_in(anna).get(path).status_code == 405


def test_a_name_is_unique_so_that_nobody_takes_the_place_of_another(anna, cast):
    twin = make_person("Anna Bakker", cast.lindhoven)
    twin.login = anna.login
    with pytest.raises(sa.exc.IntegrityError):
        db.session.flush()
    db.session.rollback()
