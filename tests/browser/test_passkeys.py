"""Passkeys in Chromium, with its own virtual authenticator: made, used in both ways, and removed."""

import re

import pytest
from playwright.sync_api import expect

from cmdb.permissions import Role
from servicedesk.demo.organisation import PASSWORD
from servicedesk.signin import passkeys
from servicedesk.signin.passwords import set_password
from tests.browser.site import person
from tests.browser.test_accessibility import violations
from tests.browser.test_accounts import fill_in
from tests.makers import make_person


@pytest.fixture
def mees(site):
    """Somebody of the desk who plays in no other test."""
    with site.database():
        one = make_person("Mees Visser", role=Role.AGENT)
        one.login, one.email = f"mees{one.id}", "mees@example.org"
        set_password(one, PASSWORD)
        login = one.login
    yield login
    with site.database():
        for each in passkeys.of(person(login)):
            passkeys.remove(each, each.person, each.created_at)


@pytest.fixture
def go(site):
    """`go(page, "/signin")` leads to a page of the site under its name."""
    with site.by_name() as url:
        yield lambda page, path: page.goto(url + path)


class Finger:
    """A device that keeps passkeys; `lies_on` is whether its holder gives a finger."""

    def __init__(self, page):
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        added = self._devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._device = {"authenticatorId": added["authenticatorId"]}

    def keys(self) -> list[dict]:
        return self._devtools.send("WebAuthn.getCredentials", self._device)["credentials"]

    def lies_on(self, is_there: bool) -> None:
        self._devtools.send("WebAuthn.setUserVerified", self._device | {"isUserVerified": is_there})

    def count(self, number: int) -> None:
        """Let the passkey count on from `number`, as a copy would."""
        (key,) = self.keys()
        self._devtools.send("WebAuthn.removeCredential", self._device | {"credentialId": key["credentialId"]})
        self._devtools.send(
            "WebAuthn.addCredential", self._device | {"credential": key | {"signCount": number}}
        )


def sign_out(page, go):
    go(page, "/start")
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="Afmelden").click()
    expect(page.get_by_text("U bent uitgelogd.")).to_be_visible()


def test_a_passkey_is_made_used_in_both_ways_stopped_and_removed(go, visit, mees):
    page = visit(None)
    finger = Finger(page)
    go(page, "/signin")
    fill_in(page, mees)
    page.wait_for_url("**/start")
    go(page, "/account/second-step")
    assert violations(page) == []
    page.get_by_role("link", name="Passkey toevoegen").click()
    assert violations(page) == []
    page.get_by_label("Uw wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Verder").click()
    expect(page.get_by_role("heading", name="Geef de passkey een naam")).to_be_visible()
    expect(page.get_by_label("Naam")).to_have_value("Chrome, Linux")
    assert violations(page) == []
    page.get_by_label("Naam").fill("Werklaptop")
    finger.lies_on(False)
    page.get_by_role("button", name="Maak de passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Uw browser gaf geen passkey.")
    finger.lies_on(True)
    page.get_by_role("button", name="Maak de passkey").click()
    expect(page.get_by_role("heading", name="Uw herstelcodes")).to_be_visible()
    paper = page.locator(".paper-codes code").all_inner_texts()
    assert len(paper) == 10 and len(finger.keys()) == 1
    assert finger.keys()[0]["rpId"] == "localhost" and finger.keys()[0]["isResidentCredential"]
    page.get_by_role("link", name="Ik heb ze bewaard. Verder").click()
    expect(page.get_by_role("link", name="Werklaptop")).to_be_visible()
    assert violations(page) == []

    sign_out(page, go)
    go(page, "/signin?next=/outages")
    page.get_by_role("button", name="Inloggen met een passkey").click()
    page.wait_for_url(re.compile(r":\d+/outages$"))

    sign_out(page, go)
    go(page, "/signin?next=/outages")
    fill_in(page, mees)
    expect(page.get_by_role("heading", name="Gebruik uw passkey")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Gebruik uw passkey").click()
    page.wait_for_url(re.compile(r":\d+/outages$"))

    sign_out(page, go)
    finger.count(0)
    go(page, "/signin")
    page.get_by_role("button", name="Inloggen met een passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Inloggen met een passkey is niet gelukt.")
    fill_in(page, mees)
    page.get_by_role("textbox", name="Code").fill(paper[0])
    page.get_by_role("button", name="Inloggen", exact=True).click()
    page.wait_for_url("**/start")

    go(page, "/account/second-step")
    expect(page.get_by_text("gestopt")).to_be_visible()
    page.get_by_role("link", name="Werklaptop").click()
    assert violations(page) == []
    page.get_by_label("Uw wachtwoord").fill(PASSWORD)
    page.get_by_role("textbox", name="Code").fill(paper[1])
    page.get_by_role("button", name="Verwijder").click()
    expect(page.get_by_text("De passkey Werklaptop is verwijderd.")).to_be_visible()
    expect(page.get_by_role("link", name="Werklaptop")).to_have_count(0)


def add(page, go, mees):
    """Sign in as Mees and make a passkey, up to the page with the codes."""
    go(page, "/signin")
    fill_in(page, mees)
    page.wait_for_url("**/start")
    go(page, "/account/passkeys/new")
    page.get_by_label("Uw wachtwoord").fill(PASSWORD)
    page.get_by_role("button", name="Verder").click()
    page.get_by_role("button", name="Maak de passkey").click()
    expect(page.get_by_role("heading", name="Uw herstelcodes")).to_be_visible()


def test_one_confirms_with_a_passkey(go, visit, mees):
    page = visit(None)
    Finger(page)
    add(page, go, mees)
    page.get_by_role("link", name="Ik heb ze bewaard. Verder").click()
    page.get_by_text("Nieuwe herstelcodes maken").click()
    form = page.locator("details[open]")
    form.get_by_role("button", name="Bevestig met een passkey").click()
    expect(page.get_by_role("heading", name="Uw herstelcodes")).to_be_visible()


def test_without_a_script_the_pages_say_so_and_offer_the_other_way(go, visit, mees):
    page, other = visit(None), visit(None, script=False)
    Finger(page)
    add(page, go, mees)
    paper = page.locator(".paper-codes code").all_inner_texts()
    needs = re.compile("Een passkey werkt alleen met JavaScript")
    go(other, "/signin")
    expect(other.get_by_text(needs)).to_contain_text("Log in met uw naam en wachtwoord.")
    expect(other.get_by_role("button", name="Inloggen met een passkey")).to_have_count(0)
    fill_in(other, mees)
    expect(other.get_by_text(needs)).to_contain_text("Typ hieronder een code.")
    other.get_by_role("textbox", name="Code").fill(paper[0])
    other.get_by_role("button", name="Inloggen").click()
    other.wait_for_url("**/start")
    go(other, "/account/passkeys/new")
    expect(other.get_by_text(needs).first).to_be_visible()
