"""Els and Mia read the report on the agreements."""

import csv
import re
from pathlib import Path

from playwright.sync_api import expect


def test_els_reads_the_report_and_opens_a_ticket(visit, script):
    page = visit("els", script)
    page.goto("/reports/sla")
    page.get_by_role("navigation", name="Lengte van de periode").get_by_role(
        "link", name="Jaar"
    ).click()
    expect(page).to_have_url(re.compile(r"period=\d{4}$"))
    breaches = page.get_by_role("table", name="Overschrijdingen")
    title = breaches.locator(".title-link").first.inner_text()
    breaches.locator(".title-link").first.click()
    expect(page.locator("#ticket-title")).to_have_text(title)


def test_els_chooses_dates_and_a_municipality(visit, script):
    page = visit("els", script)
    page.goto("/reports/sla?period=2001")
    expect(page.get_by_role("heading", name="Geen meldingen in deze periode")).to_be_visible()
    page.get_by_label("Van", exact=True).fill("2026-01-01")
    page.get_by_label("Tot en met").fill("2099-12-31")
    page.get_by_role("button", name="Toon").click()
    expect(page.get_by_role("rowheader", name="Duinwijk")).to_be_visible()
    page.get_by_label("Gemeente", exact=True).select_option(label="Lindhoven")
    if not script:
        page.get_by_role("button", name="Toepassen").click()
    expect(page.get_by_role("rowheader", name="Duinwijk")).to_have_count(0)
    expect(page).to_have_url(re.compile("from=2026-01-01"))


def test_the_file_holds_the_figures_of_the_page(visit, script):
    page = visit("els", script)
    page.goto("/reports/sla")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert re.fullmatch(r"dvo-[\d-]+\.csv", download.value.suggested_filename)
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert len(list(csv.reader(text.splitlines(), delimiter=";"))) > 10


def test_mia_sees_her_own_municipality_alone(visit, script):
    page = visit("mia", script)
    page.goto("/my/tickets")
    page.get_by_role("link", name="Rapportage").click()
    page.get_by_role("navigation", name="Lengte van de periode").get_by_role(
        "link", name="Jaar"
    ).click()
    expect(page.get_by_role("heading", name="DVO-rapportage")).to_be_visible()
    expect(page.get_by_label("Gemeente", exact=True)).to_have_count(0)
    for other in ("Duinwijk", "Lindhoven", "Maasbrugge", "Rietwold", "Veenakker"):
        assert other not in page.content()
    page.get_by_role("table", name="Overschrijdingen").locator(".title-link").first.click()
    expect(page.get_by_role("region", name="Stand van zaken")).to_be_visible()
