"""Ada keeps the register; Daan reads it."""

from playwright.sync_api import expect

UID = "APP-0031"


def test_ada_changes_an_item(visit, script):
    page = visit("ada", script)
    page.goto(f"/items/{UID}")
    page.get_by_role("link", name="Bewerken", exact=True).click()
    text = f"Zaken van alle gemeenten, {'met' if script else 'zonder'} script bijgewerkt."
    page.get_by_label("Omschrijving").fill(text)
    page.get_by_label("Reden van de wijziging").fill("Omschrijving was leeg.")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.locator(".flash")).to_contain_text("is gewijzigd")
    expect(page.get_by_role("region", name="Over dit object")).to_contain_text(text)


def test_the_second_writer_is_told_and_keeps_what_was_typed(visit):
    first, second = visit("ada"), visit("ada")
    for page, text in ((first, "Wat Ada eerst schreef."), (second, "Wat Ada daarna schreef.")):
        page.goto(f"/items/{UID}/edit")
        page.get_by_label("Omschrijving").fill(text)
    for page in (first, second):
        page.get_by_role("button", name="Opslaan").click()
    expect(second.get_by_text("Een collega heeft dit object net gewijzigd.")).to_be_visible()
    expect(second.get_by_text("Omschrijving: Wat Ada eerst schreef.")).to_be_visible()
    expect(second.get_by_label("Omschrijving")).to_have_value("Wat Ada daarna schreef.")


def test_daan_finds_an_item_and_its_tickets_and_changes_nothing(visit, script):
    page = visit("daan", script)
    page.goto("/items")
    page.get_by_role("main").get_by_role("searchbox").fill(UID)
    page.get_by_role("main").get_by_role("searchbox").press("Enter")
    page.get_by_role("link", name="Zaaksysteem").click()
    expect(page.get_by_role("heading", name="Meldingen op dit object")).to_be_visible()
    expect(page.get_by_role("link", name="Bewerken")).to_have_count(0)
    page.locator(".ticket-list a").first.click()
    expect(page.locator(".facts")).to_contain_text(UID)


def test_the_file_of_a_list_holds_the_rows_of_the_list(visit):
    """Sent piece by piece after the request has ended, it once held its heads alone."""
    page = visit("daan")
    page.goto("/items?class=server")
    shown = page.locator(".row-link").count()
    file = page.request.get("/items/export.csv?class=server")
    assert len(file.text().splitlines()) == shown + 1 > 5


def test_a_list_of_a_thousand_rows_is_compared_and_shown(visit, script):
    rows = "".join(f"Scherm {n};SCH{n:05}\n" for n in range(1000))
    file = {"name": "schermen.csv", "mimeType": "text/csv", "buffer": f"naam;serienummer\n{rows}".encode()}
    page = visit("ada", script)
    page.goto("/items/import")
    page.locator("#class").select_option("workstation")
    page.get_by_label("Bestand", exact=True).set_input_files(file)
    page.get_by_role("button", name="Bekijk wat er verandert").click()
    expect(page.get_by_role("heading", name="schermen.csv")).to_be_visible()
    expect(page.get_by_role("link", name="Nieuw 1000")).to_be_visible()
