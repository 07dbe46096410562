"""Coming in by the sign-in page of a municipality, and leaving there: a real browser, a real provider."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from cmdb.database import db
from cmdb.people import Person
from servicedesk.openid import claims
from servicedesk.openid.models import Kind, OpenIdProvider
from tests.browser.site import Site, person
from tests.servicedesk.openid.conftest import started

DOMAIN = "ginder.example"


@pytest.fixture(scope="module")
def provider(site: Site):
    """The municipality of Sanne has a provider; the name of that municipality."""
    with site.database():
        town = person("sanne").municipality
        row = OpenIdProvider(
            municipality_id=town.id, domain=DOMAIN, kind=Kind.OTHER, issuer="https://later.example",
            client_id="desk", scopes="openid profile email", groups={},
            claims={name: claims.USUAL[Kind.OTHER][name] for name in ("key", *claims.FIELDS)},
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        key, name = row.id, town.name
    client = {
        "client_id": "desk", "token_endpoint_auth_method": "none",
        "redirect_uris": [f"{site.url}/signin/openid/{key}/return"],
        "post_logout_redirect_uris": [f"{site.url}/signin"],
        "backchannel_logout_uri": f"{site.url}/signin/openid/{key}/logout",
    }  # fmt: skip
    server = started([client])
    with site.database():
        db.session.execute(sa.update(OpenIdProvider).values(issuer=server.issuer))
    yield name, server.issuer
    with site.database():
        db.session.execute(sa.update(OpenIdProvider).values(is_active=False))
    server.stop()


def type_name(page, login="anna"):
    page.get_by_label("Naam").fill(login)
    page.get_by_role("button", name="Verder").click()


def test_anna_comes_in_by_her_municipality_and_leaves_there_too(visit, script, provider, site):
    name, issuer = provider
    page = visit(None, script)
    page.goto("/account/messages")
    page.get_by_label("Gebruikersnaam").fill(f"anna@{DOMAIN}")
    page.get_by_role("button", name="Inloggen", exact=True).click()
    page.wait_for_url(f"{issuer}/**")
    type_name(page)
    page.wait_for_url("**/account/messages")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mijn berichten")
    with site.database():
        anna = db.session.scalars(sa.select(Person).where(Person.login == f"anna@{DOMAIN}")).one()
        assert anna.municipality.name == name

    page.goto("/my/tickets")
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="Afmelden").click()
    page.get_by_role("link", name="Ook daar uitloggen").click()
    page.wait_for_url(f"{issuer}/**")
    page.get_by_role("button", name="Uitloggen").click()
    page.wait_for_url(f"{site.url}/signin")
    page.get_by_role("link", name=name).click()
    expect(page.get_by_label("Naam")).to_be_visible()


def test_an_answer_in_a_form_of_another_site_finds_the_browser_that_asked(visit, provider, site):
    name, _issuer = provider
    with site.database():
        db.session.execute(sa.update(OpenIdProvider).values(kind=Kind.ADFS))
    page = visit(None)
    page.goto("/signin")
    page.get_by_role("link", name=name).click()
    type_name(page)
    page.wait_for_url("**/my/tickets")
    with site.database():
        db.session.execute(sa.update(OpenIdProvider).values(kind=Kind.OTHER))


def test_who_leaves_there_is_out_here(visit, provider, site):
    name, issuer = provider
    page = visit(None)
    page.goto("/signin")
    page.get_by_role("link", name=name).click()
    type_name(page)
    page.wait_for_url("**/my/tickets")
    there = page.context.new_page()
    there.goto(f"{issuer}/session/end?client_id=desk&post_logout_redirect_uri={site.url}/signin")
    there.get_by_role("button", name="Uitloggen").click()
    there.wait_for_url(f"{site.url}/signin")
    page.reload()
    expect(page.get_by_role("heading", name="Inloggen", exact=True)).to_be_visible()
