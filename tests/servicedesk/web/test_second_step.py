"""A code after the password: set up, asked, accepted once, limited, and taken away."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.permissions import Role
from servicedesk import secrets
from servicedesk.config import settings
from servicedesk.signin import attempts, pending, second_step
from servicedesk.signin.account_models import AccountEvent, Deed, PendingSignIn, RecoveryCode, SecondStep
from tests.servicedesk.web.accounts import NEW, PASSWORD, ask_link, code_of, give, is_in, post, with_password

CODE = "/signin/code"


@pytest.fixture
def daan(cast):
    return with_password(cast.daan)


@pytest.fixture
def papers(daan):
    """Daan has an app; the codes that he printed."""
    step = second_step.begin(daan, utc_now())
    codes = second_step.confirm(step, daan, code_of(daan, -1), utc_now())
    db.session.commit()
    return codes


def key_of(browser, name="key"):
    with browser.session_transaction() as cookie:
        return cookie.get(name)


def wrong_of(person) -> str:
    right = {code_of(person, drift) for drift in (-2, -1, 0, 1, 2)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in right)


def on_page(answer) -> list[str]:
    return re.findall(r"<code>([a-z0-9-]{19})</code>", answer.text)


# Setting up


def test_daan_sets_up_an_app_by_one_code_and_gets_ten_for_on_paper(sign_in, daan):
    browser = sign_in(daan)
    assert post(browser, "/account/second-step/begin").status_code == 303
    page = browser.get("/account/second-step").text
    seed = second_step.of(daan).seed.reveal()
    assert "qr-code" in page and seed in re.search(r'qr-seed">([^<]+)', page)[1].replace(" ", "")
    assert not second_step.is_on(second_step.of(daan))
    assert post(browser, "/account/second-step", code=wrong_of(daan)).status_code == 422
    answer = post(browser, "/account/second-step", code=code_of(daan))
    codes = on_page(answer)
    assert answer.status_code == 200 and len(set(codes)) == 10
    page = browser.get("/account/second-step").text
    assert seed not in page and not any(code in page for code in codes) and "10 herstelcodes" in page
    assert db.session.scalars(sa.select(AccountEvent.deed)).all() == [Deed.STEP_ON]


def test_the_address_for_the_app_is_that_of_the_standard(daan):
    address = second_step.address(second_step.begin(daan, utc_now()), daan)
    assert address.startswith("otpauth://totp/Servicepunt") and "secret=" in address


def test_the_codes_are_those_of_the_standard(daan):
    """RFC 6238, appendix B, for SHA-1, of which six digits are left."""
    step = second_step.begin(daan, utc_now())
    step.seed = secrets.Secret.of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    for moment, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        step.last_used = 0
        db.session.flush()
        assert second_step._fits(step, code, dt.datetime.fromtimestamp(moment, dt.UTC))


def test_the_key_and_the_codes_are_not_kept_in_the_clear(papers, daan):
    step = second_step.of(daan)
    assert step.seed.reveal() not in str(vars(step)) + step.seed.sealed
    kept = str(db.session.scalars(sa.select(RecoveryCode.code_hash)).all())
    assert not any(code in kept or code.replace("-", "") in kept for code in papers)


def test_a_new_encryption_key_seals_the_keys_of_apps_too(papers, daan, app, monkeypatch, tmp_path):
    monkeypatch.setitem(app.config, "INSTANCE", tmp_path)
    step = second_step.of(daan)
    step.seed = secrets.Secret.of("GEZDGNBVGY3TQOJQ")
    db.session.commit()
    before = step.seed.sealed
    secrets.add_key()
    assert secrets.reseal() >= 1
    db.session.expire_all()
    assert step.seed.sealed != before and step.seed.reveal() == "GEZDGNBVGY3TQOJQ"


def test_who_has_the_password_elsewhere_has_no_second_step_here(sign_in, cast):
    browser = sign_in(cast.bram)
    assert "Uw gemeente bepaalt" in browser.get("/account/second-step").text
    post(browser, "/account/second-step/begin")
    assert second_step.of(cast.bram) is None


# Signing in


def test_the_code_is_asked_after_the_password_and_only_then_a_session_begins(client, daan, papers):
    answer = give(client, daan.login, target="/signin?next=/outages")
    assert answer.status_code == 302 and answer.location == "/signin/code?next=/outages"
    assert key_of(client) is None and not is_in(client)
    waiting = key_of(client, "pending")
    answer = post(client, f"{CODE}?next=/outages", code=code_of(daan))
    assert answer.location == "/outages" and is_in(client)
    assert key_of(client, "pending") is None and waiting not in key_of(client)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PendingSignIn)) == 0


def test_a_wrong_password_is_told_before_any_code_is_asked(client, daan, papers):
    give(client, daan.login)
    answer = give(client, daan.login, "verkeerd")
    assert answer.status_code == 422 and "horen niet bij elkaar" in answer.text
    assert key_of(client, "pending") is None


def test_without_a_second_step_the_password_is_enough(client, daan):
    second_step.begin(daan, utc_now())  # never confirmed
    db.session.commit()
    assert give(client, daan.login).location == "/start" and is_in(client)


@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_a_clock_may_be_half_a_minute_off(client, daan, papers, drift):
    step = second_step.of(daan)
    step.last_used = 0
    db.session.commit()
    give(client, daan.login)
    assert post(client, CODE, code=code_of(daan, drift)).status_code == 302 and is_in(client)


@pytest.mark.parametrize("drift", [-3, 3])
def test_and_no_more(client, daan, papers, drift):
    second_step.of(daan).last_used = 0
    db.session.commit()
    give(client, daan.login)
    assert post(client, CODE, code=code_of(daan, drift)).status_code == 422 and not is_in(client)


def test_a_code_is_accepted_once(client, app, daan, papers):
    code = code_of(daan)
    give(client, daan.login)
    assert post(client, CODE, code=code).status_code == 302
    other = app.test_client()
    give(other, daan.login)
    assert post(other, CODE, code=code).status_code == 422 and not is_in(other)


def test_an_older_code_is_not_accepted_after_a_newer(client, app, daan, papers):
    second_step.of(daan).last_used = 0
    db.session.commit()
    give(client, daan.login)
    post(client, CODE, code=code_of(daan, 1))
    other = app.test_client()
    give(other, daan.login)
    assert post(other, CODE, code=code_of(daan)).status_code == 422


@pytest.mark.parametrize("form", [str, str.upper, lambda code: code.replace("-", " "), lambda code: code.replace("-", "")])
def test_a_code_on_paper_is_good_once_however_it_is_typed(client, app, daan, papers, form):
    give(client, daan.login)
    assert post(client, CODE, code=form(papers[3])).status_code == 302 and is_in(client)
    other = app.test_client()
    give(other, daan.login)
    assert post(other, CODE, code=papers[3]).status_code == 422
    assert second_step.codes_left(daan) == 9
    assert Deed.CODE_USED in db.session.scalars(sa.select(AccountEvent.deed)).all()


def test_the_paper_of_another_is_worth_nothing(client, cast, daan, papers):
    els = with_password(cast.els)
    second_step.confirm(second_step.begin(els, utc_now()), els, code_of(els), utc_now())
    db.session.commit()
    give(client, els.login)
    assert post(client, CODE, code=papers[0]).status_code == 422 and second_step.codes_left(daan) == 10


@pytest.mark.parametrize("code", ["", " ", "12345", "1234567", "１２３４５６", "abcdef", "-1", "x" * 41, "٠٠٠٠٠٠"])
def test_what_is_no_code_is_refused(client, daan, papers, code):
    give(client, daan.login)
    assert post(client, CODE, code=code).status_code == 422 and not is_in(client)


def test_after_five_wrong_codes_the_password_is_asked_again(client, daan, papers):
    give(client, daan.login)
    statuses = [post(client, CODE, code=wrong_of(daan)).status_code for _ in range(5)]
    assert statuses == [422] * 4 + [302]
    assert post(client, CODE, code=code_of(daan)).location.startswith("/signin") and not is_in(client)


def test_who_knows_the_password_does_not_guess_the_code(client, app, daan, papers):
    """Passwords and codes count together: ten in a quarter of an hour from one address."""
    tries = 0
    for _ in range(4):
        browser = app.test_client()
        if give(browser, daan.login).status_code == 429:
            break
        for _ in range(pending.MOST_FAILURES):
            tries += post(browser, CODE, code=wrong_of(daan)).status_code in (302, 422)
    assert tries < attempts.PER_NAME_AND_ADDRESS
    assert give(client, daan.login, address="203.0.113.4").status_code == 302


def test_after_a_hundred_wrong_codes_only_paper_helps_until_the_password_is_new(client, app, daan, papers):
    daan.email = "daan@example.org"
    second_step.of(daan).failures = second_step.MOST_FAILURES
    db.session.commit()
    give(client, daan.login)
    assert post(client, CODE, code=code_of(daan)).status_code == 422
    path = ask_link(client, daan.login, daan)
    assert post(client, path, password=NEW, again=NEW).status_code == 303
    give(client, daan.login, NEW)
    assert not is_in(client)
    assert post(client, CODE, code=code_of(daan)).status_code == 302 and is_in(client)


@pytest.mark.parametrize("how", ["late", "gone", "inactive", "none", "planted"])
def test_who_waits_too_long_or_was_never_there_begins_again(client, daan, papers, how):
    give(client, daan.login)
    if how == "late":
        db.session.scalars(sa.select(PendingSignIn)).one().made_at = utc_now() - pending.LIFE
    elif how == "gone":
        db.session.execute(sa.delete(PendingSignIn))
    elif how == "inactive":
        daan.is_active = False
    with client.session_transaction() as cookie:
        if how == "none":
            cookie.clear()
        if how == "planted":
            cookie["pending"] = "x"
    db.session.commit()
    for answer in (client.get(CODE), post(client, CODE, code=code_of(daan))):
        assert answer.status_code == 302 and answer.location.startswith("/signin?") or answer.location == "/signin"
    assert not is_in(client)


def test_only_the_hash_of_the_waiting_is_kept(client, daan, papers):
    give(client, daan.login)
    rows = [vars(row) for row in db.session.scalars(sa.select(PendingSignIn))]
    assert len(rows) == 1 and key_of(client, "pending") not in str(rows)


def test_a_new_password_by_mail_does_not_get_round_the_code(client, daan, papers):
    daan.email = "daan@example.org"
    path = ask_link(client, daan.login, daan)
    post(client, path, password=NEW, again=NEW)
    assert give(client, daan.login, NEW).location.startswith(CODE) and not is_in(client)


# Where it must


@pytest.fixture
def required(app, monkeypatch):
    monkeypatch.setitem(app.config, "SECOND_STEP_ROLES", frozenset({Role.AGENT}))


def test_where_the_role_must_have_one_signing_in_leads_to_setting_it_up(client, daan, required):
    assert give(client, daan.login).location.startswith(CODE)
    page = client.get(CODE).text
    assert "Stel de tweede stap in" in page and "qr-code" in page
    assert not is_in(client)
    answer = post(client, CODE, code=code_of(daan))
    assert len(on_page(answer)) == 10 and 'href="/start"' in answer.text and is_in(client)
    assert second_step.is_on(second_step.of(daan))


def test_the_key_of_an_app_is_shown_before_its_first_code_only(client, daan, papers, required):
    give(client, daan.login)
    page = client.get(CODE).text
    assert "qr-code" not in page and second_step.of(daan).seed.reveal() not in page.replace(" ", "")


def test_who_must_have_one_does_not_turn_it_off(sign_in, daan, papers, required):
    browser = sign_in(daan)
    form = {"off-password": PASSWORD, "off-code": code_of(daan)}
    assert post(browser, "/account/second-step/off", **form).status_code == 422
    assert second_step.is_on(second_step.of(daan))


def test_other_roles_are_not_asked(client, cast, required):
    els = with_password(cast.els)
    assert give(client, els.login).location == "/start"


def test_a_role_that_does_not_exist_is_told_at_the_start(monkeypatch):
    monkeypatch.setenv("SERVICEDESK_SECOND_STEP", "agent administrator")
    assert settings()["SECOND_STEP_ROLES"] == {Role.AGENT, Role.ADMINISTRATOR}
    monkeypatch.setenv("SERVICEDESK_SECOND_STEP", "admin")
    with pytest.raises(ValueError, match="SERVICEDESK_SECOND_STEP"):
        settings()


# Taking it away


@pytest.mark.parametrize(
    ("password", "code", "is_done"),
    [(PASSWORD, "right", True), ("verkeerd", "right", False), (PASSWORD, "wrong", False), ("", "", False)],
)
@pytest.mark.parametrize("deed", ["off", "codes"])
def test_turning_off_and_new_codes_take_password_and_code(sign_in, daan, papers, deed, password, code, is_done):
    browser = sign_in(daan)
    given = {"right": code_of(daan), "wrong": wrong_of(daan), "": ""}[code]
    form = {f"{deed}-password": password, f"{deed}-code": given}
    answer = post(browser, f"/account/second-step/{deed}", **form)
    assert answer.status_code == {("off", True): 303, ("codes", True): 200}.get((deed, is_done), 422)
    step = second_step.of(daan)
    if deed == "off":
        assert second_step.is_on(step) is not is_done
        left = db.session.scalar(sa.select(sa.func.count()).select_from(RecoveryCode))
        assert left == (0 if is_done else 10)
    else:
        assert bool(on_page(answer)) is is_done
        old_ones = second_step.accepts(step, daan, papers[0], utc_now())
        assert old_ones is not is_done


def test_who_took_over_a_browser_guesses_neither(sign_in, daan, papers):
    browser = sign_in(daan)
    form = {"off-password": "gok", "off-code": "123456"}
    statuses = [post(browser, "/account/second-step/off", **form).status_code for _ in range(11)]
    assert statuses[-1] == 429 and set(statuses[:-1]) == {422}
    assert db.session.get(SecondStep, daan.id)
