"""What an item has more than one of, in the browser: shares, roles, steps and documents."""

import datetime as dt
import html
import io

import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db, utc_now
from cmdb.item_parts import ItemDocument, ItemRole, ItemStep
from cmdb.items import ChangeSet, ItemConsumer, ItemStatus
from cmdb.localtime import local
from servicedesk import jobs
from tests.makers import NOW, make_item


def text_of(answer) -> str:
    return html.unescape(answer.text)


def written(day: dt.date) -> str:
    return f"{day:%d-%m-%Y}"


@pytest.fixture
def today():
    return local(utc_now()).date()


@pytest.fixture
def shared(cast):
    return make_item("Belastingen", yearly_cents=100_000)


def last_change_set():
    return db.session.scalar(sa.select(ChangeSet).order_by(ChangeSet.id.desc()))


# Shares


def test_ada_divides_an_item_and_hears_what_does_not_add_up(sign_in, cast, shared):
    browser, address = sign_in(cast.ada), f"/items/{shared.uid}/shares"
    town, other = cast.oosterveen, cast.lindhoven
    sent = {f"share-{town.id}": "62,5", f"uses-{other.id}": "1", "reason": "Nieuwe sleutel"}
    assert browser.post(address, data=sent).status_code == 303
    held = sa.select(ItemConsumer.municipality_id, ItemConsumer.share)
    assert sorted(db.session.execute(held.where(ItemConsumer.item_id == shared.id)).all()) == [
        (town.id, 625), (other.id, None),
    ]  # fmt: skip
    page = text_of(browser.get(f"/items/{shared.uid}"))
    assert "62,5%" in page and "Samen 62,5%. De andere 37,5% is voor de eigenaar." in page
    assert "Nieuwe sleutel" in page and "Gebruikt door" in page  # in the history
    browser.post(address, data={f"share-{town.id}": "60", f"share-{other.id}": "50"})
    assert "Samen 110%, meer dan het geheel." in text_of(browser.get(f"/items/{shared.uid}/people"))
    browser.post(address, data={f"share-{town.id}": "60", f"share-{other.id}": "40"})
    assert "Samen" not in text_of(browser.get(f"/items/{shared.uid}"))


def test_ada_plans_another_division_from_a_day(sign_in, cast, shared, today):
    browser, town = sign_in(cast.ada), cast.oosterveen
    since, until = today + dt.timedelta(days=30), today + dt.timedelta(days=60)
    sent = {f"share-{town.id}": "100", "since": written(since), "until": written(until)}
    assert browser.post(f"/items/{shared.uid}/shares", data=sent).status_code == 303
    page = text_of(browser.get(f"/items/{shared.uid}/people"))
    assert written(since) in page and written(until) in page and "Oosterveen 100%" in page
    page = text_of(browser.get(f"/items/{shared.uid}"))
    assert "Gebruikt door" not in page.partition("Verantwoordelijk")[2]


def test_the_division_by_inhabitants_is_shown_before_it_is_kept(sign_in, cast, shared):
    cast.lindhoven.inhabitants = 33_000
    db.session.commit()
    browser, address = sign_in(cast.ada), f"/items/{shared.uid}/shares"
    marked = {f"uses-{town.id}": "1" for town in (cast.oosterveen, cast.lindhoven)}
    sent = marked | {"deed": "inhabitants"}
    page = browser.post(address, data=sent)
    assert page.status_code == 200 and 'value="25"' in page.text and 'value="75"' in page.text
    mine = ItemConsumer.item_id == shared.id
    assert db.session.scalar(sa.select(sa.func.count()).where(mine)) == 0
    assert browser.post(address, data={"deed": "inhabitants"}).status_code == 422


@pytest.mark.parametrize(
    ("share", "more", "sentence"),
    [
        ("101", {}, "tussen 0 en 100 procent"),
        ("-1", {}, "tussen 0 en 100 procent"),
        ("33,33", {}, "ten hoogste een cijfer na de komma"),
        ("veel", {}, "Vul een getal in"),
        ("50", {"since": "31-02-2026"}, "Deze datum bestaat niet"),
        ("50", {"since": "01-02-2026", "until": "01-02-2026"}, "einddatum"),
    ],
)
def test_a_share_that_will_not_do_is_refused_with_what_was_typed(
    sign_in, cast, shared, share, more, sentence
):
    sent = {f"share-{cast.oosterveen.id}": share} | more
    answer = sign_in(cast.ada).post(f"/items/{shared.uid}/shares", data=sent)
    assert answer.status_code == 422
    assert sentence in text_of(answer) and f'value="{share}"' in answer.text
    held = sa.select(ItemConsumer.share).where(ItemConsumer.item_id == shared.id)
    assert db.session.scalar(held) is None


def test_anna_sees_that_an_item_is_shared_and_only_her_own_share(sign_in, cast, shared):
    change_set = register.begin(None, "test", NOW)
    shares = {cast.oosterveen.id: 300, cast.lindhoven.id: 600}
    register.share_among(shared, shares, change_set)
    db.session.commit()
    page = text_of(sign_in(cast.anna).get(f"/items/{shared.uid}"))
    assert "30%" in page and "Gedeeld met andere gemeenten." in page
    assert "Lindhoven" not in page and "60%" not in page and "Samen" not in page


# Roles


def test_a_role_has_a_first_a_deputy_and_dates(sign_in, cast, shared, today):
    browser, address = sign_in(cast.ada), f"/items/{shared.uid}/roles"
    for more in ({"person": cast.els.login}, {"person": cast.daan.login, "is_deputy": "1"}):
        assert browser.post(address, data={"duty": "budget-holder"} | more).status_code == 303
    page = text_of(browser.get(f"/items/{shared.uid}"))
    assert "Budgethouder" in page and "Budgethouder (vervanger)" in page and cast.els.name in page
    until = today + dt.timedelta(days=20)
    dates = {"since": written(today), "until": written(until)}
    sent = {"duty": "budget-holder", "contact": "Inkoop"} | dates
    assert browser.post(address, data=sent).status_code == 303
    page = text_of(browser.get(f"/items/{shared.uid}/people"))
    assert f"tot {written(until)}" in page and f"vanaf {written(until)}" in page
    page = text_of(browser.get(f"/items/{shared.uid}")).partition("Verantwoordelijk")[2]
    assert "Inkoop" in page and cast.els.name not in page


def test_ada_takes_a_role_away(sign_in, cast, shared):
    register.set_role(shared, "budget-holder", register.begin(None, "test", NOW), person=cast.els)
    db.session.commit()
    key = db.session.scalar(sa.select(ItemRole.id))
    browser = sign_in(cast.ada)
    other = make_item("Ander")
    assert browser.post(f"/items/{other.uid}/roles/{key}/remove").status_code == 404
    assert browser.post(f"/items/{shared.uid}/roles/{key}/remove").status_code == 303
    assert db.session.scalar(sa.select(ItemRole.id)) is None
    page = text_of(browser.get(f"/items/{shared.uid}"))
    assert f"Budgethouder: {cast.els.name} vanaf 23-11-2026 → " in page  # in the history


@pytest.mark.parametrize(
    "wrong",
    [{"duty": "baas"}, {"person": "nobody"}, {}, {"contact": "Jan", "team": "1"},
     {"contact": "Jan", "since": "morgen"}],
)  # fmt: skip
def test_a_role_that_will_not_do_is_refused(sign_in, cast, shared, wrong):
    sent = {"duty": "budget-holder"} | wrong
    assert sign_in(cast.ada).post(f"/items/{shared.uid}/roles", data=sent).status_code == 422
    assert db.session.scalar(sa.select(ItemRole.id)) is None


# Steps


def test_a_planned_step_is_seen_and_taken_by_the_job(app, sign_in, cast, shared, today):
    browser, address = sign_in(cast.ada), f"/items/{shared.uid}/steps"
    day = today + dt.timedelta(days=40)
    assert browser.post(address, data={"status": "retired", "on": written(day)}).status_code == 303
    assert f"gepland op {written(day)}" in text_of(browser.get(f"/items/{shared.uid}"))
    (job,) = (one for one in jobs.JOBS if one.name == "take_planned_steps")
    jobs.run_job(app, job, utc_now())
    db.session.expire_all()
    assert shared.status == ItemStatus.IN_USE
    jobs.run_job(app, job, utc_now() + dt.timedelta(days=41))
    db.session.expire_all()
    assert shared.status == ItemStatus.RETIRED and last_change_set().source == "planned"
    page = text_of(browser.get(f"/items/{shared.uid}"))
    assert f"Afgevoerd gepland op {written(day)} → <strong>Afgevoerd gedaan op" in page


def test_a_step_that_the_register_refuses_holds_no_other_up(app, cast, today):
    change_set = register.begin(None, "test", utc_now())
    subnets = [
        make_item(name, class_key="subnet", attributes={"network": "10.1.0.0/24"}, status=status)
        for name, status in (("oud", ItemStatus.RETIRED), ("nieuw", ItemStatus.IN_USE))
    ]
    laptop = make_item("Laptop", cast.oosterveen, class_key="workstation")
    for item, status in ((subnets[0], ItemStatus.IN_USE), (laptop, ItemStatus.IN_REPAIR)):
        register.plan_step(item, status, today + dt.timedelta(days=2), change_set)
    db.session.commit()
    jobs.take_planned_steps(utc_now() + dt.timedelta(days=3))
    db.session.expire_all()
    assert (subnets[0].status, laptop.status) == (ItemStatus.RETIRED, ItemStatus.IN_REPAIR)


def test_ada_records_a_step_of_the_past_and_drops_a_plan(sign_in, cast, shared, today):
    browser, address = sign_in(cast.ada), f"/items/{shared.uid}/steps"
    assert browser.post(address, data={"status": "in-stock", "on": "01-02-2020"}).status_code == 303
    assert "gedaan op 01-02-2020" in text_of(browser.get(f"/items/{shared.uid}"))
    key = db.session.scalar(sa.select(ItemStep.id))
    assert browser.post(f"{address}/{key}/remove").status_code == 303
    assert browser.post(f"{address}/{key}/remove").status_code == 404
    for wrong in ({"status": "weg", "on": "01-02-2020"}, {"status": "retired"},
                  {"status": "retired", "on": "01-02-0001"}):  # fmt: skip
        assert browser.post(address, data=wrong).status_code == 422


# Documents


def upload(data=b"%PDF-1.4 geheim", name="../plan é.pdf"):
    return {"file": (io.BytesIO(data), name), "reason": "Getekend"}


def test_a_document_is_kept_shown_and_taken_along_as_a_file(sign_in, cast, shared):
    browser, address = sign_in(cast.ada), f"/items/{shared.uid}/documents"
    assert browser.post(address, data=upload()).status_code == 303
    document = db.session.scalars(sa.select(ItemDocument)).one()
    assert (document.name, document.content_type) == ("plan é.pdf", "application/pdf")
    page = text_of(browser.get(f"/items/{shared.uid}"))
    assert "plan é.pdf" in page and "Getekend" in page
    answer = sign_in(cast.daan).get(f"{address}/{document.id}")
    assert answer.data == b"%PDF-1.4 geheim"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    other = make_item("Ander")
    assert browser.get(f"/items/{other.uid}/documents/{document.id}").status_code == 404


def test_a_document_is_only_for_who_sees_the_item(sign_in, cast):
    laptop = make_item("Laptop", cast.oosterveen, class_key="workstation")
    change_set = register.begin(None, "test", NOW)
    document = register.attach(laptop, "bon.txt", "text/plain", b"bon", "0" * 64, change_set)
    db.session.commit()
    address = f"/items/{laptop.uid}/documents/{document.id}"
    assert sign_in(cast.anna).get(address).status_code == 200
    assert sign_in(cast.carla).get(address).status_code == 404


def test_a_removed_document_is_found_in_the_past(sign_in, cast, shared, today):
    change_set = register.begin(None, "test", NOW)
    document = register.attach(shared, "bon.txt", "text/plain", b"bon", "0" * 64, change_set)
    db.session.commit()
    browser, address = sign_in(cast.ada), f"/items/{shared.uid}/documents/{document.id}"
    assert browser.post(f"{address}/remove").status_code == 303
    assert address not in browser.get(f"/items/{shared.uid}").text
    assert address in browser.get(f"/items/{shared.uid}?on=24-11-2026").text
    assert browser.get(address).data == b"bon"


def test_what_is_no_document_is_refused(sign_in, cast, shared, monkeypatch):
    monkeypatch.setattr("servicedesk.web.item_documents.MAX_ATTACHMENT_BYTES", 10)
    browser, address = sign_in(cast.ada), f"/items/{shared.uid}/documents"
    for sent, sentence in (
        ({}, "Kies een bestand"), (upload(b""), "is leeg"), (upload(b"x" * 11), "te groot"),
    ):  # fmt: skip
        answer = browser.post(address, data=sent)
        assert answer.status_code == 422 and sentence in text_of(answer)
    assert db.session.scalar(sa.select(ItemDocument.id)) is None
