"""How often one may try to sign in, and whom that must not shut out."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from servicedesk.signin import attempts
from servicedesk.signin.models import SignInAttempt
from servicedesk.signin.passwords import set_password

PASSWORD = "correct paard batterij"
HOME, OFFICE = "198.51.100.7", "203.0.113.20"


@pytest.fixture
def anna(cast):
    set_password(cast.anna, PASSWORD)
    db.session.commit()
    return cast.anna


def give(client, login, password, address=HOME):
    form = {"login": login, "password": password}
    return client.post("/signin", data=form, environ_overrides={"REMOTE_ADDR": address})


def test_ten_failures_close_a_name_to_that_address_only(client, anna):
    for _ in range(attempts.PER_NAME_AND_ADDRESS):
        assert give(client, anna.login, "verkeerd", OFFICE).status_code == 422
    refused = give(client, anna.login, PASSWORD, OFFICE)
    assert refused.status_code == 429 and "Te vaak geprobeerd" in refused.text
    assert give(client, anna.login, PASSWORD, HOME).status_code == 302


def test_the_right_password_forgives_earlier_failures(client, anna):
    for _ in range(3):
        give(client, anna.login, "verkeerd")
    give(client, anna.login, PASSWORD)
    assert db.session.scalar(sa.select(sa.func.count(SignInAttempt.id))) == 0


def test_the_limit_lasts_a_quarter_of_an_hour(anna):
    then = utc_now()
    for _ in range(attempts.PER_NAME_AND_ADDRESS):
        attempts.admit(anna.login, HOME, then)
    with pytest.raises(attempts.TooManyAttempts):
        attempts.admit(anna.login, HOME, then + dt.timedelta(minutes=14, seconds=59))
    attempts.admit(anna.login, HOME, then + dt.timedelta(minutes=15))


def fail(login, address, times, now):
    db.session.add_all(SignInAttempt(login=login, address=address, at=now) for _ in range(times))
    db.session.flush()


def test_an_attacker_from_everywhere_does_not_lock_anna_out_of_her_own_desk(client, anna):
    give(client, anna.login, PASSWORD, HOME)
    now = utc_now()
    for number in range(attempts.PER_NAME):
        fail(anna.login, f"192.0.2.{number}", 1, now)
    with pytest.raises(attempts.TooManyAttempts):
        attempts.admit(anna.login, OFFICE, now)
    for _ in range(attempts.WHILE_ATTACKED):
        attempts.admit(anna.login, HOME, now)
    with pytest.raises(attempts.TooManyAttempts):
        attempts.admit(anna.login, HOME, now)


def test_an_attacker_inside_the_town_hall_does_not_lock_out_who_works_there(client, anna, cast):
    give(client, anna.login, PASSWORD, OFFICE)
    now = utc_now()
    for number in range(attempts.PER_ADDRESS):
        fail(f"naam{number}", OFFICE, 1, now)
    attempts.admit(anna.login, OFFICE, now)
    with pytest.raises(attempts.TooManyAttempts):
        attempts.admit(cast.bram.login, OFFICE, now)


def test_a_whole_network_of_ipv6_counts_as_one_address(anna):
    now = utc_now()
    for number in range(attempts.PER_NAME_AND_ADDRESS):
        attempts.admit(anna.login, f"2001:db8:1:2::{number:x}", now)
    with pytest.raises(attempts.TooManyAttempts):
        attempts.admit(anna.login, "2001:db8:1:2:ffff::1", now)
    attempts.admit(anna.login, "2001:db8:1:3::1", now)


def test_a_forged_forwarded_address_does_not_fool_the_limit(client, anna):
    for number in range(attempts.PER_NAME_AND_ADDRESS + 1):
        answer = client.post(
            "/signin",
            data={"login": anna.login, "password": "verkeerd"},
            headers={"X-Forwarded-For": f"192.0.2.{number}", "X-Real-IP": f"192.0.2.{number}"},
        )
    assert answer.status_code == 429
