"""Coming in, staying, choosing how it looks, and leaving."""

import pytest
from playwright.sync_api import expect

from tests.browser.site import sign_in
from tests.browser.test_accessibility import violations

# Lotte and Tessa play in no other test: their choices and sessions are their own.


def test_lotte_signs_in_and_out(visit, script):
    page = visit(None, script)
    page.goto("/desk?view=mine")
    expect(page.get_by_role("heading", name="Inloggen", exact=True)).to_be_visible()
    sign_in(page, "lotte")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Lotte")
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="Afmelden").click()
    expect(page.get_by_text("U bent uitgelogd.")).to_be_visible()
    page.goto("/desk")
    expect(page.get_by_role("heading", name="Inloggen", exact=True)).to_be_visible()


def test_a_wrong_password_is_told_without_saying_who_exists(visit, script):
    told = []
    for login in ("tessa", "niemand"):
        page = visit(None, script)
        page.goto("/signin")
        page.get_by_label("Gebruikersnaam").fill(login)
        page.get_by_label("Wachtwoord").fill("verkeerd wachtwoord")
        page.get_by_role("button", name="Inloggen").click()
        told.append(page.get_by_role("alert").inner_text())
    assert told[0] == told[1] and "Inloggen is niet gelukt" in told[0]


def test_an_idle_session_asks_before_it_ends(visit):
    page = visit("daan")
    page.clock.install()
    page.goto("/desk")
    dialog = page.get_by_role("dialog", name="Bent u er nog?")
    page.clock.fast_forward("27:55")
    expect(dialog).to_be_hidden()
    page.clock.fast_forward("00:10")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    with page.expect_response("**/signin/keepalive") as answer:
        dialog.get_by_role("button", name="Blijf aangemeld").click()
    assert answer.value.status == 204
    expect(dialog).to_be_hidden()
    page.clock.fast_forward("28:05")
    expect(dialog).to_be_visible()


@pytest.mark.parametrize(
    "language, tag, heading",
    [
        ("English", "en", "Queue"),
        ("Frysk", "fy", "Wurkfoarrie"),
        ("Nederlands", "nl", "Werkvoorraad"),
    ],
)
def test_the_language_is_a_choice_that_stays(visit, language, tag, heading):
    page = visit("tessa", script=False)
    page.goto("/desk")
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name=language).click()
    assert page.locator("html").get_attribute("lang") == tag
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.goto("/desk?view=all")
    assert page.locator("html").get_attribute("lang") == tag


def test_light_or_dark_is_a_choice_that_stays(visit):
    page = visit("daan", color_scheme="light")
    page.goto("/desk")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(background)
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="Licht of donker").click()
    dark = page.evaluate(background)
    assert dark != light
    page.reload()
    assert page.evaluate(background) == dark
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_session_elsewhere_is_ended(visit):
    elsewhere = visit(None)
    sign_in(elsewhere, "lotte")
    page = visit(None, script=False)
    sign_in(page, "lotte")
    page.goto("/account/sessions")
    page.get_by_role("button", name="Beëindig alle andere").click()
    elsewhere.goto("/desk")
    expect(elsewhere.get_by_role("heading", name="Inloggen", exact=True)).to_be_visible()
