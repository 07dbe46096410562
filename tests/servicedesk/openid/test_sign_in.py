"""Signing in and out by a real OpenID provider."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.people import Person
from cmdb.permissions import Role
from servicedesk.openid.models import Kind, OpenIdAccount, OpenIdSession
from servicedesk.signin.models import WebSession
from tests.openid.browser import Browser
from tests.servicedesk.openid.conftest import (
    KEY, SITE, come_in, make_provider, own_path,
)  # fmt: skip


@pytest.fixture
def provider(real, cast):
    return make_provider(real.issuer, cast.oosterveen)


def is_in(client) -> bool:
    return client.get("/account/sessions").status_code == 200


def account() -> Person:
    db.session.expire_all()
    return db.session.get(Person, db.session.scalars(sa.select(OpenIdAccount.person_id)).one())


def test_who_is_new_comes_in_as_somebody_of_the_municipality_of_the_provider(client, provider, cast):
    answer = come_in(client)
    assert answer.status_code == 302 and answer.location == "/my/tickets"
    assert is_in(client)
    anna = account()
    assert (anna.login, anna.name, anna.email) == (
        "anna@oosterveen.nl", "Anna Bakker", "anna@oosterveen.nl",
    )  # fmt: skip
    assert (anna.municipality_id, anna.role) == (cast.oosterveen.id, Role.EMPLOYEE)
    assert anna.password_hash is None


def test_without_a_secret_the_proof_of_the_code_is_enough(client, real, cast):
    make_provider(real.issuer, cast.oosterveen, client_id="public", client_secret=None)
    assert come_in(client).status_code == 302 and is_in(client)


def test_a_wrong_secret_is_no_way_in_and_no_failure_of_ours(client, real, cast):
    from servicedesk.secrets import Secret

    make_provider(real.issuer, cast.oosterveen, client_secret=Secret.of("verkeerd"))
    answer = come_in(client)
    assert answer.status_code == 503 and "antwoordt nu niet" in answer.text and not is_in(client)


def test_l7_who_is_renamed_is_the_same_person_with_the_new_roles(client, provider, app):
    come_in(client)
    before = account().id
    come_in(app.test_client(), "renamed")
    anna = account()
    assert (anna.id, anna.login, anna.name) == (before, "anna.dewit@oosterveen.nl", "Anna de Wit")
    assert anna.role == Role.MUNICIPALITY_MANAGER
    come_in(app.test_client(), "anna")
    assert account().role == Role.EMPLOYEE


def test_who_is_in_no_group_stays_out(client, provider):
    answer = come_in(client, "bram")
    assert answer.status_code == 422 and "niet in een groep" in answer.text and not is_in(client)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OpenIdAccount)) == 0


def test_without_groups_everybody_of_the_municipality_comes_in(client, real, cast):
    make_provider(real.issuer, cast.oosterveen, groups={})
    assert come_in(client, "bram").status_code == 302
    assert account().role == Role.EMPLOYEE


def test_who_was_barred_stays_out_and_is_out_at_once(client, provider, app):
    come_in(client)
    account().is_active = False
    db.session.commit()
    assert not is_in(client)
    answer = come_in(app.test_client())
    assert answer.status_code == 422 and "niet meer in gebruik" in answer.text


def test_the_centre_gives_the_roles_of_its_own_groups_only(client, real, cast):
    groups = {"agent": ["sd-agents"], "municipality-manager": ["sd-agents"]}
    make_provider(real.issuer, None, domain="centrum.nl", groups=groups)
    answer = come_in(client, "daan")
    assert answer.location == "/start"
    assert (account().role, account().municipality_id) == (Role.AGENT, None)


def test_the_groups_of_a_municipality_give_nobody_a_role_of_the_centre(client, real, cast):
    make_provider(real.issuer, cast.oosterveen, groups={"administrator": ["sd-users"]})
    come_in(client)
    assert account().role == Role.EMPLOYEE


def test_somebody_new_of_the_centre_without_a_group_stays_out(client, real, cast):
    make_provider(real.issuer, None, domain="centrum.nl", groups={})
    answer = come_in(client, "daan")
    assert answer.status_code == 422 and "niet in een groep" in answer.text


def test_the_page_that_was_asked_for_comes_after_it(client, provider):
    assert come_in(client, target="?next=/account/messages").location == "/account/messages"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_c4_no_page_elsewhere_comes_after_it(client, provider, target):
    assert come_in(client, target=f"?next={target}").location == "/my/tickets"


def test_p6_the_session_is_new_and_what_was_in_the_cookie_is_gone(client, provider):
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    come_in(client)
    with client.session_transaction() as cookie:
        first = cookie["key"]
        assert "planted" not in cookie and "openid" not in cookie
    come_in(client)
    with client.session_transaction() as cookie:
        assert cookie["key"] != first


def test_an_answer_is_good_once(client, provider, app):
    there = client.get(f"/signin/openid/{KEY}")
    url = own_path(Browser().open(there.location) or _typed(there.location))
    with client.session_transaction() as cookie:
        kept = cookie["openid"]
    assert client.get(url).status_code == 302
    again = app.test_client()
    with again.session_transaction() as cookie:
        cookie["openid"] = kept
    answer = again.get(url)
    assert answer.status_code == 422 and "verlopen" in answer.text and not is_in(again)


def _typed(location: str) -> str:
    browser = Browser()
    browser.open(location)
    return browser.submit(login="anna", password="x")


def test_an_answer_is_good_in_the_browser_that_asked_alone(client, provider, app):
    url = _typed(client.get(f"/signin/openid/{KEY}").location)
    other = app.test_client()
    assert other.get(own_path(url)).status_code == 422 and not is_in(other)
    other.get(f"/signin/openid/{KEY}")
    assert other.get(own_path(url)).status_code == 422 and not is_in(other)
    assert client.get(own_path(url)).status_code == 302


def test_an_answer_that_comes_too_late_is_refused(client, provider):
    url = _typed(client.get(f"/signin/openid/{KEY}").location)
    with client.session_transaction() as cookie:
        cookie["openid"][0]["at"] -= 601
        cookie.modified = True
    answer = client.get(own_path(url))
    assert answer.status_code == 422 and "verlopen" in answer.text


def test_who_presses_cancel_reads_that(client, provider):
    browser = Browser()
    browser.open(client.get(f"/signin/openid/{KEY}").location)
    url = browser.open(f"{browser.url}/abort")
    answer = client.get(own_path(url))
    assert answer.status_code == 422 and "afgebroken" in answer.text


def test_ad_fs_is_asked_for_an_answer_in_a_form_which_comes_without_a_cookie(
    client, real, cast, app
):
    make_provider(real.issuer, cast.oosterveen, kind=Kind.ADFS)
    there = client.get(f"/signin/openid/{KEY}?next=/account/messages").location
    browser = Browser()
    browser.open(there)
    assert browser.submit(login="anna", password="x") == "", "the answer is in no address"
    url, values = browser.form()
    assert url == f"{SITE}/signin/openid/{KEY}/return" and values["code"]
    path = f"/signin/openid/{KEY}/return"
    onward = app.test_client().post(path, data=values | {"next": "/people"})
    assert onward.status_code == 303 and onward.location.startswith(f"{path}?")
    assert "next" not in onward.location
    assert client.get(onward.location).location == "/account/messages" and is_in(client)
    assert app.test_client().get(onward.location).status_code == 422, "once, in one browser"


def test_a_provider_that_is_off_is_no_way_in(client, provider, app):
    url = _typed(client.get(f"/signin/openid/{KEY}").location)
    provider.is_active = False
    db.session.commit()
    assert client.get(own_path(url)).status_code == 404
    assert client.get(f"/signin/openid/{KEY}").status_code == 404
    assert "Inloggen met uw gemeente" not in client.get("/signin").text


def test_the_sign_in_page_names_the_municipality_and_leads_who_types_a_name(client, provider, cast):
    page = client.get("/signin?next=/account/messages").text
    there = f"/signin/openid/{KEY}"
    assert "Inloggen met uw gemeente" in page and f"{there}?next=/account/messages" in page
    answer = client.post("/signin", data={"login": " Iemand@Oosterveen.NL ", "password": ""})
    assert answer.headers["Refresh"] == f"0; url={there}" and "Oosterveen" in answer.text
    wrong = client.post("/signin", data={"login": "iemand@oosterveen.nl", "password": "x"})
    assert wrong.status_code == 422 and there in wrong.text and "Refresh" not in wrong.headers
    unknown = client.post("/signin", data={"login": "iemand@elders.nl", "password": ""})
    assert unknown.status_code == 422 and "Refresh" not in unknown.headers


def test_who_signs_out_may_sign_out_there_too(client, provider, listener):
    browser = Browser()
    come_in(client, browser=browser)
    page = client.post("/signout", follow_redirects=True).text
    assert "Ook uitloggen bij uw gemeente?" in page and not is_in(client)
    there = client.get("/signout/openid")
    asked = parse_qs(urlsplit(there.location).query)
    assert asked["post_logout_redirect_uri"] == [f"{SITE}/signin"] and asked["id_token_hint"]
    browser.open(there.location)
    assert browser.submit(logout="yes") == f"{SITE}/signin"
    # There, too, one is asked for a name again.
    assert browser.open(client.get(f"/signin/openid/{KEY}").location) == ""
    # What stood in the token is not kept, and the offer is over.
    db.session.expire_all()
    assert db.session.scalars(sa.select(OpenIdSession.id_token)).one() is None
    assert "Ook uitloggen" not in client.get("/signin").text
    assert client.get("/signout/openid").location == "/signin"


def test_who_came_in_by_a_password_is_offered_nothing(sign_in, cast, provider):
    page = sign_in(cast.anna).post("/signout", follow_redirects=True).text
    assert "Ook uitloggen" not in page


def test_who_signs_out_there_is_out_here_at_once_in_that_browser(client, provider, listener, app):
    browser, other = Browser(), app.test_client()
    come_in(client, browser=browser)
    come_in(other)
    listener.came.clear()
    listener.tokens.clear()
    with client.session_transaction() as cookie:
        token = cookie["key"]
    assert is_in(client) and is_in(other)
    home = f"{SITE}/signin"
    browser.open(f"{provider.issuer}/session/end?client_id=desk&post_logout_redirect_uri={home}")
    browser.submit(logout="yes")
    assert listener.came.wait(20)
    told = app.test_client()
    address, form = f"/signin/openid/{KEY}/logout", {"logout_token": listener.tokens[0]}
    answer = told.post(address, data=form)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert not is_in(client) and is_in(other)
    assert told.post(address, data=form).status_code == 400, "the same token again"
    assert token


def test_the_note_goes_with_the_session(client, provider):
    come_in(client)
    db.session.execute(sa.delete(WebSession).where(WebSession.seen_at < utc_now() + dt.timedelta(1)))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OpenIdSession)) == 0
