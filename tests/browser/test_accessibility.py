"""Every page, for everybody who may see it: axe-core, small and dark screens, no sideways scrolling."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page
from werkzeug.routing import Map

from cmdb.database import db, utc_now
from cmdb.items import Item
from servicedesk.directory import models as directories
from servicedesk.directory.models import Directory
from servicedesk.intake import batches
from servicedesk.intake.tables import read_table
from servicedesk.openid.models import OpenIdProvider
from servicedesk.rota.facts import Kind
from servicedesk.rota.models import Absence, Duty, Seat
from servicedesk.signin import links
from servicedesk.signin.account_models import Purpose
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import Status
from tests.browser.conftest import Visits
from tests.browser.site import Site, person
from tests.makers import make_review, make_visit

AXE = Path(__file__).with_name("axe.min.js").read_text("utf-8")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
SCREENS = ((1400, 900), (390, 844))
SCHEMES = ("light", "dark")
# Answers to a script or a program, and files: nobody reads them as a page.
NOT_PAGES = {
    "access_reviews.file",
    "access_rights.evidence",
    "access_rights.file",
    "assets",
    "calendars.feed",
    "desk.items",
    "desk.known",
    "disclosure.security_txt",
    "desk.people",
    "files.attachment",
    "health.health",
    "item_documents.document",
    "item_reports.file",
    "items.export",
    "items_import.refused_rows",
    "items_import.template",
    "passkeys.new",  # at a site with a name only: test_passkeys looks at both
    "passkeys.show",
    "portal.expectation",
    "portal.outage",
    "portal.start",
    "signin_code.give",  # after a password only: test_accounts looks at it
    "reports.sla_csv",
    "reports.sla_xlsx",
    "sso.back",
    "sso.leave",
    "sso.start",
}

PAGES = [
    (None, "/signin"),
    (None, "/password/forgotten"),
    (None, "/password/none"),
    (None, "/password/{token}"),
    ("daan", "/account/password"),
    ("daan", "/account/second-step"),
    ("ada", "/people"),
    ("ada", "/people?q=niemand-zo"),
    ("ada", "/people/new"),
    ("ada", "/people/{person}"),
    ("sanne", "/my/tickets"),
    ("sanne", "/my/tickets?view=done"),
    ("sanne", "/my/tickets?q=nietbestaand"),
    ("sanne", "/my/tickets/{resolved}"),
    ("sanne", "/my/tickets/{waiting}"),
    ("sanne", "/my/report?item={shared}"),
    ("sanne", "/my/request"),
    ("sanne", "/account/sessions"),
    ("sanne", "/account/calendars"),
    ("sanne", "/account/messages"),
    ("sanne", "/account/tokens"),
    ("sanne", "/niet-hier"),
    ("mia", "/reports/sla"),
    ("mia", "/reports/items"),
    ("mia", "/reports/items/uniformity"),
    ("daan", "/start"),
    ("daan", "/desk/handover"),
    ("daan", "/visits"),
    ("daan", "/visits/{date}/{home}"),
    ("sanne", "/visits?on={date}"),
    ("daan", "/desk"),
    ("daan", "/desk?view=all&ticket={waiting}"),
    ("daan", "/desk?q=printer&priority=3"),
    ("daan", "/desk?q=nietbestaand"),
    ("daan", "/desk/tickets/{resolved}"),
    ("daan", "/desk/tickets/new"),
    ("daan", "/search?q=printer"),
    ("daan", "/outages"),
    ("daan", "/planned-work"),
    ("daan", "/planned-work/1/impact"),
    ("daan", "/items"),
    ("daan", "/items?class=server&memory.filled=1&relation.backed-up-by=none&columns=memory,status"),
    ("daan", "/items?on=2026-11-01"),
    ("daan", "/items/labels?class=server"),
    ("daan", "/items/{shared}"),
    ("daan", "/items/addresses"),
    ("daan", "/items/{shared}/addresses"),
    ("daan", "/items/SAN-0004/impact?depth=9&also=SRV-0301"),
    ("daan", "/items/{shared}/weak-points"),
    ("sanne", "/items/{shared}/impact"),
    ("sanne", "/items/{shared}/weak-points"),
    ("els", "/reports/sla"),
    ("els", "/reports/sla?from=2001-01-01&to=2001-01-31"),
    ("els", "/reports/items?on=2026-06-30"),
    ("els", "/reports/items/uniformity"),
    ("els", "/reports/items/deadlines"),
    ("els", "/reports/items/applications"),
    ("els", "/reports/items/licences"),
    ("els", "/reports/items/quality"),
    ("els", "/reports/items/rounds"),
    ("daan", "/items/round"),
    ("els", "/items/drift"),
    ("ada", "/items/drift?who=all"),
    ("ada", "/items/duplicates"),
    ("daan", "/items/changes"),
    ("daan", "/items/changes/1"),
    ("daan", "/items/compare?from=2026-01-01"),
    ("els", "/roster"),
    ("els", "/roster?view=day"),
    ("daan", "/roster?view=month"),
    ("daan", "/roster?view=quarter"),
    ("daan", "/roster?by=municipality"),
    ("els", "/roster/seats/{seat}"),
    ("els", "/roster/balance"),
    ("els", "/roster/absences"),
    ("els", "/roster/absences/{absence}"),
    ("daan", "/roster/swaps"),
    ("daan", "/roster/seats/{own}/swap"),
    ("els", "/roster/plan"),
    ("els", "/roster/duties"),
    ("els", "/roster/duties/new"),
    ("els", "/roster/duties/{duty}"),
    ("els", "/roster/team"),
    ("els", "/roster/team/{person}"),
    ("els", "/roster/rules"),
    ("ada", "/items/baselines"),
    ("ada", "/items/classes"),
    ("ada", "/items/classes/server"),
    ("ada", "/items/bulk?class=server"),
    ("ada", "/items/import"),
    ("ada", "/items/import/rules"),
    ("ada", "/items/import/{batch}"),
    ("daan", "/items/views?class=server"),
    ("ada", "/items/new"),
    ("ada", "/items/new?class=server"),
    ("ada", "/items/{shared}/relations"),
    ("ada", "/items/{shared}/edit"),
    ("ada", "/items/{shared}/documents"),
    ("ada", "/items/{shared}/people"),
    ("ada", "/items/{shared}/steps"),
    ("ada", "/items/SWI-0001/ports"),
    ("ada", "/items/relation-types"),
    ("daan", "/desk/tickets/{waiting}/readers"),
    ("sanne", "/my/tickets/{waiting}/readers"),
    ("ada", "/access"),
    ("ada", "/access/people/{person}"),
    ("ada", "/access/roles"),
    ("ada", "/access/viewings"),
    ("els", "/access/reviews"),
    ("mia", "/access/reviews"),
    ("els", "/access/reviews/{review}"),
    ("mia", "/access/reviews/{review}"),
    ("mia", "/access/reviews/{review}/report"),
    ("ada", "/directories"),
    ("ada", "/directories/new"),
    ("ada", "/directories/{directory}"),
    ("ada", "/openid"),
    ("ada", "/openid/new"),
    ("ada", "/openid/{provider}"),
]


@dataclass(frozen=True)
class Numbers:
    """What the addresses name: two tickets of Sanne, an item with a known outage, an import, a visit."""

    waiting: str
    resolved: str
    shared: str
    batch: int
    seat: int  # open
    own: int  # a coming seat of Daan
    absence: int
    duty: int
    person: int
    date: str
    home: int
    directory: int
    review: int
    token: str
    provider: int

    def address(self, path: str) -> str:
        return path.format(**vars(self))


@pytest.fixture(scope="module")
def numbers(site: Site) -> Iterator[Numbers]:
    def of_sanne(status: Status) -> str:
        chosen = sa.select(Ticket.number).where(
            Ticket.requester == person("sanne"), Ticket.status == status
        )
        return db.session.scalars(chosen).first()

    with site.database():
        shared = db.session.scalar(sa.select(Item.uid).where(Item.name == "Zaaksysteem"))
        table = read_table(b"naam;serienummer;garantie tot\nPC-1;S1;31-12-2027\nPC-2;S2;ooit\n")
        batch = batches.stage("lijst.csv", table, "workstation", None, person("ada"), utc_now())
        seat = db.session.scalar(sa.select(Seat.id).where(Seat.person_id.is_(None)))
        batches.assess(batch)
        daan, tomorrow = person("daan"), utc_now().date() + dt.timedelta(days=1)
        own = sa.select(Seat.id).where(Seat.person_id == daan.id, Seat.date > tomorrow, Seat.is_needed)
        visit = make_visit(person("sanne").municipality, daan, utc_now().date())
        directory = Directory(
            municipality_id=visit.municipality_id, domain="oosterveen.example",
            kind=directories.Kind.OPENLDAP, hosts=["ldap.oosterveen.example"],
            security=directories.Security.STARTTLS, base="dc=oosterveen", bind_dn="cn=lezer",
            is_active=False, next_sync_at=utc_now(),
        )  # fmt: skip
        provider = OpenIdProvider(
            municipality_id=visit.municipality_id, domain="oosterveen.example", kind="keycloak",
            issuer="https://login.oosterveen.example", client_id="servicedesk", scopes="openid",
            claims={}, groups={}, is_active=True,
        )  # fmt: skip
        db.session.add_all([directory, provider])
        db.session.flush()
        made = Numbers(
            of_sanne(Status.WAITING), of_sanne(Status.RESOLVED), shared, batch.id, seat,
            db.session.scalars(own.order_by(Seat.date)).first(),
            db.session.scalars(sa.select(Absence.id).order_by(Absence.id.desc())).first(),
            db.session.scalars(sa.select(Duty.id).where(Duty.kind == Kind.SITE)).first(), daan.id,
            visit.date.isoformat(), visit.municipality_id, directory.id,
            make_review(person("sanne").municipality, person("mia"), person("els")).id,
            links.make(daan, Purpose.RESET, utc_now()),
            provider.id,
        )  # fmt: skip
    yield made
    with site.database():
        db.session.delete(db.session.get(OpenIdProvider, made.provider))


@pytest.fixture(scope="module")
def readers(chromium: Browser, site: Site) -> Iterator[tuple[Visits, dict[str | None, Page]]]:
    """A browser for each person who reads pages: opening one costs as much as examining a page."""
    visits = Visits(chromium, site)
    yield visits, {}
    visits.close()


@pytest.fixture
def read(readers):
    """`read("daan", "/desk")` goes there in his browser: the page, and its status.

    As with `visit`, what is reported on the console fails the test.
    """
    visits, pages = readers
    visits.problems.clear()

    def reading(login: str | None, address: str) -> tuple[Page, int]:
        page = pages.get(login) or pages.setdefault(login, visits.open(login))
        return page, page.goto(address).status

    yield reading
    assert not visits.problems


@pytest.mark.parametrize(
    "login, path", PAGES, ids=[f"{login or 'anybody'}:{path}" for login, path in PAGES]
)
def test_page_is_accessible(read, numbers, login, path):
    page, status = read(login, numbers.address(path))
    assert status == (404 if path in ("/niet-hier", "/password/none") else 200)
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == [], f"{width} px, {scheme}"
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.locator("h1").count() == 1


def test_failed_forms_are_accessible(visit):
    """The page that comes back with errors is read with most care."""
    for login, path, button in (
        (None, "/signin", "Inloggen"),
        ("sanne", "/my/report", "Melding versturen"),
        ("daan", "/desk/tickets/new", "Melding opslaan"),
        ("daan", "/outages", "Storing starten"),
    ):
        page = visit(login)
        page.goto(path)
        page.get_by_role("button", name=button).click()
        page.locator("[aria-invalid=true]").first.wait_for()
        assert page.title().startswith("Fout:")
        assert violations(page) == []


def test_what_opens_on_a_ticket_is_accessible(visit, site):
    """Each panel of the desk's ticket and the menu, on a small screen."""
    page = visit("daan", viewport={"width": 390, "height": 844})
    page.goto(f"/desk/tickets/{site.file('sanne')}")
    for summary in page.locator("details.panel > summary, details.menu > summary").all():
        summary.click()
        assert violations(page) == []
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Meer").click()
    assert violations(page) == []


def test_forced_colours_show_what_is_chosen(visit):
    """In a high-contrast theme the colours are the reader's: the choice must still be seen."""
    page = visit("sanne", forced_colors="active")
    page.goto("/my/report")
    page.get_by_text("Alleen ik", exact=True).click()
    chosen = page.locator("label.choice > :checked + span")
    other = page.locator("label.choice > :not(:checked) + span").first
    outline = "each => getComputedStyle(each).outlineStyle"
    assert chosen.evaluate(outline) == "solid" != other.evaluate(outline)


def test_every_page_is_in_the_list(site, numbers):
    adapter = site.rules.bind("localhost")
    listed = {
        adapter.match(numbers.address(path).split("?")[0])[0]
        for _, path in PAGES
        if "niet-hier" not in path
    }
    assert _readable(site.rules) - listed == NOT_PAGES


def _readable(rules: Map) -> set[str]:
    """The endpoints that can be read by people: all of the API is for programs."""
    names = {rule.endpoint for rule in rules.iter_rules() if "GET" in rule.methods}
    return {name for name in names if not name.startswith("api.")}


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds wrong, each with the first element where it is."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [(each["id"], each["nodes"][0]["html"][:120]) for each in found["violations"]]
