"""Sanne reports, asks, answers and accepts: with scripts, and the same without."""

from pathlib import Path

from playwright.sync_api import Page, expect

from cmdb.database import utc_now
from servicedesk.tickets import actions
from tests.browser.site import Site, person, ticket

BSN = "111222333"
FILE = {
    "name": "schermafdruk.png",
    "mimeType": "image/png",
    "buffer": b"\x89PNG\r\n\x1a\n" + bytes(40),
}


def fill_in(page: Page, title: str, body: str = "Het scherm blijft zwart.") -> None:
    page.get_by_text("Werkplek", exact=True).click()
    page.get_by_label("Korte titel").fill(title)
    page.get_by_label("Wat gebeurt er?").fill(body)
    page.get_by_text("Alleen ik", exact=True).click()
    page.get_by_text("Met moeite", exact=True).click()


def solved(site: Site) -> str:
    """The number of a ticket of Sanne for which Daan has a solution."""
    number = site.file("sanne")
    with site.database():
        actions.resolve(ticket(number), "De printer staat weer aan.", person("daan"), utc_now())
    return number


def test_sanne_reports_what_is_broken(visit, script):
    page = visit("sanne", script)
    page.goto("/my/tickets")
    page.get_by_role("link", name="Meld een storing").click()
    expect(page.get_by_label("Telefoonnummer")).not_to_have_value("")
    expect(page.get_by_label("Locatie", exact=True)).not_to_have_value("")
    fill_in(page, "Beeldscherm is zwart")
    page.get_by_label("Schermafdruk of bestand").set_input_files([FILE])
    page.get_by_role("button", name="Melding versturen").click()

    expect(page.get_by_role("status")).to_contain_text("Het nummer is M")
    expect(page.get_by_role("heading", name="Beeldscherm is zwart")).to_be_visible()
    promise = page.get_by_role("region", name="Stand van zaken")
    expect(promise).to_contain_text("vóór")
    with page.expect_download() as download:
        page.get_by_role("link", name="schermafdruk.png").click()
    assert Path(download.value.path()).read_bytes() == FILE["buffer"]


def test_a_report_without_answers_comes_back_with_what_was_typed(visit, script):
    page = visit("sanne", script)
    page.goto("/my/report")
    page.get_by_label("Korte titel").fill("Alleen een titel")
    page.get_by_role("button", name="Melding versturen").click()
    errors = page.get_by_role("alert")
    expect(errors).to_contain_text("Beschrijf wat er gebeurt")
    expect(page.get_by_label("Korte titel")).to_have_value("Alleen een titel")
    errors.get_by_role("link", name="Beschrijf wat er gebeurt").click()
    assert page.url.endswith("#body")


def test_the_expectation_follows_the_answers(visit):
    page = visit("sanne")
    page.goto("/my/report")
    card = page.locator("#expectation")
    expect(card).to_contain_text("Kies hoeveel mensen")
    page.get_by_text("Alleen ik", exact=True).click()
    page.get_by_role("group", name="Kunt u doorwerken?").get_by_text("Ja", exact=True).click()
    expect(card).to_contain_text("Laag")
    page.get_by_text("Inwoners merken het", exact=True).click()
    page.get_by_text("Nee", exact=True).click()
    expect(card).to_contain_text("Kritiek")
    expect(card).to_contain_text("Eerste reactie")


def test_sanne_asks_for_something_new(visit, script):
    page = visit("sanne", script)
    page.goto("/my/report")
    page.get_by_role("link", name="Doe een aanvraag").click()
    page.get_by_text("Werkplek", exact=True).click()
    page.get_by_label("Korte titel").fill("Extra beeldscherm")
    page.get_by_label("Wat hebt u nodig?").fill("Een tweede beeldscherm op mijn bureau.")
    page.get_by_text("Graag snel", exact=True).click()
    page.get_by_role("button", name="Aanvraag versturen").click()
    expect(page.get_by_role("heading", name="Extra beeldscherm")).to_be_visible()


def test_an_outage_that_is_known_needs_no_report(visit):
    page = visit("mia")
    page.goto("/my/report")
    page.get_by_label("Korte titel").fill("Halverwege getypt")
    page.get_by_label("Welk apparaat of welke applicatie?").select_option(label="Zaaksysteem")
    known = page.locator("#outage")
    expect(known).to_contain_text("Bekende storing in Zaaksysteem")
    known.get_by_role("button", name="Ik heb hier ook last van").click()
    expect(known).to_contain_text("U staat op de lijst")
    expect(page.get_by_label("Korte titel")).to_have_value("Halverwege getypt")


def test_an_outage_is_joined_without_scripts(visit):
    page = visit("carla", script=False)
    page.goto("/my/report?item=APP-0031")
    page.get_by_label("Korte titel").fill("Halverwege getypt")
    page.get_by_role("button", name="Ik heb hier ook last van").click()
    expect(page.locator("#outage")).to_contain_text("U staat op de lijst")
    expect(page.get_by_label("Korte titel")).to_have_value("Halverwege getypt")


def test_a_burgerservicenummer_is_asked_about_first(visit, script):
    page = visit("sanne", script)
    page.goto("/my/report")
    fill_in(page, "Dossier opent niet", f"Het dossier van {BSN} blijft leeg.")
    page.get_by_role("button", name="Melding versturen").click()
    expect(page.get_by_role("alert")).to_contain_text("burgerservicenummer")
    page.get_by_role("button", name="Nummer weghalen en versturen").click()
    expect(page.get_by_role("heading", name="Dossier opent niet")).to_be_visible()
    assert BSN not in page.content()


def test_sanne_answers(visit, site, script):
    page = visit("sanne", script)
    page.goto(f"/my/tickets/{site.file('sanne')}")
    page.get_by_label("Uw bericht").fill("Het gebeurt alleen op maandag.")
    page.get_by_role("button", name="Versturen").click()
    expect(page.get_by_role("status")).to_contain_text("verstuurd")
    expect(
        page.get_by_role("listitem").filter(has_text="Het gebeurt alleen op maandag.")
    ).to_be_visible()


def test_sanne_accepts_the_solution(visit, site, script):
    page = visit("sanne", script)
    page.goto(f"/my/tickets/{solved(site)}")
    assert page.title().startswith("Opgelost?")
    page.get_by_role("button", name="Ja, het werkt").click()
    expect(page.get_by_role("status")).to_contain_text("gesloten")
    expect(page.get_by_role("button", name="Ja, het werkt")).to_have_count(0)


def test_sanne_reopens_what_does_not_work(visit, site, script):
    page = visit("sanne", script)
    page.goto(f"/my/tickets/{solved(site)}")
    page.get_by_text("Nee, heropenen").click()
    page.get_by_label("Wat gaat er nog mis?").fill("Nu is het papier op.")
    page.get_by_role("button", name="Melding heropenen").click()
    expect(page.get_by_role("status")).to_contain_text("heropend")


def test_carla_does_not_see_what_sanne_filed(visit, site):
    assert visit("carla").goto(f"/my/tickets/{site.file('sanne')}").status == 404
