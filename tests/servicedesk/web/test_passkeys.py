"""Passkeys: made with proof, named, and taken away."""

import re
import subprocess
import sys

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.permissions import Role
from servicedesk.reviews import evidence
from servicedesk.signin import passkeys, second_step, webauthn
from servicedesk.signin.account_models import Deed, RecoveryCode, SecondStep
from tests.authenticator import ELIGIBLE, PRESENT, VERIFIED, Authenticator
from tests.servicedesk.web.accounts import HOME, PASSWORD, code_of, give, mails, post, with_password
from tests.servicedesk.web.enrolled import ASK, asked, by, deeds, enrol, only, question_on


@pytest.fixture
def daan(cast):
    cast.daan.email = "daan@example.org"
    return with_password(cast.daan)


@pytest.fixture
def els(cast):
    return with_password(cast.els)


# Making one


def test_daan_adds_a_passkey_with_his_password_and_gets_codes_for_on_paper(sign_in, daan):
    browser, key = sign_in(daan), Authenticator(flags=PRESENT | VERIFIED | ELIGIBLE)
    assert "Laat eerst zien dat u het bent" in browser.get("/account/passkeys/new").text
    page = post(browser, "/account/passkeys/new", **{"proof-password": PASSWORD})
    question = question_on(page)
    assert question["rp"]["id"] == "localhost" and question["attestation"] == "none"
    assert question["authenticatorSelection"]["residentKey"] == "required"
    assert question["authenticatorSelection"]["userVerification"] == "required"
    assert [each["alg"] for each in question["pubKeyCredParams"]] == [-7, -8, -257]
    answer = post(browser, "/account/passkeys", name=" Mijn  laptop ", credential=key.make(question))
    codes = re.findall(r"<code>([a-z0-9-]{19})</code>", answer.text)
    assert answer.status_code == 200 and len(codes) == 10 and second_step.is_asked(daan)
    kept = only()
    assert (kept.name, kept.transports, kept.is_backup_eligible) == ("Mijn laptop", "hybrid internal", True)
    assert kept.used_at is None and kept.stopped_at is None
    assert deeds() == [Deed.PASSKEY_ADDED]
    assert "Mijn laptop" in mails(daan)[-1].body
    assert "Mijn laptop" in browser.get("/account/second-step").text


def test_so_does_anna_of_a_municipality_who_has_a_local_account(sign_in, client, cast):
    anna, key = with_password(cast.anna), Authenticator()
    browser = sign_in(anna)
    question = question_on(post(browser, "/account/passkeys/new", **{"proof-password": PASSWORD}))
    assert post(browser, "/account/passkeys", name="Telefoon", credential=key.make(question)).status_code == 200
    assert "Telefoon" in browser.get("/account/second-step").text
    assert by(client, key).location == "/my/tickets"
    path, form = f"/account/passkeys/{only().id}/remove", {"proof-credential": key.sign(asked(browser))}
    assert post(browser, path, **form).status_code == 303 and not passkeys.of(anna)


def test_what_devices_call_the_account_tells_nothing_and_stays_the_same(daan, els, app, monkeypatch):
    first = enrol(daan)
    monkeypatch.setitem(app.config, "SECRET_KEY", "another secret key of the site")
    second = enrol(daan, "Telefoon")
    assert first.user_handle == second.user_handle != enrol(els).user_handle
    assert len(first.user_handle) == 32 and str(daan.id).encode() not in first.user_handle
    assert second.papers == [] and len(first.papers) == 10


def test_a_device_that_has_one_makes_no_second(daan):
    key = enrol(daan)
    _challenge, question = passkeys.begin(daan, HOME, utc_now())
    known = question["excludeCredentials"]
    assert [each["id"] for each in known] == [only().credential_id]
    assert known[0]["transports"] == ["hybrid", "internal"]
    challenge, question = passkeys.begin(daan, HOME, utc_now())
    with pytest.raises(passkeys.Refused, match="there already"):
        passkeys.add(daan, challenge, key.make(question), "Nog eens", utc_now())


@pytest.mark.parametrize(
    ("password", "code", "status"),
    [(PASSWORD, "right", 200), (PASSWORD, "", 422), (PASSWORD, "000000", 422), ("verkeerd", "right", 422)],
)
def test_who_has_an_app_gives_its_code_too(sign_in, daan, password, code, status):
    second_step.confirm(second_step.begin(daan, utc_now()), daan, code_of(daan, -1), utc_now())
    db.session.commit()
    form = {"proof-password": password, "proof-code": code_of(daan) if code == "right" else code}
    answer = post(sign_in(daan), "/account/passkeys/new", **form)
    assert answer.status_code == status and ("data-question" in answer.text) is (status == 200)


def test_a_borrowed_browser_adds_no_passkey(sign_in, daan):
    browser = sign_in(daan)
    statuses = [post(browser, "/account/passkeys/new", **{"proof-password": "gok"}).status_code for _ in range(11)]
    assert set(statuses[:-1]) == {422} and statuses[-1] == 429
    answer = post(browser, "/account/passkeys", name="Dief", credential=Authenticator().make(
        {"challenge": "x" * 43, "user": {"id": "eA"}}
    ))  # fmt: skip
    assert answer.status_code == 422 and not passkeys.of(daan)


def test_a_challenge_to_prove_oneself_adds_nothing(sign_in, daan):
    browser = sign_in(daan)
    question = asked(browser) | {"user": {"id": "eA"}}
    answer = post(browser, "/account/passkeys", name="Dief", credential=Authenticator().make(question))
    assert answer.status_code == 422 and not passkeys.of(daan)


def test_there_are_ten_at_most(daan):
    for number in range(passkeys.MOST):
        enrol(daan, f"Sleutel {number}")
    with pytest.raises(passkeys.Refused, match="no \\(more\\) passkeys"):
        passkeys.begin(daan, HOME, utc_now())


def test_who_has_the_password_elsewhere_has_no_passkey_here(sign_in, cast):
    browser = sign_in(cast.bram)
    assert browser.get("/account/passkeys/new").status_code == 303
    with pytest.raises(passkeys.Refused):
        passkeys.begin(cast.bram, HOME, utc_now())


@pytest.mark.parametrize(
    ("url", "name", "origin"),
    [
        ("https://desk.example.org", "desk.example.org", "https://desk.example.org"),
        ("https://Desk.example.org:443/x", "desk.example.org", "https://desk.example.org"),
        ("https://desk.example.org:8443", "desk.example.org", "https://desk.example.org:8443"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://desk.example.org", None, None), ("http://127.0.0.1:8000", None, None),
        ("https://192.0.2.7", None, None), ("https://[2001:db8::1]", None, None),
    ],
)  # fmt: skip
def test_for_whom_they_are_made_stands_in_the_configuration(app, monkeypatch, url, name, origin):
    monkeypatch.setitem(app.config, "SITE_URL", url)
    assert webauthn.site() == (name and (name, origin))


def test_at_an_address_without_a_name_the_pages_say_that_it_cannot(app, monkeypatch, sign_in, client, daan):
    enrol(daan)
    monkeypatch.setitem(app.config, "SITE_URL", "http://127.0.0.1:8000")
    assert post(client, ASK).status_code == 404
    assert "passkey" not in client.get("/signin").text
    page = sign_in(daan).get("/account/second-step").text
    assert "Passkeys werken alleen als deze site een naam heeft" in page and "/account/passkeys/new" not in page


# Naming and taking away


def test_a_passkey_gets_another_name(sign_in, daan):
    enrol(daan)
    browser, path = sign_in(daan), f"/account/passkeys/{only().id}"
    assert post(browser, path, name=" ").status_code == 422
    assert post(browser, path, name="Sleutelbos").status_code == 303
    assert only().name == "Sleutelbos" and "Sleutelbos" in browser.get(path).text


def test_nobody_sees_or_changes_the_passkey_of_another(sign_in, daan, els):
    enrol(daan)
    browser, path = sign_in(els), f"/account/passkeys/{only().id}"
    form = {"proof-password": PASSWORD}
    assert browser.get(path).status_code == 404
    assert post(browser, path, name="x").status_code == post(browser, f"{path}/remove", **form).status_code == 404


@pytest.mark.parametrize("how", ["passkey", "paper"])
def test_the_last_passkey_takes_the_second_step_with_it(sign_in, daan, how):
    key, browser = enrol(daan), sign_in(daan)
    path = f"/account/passkeys/{only().id}/remove"
    assert post(browser, path, **{"proof-password": PASSWORD}).status_code == 422
    form = {"proof-password": PASSWORD, "proof-code": key.papers[0]}
    if how == "passkey":
        form = {"proof-credential": key.sign(asked(browser))}
    assert post(browser, path, **form).status_code == 303
    assert not second_step.is_asked(daan)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RecoveryCode)) == 0
    assert deeds()[-2:] == [Deed.PASSKEY_REMOVED, Deed.STEP_OFF]


def test_with_an_app_beside_it_the_rest_stays(sign_in, daan):
    second_step.confirm(second_step.begin(daan, utc_now()), daan, code_of(daan), utc_now())
    key, browser = enrol(daan), sign_in(daan)
    form = {"proof-credential": key.sign(asked(browser))}
    assert post(browser, f"/account/passkeys/{only().id}/remove", **form).status_code == 303
    assert second_step.is_asked(daan) and second_step.codes_left(daan) == 10


def test_who_must_have_a_second_step_keeps_the_last(sign_in, daan, app, monkeypatch):
    monkeypatch.setitem(app.config, "SECOND_STEP_ROLES", frozenset({Role.AGENT}))
    key, browser = enrol(daan), sign_in(daan)
    for path, name in ((f"/account/passkeys/{only().id}/remove", "proof"), ("/account/second-step/off", "off")):
        answer = post(browser, path, **{f"{name}-credential": key.sign(asked(browser))})
        assert answer.status_code == 422 and "Bij uw rol hoort" in answer.text
    assert passkeys.of(daan)


def test_turning_the_second_step_off_forgets_passkeys_too(sign_in, daan):
    key, browser = enrol(daan), sign_in(daan)
    form = {"off-credential": key.sign(asked(browser))}
    assert post(browser, "/account/second-step/off", **form).status_code == 303
    assert not passkeys.of(daan) and not second_step.is_asked(daan)


def test_an_administrator_wipes_the_passkeys_of_who_lost_them(sign_in, cast, daan, client):
    key, ada = enrol(daan, "<b>Laptop</b>"), sign_in(cast.ada)
    page = ada.get(f"/people/{daan.id}").text
    assert "1 passkey" in page and "Passkey toegevoegd: &lt;b&gt;Laptop" in page
    assert re.search(r"Daan.*?<td>Ja</td>", ada.get("/people?q=daan").text, re.S)
    assert post(ada, f"/people/{daan.id}/second-step").status_code == 303
    assert not passkeys.of(daan) and deeds()[-1] == Deed.STEP_RESET
    assert by(client, key).status_code == 422
    assert give(client, daan.login).location == "/start"


def test_the_proof_for_an_auditor_counts_a_passkey_and_an_app_as_one(app, daan, els):
    enrol(daan)
    enrol(els)
    second_step.confirm(second_step.begin(els, utc_now()), els, code_of(els), utc_now())
    db.session.commit()
    rows = {row[0].value: [cell.value for cell in row[1:]] for row in evidence._second_steps().rows}
    assert rows["Behandelaar"][-1] == 1 and rows["Manager centrum"][-1] == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SecondStep)) == 1


@pytest.mark.no_database
def test_pages_do_not_load_the_library():
    """It would make each web process larger by 3 MB, and few requests need it."""
    told = "import sys, servicedesk.app, servicedesk.web.passkeys; print('fido2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True).stdout == "False\n"
