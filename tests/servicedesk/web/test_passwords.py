"""Forgetting, choosing and changing a password of a local account."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from servicedesk.directory.models import Directory, DirectoryAccount
from servicedesk.notify import delivery
from servicedesk.notify.models import Message
from servicedesk.signin import attempts, forgotten, links
from servicedesk.signin.account_models import AccountEvent, AccountLink, Deed, PasswordAsk, Purpose
from servicedesk.signin.models import SignInAttempt, WebSession
from servicedesk.signin.sessions import hash_token
from tests.makers import NOW
from tests.servicedesk.web.accounts import (
    HOME, NEW, PASSWORD, ask_link, fits, give, is_in, link_of, mails, post, with_password,
)  # fmt: skip

FORGOTTEN = "/password/forgotten"


@pytest.fixture
def anna(cast):
    cast.anna.email = "anna@oosterveen.example"
    return with_password(cast.anna)


@pytest.fixture
def carla(cast):
    """Her directory keeps her password."""
    directory = Directory(
        municipality_id=cast.lindhoven.id, domain="lindhoven.example", hosts=["localhost:1"],
        kind="openldap", security="ldaps", base="dc=x", bind_dn="cn=x", next_sync_at=NOW,
    )  # fmt: skip
    db.session.add(directory)
    db.session.flush()
    cast.carla.email = "carla@lindhoven.example"
    db.session.add(
        DirectoryAccount(
            directory_id=directory.id, key="1", municipality_id=cast.lindhoven.id,
            person_id=cast.carla.id, is_enabled=True,
        )  # fmt: skip
    )
    db.session.commit()
    return cast.carla


def choose(browser, path, password=NEW, again=None):
    return post(browser, path, password=password, again=password if again is None else again)


@pytest.mark.parametrize("name", ["{0.login}", " {0.email} ", "ANNA@Oosterveen.example"])
def test_a_link_comes_by_mail_and_leads_to_a_new_password(client, anna, sign_in, name):
    elsewhere = sign_in(anna)
    path = ask_link(client, name.format(anna), anna)
    assert anna.login in client.get(path).text
    answer = choose(client, path)
    assert (answer.status_code, answer.location) == (303, "/signin")
    assert not is_in(elsewhere) and not is_in(client)
    assert give(client, anna.login).status_code == 422
    assert give(client, anna.login, NEW).status_code == 302 and is_in(client)
    assert "gewijzigd" in mails(anna)[-1].subject
    assert Deed.RESET in db.session.scalars(sa.select(AccountEvent.deed)).all()


def test_the_answer_is_the_same_whoever_that_is(client, anna, carla, cast):
    cast.bram.is_active = False
    db.session.commit()
    answers = {
        (answer.status_code, page_of(answer))
        for name in (anna.login, carla.login, cast.bram.login, "niemand", "x@y.example", anna.email)
        for answer in [post(client, FORGOTTEN, name=name)]
    }
    assert len(answers) == 1
    assert mails(anna) == mails(carla) == []  # a worker finds out who that is


def page_of(answer) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", answer.text)


def test_who_is_of_a_directory_hears_where_the_password_lives(client, carla):
    for name in (carla.login, carla.email):
        post(client, FORGOTTEN, name=name)
        forgotten.answer(utc_now())
    (mail,) = mails(carla)
    assert "uw gemeente" in mail.subject and mail.secret is None and "/password/" not in mail.body
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AccountLink)) == 0


def test_nobody_is_mailed_who_has_no_password_or_may_not_come_in(client, anna, cast):
    anna.is_active = False
    cast.daan.email = "daan@example.org"
    db.session.commit()
    for name in (anna.login, cast.daan.login, "niemand", "@"):
        post(client, FORGOTTEN, name=name)
    assert forgotten.answer(utc_now()) == 4 and forgotten.answer(utc_now()) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Message)) == 0


def test_a_link_is_good_once(client, anna):
    path = ask_link(client, anna.login, anna)
    assert choose(client, path).status_code == 303
    for answer in (client.get(path), choose(client, path, PASSWORD)):
        assert answer.status_code == 404
    assert fits(anna, NEW)


def test_of_two_who_use_a_link_at_once_one_is_first(anna):
    token = links.make(anna, Purpose.RESET, utc_now())
    first, second = links.find(token, utc_now()), links.find(token, utc_now())
    assert links.redeem(first, NEW, utc_now()) and not links.redeem(second, PASSWORD, utc_now())
    assert fits(anna, NEW)


def test_a_newer_link_voids_the_older(client, anna):
    older = ask_link(client, anna.login, anna)
    newer = ask_link(client, anna.login, anna)
    assert client.get(older).status_code == 404 and client.get(newer).status_code == 200


@pytest.mark.parametrize(
    ("purpose", "life"),
    [(Purpose.RESET, dt.timedelta(hours=1)), (Purpose.INVITATION, dt.timedelta(days=7))],
)
def test_a_link_lives_an_hour_and_an_invitation_a_week(client, anna, purpose, life):
    late = utc_now() - life
    assert client.get(f"/password/{links.make(anna, purpose, late)}").status_code == 404
    early = late + dt.timedelta(minutes=1)
    assert client.get(f"/password/{links.make(anna, purpose, early)}").status_code == 200


def test_a_link_of_who_may_not_come_in_any_more_is_nothing(client, anna):
    path = ask_link(client, anna.login, anna)
    anna.is_active = False
    db.session.commit()
    assert client.get(path).status_code == 404 and choose(client, path).status_code == 404


@pytest.mark.parametrize("token", ["x", "%20", "é", "a" * 2000, "0" * 43])
def test_a_token_that_was_never_given_is_nothing(client, anna, token):
    links.make(anna, Purpose.RESET, utc_now())
    db.session.commit()
    assert client.get(f"/password/{token}").status_code == 404
    assert choose(client, f"/password/{token}").status_code == 404
    assert fits(anna, PASSWORD)


def test_neither_links_nor_mail_hold_the_token_in_the_clear(client, anna):
    path = ask_link(client, anna.login, anna)
    token = path.rpartition("/")[2]
    mail = mails(anna)[-1]
    kept = [vars(row) for row in (*db.session.scalars(sa.select(AccountLink)), mail)]
    assert len(token) == 43 and token not in str(kept)
    assert mail.secret.reveal() == token
    assert db.session.get(AccountLink, hash_token(token))


class Post:
    """The mail server of one message."""

    sender, sender_name = "desk@example.org", "Desk"

    def hand_over(self, mail):
        self.mail = mail.get_content()


def test_the_token_is_forgotten_when_the_mail_left(client, anna):
    path = ask_link(client, anna.login, anna)
    (mail,), server = mails(anna), Post()
    delivery.send(mail, server, utc_now())
    assert path in server.mail and mail.sent_at and mail.secret is None


def test_a_mail_of_which_the_secret_is_lost_does_not_hold_up_the_others(client, anna, app, monkeypatch, tmp_path):
    ask_link(client, anna.login, anna)
    (mail,) = mails(anna)
    monkeypatch.setitem(app.config, "INSTANCE", tmp_path)
    monkeypatch.setattr(Post, "hang_up", lambda self: None, raising=False)
    assert delivery.send(mail, Post(), utc_now()) and mail.sent_at is None


def test_looking_at_a_link_uses_nothing_up(client, anna):
    path = ask_link(client, anna.login, anna)
    assert [client.get(path).status_code for _ in range(3)] == [200] * 3
    assert choose(client, path).status_code == 303


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("kort", "kort", "ten minste 12 tekens"),
        (NEW, NEW + "x", "niet hetzelfde"),
        ("Welkom2024!!!", "Welkom2024!!!", "te makkelijk"),
        ("", "", "Kies een wachtwoord"),
        ("Servicepunt-1", "Servicepunt-1", "niet uw naam"),
    ],
)
def test_a_password_that_is_refused_leaves_the_link_good(client, anna, password, again, said):
    path = ask_link(client, anna.login, anna)
    answer = choose(client, path, password, again)
    assert answer.status_code == 422 and said in answer.text
    assert choose(client, path).status_code == 303


def test_asking_is_limited_per_address(client, anna):
    for number in range(forgotten.PER_ADDRESS):
        assert post(client, FORGOTTEN, name=f"naam{number}").status_code == 200
    assert post(client, FORGOTTEN, name=anna.login).status_code == 429
    assert post(client, FORGOTTEN, "203.0.113.9", name=anna.login).status_code == 200


def test_mail_is_limited_per_account_and_the_last_link_stays_good(client, anna):
    for number in range(forgotten.PER_ACCOUNT + 4):
        name = anna.login if number % 2 else anna.email
        post(client, FORGOTTEN, f"192.0.2.{number}", name=name)
    forgotten.answer(utc_now())
    assert len(mails(anna)) == forgotten.PER_ACCOUNT
    assert client.get(link_of(mails(anna)[-1])).status_code == 200


def test_an_ask_is_refused_when_it_is_empty_or_endless(client):
    for name in ("", " ", "x" * 201):
        assert post(client, FORGOTTEN, name=name).status_code == 422
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PasswordAsk)) == 0


# Changing one's own


def change(browser, old=PASSWORD, password=NEW, again=NEW):
    return post(browser, "/account/password", old=old, password=password, again=again)


def test_one_changes_the_own_password_and_is_out_everywhere_else(sign_in, anna, cast):
    here, there, brams = sign_in(anna), sign_in(anna), sign_in(cast.bram)
    pending_link = links.make(anna, Purpose.RESET, utc_now())
    assert change(here).status_code == 303
    assert is_in(here) and not is_in(there) and is_in(brams)
    assert here.get(f"/password/{pending_link}").status_code == 404
    assert fits(anna, NEW) and "gewijzigd" in mails(anna)[-1].subject


def test_one_changes_it_also_while_somebody_else_guesses(sign_in, anna):
    browser, now = sign_in(anna), utc_now()
    db.session.add_all(
        SignInAttempt(login=anna.login, address=f"192.0.2.{n}", at=now)
        for n in range(attempts.PER_NAME)
    )
    db.session.scalars(sa.select(WebSession)).first().address = HOME
    db.session.commit()
    assert change(browser).status_code == 303 and fits(anna, NEW)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"old": "verkeerd"}, 422),
        ({"old": ""}, 422),
        ({"password": "kort", "again": "kort"}, 422),
        ({"again": "iets anders dan dat"}, 422),
    ],
)
def test_what_is_wrong_changes_nothing(sign_in, anna, form, status):
    browser, other = sign_in(anna), sign_in(anna)
    assert change(browser, **form).status_code == status
    assert is_in(other) and fits(anna, PASSWORD)


def test_who_took_over_a_browser_does_not_guess_the_old_password(sign_in, anna):
    browser = sign_in(anna)
    statuses = [change(browser, old=f"gok {n}").status_code for n in range(11)]
    assert statuses == [422] * 10 + [429]
    assert change(browser).status_code == 429


def test_who_has_the_password_elsewhere_is_sent_there(sign_in, cast):
    browser = sign_in(cast.bram)
    assert "account van uw gemeente" in browser.get("/account/password").text
    assert change(browser).status_code == 200 and cast.bram.password_hash is None


def test_the_sign_in_page_leads_here(client):
    assert 'href="/password/forgotten"' in client.get("/signin").text


def test_the_menu_leads_here_only_who_has_a_password_here(anna, sign_in, cast):
    led = [
        'href="/account/password"' in sign_in(person).get("/my/tickets").text
        for person in (anna, cast.bram, anna)
    ]
    assert led == [True, False, True]
