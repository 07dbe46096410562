"""Tokens: made once, kept as a hash, and worth nothing once their day or their person has gone."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.localtime import local
from cmdb.permissions import Role
from servicedesk.signin import accounts, links, tokens
from servicedesk.signin.account_models import Purpose
from servicedesk.signin.models import ApiToken
from tests.makers import make_token

DAY = dt.timedelta(days=1)


def make(browser, name="Maandrapport", deed="read", days=30):
    """A new token, from the page that shows it."""
    data = {"name": name, "deed": deed, "expires_on": (utc_now() + days * DAY).date().isoformat()}
    page = browser.post("/account/tokens", data=data)
    assert page.status_code == 200
    return re.search(r'id="secret"[^>]*value="([^"]+)"', page.text)[1]


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def test_a_token_is_shown_once_and_its_use_is_seen(cast, sign_in, client):
    browser = sign_in(cast.anna)
    secret = make(browser)
    page = browser.get("/account/tokens").text
    assert secret not in page and "alleen lezen" in page and "nog niet" in page
    assert client.get("/api/v1/visits", headers=bearer(secret)).status_code == 200
    assert "nog niet" not in browser.get("/account/tokens").text


def test_only_the_hash_is_kept(cast):
    secret = make_token(cast.anna)
    kept = db.session.execute(sa.select(ApiToken.__table__)).one()
    assert not any(secret.partition(".")[2] in str(value) for value in kept)


def test_a_token_opens_no_page_and_a_cookie_opens_no_operation(cast, sign_in, client):
    """So that no site can make the browser of somebody call the API."""
    answer = client.get("/my/tickets", headers=bearer(make_token(cast.anna)))
    assert answer.status_code == 302 and answer.location.startswith("/signin")
    assert sign_in(cast.anna).get("/api/v1/visits").status_code == 401


def test_use_is_written_once_a_minute(cast, program):
    anna = program(cast.anna)
    anna.get("/visits")
    token = db.session.scalars(sa.select(ApiToken)).one()
    token.used_at = early = utc_now() - dt.timedelta(seconds=50)
    db.session.commit()
    anna.get("/visits")
    assert db.session.scalar(sa.select(ApiToken.used_at)) == early
    token = db.session.scalars(sa.select(ApiToken)).one()
    token.used_at = early - dt.timedelta(seconds=10)
    db.session.commit()
    anna.get("/visits")
    assert db.session.scalar(sa.select(ApiToken.used_at)) > early


def test_a_revoked_token_is_as_one_that_never_was(cast, sign_in, program):
    browser, anna = sign_in(cast.anna), program(cast.anna)
    assert anna.get("/visits").status_code == 200
    key = db.session.scalar(sa.select(ApiToken.id))
    assert sign_in(cast.bram).post("/account/tokens/revoke", data={"token": key}).status_code == 404
    assert anna.get("/visits").status_code == 200
    assert browser.post("/account/tokens/revoke", data={"token": key}).status_code == 303
    gone = anna.get("/visits")
    anna.headers = bearer(f"sdt_{cast.oosterveen.id}.nooit-gemaakt")
    assert gone.status_code == 401 and gone.data == anna.get("/visits").data
    assert "Programma" not in browser.get("/account/tokens").text.split("Uw tokens")[1]


def test_a_token_ends_on_its_day(cast, program):
    anna = program(cast.anna)
    token = db.session.scalars(sa.select(ApiToken)).one()
    token.expires_on = tokens.local(utc_now()).date()
    db.session.commit()
    assert anna.get("/visits").status_code == 200
    token = db.session.scalars(sa.select(ApiToken)).one()
    token.expires_on -= DAY
    db.session.commit()
    assert anna.get("/visits").status_code == 401


def test_who_is_deactivated_or_moves_away_has_no_token(cast, program):
    anna, bram = program(cast.anna), program(cast.bram)
    assert anna.get("/visits").status_code == bram.get("/visits").status_code == 200
    cast.anna.is_active = False
    db.session.execute(
        sa.update(type(cast.bram))
        .where(type(cast.bram).id == cast.bram.id)
        .values(municipality_id=cast.lindhoven.id)
    )
    db.session.commit()
    assert anna.get("/visits").status_code == bram.get("/visits").status_code == 401


@pytest.mark.parametrize("deed", ["shut", "role", "link"])
def test_tokens_end_with_what_their_person_was(deed, cast, program):
    """Let in again, or with another role or password, somebody starts without tokens."""
    daan, els, now = program(cast.daan), program(cast.els), utc_now()
    if deed == "shut":
        accounts.shut(cast.daan, cast.ada, now)
        accounts.let_in(cast.daan, cast.ada, now)
    elif deed == "role":
        accounts.change_role(cast.daan, Role.ADMINISTRATOR, cast.ada, now)
    else:
        link = links.find(links.make(cast.daan, Purpose.RESET, now), now)
        assert links.redeem(link, "een nieuw en lang wachtwoord", now)
    db.session.commit()
    assert daan.get("/visits").status_code == 401
    assert els.get("/visits").status_code == 200


def test_a_token_that_names_another_home_finds_nothing(cast, program):
    anna = program(cast.anna)
    secret = anna.headers["Authorization"].partition(".")[2]
    homes = (f"sdt_{cast.lindhoven.id}", "sdt_", "sdt_x", "sdt_99999999999", "sdt_-1", "sdt_²", "")
    for home in homes:
        anna.headers = {"Authorization": f"Bearer {home}.{secret}".encode().decode("latin-1")}
        assert anna.get("/visits").status_code == 401, home


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "bearer\tx"])
def test_what_is_no_token_is_told_what_is_asked(cast, program, sent):
    nobody = program(None)
    answer = nobody.get("/visits", headers={"Authorization": sent})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="servicedesk"')


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "x" * 81}, {"deed": "all"}, {"expires_on": ""}]
    + [{"expires_on": (utc_now() + days * DAY).date().isoformat()} for days in (-2, 367)],
)
def test_a_wrong_form_makes_no_token_and_keeps_what_was_filled_in(cast, sign_in, wrong):
    data = {"name": "Kop", "deed": "read", "expires_on": local(utc_now()).date().isoformat()} | wrong
    answer = sign_in(cast.anna).post("/account/tokens", data=data)
    assert answer.status_code == 422 and "Controleer" in answer.text
    assert db.session.scalar(sa.select(sa.func.count(ApiToken.id))) == 0


def test_there_is_an_end_to_how_many(cast, sign_in):
    browser = sign_in(cast.anna)
    for _ in range(20):
        make_token(cast.anna)
    data = {"name": "Kop", "deed": "read", "expires_on": local(utc_now()).date().isoformat()}
    assert browser.post("/account/tokens", data=data).status_code == 422
