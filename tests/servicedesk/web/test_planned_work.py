"""Daan announces work, and asks in advance what falls; Anna sees what she will notice."""

import datetime as dt
import html

import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db, utc_now
from cmdb.localtime import local
from servicedesk.tickets import outages, planned_work
from servicedesk.tickets.models import PlannedWork
from servicedesk.tickets.workflow import Severity
from tests.makers import NOW, make_item
from tests.servicedesk.web.test_impact import text_of

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def storage(cast):
    """Storage of the centre, under the shared application and under one of Lindhoven alone."""
    storage, theirs = make_item("vl-san", class_key="storage"), make_item("Kassa", cast.lindhoven)
    act = register.begin(None, "test", NOW)
    for item in (cast.application, theirs):
        register.relate(item, storage, "needs", act)
    db.session.commit()
    return storage


def written(at: dt.datetime) -> str:
    return f"{local(at):%Y-%m-%dT%H:%M}"


def form(storage, start=HOUR, end=3 * HOUR, **values):
    now = utc_now()
    return {
        "items": storage.uid, "severity": "down", "message": "Nieuwe schijven",
        "starts": written(now + start), "ends": written(now + end), **values,
    }  # fmt: skip


def test_announced_work_answers_at_once_what_falls(cast, storage, sign_in):
    browser = sign_in(cast.daan)
    answer = browser.post("/planned-work", data=form(storage), follow_redirects=True)
    assert answer.status_code == 200
    shown = text_of(html.unescape(answer.text))
    assert "Als vl-san uitvalt: 2 uitgevallen" in shown and "Nieuwe schijven" in shown
    assert "Kassa" in shown and "Zaaksysteem" in shown
    assert "vl-san" in browser.get("/planned-work").text


def test_several_items_by_name_or_number(cast, storage, sign_in):
    sign_in(cast.daan).post("/planned-work", data=form(storage, items="vl-san, zaaksysteem ,"))
    [work] = db.session.scalars(sa.select(PlannedWork))
    assert {item.name for item in work.items} == {"vl-san", "Zaaksysteem"}


@pytest.mark.parametrize("wrong, told", [
    ({"items": "bestaat niet"}, "geen object met deze naam"),
    ({"items": ""}, "Kies waaraan gewerkt wordt"),
    ({"starts": "morgen"}, "Vul een datum en een tijd in"),
    ({"ends": "2001-01-01T10:00"}, "Het einde ligt na het begin"),
    ({"starts": "2001-01-01T10:00", "ends": "2001-01-01T11:00"}, "dat nog komt"),
    ({"ends": "2399-01-01T10:00"}, "ten hoogste een maand"),
    ({"message": " "}, "Schrijf wat mensen moeten weten"),
    ({"severity": "exploded"}, "Kies een van de mogelijkheden"),
])  # fmt: skip
def test_what_makes_no_sense_is_told_and_the_form_stays_filled(
    cast, storage, sign_in, wrong, told
):
    answer = sign_in(cast.daan).post("/planned-work", data=form(storage, **wrong))
    assert answer.status_code == 422 and told in answer.text
    assert not db.session.scalars(sa.select(PlannedWork)).all()
    if "message" not in wrong:
        assert "Nieuwe schijven" in answer.text


def test_work_that_goes_on_counts_as_the_outage_that_it_is(cast, storage, sign_in):
    now = utc_now()
    planned_work.announce(
        [storage], "Nieuwe schijven", Severity.DOWN, now - HOUR, now + HOUR, cast.daan
    )
    db.session.commit()
    page = sign_in(cast.daan).get(f"/items/{cast.application.uid}/impact").text
    assert "Niets anders valt uit" in text_of(page)
    kassa = db.session.scalars(sa.select(PlannedWork)).one()
    planned_work.call_off(kassa, now)
    db.session.commit()


def test_two_windows_at_once_are_seen_together(cast, sign_in):
    """Each of two servers may be missed; on Thursday both are worked on."""
    pair = [make_item(name, class_key="server") for name in ("vl-db-01", "vl-db-02")]
    act = register.begin(None, "test", NOW)
    register.change(
        cast.application, act,
        groups=[{"label": "servers", "rule": {"kind": "at_least", "count": 1}}],
    )  # fmt: skip
    for server in pair:
        register.relate(cast.application, server, "needs", act, group="servers")
    db.session.commit()
    browser, thursday = sign_in(cast.daan), utc_now() + 3 * dt.timedelta(days=1)
    works = []
    for server in pair:
        page = text_of(_announced(browser, server, thursday))
        works.append(page)
    assert ": 1 kwetsbaar." in works[0]
    assert ": 1 uitgevallen." in works[1]


def _announced(browser, item, start):
    data = form(item) | {"starts": written(start), "ends": written(start + HOUR)}
    return html.unescape(
        browser.post("/planned-work", data=data, follow_redirects=True).text
    )


def test_an_outage_that_runs_still_counts_in_advance(cast, storage, sign_in):
    outages.start(storage, "Stuk", utc_now())
    db.session.commit()
    shown = text_of(_announced(sign_in(cast.daan), cast.application, utc_now() + HOUR))
    assert "Dit was al zo" not in shown and "Niets anders valt uit" in shown


def test_what_is_called_off_falls_no_more(cast, storage, sign_in):
    browser = sign_in(cast.daan)
    browser.post("/planned-work", data=form(storage))
    [work] = db.session.scalars(sa.select(PlannedWork))
    assert browser.post(f"/planned-work/{work.id}/call-off").status_code == 303
    assert "ingetrokken" in browser.get("/planned-work").text
    assert browser.post(f"/planned-work/{work.id}/call-off").status_code == 409
    assert planned_work.felt_by(cast.anna, ("application",), utc_now()) == []


def test_anna_sees_what_she_will_notice_and_nothing_of_what_it_hangs_on(cast, storage, sign_in):
    sign_in(cast.daan).post("/planned-work", data=form(storage))
    page = sign_in(cast.anna).get("/my/tickets").text
    assert "Gepland werk" in page and "Zaaksysteem" in page and "werkt dan niet" in page
    for hidden in ("vl-san", storage.uid, "Kassa", "Nieuwe schijven"):
        assert hidden not in page
    carla = sign_in(cast.carla).get("/my/tickets").text
    assert "Zaaksysteem" in carla and "vl-san" not in carla


def test_anna_reads_the_message_of_work_on_what_she_uses(cast, sign_in):
    sign_in(cast.daan).post("/planned-work", data=form(cast.application))
    assert "Nieuwe schijven" in sign_in(cast.anna).get("/my/tickets").text
    far = form(cast.application) | {"starts": "2199-01-01T10:00", "ends": "2199-01-01T11:00"}
    sign_in(cast.daan).post("/planned-work", data=far | {"message": "Over lange tijd"})
    assert "Over lange tijd" not in sign_in(cast.anna).get("/my/tickets").text
