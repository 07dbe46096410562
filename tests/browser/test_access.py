"""Who may what: a review from its start to the sign-off, and looking with the eyes of somebody else."""

import re

from playwright.sync_api import expect

from tests.browser.test_accessibility import violations


def test_a_review_from_start_to_sign_off(visit, script):
    page = visit("ada", script)
    page.goto("/access/reviews")
    page.get_by_label("Van wie").select_option(label="Duinwijk" if script else "Veenakker")
    page.get_by_label("Ritme").select_option(label="Elk jaar")
    page.get_by_role("button", name="Beginnen").click()
    expect(page.get_by_text("De controle is begonnen.")).to_be_visible()

    # By keyboard: tick the first, choose, and hear that a reason is needed.
    first = page.get_by_role("checkbox").first
    name = first.get_attribute("aria-label")
    first.press("Space")
    page.get_by_label("Toegang stoppen").press("Space")
    page.get_by_role("button", name="Besluit vastleggen").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Vul in waarom u iets wegneemt.")
    expect(page.get_by_role("checkbox", name=name)).to_be_checked()
    assert not script or violations(page) == []
    page.get_by_label("Waarom").fill("Uit dienst")
    page.get_by_role("button", name="Besluit vastleggen").press("Enter")
    expect(page.get_by_text("1 besluit is vastgelegd.")).to_be_visible()

    page.get_by_role("link", name="Vink deze pagina aan").press("Enter")
    page.get_by_label("Behouden", exact=True).press("Space")
    page.get_by_role("button", name="Besluit vastleggen").press("Enter")
    expect(page.get_by_text(re.compile(r"\d+ besluiten zijn vastgelegd\."))).to_be_visible()
    page.get_by_role("button", name="Aftekenen als Ada de Vries").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Verslag van de controle")
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Toegang gestopt, sessies beëindigd")
    page.goto(f"/access?q={name}")
    expect(page.get_by_text("Niemand gevonden")).to_be_visible()


def test_ada_looks_with_the_eyes_of_sanne_and_stops(visit, script):
    page = visit("ada", script)
    page.goto("/access?q=sanne")
    page.get_by_role("link", name="Sanne de Bruin").click()
    page.get_by_label("Waarom kijkt u mee?").fill("Zij belde over haar melding")
    page.get_by_role("button", name="Meekijken als Sanne de Bruin").click()
    banner = page.locator("aside.viewing")
    expect(banner).to_contain_text("U kijkt mee als Sanne de Bruin")
    for path in ("/my/tickets", "/my/report", "/visits", "/niet-hier"):
        page.goto(path)
        expect(banner).to_be_visible()
    page.goto("/my/tickets")
    for width, scheme in ((1400, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        assert not script or violations(page) == []
    page.goto("/account/sessions")
    expect(page.get_by_text("Zij belde over haar melding").first).to_be_visible()
    banner.get_by_role("button", name="Stoppen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sanne de Bruin")
    expect(banner).to_have_count(0)
    expect(page.get_by_text("Zij belde over haar melding").first).to_be_visible()
