"""One field of many items at once, and lists kept under a name."""

import html

import pytest
import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import ChangeSet, Item
from servicedesk.inventory.views import ItemView
from tests.makers import make_item


@pytest.fixture
def servers(cast):
    return [
        make_item(f"srv-{n}", class_key="server", attributes={"memory": n * 1024})
        for n in (1, 2, 3)
    ]


def test_ada_sees_before_and_after_does_it_in_one_act_and_takes_it_back(sign_in, cast, servers):
    browser, address = sign_in(cast.ada), "/items/bulk?class=server"
    assert "srv-1" in browser.get(address).text
    sent = {"field": "memory", "value": "2048", "which": "all", "reason": "Gelijkgetrokken"}
    preview = html.unescape(browser.post(address, data=sent).text)
    assert "2 objecten krijgen een andere waarde" in preview and "1024 → <strong>2048" in preview
    db.session.expire_all()
    assert servers[0].attributes == {"memory": 1024}
    before = db.session.scalar(sa.select(sa.func.count(ChangeSet.id)))
    assert browser.post(address, data=sent | {"confirmed": "1"}).status_code == 303
    db.session.expire_all()
    assert [one.attributes["memory"] for one in servers] == [2048] * 3
    assert db.session.scalar(sa.select(sa.func.count(ChangeSet.id))) == before + 1
    page = browser.get("/items?class=server").text
    undo = page.partition('action="/items/changes/')[2].partition('"')[0]
    assert browser.post(f"/items/changes/{undo}").status_code == 303
    db.session.expire_all()
    assert [one.attributes["memory"] for one in servers] == [1024, 2048, 3072]


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("support_until", "31-12-2028", "2028-12-31"), ("status", "Afgevoerd", "retired"),
        ("manager", "daan mulder", None), ("serial", "", ""), ("yearly_cents", "12,50", 1250),
    ],
)  # fmt: skip
def test_the_envelope_changes_too_for_the_chosen_only(sign_in, cast, servers, field, value, kept):
    sent = {
        "field": field,
        "value": value,
        "which": "chosen",
        "item": [servers[1].uid],
        "confirmed": "1",
    }
    assert sign_in(cast.ada).post("/items/bulk?class=server", data=sent).status_code == 303
    db.session.expire_all()
    if field == "manager":
        assert [one.manager_id for one in servers] == [None, cast.daan.id, None]
    else:
        held = getattr(servers[1], field)
        assert (str(held) if field == "support_until" else held) == kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"field": "uid"}, {"field": "nonsense"}, {"value": "veel"}, {"which": "chosen"}, {"field": "manager", "value": "x"},
        {"field": "status", "value": "kwijt"}, {"field": "name", "value": ""}, {"field": "availability", "value": "9"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_changes(sign_in, cast, servers, wrong):
    sent = {
        "field": "memory",
        "value": "1",
        "which": "all",
        "confirmed": "1",
        "reason": "Mijn reden",
    } | wrong
    answer = sign_in(cast.ada).post("/items/bulk?class=server", data=sent)
    assert answer.status_code == 422 and "Mijn reden" in answer.text
    assert set(db.session.scalars(sa.select(Item.version))) == {1}


def test_daan_keeps_a_list_and_shares_it(sign_in, cast, servers):
    daan, els = sign_in(cast.daan), sign_in(cast.els)
    address = "/items/views?class=server&memory.gt=1024&columns=memory"
    answer = daan.post(address, data={"name": "Grote servers"})
    page = daan.get(answer.location).text
    assert "srv-2" in page and "srv-1" not in page and "Grote servers" in page
    assert "Grote servers" not in els.get("/items").text
    daan.post(address, data={"name": "Voor iedereen", "is_shared": "1"})
    assert "Voor iedereen" in els.get("/items").text
    assert daan.post(address, data={"name": " "}).status_code == 422
    view = db.session.scalars(sa.select(ItemView.id).order_by(ItemView.id)).first()
    assert els.post(f"/items/views/{view}/remove").status_code == 404
    assert daan.post(f"/items/views/{view}/remove").status_code == 303
    assert db.session.scalars(sa.select(ItemView.name)).all() == ["Voor iedereen"]
