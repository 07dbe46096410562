"""Change sets with undo, two dates compared, and named moments."""

import datetime as dt
import html

import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db
from cmdb.items import Baseline, ItemVersion
from servicedesk import jobs
from tests.makers import NOW, make_item

EARLIER = NOW - dt.timedelta(days=100)


@pytest.fixture
def server(cast):
    """A server of a hundred days old, of which Ada changed the memory on the day of NOW."""
    item = register.add(
        "server", register.begin(cast.ada, "import lijst.csv", EARLIER, "Eerste opname"), name="srv-1",
        hosting="central", municipality_id=None, attributes={"memory": 1024},
    )  # fmt: skip
    register.change(
        item, register.begin(cast.ada, "browser", NOW, "Meer geheugen"), attributes={"memory": 2048}
    )
    db.session.commit()
    return item


def changed_by(browser) -> str:
    """The address of the newest change set."""
    return browser.get("/items/changes").text.partition('<td><a href="')[2].partition('"')[0]


def test_change_sets_tell_who_why_and_what(sign_in, cast, server):
    browser = sign_in(cast.daan)
    page = html.unescape(browser.get("/items/changes").text)
    assert "Meer geheugen" in page and "import lijst.csv" in page and cast.ada.name in page
    assert "Ongedaan maken</button>" not in page
    told = html.unescape(browser.get(changed_by(browser)).text)
    assert "Geheugen" in told and "1024 MiB → <strong>2048 MiB" in told


def test_ada_takes_a_change_back_and_is_told_when_she_cannot(sign_in, cast, server):
    browser = sign_in(cast.ada)
    address = changed_by(browser)
    assert browser.post(f"{address}/undo").status_code == 303
    db.session.expire_all()
    assert server.attributes == {"memory": 1024}
    refused = browser.post(f"{address}/undo")
    assert refused.status_code == 409 and "srv-1" in refused.text
    assert browser.post("/items/changes/999999/undo").status_code == 404


def test_two_dates_are_compared_field_by_field(sign_in, cast, server):
    make_item("nieuw")
    browser = sign_in(cast.daan)
    page = html.unescape(browser.get("/items/compare?from=01-10-2026").text)
    assert "1024 MiB → <strong>2048 MiB" in page and "nieuw" in page and "toegevoegd" in page
    page = browser.get("/items/compare?from=2026-01-01&to=2026-10-01").text
    assert "srv-1" in page and "2048" not in page
    assert "niets gewijzigd" in browser.get("/items/compare?from=2026-09-01&to=2026-10-01").text
    for wrong in ("from=onzin", "from=2026-10-01&to=2026-09-01", "from=2999-01-01"):
        assert browser.get(f"/items/compare?{wrong}").status_code == 422


def test_every_difference_is_on_one_page(sign_in, cast, server, monkeypatch):
    monkeypatch.setattr("servicedesk.web.item_changes._PAGE", 2)
    for number in range(4):
        make_item(f"nieuw-{number}")
    browser, address, seen = sign_in(cast.daan), "/items/compare?from=2026-10-01", ""
    for _page in range(10):
        page = html.unescape(browser.get(address).text)
        seen += page
        address = page.partition('" rel="next"')[0].rpartition('href="')[2]
        if 'rel="next"' not in page:
            break
    assert all(seen.count(f">nieuw-{number}<") == 1 for number in range(4))


def test_a_moment_gets_a_name_once(sign_in, cast, server):
    browser = sign_in(cast.ada)
    assert (
        browser.post("/items/baselines", data={"name": "Audit", "on": "01-10-2026"}).status_code
        == 303
    )
    page = browser.get("/items/baselines").text
    address = page.partition("/items/compare?baseline=")[2].partition('"')[0]
    assert "Audit" in page and "2048 MiB" in browser.get(f"/items/compare?baseline={address}").text
    for wrong in ({"name": "Audit"}, {"name": ""}, {"name": "Later", "on": "01-01-2999"}):
        answer = browser.post("/items/baselines", data=wrong)
        assert answer.status_code == 422 and wrong["name"] in answer.text


def test_two_dates_tell_the_relations_that_came_and_went_too(sign_in, cast, server):
    begin = {days: register.begin(None, "test", NOW + dt.timedelta(days=days)) for days in (0, 1, 2)}
    old = register.relate(cast.application, server, "needs", begin[0])
    other = make_item("srv-2", class_key="server")
    register.relate(cast.application, other, "needs", begin[1])
    register.unrelate([old], begin[2])
    db.session.commit()
    page = html.unescape(sign_in(cast.daan).get("/items/compare?from=2026-11-23").text)
    told = page.partition("Verschillen</")[2] or page
    assert "heeft nodig</span> srv-1 → <strong>leeg" in told
    assert "heeft nodig</span> leeg → <strong>srv-2" in told
    assert cast.application.name in told


def test_two_baselines_are_compared(sign_in, cast, server):
    browser = sign_in(cast.ada)
    for name, on in (("Nulmeting", "01-10-2026"), ("Najaar", "24-11-2026")):
        assert browser.post("/items/baselines", data={"name": name, "on": on}).status_code == 303
    first, second = db.session.scalars(sa.select(Baseline.id).order_by(Baseline.id)).all()
    address = f"/items/compare?baseline={first}&baseline_to={second}"
    page = html.unescape(browser.get(address).text)
    assert "Nulmeting – Najaar" in page and "1024 MiB → <strong>2048 MiB" in page
    address = f"/items/compare?baseline={second}&baseline_to={first}"
    page = html.unescape(browser.get(address).text)
    assert "De eerste datum ligt na de tweede" in page


def test_nothing_ever_prunes_the_history(app, cast, server):
    """Run all that runs on time, ten years on: every version is still there."""
    before = db.session.scalar(sa.select(sa.func.count(ItemVersion.id)))
    for job in jobs.JOBS:
        jobs.run_job(app, job, NOW + dt.timedelta(days=3653))
    assert db.session.scalar(sa.select(sa.func.count(ItemVersion.id))) == before
