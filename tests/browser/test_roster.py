"""The roster in a real browser, with and without script: a planner and an administrator."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from cmdb.database import db, utc_now
from cmdb.localtime import local
from servicedesk.rota import reading, swapping
from servicedesk.rota.facts import Kind
from servicedesk.rota.models import Seat
from tests.browser.site import person


@pytest.fixture
def desk_seat(site):
    """`desk_seat()`: a coming seat of Daan at the desk about which nothing was asked yet."""
    taken = set()

    def chosen() -> tuple[int, dt.date]:
        with site.database():
            today = local(utc_now()).date()
            mine = reading.seats_of(
                person("daan"), today + dt.timedelta(days=2), today + dt.timedelta(days=28)
            )
            seat = next(
                one
                for one in mine
                if one.duty.kind == Kind.DESK
                and one.id not in taken
                and any(other is None for _, other in swapping.possible(one, utc_now()))
            )
            taken.add(seat.id)
            return seat.id, seat.date

    return chosen


def holder_of(site, key: int) -> int | None:
    with site.database():
        return db.session.scalar(sa.select(Seat.person_id).where(Seat.id == key))


def test_daan_sees_the_week_by_keyboard_and_turns_to_the_next(visit, script):
    page = visit("daan", script)
    page.goto("/roster")
    expect(page.get_by_role("table", name="Weekrooster")).to_be_visible()
    label = page.get_by_role("heading", level=1).inner_text()
    following = page.get_by_role("navigation", name="Periode").get_by_role("link").last
    following.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(label)
    page.get_by_role("link", name="Maand", exact=True).click()
    expect(page.get_by_role("table", name="Maandrooster")).to_be_visible()
    page.get_by_role("link", name="Gemeente", exact=True).click()
    expect(page.get_by_role("row", name="Lindhoven").first).to_be_visible()


def test_els_registers_an_absence_asks_a_candidate_who_accepts(visit, site, script, desk_seat):
    key, day = desk_seat()
    els = visit("els", script)
    els.goto("/roster/absences")
    els.get_by_label("Wie").select_option(label="Daan Mulder")
    els.get_by_label("Eerste dag").fill(day.isoformat())
    els.get_by_label("Soort").select_option(label="Verlof")
    els.get_by_role("button", name="Registreren").click()
    expect(els.get_by_role("heading", name="Afwezigheid van Daan Mulder")).to_be_visible()
    assert holder_of(site, key) is None
    section = els.locator("section", has=els.locator(f'a[href="/roster/seats/{key}"]'))
    expect(section.get_by_text("aanwezig en vrij").first).to_be_visible()
    section.get_by_role("button", name="Vraag").first.click()
    expect(els.get_by_text("en moet nog antwoorden")).to_be_visible()
    els.goto("/roster/swaps")
    els.get_by_role("button", name="Aannemen").last.click()  # a planner may answer for somebody
    expect(els.locator(".flash")).to_contain_text("akkoord")
    assert holder_of(site, key) is not None
    els.goto("/roster/absences")
    els.get_by_role("button", name="Afwezigheid van Daan Mulder").first.click()
    expect(els.locator(".flash")).to_contain_text("ingetrokken")


def test_daan_gives_a_duty_away_and_els_approves_and_undoes_it(visit, site, script, desk_seat):
    key, _day = desk_seat()
    daan, els = visit("daan", script), visit("els", script)
    daan.goto(f"/roster/seats/{key}")
    daan.get_by_role("link", name="Ruilen of weggeven").click()
    choice = daan.get_by_label("Collega en dienst")
    choice.select_option(value=choice.locator('option[value^="p"]').first.get_attribute("value"))
    daan.get_by_role("button", name="Vragen").click()
    expect(daan.locator(".flash")).to_contain_text("is gevraagd")
    els.goto("/roster/swaps")
    for name in ("Aannemen", "Goedkeuren", "Terugdraaien"):
        before = holder_of(site, key)
        button = els.get_by_role("button", name=name)
        (button.first if name == "Terugdraaien" else button.last).click()
        expect(els.locator(".flash")).to_be_visible()
        assert (holder_of(site, key) != before) == (name != "Aannemen")


def test_els_sees_a_draft_and_what_a_replan_changes(visit, script):
    page = visit("els", script)
    page.goto("/roster/plan")
    until = local(utc_now()).date() + dt.timedelta(days=70)
    page.get_by_label("Concept tot en met").fill(until.isoformat())
    page.get_by_role("button", name="Toon concept").click()
    page.get_by_text("Het concept dag voor dag").first.click()
    expect(page.get_by_role("columnheader", name="Waarom")).to_be_visible()
    expect(page.get_by_role("button", name="Publiceer tot en met")).to_be_visible()
    expect(page.get_by_role("heading", name="Opnieuw plannen")).to_be_visible()


def test_els_adds_a_duty_and_a_mistake_keeps_what_was_typed(visit, script):
    page = visit("els", script)
    page.goto("/roster/duties/new")
    page.get_by_label("Naam").fill("Avonddienst")
    page.get_by_role("button", name="Dienst opslaan").click()
    page.locator("[aria-invalid=true]").first.wait_for()
    expect(page.get_by_label("Naam")).to_have_value("Avonddienst")
    page.get_by_text("maandag", exact=True).click()
    page.get_by_label("Van", exact=True).fill("18:00")
    page.get_by_label("Tot", exact=True).fill("20:00")
    page.get_by_label("Vanaf").fill((local(utc_now()).date() + dt.timedelta(days=300)).isoformat())
    page.get_by_role("button", name="Dienst opslaan").click()
    expect(page.get_by_role("heading", name="Avonddienst", level=1)).to_be_visible()


def test_the_month_fits_on_one_sheet_of_paper(visit):
    """Printed, the page is the roster alone: no menu, no buttons."""
    page = visit("daan")
    page.goto("/roster?view=month")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Hoofdmenu")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Periode")).to_be_hidden()
    expect(page.get_by_role("table", name="Maandrooster")).to_be_visible()
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
