"""Daan works the queue: with scripts, and the same without."""

import re

import pytest
from playwright.sync_api import Page, expect

from cmdb.database import utc_now
from servicedesk.tickets import actions
from sla.priority import Impact, Urgency
from tests.browser.site import Site, person, ticket

QUEUE = "/desk?view=all"


@pytest.fixture
def number(site) -> str:
    """A new ticket of Sanne, in no colleague's hands."""
    return site.file("sanne", title="Laptop start niet op")


def open_beside(page: Page, number: str) -> None:
    """Open the ticket beside the list in which it is the only one."""
    page.goto(f"{QUEUE}&q={number}")
    page.locator(".row-link").click()
    expect(page.get_by_role("heading", name="Laptop start niet op")).to_be_visible()


def panel(page: Page, label: str):
    """Open the form behind a button of the ticket."""
    form = page.locator("details.panel").filter(has=page.locator("summary", has_text=label))
    form.locator("summary").click()
    return form


def raise_priority(site: Site, number: str) -> None:
    """What Femke does in the meantime."""
    with site.database():
        actions.change_priority(
            ticket(number),
            Impact.PUBLIC,
            Urgency.HIGH,
            "De balie staat stil.",
            person("femke"),
            utc_now(),
        )


def test_the_ticket_opens_beside_the_list(visit):
    page = visit("daan")
    page.goto(QUEUE)
    rows = page.locator(".row-link")
    first, second = rows.nth(0), rows.nth(1)
    listed = page.locator(".list").evaluate_handle("each => each")
    first.click()
    expect(page.locator("#ticket-title")).to_have_text(first.inner_text())
    expect(page.locator("#ticket-title")).to_be_focused()
    expect(page).to_have_url(re.compile(r"ticket=M"))
    second.click()
    expect(page.locator("#ticket-title")).to_have_text(second.inner_text())
    expect(page.locator(".row-active")).to_contain_text(second.inner_text())
    # The list itself stayed: only the ticket was fetched.
    assert listed.evaluate("each => each.isConnected")
    page.go_back()
    expect(page.locator("#ticket-title")).to_have_text(first.inner_text())


def test_the_ticket_opens_without_scripts(visit, number):
    page = visit("daan", script=False)
    open_beside(page, number)
    expect(page.locator(".row-active")).to_contain_text(number)


def test_daan_works_on_a_ticket(visit, number, script):
    page = visit("daan", script)
    open_beside(page, number)
    page.get_by_role("button", name="Nemen").click()
    expect(page.locator(".flash")).to_contain_text("U behandelt deze melding")
    expect(page.locator(".facts")).to_contain_text("Daan Mulder")

    form = panel(page, "Laten wachten")
    form.get_by_label("Waarop?").select_option(label="Wacht op leverancier")
    form.get_by_role("button", name="Laten wachten").click()
    expect(page.locator(".crumb")).to_contain_text("Wacht op leverancier")
    page.get_by_role("button", name="Verder gaan").click()
    expect(page.locator(".crumb")).to_contain_text("In behandeling")

    form = panel(page, "Oplossen")
    form.get_by_role("textbox", name="Oplossing").fill("De accu is vervangen.")
    form.get_by_role("button", name="Oplossen").click()
    expect(page.locator(".crumb")).to_contain_text("Opgelost")
    expect(page.locator(".timeline")).to_contain_text("De accu is vervangen.")


def test_passing_on_can_be_undone(visit, number, script):
    page = visit("daan", script)
    open_beside(page, number)
    page.get_by_role("button", name="Nemen").click()
    form = panel(page, "Doorzetten")
    form.get_by_label("Aan wie?").select_option(label="Netwerk")
    form.get_by_role("button", name="Doorzetten").click()
    expect(page.locator(".flash")).to_contain_text("Doorgezet naar Netwerk")
    expect(page.locator(".facts")).not_to_contain_text("Daan Mulder")
    page.get_by_role("button", name="Ongedaan maken").click()
    expect(page.locator(".facts")).to_contain_text("Daan Mulder")


def test_a_half_written_reply_survives(visit, site, number):
    page = visit("daan")
    open_beside(page, number)
    with page.expect_response(lambda answer: answer.url.endswith("/draft")) as saved:
        page.get_by_label("Bericht", exact=True).press_sequentially("Ik kom straks")
    assert saved.value.status == 204
    raise_priority(site, number)
    page.reload()
    expect(page.get_by_label("Bericht", exact=True)).to_have_value("Ik kom straks")
    expect(page.locator(".timeline")).to_contain_text("De balie staat stil.")


def test_a_reply_stands_beside_what_a_colleague_did(visit, site, number, script):
    page = visit("daan", script)
    open_beside(page, number)
    page.get_by_label("Bericht", exact=True).fill("Ik kom straks langs.")
    raise_priority(site, number)
    page.get_by_role("button", name="Versturen").click()
    expect(page.locator(".message")).to_contain_text(["Ik kom straks langs."])
    expect(page.locator(".timeline")).to_contain_text("De balie staat stil.")


def test_a_stale_change_is_shown_and_keeps_what_was_typed(visit, site, number, script):
    page = visit("daan", script)
    open_beside(page, number)
    form = panel(page, "Oplossen")
    form.get_by_role("textbox", name="Oplossing").fill("De accu is vervangen.")
    raise_priority(site, number)
    form.get_by_role("button", name="Oplossen").click()
    expect(page.get_by_role("alert")).to_contain_text("Een collega was u voor")
    expect(page.get_by_role("alert")).to_contain_text("De balie staat stil.")
    expect(page.get_by_role("textbox", name="Oplossing")).to_have_value("De accu is vervangen.")
    page.locator("details.panel[open]").get_by_role("button", name="Oplossen").click()
    expect(page.locator(".crumb")).to_contain_text("Opgelost")


def test_a_note_looks_different_and_stays_inside(visit, number, script):
    page = visit("daan", script)
    open_beside(page, number)
    for kind, text in (
        ("Interne notitie", "Garantie is verlopen."),
        ("Antwoord", "Wij kijken ernaar."),
    ):
        page.get_by_text(kind, exact=True).click()
        page.get_by_label("Bericht", exact=True).fill(text)
        page.get_by_role("button", name="Versturen").click()
        expect(page.locator(".timeline")).to_contain_text(text)
    note = page.locator(".message").filter(has_text="Garantie is verlopen.")
    answer = page.locator(".message").filter(has_text="Wij kijken ernaar.")
    expect(note.locator(".label")).to_have_text("Interne notitie")
    colour = "each => getComputedStyle(each).backgroundColor"
    assert note.evaluate(colour) != answer.evaluate(colour)

    sanne = visit("sanne", script)
    sanne.goto(f"/my/tickets/{number}")
    expect(sanne.get_by_text("Wij kijken ernaar.")).to_be_visible()
    expect(sanne.get_by_text("Garantie is verlopen.")).to_have_count(0)


def test_filters_and_order_are_in_the_address(visit, script):
    page = visit("daan", script)
    page.goto(QUEUE)
    page.get_by_label("Gemeente").select_option(label="Oosterveen")
    if not script:
        page.get_by_role("button", name="Toepassen").click()
    expect(page).to_have_url(re.compile(r"municipality=\d"))
    page.get_by_role("columnheader", name="Prio").get_by_role("link").click()
    expect(page).to_have_url(
        re.compile(r"municipality=\d.*sort=priority|sort=priority.*municipality=\d")
    )
    for row in page.locator(".row-meta").all():
        expect(row).to_contain_text("Oosterveen")
    page.get_by_role("link", name="Verwijder filter Gemeente").click()
    expect(page).not_to_have_url(re.compile("municipality"))


def test_search_finds_by_number_name_and_text(visit, number, script):
    page = visit("daan", script)
    page.goto("/desk")
    for words in (number, "Sanne de Bruin", "laptop start"):
        page.get_by_role("main").get_by_role("searchbox").fill(words)
        page.get_by_role("main").get_by_role("searchbox").press("Enter")
        expect(page.locator(".row").filter(has_text=number)).to_have_count(1)


def test_daan_enters_a_call_by_keyboard_alone(visit, script):
    page = visit("daan", script)
    page.goto("/desk")
    page.get_by_role("link", name="Nieuwe melding").press("Enter")
    expect(page.get_by_label("Wie meldt het?")).to_be_focused()
    for text in (
        "Sanne de Bruin",
        "Printer op de gang is stuk",
        "Hij piept en doet niets.",
        "Printen",
    ):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.textContent").strip() != "Melding opslaan":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".flash")).to_contain_text("staat in de werkvoorraad")
    expect(page.locator(".facts")).to_contain_text("Sanne de Bruin")
    expect(page.locator(".facts")).to_contain_text("Printen Telefoon")


def test_keys_walk_through_the_list(visit):
    page = visit("daan")
    page.goto(QUEUE)
    rows = page.locator(".row-link")
    page.locator(".list").focus()
    for key, row in (("j", 0), ("j", 1), ("ArrowDown", 2), ("k", 1), ("ArrowUp", 0)):
        page.keyboard.press(key)
        expect(rows.nth(row)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#ticket-title")).to_be_focused()
    rows.nth(1).focus()
    page.keyboard.press("/")
    expect(page.get_by_role("main").get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("main").get_by_role("searchbox")).to_have_value("")
    # Outside the list the keys are letters.
    page.keyboard.type("jk/")
    expect(page.get_by_role("main").get_by_role("searchbox")).to_have_value("jk/")


def test_a_narrow_screen_shows_the_list_or_the_ticket(visit, number, script):
    page = visit("daan", script, viewport={"width": 390, "height": 844})
    open_beside(page, number)
    expect(page.locator(".list")).to_be_hidden()
    page.get_by_role("link", name="Terug naar de lijst").click()
    expect(page.locator(".list")).to_be_visible()
    expect(page.locator("#detail")).to_be_hidden()


def test_a_call_is_about_something_the_caller_has(visit, script):
    page = visit("daan", script)
    page.goto("/desk/tickets/new")
    page.get_by_label("Wie meldt het?").fill("Sanne")
    if script:
        page.get_by_label("Wie meldt het?").press("Tab")
    else:
        page.get_by_role("button", name="Toon apparaten en applicaties").click()
    picker = page.get_by_label("Welk apparaat of welke applicatie?")
    expect(picker.locator("option", has_text="Zaaksysteem")).to_be_attached()
    picker.select_option(label="Zaaksysteem")
    page.get_by_label("Korte titel").fill("Zaak laat zich niet sluiten")
    page.get_by_label("Wat gebeurt er?").fill("De knop doet niets.")
    page.get_by_label("Waar gaat het over?").select_option(index=1)
    page.get_by_role("button", name="Melding opslaan").last.click()
    expect(page.locator(".flash")).to_contain_text("staat in de werkvoorraad")
    expect(page.locator("#ticket-title")).to_have_text("Zaak laat zich niet sluiten")
    expect(page.get_by_role("link", name="Zaaksysteem").first).to_be_visible()
