"""An administrator looks with the eyes of somebody else: sees exactly that, and changes nothing."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.people import Person
from servicedesk.reviews import viewing
from servicedesk.reviews.models import Viewing
from servicedesk.signin import second_step
from servicedesk.signin.models import WebSession
from servicedesk.signin.passwords import set_password
from tests.makers import make_item, make_ticket
from tests.servicedesk.web import test_routes
from tests.servicedesk.web.test_routes import World, address_of, asks_to_sign_in, rules

# What ends it; and what is a visit of its own, whoever is signed in.
WAYS_OUT = {"viewing.stop", "signin.signout"}


@pytest.fixture
def look(cast, sign_in):
    """`look(anna)` gives a browser in which Ada looks with the eyes of Anna."""

    def looking(subject, reason="Zij ziet haar melding niet"):
        browser = sign_in(cast.ada)
        answer = browser.post(f"/access/people/{subject.id}/view", data={"reason": reason})
        assert answer.status_code == 303
        return browser

    return looking


def test_she_sees_what_the_other_sees_and_a_banner(cast, look):
    ticket, other = make_ticket(cast.anna, title="Van Anna"), make_ticket(cast.carla, title="Van Carla")
    browser = look(cast.anna)
    page = browser.get("/my/tickets").text
    assert "Van Anna" in page and "Van Carla" not in page
    assert "U kijkt mee als Anna" in page and "/access/view/stop" in page
    assert browser.get(f"/my/tickets/{ticket.number}").status_code == 200
    assert browser.get(f"/my/tickets/{other.number}").status_code == 404
    for path in ("/access", "/desk", f"/desk/tickets/{ticket.number}", "/directories"):
        assert browser.get(path).status_code == 404


@pytest.mark.parametrize("who", ["anna", "carla", "mia", "daan", "els"])
def test_every_door_opens_as_for_that_person_and_nothing_is_written(cast, sign_in, look, app, who):
    world = World(cast, sign_in, with_roster=True)
    person = getattr(cast, who)
    own, lent = sign_in(person), look(person)
    before = [*test_routes.marks(), db.session.execute(sa.select(Person.locale, Person.role)).all()]
    for rule in rules(app):
        if rule.endpoint in WAYS_OUT:
            continue
        with app.test_request_context():
            address = address_of(app, rule, world.values(rule))
            form = world.form(rule.endpoint)
        if "GET" in rule.methods:
            theirs, hers = own.get(address, buffered=True), lent.get(address, buffered=True)
            is_file = "attachment" in theirs.headers.get("Content-Disposition", "")
            expected = 403 if is_file else theirs.status_code
            # The secret address notes that it was used: a write, whoever calls.
            if rule.endpoint != "calendars.feed":
                assert hers.status_code == expected, f"{who} at {address}"
        if "POST" in rule.methods:
            # The cookie of a browser opens nothing of the API.
            refused = 401 if rule.endpoint.startswith("api.") else 403
            answer = lent.post(address, data=form, buffered=True)
            assert answer.status_code == refused, address
    after = [*test_routes.marks(), db.session.execute(sa.select(Person.locale, Person.role)).all()]
    assert after == before, "somebody who only looks changed something"


def test_other_methods_are_refused_too(cast, look):
    browser = look(cast.anna)
    for method in ("PUT", "PATCH", "DELETE"):
        assert browser.open("/my/tickets", method=method).status_code in (403, 405)


def test_the_scope_is_that_of_the_other(cast, look, app):
    """Whoever looks with the eyes of Anna meets the wall around Oosterveen, by whatever page."""
    make_item("Geheim van Lindhoven", cast.lindhoven)
    make_item("Van Oosterveen", cast.oosterveen)
    browser = look(cast.anna)
    assert "Geheim van Lindhoven" not in browser.get("/items").text
    assert "Van Oosterveen" in browser.get("/items").text
    assert "Geheim van Lindhoven" not in browser.get("/search?q=Geheim").text


def test_a_page_that_would_write_is_refused_all_the_same(cast, look, app, monkeypatch):
    def writing():
        db.session.add(Viewing(municipality_id=cast.oosterveen.id, viewer_id=cast.ada.id,
                               subject_id=cast.anna.id, token_hash="x",
                               reason="x", started_at=utc_now(), ends_at=utc_now()))  # fmt: skip
        db.session.commit()
        return "written"

    def updating():
        db.session.execute(sa.update(Person).values(name="x"))
        return "written"

    browser = look(cast.anna)
    for deed in (writing, updating):
        monkeypatch.setitem(app.view_functions, "portal.mine", deed)
        answer = browser.get("/my/tickets")
        assert answer.status_code == 403 and "U kijkt alleen mee" in answer.text


def test_it_is_kept_with_its_reason_and_told_to_both(cast, look, sign_in):
    browser = look(cast.anna, "Anna belde")
    browser.post("/access/view/stop")
    kept = db.session.scalars(sa.select(Viewing)).one()
    assert (kept.viewer_id, kept.subject_id, kept.reason) == (cast.ada.id, cast.anna.id, "Anna belde")
    assert kept.ended_at is not None and kept.municipality_id == cast.oosterveen.id
    for page in (
        sign_in(cast.anna).get("/account/sessions").text,
        browser.get("/access/viewings").text,
        browser.get(f"/access/people/{cast.anna.id}").text,
    ):
        assert "Anna belde" in page and cast.ada.name in page
    assert "Anna belde" not in sign_in(cast.bram).get("/account/sessions").text


def test_after_stopping_she_is_herself(cast, look):
    browser = look(cast.anna)
    answer = browser.post("/access/view/stop", follow_redirects=True)
    assert answer.status_code == 200 and "U kijkt mee" not in answer.text
    assert browser.get("/directories").status_code == 200


def test_it_ends_after_a_quarter_of_an_hour(cast, look):
    browser = look(cast.anna)
    db.session.execute(sa.update(Viewing).values(ends_at=utc_now() - dt.timedelta(seconds=1)))
    db.session.commit()
    # What was typed with the eyes of Anna is not done in the name of Ada.
    assert browser.post("/locale", data={"locale": "en"}).status_code == 403
    answer = browser.get("/my/tickets", follow_redirects=True)
    assert answer.request.path == "/access" and "Het meekijken is gestopt" in answer.text
    assert browser.post("/locale", data={"locale": "nl"}).status_code == 302


def test_it_ends_at_sign_out(cast, look):
    browser = look(cast.anna)
    assert browser.post("/signout").status_code == 302
    db.session.expire_all()
    assert db.session.scalars(sa.select(Viewing.ended_at)).one() is not None
    assert asks_to_sign_in(browser.get("/my/tickets"))
    ended = sa.select(WebSession.ended_at).where(WebSession.person_id == cast.ada.id)
    assert db.session.scalars(ended).one() is not None


def test_it_ends_when_the_other_is_barred_or_becomes_an_administrator(cast, look):
    browser = look(cast.anna)
    cast.anna.is_active = False
    db.session.commit()
    assert browser.get("/my/tickets").location == "/access"


def test_one_does_not_lead_to_another(cast, look):
    browser = look(cast.els)
    answer = browser.post(f"/access/people/{cast.anna.id}/view", data={"reason": "verder"})
    assert answer.status_code == 403
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Viewing)) == 1


def test_a_cookie_of_another_browser_gives_no_eyes(cast, look, sign_in):
    look(cast.anna)
    browser = sign_in(cast.ada)
    with browser.session_transaction() as cookie:
        cookie["viewing"] = db.session.scalars(sa.select(Viewing.id)).one()
    assert browser.get("/my/tickets").location == "/access"


@pytest.mark.parametrize("who", ["ada", "barred", "other"])
def test_some_eyes_are_never_lent(cast, sign_in, who):
    cast.bram.is_active = False
    cast.daan.role = "administrator"
    db.session.commit()
    subject = {"ada": cast.ada, "barred": cast.bram, "other": cast.daan}[who]
    browser = sign_in(cast.ada)
    answer = browser.post(
        f"/access/people/{subject.id}/view", data={"reason": "x"}, follow_redirects=True
    )
    assert "Met deze persoon kunt u niet meekijken" in answer.text
    assert not db.session.scalars(sa.select(Viewing)).all()


def test_a_reason_is_asked(cast, sign_in):
    answer = sign_in(cast.ada).post(
        f"/access/people/{cast.anna.id}/view", data={"reason": "  "}, follow_redirects=True
    )
    assert "Vul in waarom u meekijkt" in answer.text


def test_forms_opened_with_other_eyes_are_refused(cast, sign_in):
    """The token of a page goes with the eyes that opened it."""
    browser = sign_in(cast.ada)
    browser.get("/access")
    with browser.session_transaction() as cookie:
        cookie["csrf_token"] = "of before"
    browser.post(f"/access/people/{cast.anna.id}/view", data={"reason": "x"})
    with browser.session_transaction() as cookie:
        assert cookie.get("csrf_token") != "of before"


def test_it_lasts_a_quarter_of_an_hour():
    assert viewing.LENGTH == dt.timedelta(minutes=15)


def test_the_key_of_an_app_is_for_its_owner_alone(cast, look):
    """Who set up half of a second step is not looked over the shoulder."""
    set_password(cast.daan, "correct paard batterij")
    seed = second_step.begin(cast.daan, utc_now()).seed.reveal()
    db.session.commit()
    page = look(cast.daan).get("/account/second-step")
    assert page.status_code == 200
    assert "qr-code" not in page.text and seed not in page.text.replace(" ", "")
