"""Passkeys: used after a password and instead of it, refused, and stopped when there is a copy."""

import datetime as dt
import logging

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.permissions import Role
from servicedesk.signin import attempts, passkeys, second_step
from servicedesk.signin.account_models import Deed
from servicedesk.signin.passkey_models import PasskeyChallenge
from tests.authenticator import PRESENT, VERIFIED, Authenticator
from tests.servicedesk.web.accounts import HOME, code_of, give, is_in, mails, post, with_password
from tests.servicedesk.web.enrolled import ASK, CODE, SIGN_IN, asked, by, deeds, enrol, only


@pytest.fixture
def daan(cast):
    cast.daan.email = "daan@example.org"
    return with_password(cast.daan)


@pytest.fixture
def els(cast):
    return with_password(cast.els)


# Signing in


def test_a_passkey_is_all_it_takes(client, daan, app, monkeypatch):
    monkeypatch.setitem(app.config, "SECOND_STEP_ROLES", frozenset({Role.AGENT}))
    key = enrol(daan)
    assert "Inloggen met een passkey" in client.get("/signin").text
    answer = by(client, key, f"{SIGN_IN}?next=/outages")
    assert answer.status_code == 302 and answer.location == "/outages" and is_in(client)
    assert only().used_at is not None
    with client.session_transaction() as cookie:
        assert "passkey" not in cookie


def test_the_sign_in_page_tells_nobody_of_passkeys_before_there_is_one(client, daan):
    assert "passkey" not in client.get("/signin").text


def test_after_the_password_it_is_asked_and_stands_for_the_code(client, daan):
    key = enrol(daan)
    assert give(client, daan.login).location.startswith(CODE)
    page = client.get(CODE).text
    assert "Gebruik uw passkey" in page and "Een van uw herstelcodes." in page and "qr-code" not in page
    assert not is_in(client)
    assert by(client, key, f"{CODE}/passkey?next=/outages").location == "/outages" and is_in(client)


def test_the_codes_on_paper_go_on_to_work(client, app, daan):
    papers = enrol(daan).papers
    give(client, daan.login)
    assert post(client, CODE, code="000000").status_code == 422
    assert post(client, CODE, code=papers[0]).status_code == 302 and is_in(client)
    other = app.test_client()
    give(other, daan.login)
    assert post(other, CODE, code=papers[0]).status_code == 422
    assert second_step.codes_left(daan) == 9


def test_who_only_knows_the_password_sets_up_no_app_beside_the_passkey(client, daan):
    """An app that was begun before and never confirmed is no way round it."""
    second_step.begin(daan, utc_now())
    enrol(daan)
    give(client, daan.login)
    assert second_step.of(daan).seed.reveal() not in client.get(CODE).text.replace(" ", "")
    assert post(client, CODE, code=code_of(daan)).status_code == 422 and not is_in(client)
    assert not second_step.is_on(second_step.of(daan))


def test_nor_does_who_borrows_the_browser(sign_in, daan):
    key, browser = enrol(daan), sign_in(daan)
    assert post(browser, "/account/second-step/begin").status_code == 422
    assert second_step.of(daan) is None
    form = {"begin-credential": key.sign(asked(browser))}
    assert post(browser, "/account/second-step/begin", **form).status_code == 303
    answer = post(browser, "/account/second-step", code=code_of(daan))
    assert answer.status_code == 303 and second_step.codes_left(daan) == 10


def test_the_passkey_of_another_is_no_second_step(client, daan, els):
    enrol(daan)
    key = enrol(els)
    give(client, daan.login)
    assert by(client, key, f"{CODE}/passkey").status_code == 422 and not is_in(client)


def test_after_five_wrong_passkeys_the_password_is_asked_again(client, daan, els):
    enrol(daan)
    key = enrol(els)
    give(client, daan.login)
    statuses = [by(client, key, f"{CODE}/passkey").status_code for _ in range(5)]
    assert statuses == [422] * 4 + [302] and not is_in(client)


# What is refused


@pytest.fixture
def refused(client, caplog):
    """`refused(answer)` gives the sentence in the log, and nobody is in."""

    def told(credential, target=SIGN_IN) -> str:
        with caplog.at_level(logging.WARNING):
            answer = post(client, target, credential=credential)
        assert answer.status_code == 422 and "niet gelukt" in answer.text and not is_in(client)
        assert 'action="/signin"' in answer.text  # the password goes on to work on this very page
        return caplog.messages[-1]

    return told


@pytest.mark.parametrize(
    ("forged", "sentence"),
    [
        ({"origin": "https://localhost:8000"}, "Invalid origin"),
        ({"origin": "http://localhost:8001"}, "Invalid origin"),
        ({"origin": "https://servicepunt.example.com"}, "Invalid origin"),
        ({"name": "example.com"}, "Wrong RP ID hash"),
        ({"flags": PRESENT}, "User verification required"),
        ({"flags": VERIFIED}, "User Present flag not set"),
        ({"user_handle": b"somebody else"}, "Wrong user handle"),
        ({"user_handle": None}, "Wrong user handle"),
        ({"credential_id": b"another passkey."}, "not known"),
        ({"key": Authenticator().key}, "Invalid signature"),
    ],
)
def test_a_forged_answer_opens_nothing(client, daan, refused, forged, sentence):
    key = enrol(daan)
    for name, value in forged.items():
        setattr(key, name, value)
    assert sentence in refused(key.sign(asked(client)))
    assert only().used_at is None


@pytest.mark.parametrize(
    ("forged", "sentence"),
    [
        ({"origin": "https://localhost:8000"}, "Invalid origin"),
        ({"name": "example.com"}, "Wrong RP ID hash"),
        ({"flags": PRESENT}, "User verification required"),
        ({"credential_id": b"x" * 1024}, "not asked"),
    ],
)
def test_a_forged_answer_makes_nothing(daan, forged, sentence):
    challenge, question = passkeys.begin(daan, HOME, utc_now())
    with pytest.raises(passkeys.Refused, match=sentence):
        passkeys.add(daan, challenge, Authenticator(**forged).make(question), "Vals", utc_now())
    assert not passkeys.of(daan) and not second_step.is_asked(daan)


def test_an_answer_to_the_one_question_is_none_to_the_other(client, daan, refused):
    key = enrol(daan)
    question = asked(client)
    assert "AuthenticatorAssertionResponse" in refused(key.make(question | {"user": {"id": "eA"}}))
    challenge, question = passkeys.begin(daan, HOME, utc_now())
    with pytest.raises(passkeys.Refused):
        passkeys.add(daan, challenge, key.sign(question), "Vals", utc_now())


def test_an_answer_is_good_once(client, app, daan, refused):
    key = enrol(daan)
    credential = key.sign(asked(client))
    assert post(client, SIGN_IN, credential=credential).status_code == 302
    post(client, "/signout")
    assert "challenge is not open" in refused(credential)
    asked(client)  # a fresh challenge does not fit the old answer
    assert "Wrong challenge" in refused(credential)


def test_an_answer_is_good_in_the_browser_that_asked_alone(client, app, daan, refused):
    credential = enrol(daan).sign(asked(app.test_client()))
    assert "challenge is not open" in refused(credential)


def test_a_challenge_lives_five_minutes(client, daan, refused):
    credential = enrol(daan).sign(asked(client))
    db.session.execute(sa.update(PasskeyChallenge).values(made_at=utc_now() - passkeys.LIFE))
    db.session.commit()
    assert "challenge is not open" in refused(credential)


def test_only_the_hash_of_a_challenge_is_kept(client, daan):
    question = asked(client)
    rows = [vars(row) for row in db.session.scalars(sa.select(PasskeyChallenge))]
    assert len(rows) == 1 and question["challenge"] not in str(rows)


def test_a_question_of_one_person_adds_nothing_for_another(daan, els):
    challenge, question = passkeys.begin(daan, HOME, utc_now())
    with pytest.raises(passkeys.Refused, match="challenge is not open"):
        passkeys.add(els, challenge, Authenticator().make(question), "Vals", utc_now())


@pytest.mark.parametrize(
    "credential",
    ["{", "[]", "null", '"x"', '{"id": 1}', '{"id": "x"}', "[" * 15_000, '{"id": "' + "x" * 15_000 + '"}'],
)  # fmt: skip
def test_what_is_no_answer_is_refused(client, daan, refused, credential):
    enrol(daan)
    asked(client)
    assert "passkey refused" in refused(credential)


def test_nothing_and_too_much_are_refused_unread(client, daan):
    for credential in ("", "x" * 20_001):
        asked(client)
        assert post(client, SIGN_IN, credential=credential).status_code == 422 and not is_in(client)


@pytest.mark.parametrize("how", ["inactive", "elsewhere"])
def test_who_may_not_come_in_does_not_by_a_passkey(client, daan, refused, how):
    key = enrol(daan)
    if how == "inactive":
        daan.is_active = False
    else:
        daan.password_hash = None
    db.session.commit()
    assert "no account here" in refused(key.sign(asked(client)))


# The count


def test_a_count_that_goes_back_stops_the_passkey_and_tells_its_person(client, app, daan, refused):
    key = enrol(daan, step=1)
    copy = Authenticator(key=key.key, credential_id=key.credential_id, user_handle=key.user_handle, step=1)
    for _ in range(2):
        assert by(client, key).status_code == 302
        post(client, "/signout")
    assert only().sign_count == 2
    assert "there is a copy" in refused(copy.sign(asked(client)))
    assert deeds()[-1] == Deed.PASSKEY_STOPPED and "kopie" in mails(daan)[-1].body
    assert "passkey is stopped" in refused(key.sign(asked(client)))
    assert give(client, daan.login).location.startswith(CODE)  # the password alone is still not enough
    assert post(client, CODE, code=key.papers[0]).status_code == 302
    assert "gestopt" in client.get("/account/second-step").text


def test_one_that_does_not_count_stays_good(client, daan):
    key = enrol(daan)
    for _ in range(2):
        assert by(client, key).status_code == 302
        post(client, "/signout")


# Limits


def test_failures_count_in_the_name_of_who_has_the_passkey(client, daan):
    key = enrol(daan)
    key.flags = PRESENT
    statuses = [by(client, key).status_code for _ in range(attempts.PER_NAME_AND_ADDRESS + 1)]
    assert set(statuses[:-1]) == {422} and statuses[-1] == 429
    assert give(client, daan.login).status_code == 429


def test_an_address_asks_a_hundred_questions_in_five_minutes_at_most(client, daan):
    now = utc_now()
    db.session.add_all(
        PasskeyChallenge(challenge_hash=str(n), address=HOME, made_at=now) for n in range(passkeys.PER_ADDRESS)
    )
    db.session.commit()
    assert post(client, ASK).status_code == 429
    assert post(client, ASK, address="198.51.100.8").status_code == 200
    db.session.execute(sa.update(PasskeyChallenge).values(made_at=now - dt.timedelta(minutes=6)))
    db.session.commit()
    assert post(client, ASK).status_code == 200
