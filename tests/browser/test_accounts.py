"""Accounts of the centre: a second step, a forgotten password, an invitation; and what is typed stays."""

import base64
import re

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import expect

from cmdb.database import db, utc_now
from cmdb.permissions import Role
from servicedesk.demo.organisation import PASSWORD
from servicedesk.notify.models import SECRET, Message
from servicedesk.signin import forgotten, second_step
from servicedesk.signin.passwords import set_password
from tests.browser.site import person
from tests.browser.test_accessibility import violations
from tests.makers import make_person

NEW = "vier groene fietsen"


@pytest.fixture
def colleague(site):
    """`colleague(login)` makes somebody of the desk who plays in no other test."""

    def made(login):
        with site.database():
            one = make_person(f"{login.title()} Visser", role=Role.AGENT)
            one.login, one.email = login, f"{login}@example.org"
            set_password(one, PASSWORD)
        return login

    return made


def fill_in(page, login, password=PASSWORD):
    page.get_by_label("Gebruikersnaam").fill(login)
    page.get_by_label("Wachtwoord").fill(password)
    page.get_by_role("button", name="Inloggen", exact=True).click()


def code_of(site, login, later=0) -> str:
    """What the app shows now, or some half minutes later."""
    with site.database():
        seed = base64.b32decode(second_step.of(person(login)).seed.reveal())
    moment = int(utc_now().timestamp()) + later * second_step.PERIOD
    return TOTP(seed, 6, SHA1(), second_step.PERIOD).generate(moment).decode()


def link_for(site, login) -> str:
    """The path in the last mail to somebody, as the worker sends it."""
    with site.database():
        forgotten.answer(utc_now())
        mail = (
            db.session.query(Message)
            .filter_by(recipient_id=person(login).id)
            .order_by(Message.id.desc())
            .first()
        )
        body = mail.body.replace(SECRET, mail.secret.reveal())
    return next(f"/password/{word.partition('/password/')[2]}" for word in body.split() if "/password/" in word)


def test_an_app_is_set_up_and_its_code_asked(site, visit, script, colleague):
    login = colleague(f"roos{script}".lower())
    page = visit(None, script)
    page.goto("/signin")
    fill_in(page, login)
    page.goto("/account/second-step")
    page.get_by_role("button", name="Instellen").click()
    expect(page.get_by_role("img", name="QR-code voor de app.")).to_be_visible()
    assert violations(page) == [] if script else True
    page.get_by_role("textbox", name="Code").fill(code_of(site, login, -1))
    page.get_by_role("button", name="Zet de tweede stap aan").click()
    expect(page.get_by_role("heading", name="Uw herstelcodes")).to_be_visible()
    paper = page.locator(".paper-codes code").all_inner_texts()
    assert len(paper) == 10
    assert violations(page) == [] if script else True
    again = visit(None, script)
    for number, code in enumerate((code_of(site, login), paper[0])):
        again.goto("/signin?next=/outages")
        fill_in(again, login)
        expect(again.get_by_role("heading", name="Typ de code uit uw app")).to_be_visible()
        again.get_by_role("textbox", name="Code").fill("000000")
        again.get_by_role("button", name="Inloggen").click()
        expect(again.get_by_role("alert")).to_contain_text("klopt niet")
        assert violations(again) == [] if script else True
        again.get_by_role("textbox", name="Code").fill(code)
        again.get_by_role("button", name="Inloggen").click()
        again.wait_for_url("**/outages")
        if not number:
            again.locator(".user-menu summary").click()
            again.get_by_role("button", name="Afmelden").click()
            expect(again.get_by_text("U bent uitgelogd.")).to_be_visible()


def test_a_forgotten_password_becomes_a_new_one_by_mail(site, visit, script, colleague):
    login = colleague(f"merel{script}".lower())
    page = visit(None, script)
    page.goto("/signin")
    page.get_by_role("link", name="Wachtwoord vergeten?").click()
    page.get_by_label("Gebruikersnaam of mailadres").fill(login)
    page.get_by_role("button", name="Stuur mij een mail").click()
    expect(page.get_by_role("heading", name="Kijk in uw mail")).to_be_visible()
    page.goto(link_for(site, login))
    page.get_by_label("Nieuw wachtwoord").fill("Welkom2024!!!")
    page.get_by_label("Nog een keer").fill("Welkom2024!!!")
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_role("alert")).to_contain_text("te makkelijk te raden")
    page.get_by_label("Nieuw wachtwoord").fill(NEW)
    page.get_by_label("Nog een keer").fill(NEW)
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_text("Uw wachtwoord is opgeslagen.")).to_be_visible()
    fill_in(page, login, NEW)
    page.wait_for_url("**/start")


def test_a_colleague_is_invited(site, visit, script):
    login = f"noor{script}".lower()
    page = visit("ada", script)
    page.goto("/people")
    page.get_by_role("link", name="Uitnodigen").click()
    page.get_by_label("Naam", exact=True).fill("Noor Jansen")
    page.get_by_label("Mailadres").fill("noor@example.org")
    page.get_by_label("Gebruikersnaam").fill(login)
    page.get_by_label("Rol", exact=True).select_option("Behandelaar")
    page.get_by_role("button", name="Uitnodiging versturen").click()
    expect(page.get_by_text("krijgt een uitnodiging op noor@example.org")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Noor Jansen")
    theirs = visit(None, script)
    theirs.goto(link_for(site, login))
    theirs.get_by_label("Nieuw wachtwoord").fill(NEW)
    theirs.get_by_label("Nog een keer").fill(NEW)
    theirs.get_by_role("button", name="Opslaan").click()
    fill_in(theirs, login, NEW)
    theirs.wait_for_url("**/start")
    page.reload()
    expect(page.get_by_text("Wachtwoord gekozen na uitnodiging")).to_be_visible()


# What is typed


def kept(page) -> int:
    return page.evaluate("sessionStorage.length")


def test_a_report_that_is_being_typed_is_there_after_signing_in_again(site, visit):
    page = visit(None)
    page.clock.install()
    page.goto("/signin?next=/my/report")
    fill_in(page, "sanne")
    title = page.locator("textarea, input[type=text]").first
    with page.expect_response("**/my/expectation*"):
        title.fill("De printer")
        title.blur()
    assert kept(page) == 0
    page.clock.fast_forward("28:05")
    expect(page.get_by_role("dialog", name="Bent u er nog?")).to_be_visible()
    page.keyboard.press("Escape")
    with page.expect_response("**/my/expectation*"):
        title.fill("De printer doet niets meer")
        title.blur()
    with page.expect_navigation(url="**/signin?next=*"):
        site.end_sessions("sanne")
        page.clock.fast_forward("28:05")  # the page itself may have asked something meanwhile
        page.clock.fast_forward("02:10")
    fill_in(page, "sanne")
    page.wait_for_url("**/my/report")
    expect(page.locator("textarea, input[type=text]").first).to_have_value("De printer doet niets meer")
    assert kept(page) == 0


def test_a_reply_that_is_being_typed_is_there_and_for_its_writer_alone(site, visit, colleague):
    login, other = colleague("pleun"), colleague("jip")
    number = site.file("sanne")
    page = visit(None)
    page.clock.install()
    for reader, text in ((login, "Ik kom zo langs"), (other, "")):
        page.goto(f"/signin?next=/desk/tickets/{number}")
        fill_in(page, login)
        page.wait_for_url(f"**/desk/tickets/{number}")
        page.clock.fast_forward("28:05")
        expect(page.get_by_role("dialog", name="Bent u er nog?")).to_be_visible()
        page.keyboard.press("Escape")
        page.locator("textarea[name=reply-body]").fill("Ik kom zo langs")
        with page.expect_navigation(url="**/signin?next=*"):
            site.end_sessions(login)
            page.clock.fast_forward("28:05")
            page.clock.fast_forward("02:10")
        fill_in(page, reader)
        page.wait_for_url(f"**/desk/tickets/{number}")
        expect(page.locator("textarea[name=reply-body]")).to_have_value(text)
        assert kept(page) == 0
        site.end_sessions(reader)


def test_after_eight_hours_there_is_no_staying_but_a_warning(visit):
    page = visit("daan")
    page.goto("/desk")
    seconds = page.evaluate("document.body.dataset.sessionSeconds")
    assert 0 < int(seconds) <= 8 * 3600
    page.route("**/desk", lambda route: route.fulfill(
        response=(answer := route.fetch()),
        body=re.sub(r'data-session-seconds="\d+"', 'data-session-seconds="600"', answer.text()),
    ))  # fmt: skip
    page.clock.install()
    page.goto("/desk")
    dialog = page.get_by_role("dialog", name="Bent u er nog?")
    page.clock.fast_forward("08:05")
    expect(dialog).to_contain_text("U bent 8 uur aangemeld")
    dialog.get_by_role("button", name="Sluiten").click()
    expect(dialog).to_be_hidden()
