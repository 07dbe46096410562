"""Dutch, English and Frisian: how a language is chosen, and that a page speaks one at a time."""

import datetime as dt
import html
import itertools
import re
import runpy
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_babel import force_locale, ngettext

from cmdb.database import db
from cmdb.people import Person
from servicedesk import moments
from servicedesk.config import LOCALES
from servicedesk.notify.models import Message
from servicedesk.signin.passwords import set_password
from servicedesk.tickets import actions, outages
from servicedesk.tickets.workflow import WaitingFor
from servicedesk.web.forms import Form
from sla.priority import Impact, Urgency
from tests.makers import make_ticket

TOOL = runpy.run_path(Path(__file__).resolve().parents[3] / ".ci" / "translations.py")
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
HOUR = dt.timedelta(hours=1)
TRANSLATED = ("en", "fy")
PLACEHOLDER = re.compile(r"%\(\w+\)0?\d*[sdf]")


def dutch_of(locale):
    """The Dutch messages that would be noticed among the words of another language.

    Each with its longest part between placeholders, which a page that says it holds, and its pattern.
    """
    for message in TOOL["read"](locale):
        if not message.id or message.pluralizable or message.string == message.id:
            continue
        fixed = PLACEHOLDER.split(message.id.replace("%%", "%"))
        if max(map(len, fixed)) >= 9:
            pattern = r"(?<!\w)" + ".{1,40}".join(map(re.escape, fixed)) + r"(?!\w)"
            yield max(fixed, key=len), re.compile(pattern)


DUTCH = {locale: list(dutch_of(locale)) for locale in TRANSLATED}


def read(page):
    """What a reader of the page sees or hears."""
    heard = re.findall(r'(?:title|aria-label|placeholder|alt)="([^"]*)"', page)
    seen = re.sub(r"<[^>]*>", "\n", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))
    return html.unescape("\n".join([seen, *heard]))


def dutch_in(page, locale):
    text = read(page)
    return [
        found.group()
        for part, pattern in DUTCH[locale]
        if part in text and (found := pattern.search(text))
    ]


def language_of(page):
    return re.search(r'<html lang="(\w+)"', page)[1]


@pytest.fixture
def tickets(cast):
    """Tickets of Anna in every state."""
    new = make_ticket(cast.anna, now=NOW - 2 * HOUR, items=[cast.application])
    late = make_ticket(cast.anna, now=NOW - 500 * HOUR, impact=Impact.PUBLIC, urgency=Urgency.HIGH)
    asked, supplier, solved, withdrawn, urgent = (
        make_ticket(cast.anna, now=NOW - HOUR) for _ in range(5)
    )
    actions.take(late, cast.daan, NOW)
    actions.note(late, cast.daan, "Even kijken", NOW)
    for ticket, reason in ((asked, WaitingFor.REQUESTER), (supplier, WaitingFor.SUPPLIER)):
        actions.take(ticket, cast.daan, NOW)
        actions.wait(
            ticket, reason, cast.daan, NOW, question="Welke printer?", until=NOW + 48 * HOUR
        )
    actions.resolve(solved, "Toner vervangen", cast.daan, NOW)
    actions.cancel(withdrawn, "Hij doet het weer", cast.anna, NOW)
    actions.change_priority(urgent, Impact.PUBLIC, Urgency.HIGH, "Loket dicht", cast.daan, NOW)
    actions.assign(urgent, cast.applications, None, cast.daan, NOW)
    db.session.commit()
    return [new, late, asked, supplier, solved, withdrawn, urgent]


@pytest.fixture
def outage(cast):
    outage = outages.start(cast.application, "Wij zijn bezig", NOW - HOUR, NOW + HOUR)
    outages.report(outage, cast.anna, NOW)
    db.session.commit()
    return outage


def addresses(app, tickets, outage):
    """Every page that can be asked for, filled in with what is there."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api.") or "GET" not in rule.methods or rule.endpoint in (
            "assets",
            "calendars.feed",
            "files.attachment",
            "health.health",
        ):
            continue
        known = {
            "uid": [outage.item.uid],
            "number": [ticket.number for ticket in tickets],
            "key": [outage.id],
            "form": ["csv"],
            "date": [f"{NOW:%Y-%m-%d}"],
            "name": ["application"],
            "token": ["none"],
            "report": ["overview", "uniformity", "applications", "licences", "deadlines"],
        }
        for values in itertools.product(*(known[name] for name in rule.arguments)):
            filled = dict(zip(rule.arguments, values, strict=True))
            yield app.url_map.bind("localhost").build(rule.endpoint, filled)


def test_who_is_anonymous_reads_the_language_of_the_browser(client):
    for accepts, language in {
        "fy": "fy",
        "fy-NL,nl;q=0.5": "fy",
        "en-US,en;q=0.5": "en",
        "de,en-GB;q=0.8,nl;q=0.2": "en",
        "nl-BE,en;q=0.5": "nl",
        "de": "nl",
        "en;q=0": "nl",
        "nonsense;;q=x": "nl",
    }.items():
        page = client.get("/signin", headers={"Accept-Language": accepts}).text
        assert language_of(page) == language, accepts


def test_who_is_anonymous_chooses(client):
    for language in LOCALES:
        answer = client.post(
            "/locale", data={"locale": language, "next": "/signin?next=/my/tickets"}
        )
        assert answer.headers["Location"] == "/signin?next=/my/tickets"
        page = client.get("/signin", headers={"Accept-Language": "nl"}).text
        assert language_of(page) == language
        assert f'value="{language}" lang="{language}" aria-current="true"' in page


def test_a_language_that_is_not_there_changes_nothing(client, cast, sign_in):
    anna = sign_in(cast.anna)
    for browser in (client, anna):
        for language in ("de", "", "nl_NL", "../en"):
            browser.post("/locale", data={"locale": language})
        assert language_of(browser.get("/signin", follow_redirects=True).text) == "nl"


def test_who_signed_in_keeps_her_language_everywhere(cast, sign_in):
    sign_in(cast.anna).post("/locale", data={"locale": "fy", "next": "/my/tickets"})
    db.session.expire_all()
    assert db.session.get(Person, cast.anna.id).locale == "fy"
    elsewhere = sign_in(cast.anna).get("/my/tickets", headers={"Accept-Language": "en"}).text
    assert language_of(elsewhere) == "fy" and "Myn meldingen" in elsewhere
    assert language_of(sign_in(cast.bram).get("/my/tickets").text) == "nl"


def test_what_was_chosen_before_signing_in_stays(client, cast):
    set_password(cast.anna, "correct paard batterij")
    cast.bram.locale = "fy"
    set_password(cast.bram, "correct paard batterij")
    db.session.commit()
    client.post("/locale", data={"locale": "en"})
    client.post("/signin", data={"login": cast.anna.login, "password": "correct paard batterij"})
    assert "My tickets" in client.get("/my/tickets").text
    client.post("/signout")
    client.post("/signin", data={"login": cast.bram.login, "password": "correct paard batterij"})
    assert "Myn meldingen" in client.get("/my/tickets").text


@pytest.mark.parametrize("locale", TRANSLATED)
@pytest.mark.parametrize("who", ["anna", "mia", "daan", "els", "ada", "nobody"])
def test_no_page_says_anything_in_dutch(app, cast, tickets, outage, sign_in, client, who, locale):
    browser = client
    if who == "nobody":
        client.post("/locale", data={"locale": locale})
    else:
        getattr(cast, who).locale = locale
        browser = sign_in(getattr(cast, who))
    seen = 0
    for address in addresses(app, tickets, outage):
        answer = browser.get(address)
        assert answer.status_code < 500, address
        if answer.mimetype == "text/html" and answer.status_code in (200, 403, 404):
            assert not dutch_in(answer.text, locale), address
            seen += "<html" not in answer.text or language_of(answer.text) == locale
    assert seen >= (1 if who == "nobody" else 10)


def test_a_page_in_dutch_would_be_noticed(cast, tickets, sign_in):
    page = sign_in(cast.anna).get("/my/tickets").text
    assert all(len(dutch_in(page, locale)) > 5 for locale in TRANSLATED)


@pytest.mark.parametrize(
    ("locale", "words"), [("en", "Choose how many people"), ("fy", "Kies hoefolle minsken")]
)
def test_errors_of_a_form_are_in_the_language_of_the_reader(cast, sign_in, locale, words):
    cast.anna.locale = locale
    answer = sign_in(cast.anna).post("/my/report", data={"title": "x" * 200})
    assert answer.status_code == 422 and words in answer.text
    assert not dutch_in(answer.text, locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_what_wtforms_says_itself_is_ours(app, locale):
    words = Form.Meta().get_translations(None)
    with app.test_request_context("/"), force_locale(locale):
        said = words.ngettext("", "Field cannot be longer than %(max)d characters.", 5)
        assert "%(max)d" in said and "Field" not in said
        assert words.gettext("Not a valid choice.") != "Not a valid choice."


def test_every_form_is_one_of_ours():
    web = Path(TOOL["ROOT"]) / "servicedesk" / "web"
    assert [path.name for path in web.rglob("*.py") if "FlaskForm" in path.read_text()] == [
        "forms.py"
    ]


@pytest.mark.parametrize("locale", TRANSLATED)
def test_mail_is_in_the_language_of_who_gets_it(cast, locale):
    for person in (cast.anna, cast.daan):
        person.locale = locale
    ticket = make_ticket(cast.anna, now=NOW)
    actions.assign(ticket, cast.workplace, cast.daan, cast.femke, NOW)
    actions.reply(ticket, cast.daan, "Hoi", NOW)
    actions.wait(ticket, WaitingFor.REQUESTER, cast.daan, NOW, question="Welke?")
    actions.reply(ticket, cast.anna, "Deze", NOW)
    actions.resolve(ticket, "Klaar", cast.daan, NOW)
    actions.reopen(ticket, "Nee", cast.anna, NOW)
    db.session.commit()
    sent = db.session.scalars(sa.select(Message)).all()
    assert {message.recipient_id for message in sent} == {cast.anna.id, cast.daan.id}
    for message in sent:
        assert not dutch_in(f"{message.subject}\n{message.body}", locale)


SAID = {
    "nl": ("vandaag 10:00", "gisteren", "di 1 dec", "1 u 05", "2 meldingen", "morgen vóór 10:00"),
    "en": ("today 10:00", "yesterday", "Tue 1 Dec", "1 h 05", "2 tickets", "tomorrow before 10:00"),
    "fy": ("hjoed 10:00", "juster", "ti 1 Des", "1 u 05", "2 meldingen", "moarn foar 10:00"),
}


@pytest.mark.parametrize("locale", SAID)
def test_moments_spans_and_plurals(app, locale):
    now = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
    day = dt.timedelta(days=1)
    with app.test_request_context("/"), force_locale(locale):
        assert SAID[locale] == (
            moments.moment(now, now),
            moments.day(now - day, now),
            moments.day(now + 8 * day, now),
            moments.duration(3900),
            ngettext("%(num)d melding", "%(num)d meldingen", 2),
            moments.before(now + day, now),
        )
