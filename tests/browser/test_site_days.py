"""An administrator's day and a visit to a municipality: with scripts, and the same without."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from cmdb.database import db, utc_now
from cmdb.localtime import local
from servicedesk.rota import coming
from servicedesk.rota.models import Seat
from tests.browser.site import Site, person
from tests.makers import make_desk_seat, make_visit


@pytest.fixture
def today() -> dt.date:
    return local(utc_now()).date()


@pytest.fixture
def visit_day(site: Site, today: dt.date) -> Iterator[dt.date]:
    """Tomorrow, the day of Lotte's visit to Sanne's municipality; nobody else comes before or on it."""
    day = today + dt.timedelta(days=1)
    with site.database():
        home = person("sanne").municipality
        before = [seat.id for seat in coming.site_seats(home.id, today, day)]
        _need(before, False)
        made = make_visit(home, person("lotte"), day).id
    yield day
    with site.database():
        _need(before, True)
        _need([made], False)


def _need(seats: list[int], is_needed: bool) -> None:
    """Take published seats away, or give them back."""
    db.session.execute(sa.update(Seat).where(Seat.id.in_(seats)).values(is_needed=is_needed))


def said(page: Page):
    return page.get_by_role("status").first


def test_daan_takes_over_the_desk_and_tells_the_next_shift(visit, site, today, script):
    with site.database():
        make_desk_seat(person("daan"), today, name=f"Hele dag, script {script}")
    page = visit("daan", script)
    page.goto("/")
    expect(page).to_have_url(re.compile("/start$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Daan")
    expect(page.get_by_role("heading", name="Nieuw binnen, voor u aan de balie")).to_be_visible()
    page.get_by_role("button", name="Ik neem over").click()
    expect(said(page)).to_contain_text("U hebt de balie overgenomen.")
    expect(page.get_by_role("button", name="Ik neem over")).to_have_count(0)

    line = f"Bel de leverancier, script {script}"
    page.get_by_label("Voor de volgende dienst").fill(line)
    page.get_by_role("button", name="Opschrijven").click()
    expect(page.get_by_text(line, exact=True)).to_be_visible()
    page.get_by_role("button", name=f"Gedaan: {line}", exact=True).click()
    expect(page.get_by_role("button", name=f"Toch niet gedaan: {line}")).to_be_visible()

    page.get_by_role("link", name="Het hele blad").click()
    for name in ("Dreigt te verlopen", "Wacht, en vandaag weer aan de beurt", "Vandaag beloofd"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_an_empty_line_comes_back_with_what_to_do(visit):
    page = visit("daan")
    page.goto("/desk/handover")
    page.get_by_role("button", name="Opschrijven").click()
    expect(page.get_by_role("alert")).to_contain_text("Schrijf wat de volgende dienst moet weten")


def test_daan_puts_a_ticket_on_the_list_and_ticks_it_off(visit, site, visit_day, script):
    title = f"Scanner hapert, script {script}"
    number = site.file("sanne", title=title)
    page = visit("daan", script)
    page.goto(f"/desk/tickets/{number}")
    form = page.locator("details.panel").filter(has=page.locator("summary", has_text="Naar locatiedag"))
    form.locator("summary").click()
    form.get_by_label("Wat moet er ter plaatse gebeuren?").fill("Nieuwe rol plaatsen")
    form.get_by_label("Kamer").fill("2.04")
    form.get_by_role("button", name="Op de lijst").click()
    expect(said(page)).to_contain_text("op de lijst van")
    page.get_by_role("link", name="Naar de lijst van het bezoek").click()
    row = page.locator(".route-list > li").filter(has_text=title)
    expect(row).to_contain_text("2.04")
    expect(row).to_contain_text("Nieuwe rol plaatsen")
    row.get_by_role("button", name="Gedaan").click()
    expect(said(page)).to_contain_text(f"{number} is ter plaatse gedaan")


def test_the_list_of_a_visit_prints_without_the_menu(visit, site, visit_day):
    page = visit("daan")
    page.goto("/visits")
    page.get_by_role("link", name=re.compile("op de lijst")).first.click()
    page.emulate_media(media="print")
    expect(page.locator(".rail")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.pdf(format="A4")[:4] == b"%PDF"


def test_sanne_sees_who_comes_and_asks_for_a_time(visit, site, visit_day, script):
    number = site.file("sanne", title=f"Dock werkt niet, script {script}")
    page = visit("sanne", script)
    page.goto(f"/my/tickets/{number}")
    expect(page.get_by_role("heading", name="Lotte is morgen bij u")).to_be_visible()
    page.get_by_text("Zet mijn melding op de lijst").click()
    page.get_by_label("In welke kamer?").fill("1.15")
    page.get_by_role("button", name="Op de lijst").click()
    expect(said(page)).to_contain_text("Uw melding staat op de lijst voor")
    expect(page.get_by_text("Uw tijd:")).to_be_visible()
    page.get_by_role("button", name="Toch niet nodig").click()
    expect(said(page)).to_contain_text("Uw afspraak is afgezegd.")

    page.get_by_role("link", name="Wie komt er").click()
    expect(page.get_by_text("Lotte Visser").first).to_be_visible()
    page.get_by_label("Wie is er op welke dag?").fill(visit_day.isoformat())
    page.get_by_role("button", name="Tonen").click()
    expect(page.get_by_text("Lotte Visser in Oosterveen")).to_be_visible()


def test_sanne_makes_an_address_for_her_calendar_and_revokes_it(visit, script):
    page = visit("sanne", script)
    page.goto("/account/calendars")
    name = f"Telefoon, script {script}"
    page.get_by_label("Naam").fill(name)
    page.get_by_role("button", name="Adres maken").click()
    address = page.get_by_label("Kopieer het nu").input_value()
    assert page.request.get(address).text().startswith("BEGIN:VCALENDAR")
    page.get_by_role("button", name=f"Intrekken {name}").click()
    expect(said(page)).to_contain_text("werkt niet meer")
    assert page.request.get(address).status == 404


def test_daan_sets_his_quiet_hours(visit, script):
    page = visit("daan", script)
    page.goto("/account/messages")
    page.get_by_label("Stil vanaf").select_option("21")
    page.get_by_role("button", name="Opslaan").click()
    expect(said(page)).to_contain_text("Uw berichten zijn ingesteld.")
    expect(page.get_by_label("Stil vanaf")).to_have_value("21")
