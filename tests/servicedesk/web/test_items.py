"""The pages of items: what there is, who looks after it, and what was said about it."""

import html
import re

import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db
from cmdb.items import Hosting, Item, ItemConsumer, ItemStatus, ItemVersion
from servicedesk.tickets import actions, outages
from tests.makers import NOW, make_item, make_person, make_ticket


@pytest.fixture
def own(cast):
    """A device of Anna at Oosterveen, looked after by Daan."""
    return make_item("Laptop 12", cast.oosterveen, user_id=cast.anna.id, manager_id=cast.daan.id)


@pytest.fixture
def foreign(cast):
    return make_item("Kassa Lindhoven", cast.lindhoven)


def names(page) -> list[str]:
    return [
        html.unescape(name) for name in re.findall(r'class="row-link"[^>]*>([^<]+)<', page.text)
    ]


def form_of(item, **values):
    """What the form would send for `item` as it stands, with other values."""
    sent = {
        "version": item.version,
        "item_class": item.class_key,
        "name": item.name,
        "description": item.description,
        "hosting": item.hosting.value,
        "status": item.status.value,
        "owner": item.municipality_id or "",
        "location": item.location_id or "",
        "user": item.user.login if item.user else "",
        "manager": item.manager_id or "",
        "deputy": item.deputy_id or "",
        "consumers": [consumer.municipality_id for consumer in item.consumers],
    }
    return sent | values


# The list


def test_anna_sees_what_is_of_her_municipality_and_what_it_shares(sign_in, cast, own, foreign):
    page = sign_in(cast.anna).get("/items")
    assert names(page) == ["Laptop 12", "Zaaksysteem"]
    assert "gedeeld" in page.text and "Lindhoven" not in page.text


def test_only_a_menu_with_more_entries_offers_more(sign_in, cast, own):
    assert 'popovertarget="more"' in sign_in(cast.daan).get("/items").text
    assert 'id="more"' not in sign_in(cast.anna).get("/items").text
    assert 'popovertarget="more"' not in sign_in(cast.anna).get("/items").text


def test_daan_sees_everything_with_how_many_share_it(sign_in, cast, own, foreign):
    page = sign_in(cast.daan).get("/items?view=all")
    assert names(page) == ["Kassa Lindhoven", "Laptop 12", "Zaaksysteem"]
    assert "2 gemeenten" in page.text and "3 objecten" in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=lapTOP", ["Laptop 12"]),
        ("q=APP-", ["Kassa Lindhoven", "Laptop 12", "Zaaksysteem"]),
        ("q=%25", []),
        ("q=_____________", []),
        ("q=%27+OR+1%3D1--", []),
        ("status=retired", []),
        (
            "status=in-use&hosting=central&class=application",
            ["Kassa Lindhoven", "Laptop 12", "Zaaksysteem"],
        ),
        ("class=%27;DROP", []),
        ("status=nonsense&hosting=nonsense", ["Kassa Lindhoven", "Laptop 12", "Zaaksysteem"]),
        ("municipality=99999999999999999999", ["Kassa Lindhoven", "Laptop 12", "Zaaksysteem"]),
        ("after=nonsense&before=nonsense", ["Kassa Lindhoven", "Laptop 12", "Zaaksysteem"]),
    ],
)
def test_what_is_asked_narrows_the_list_and_nonsense_does_not_break_it(
    sign_in, cast, own, foreign, query, found
):
    page = sign_in(cast.daan).get(f"/items?{query}")
    assert page.status_code == 200 and names(page) == found


def test_daan_filters_on_a_municipality_its_own_items_and_the_shared(sign_in, cast, own, foreign):
    page = sign_in(cast.daan).get(f"/items?municipality={cast.oosterveen.id}")
    assert names(page) == ["Laptop 12", "Zaaksysteem"]


def test_carla_does_not_filter_her_way_to_another_municipality(sign_in, cast, own, foreign):
    page = sign_in(cast.carla).get(f"/items?municipality={cast.oosterveen.id}&q=Laptop")
    assert names(page) == [] and "Laptop 12" not in page.text


def test_every_item_is_on_exactly_one_page_in_both_directions(sign_in, cast, monkeypatch):
    monkeypatch.setattr("servicedesk.inventory.lists.PAGE", 3)
    for name in ("Alfa", "Alfa", "Alfa", "Beta", "Gamma", "Gamma"):
        make_item(name)
    browser, seen, address, pages = sign_in(cast.daan), [], "/items", []
    while address:
        page = browser.get(address)
        pages.append(re.findall(r'class="number">(APP-\d+)', page.text))
        seen += pages[-1]
        address = link(page, "next")
    assert len(seen) == len(set(seen)) == 7
    back = link(page, "prev")
    assert re.findall(r'class="number">(APP-\d+)', browser.get(back).text) == pages[-2]


def link(page, rel) -> str | None:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page.text)
    return found and html.unescape(found[1])


def test_the_list_takes_as_many_statements_for_many_items_as_for_few(sign_in, cast, statements):
    browser = sign_in(cast.daan)
    statements.clear()
    browser.get("/items")
    few = len(statements)
    for number in range(20):
        make_item(f"Server {number}", consumers=[cast.oosterveen])
    statements.clear()
    browser.get("/items")
    assert len(statements) <= few <= 12


@pytest.fixture
def statements(session):
    seen = []

    def keep(connection, cursor, statement, *rest):
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "SELECT set_config")):
            seen.append(statement)

    sa.event.listen(db.engines[None], "before_cursor_execute", keep)
    yield seen
    sa.event.remove(db.engines[None], "before_cursor_execute", keep)


# One item


def test_the_page_tells_who_looks_after_it_and_who_has_it(sign_in, cast, own):
    page = sign_in(cast.anna).get(f"/items/{own.uid}")
    assert page.status_code == 200
    for words in ("Laptop 12", own.uid, "Daan Mulder", "Anna Bakker", "Oosterveen"):
        assert words in page.text


def test_an_item_of_another_municipality_is_no_page(sign_in, cast, own, foreign):
    assert sign_in(cast.anna).get(f"/items/{foreign.uid}").status_code == 404
    assert sign_in(cast.carla).get(f"/items/{own.uid}").status_code == 404


def test_who_else_uses_a_shared_item_is_not_told_to_a_municipality(sign_in, cast):
    address = f"/items/{cast.application.uid}"
    anna, daan = sign_in(cast.anna).get(address), sign_in(cast.daan).get(address)
    assert "Lindhoven" not in anna.text
    assert "Lindhoven" in daan.text and "Oosterveen" in daan.text


def test_its_tickets_are_those_that_the_reader_may_read(sign_in, cast):
    shared = cast.application
    for person, title in (
        (cast.anna, "van Anna"),
        (cast.bram, "van Bram"),
        (cast.carla, "van Carla"),
    ):
        make_ticket(person, title=title, items=[shared])
    closed = make_ticket(cast.anna, title="eerder van Anna", items=[shared])
    actions.cancel(closed, "Dubbel", cast.anna, NOW)
    db.session.commit()
    read = {
        cast.anna: ["van Anna", "eerder van Anna"],
        cast.carla: ["van Carla"],
        cast.mia: ["van Bram", "van Anna", "eerder van Anna"],
        cast.daan: ["van Carla", "van Bram", "van Anna", "eerder van Anna"],
    }
    for person, titles in read.items():
        page = sign_in(person).get(f"/items/{shared.uid}").text
        assert re.findall(r">((?:eerder )?van \w+)</a>", page) == titles
        assert (
            f"{len(titles) - ('eerder van Anna' in titles)} open, {len(titles)} in totaal" in page
        )


def test_a_running_outage_is_told_where_it_matters(sign_in, cast):
    outage = outages.start(cast.application, "Inloggen lukt niet", NOW)
    db.session.commit()
    address = f"/items/{cast.application.uid}"
    assert "Inloggen lukt niet" in sign_in(cast.anna).get(address).text
    outages.end(outage, "Weer in orde", NOW)
    db.session.commit()
    assert "Inloggen lukt niet" not in sign_in(cast.anna).get(address).text


def test_history_is_for_who_works_with_it(sign_in, cast, own):
    register.change(
        own, register.begin(cast.ada, "browser", NOW, "Accu stuk"), status=ItemStatus.IN_REPAIR
    )
    db.session.commit()
    assert "Accu stuk" in sign_in(cast.daan).get(f"/items/{own.uid}").text
    assert "Accu stuk" not in sign_in(cast.anna).get(f"/items/{own.uid}").text


def test_what_somebody_typed_stays_text(sign_in, cast, own):
    evil = "<img src=x onerror=alert(1)>\"'{{7*7}}"
    register.change(
        own, register.begin(cast.ada, "browser", NOW, evil), name=evil, description=evil
    )
    make_ticket(cast.anna, title=evil, items=[own])
    db.session.commit()
    for address in ("/items", f"/items/{own.uid}", f"/items/{own.uid}/edit", f"/items?q={evil}"):
        page = sign_in(cast.ada).get(address)
        assert page.status_code == 200 and "<img src=x" not in page.text and "49" not in names(page)


# Registering and changing


def test_ada_registers_an_item(sign_in, cast):
    values = {
        "item_class": "application", "name": " Belastingen ", "hosting": "saas", "status": "planned",
        "owner": "", "location": "", "manager": cast.daan.id, "deputy": cast.femke.id,
        "consumers": [cast.oosterveen.id, cast.lindhoven.id], "reason": "Nieuw contract",
    }  # fmt: skip
    answer = sign_in(cast.ada).post("/items/new", data=values)
    assert answer.status_code == 303
    item = db.session.scalars(sa.select(Item).where(Item.name == "Belastingen")).one()
    assert answer.location == f"/items/{item.uid}"
    assert (item.hosting, item.status, item.manager, item.deputy) == (
        Hosting.SAAS, ItemStatus.PLANNED, cast.daan, cast.femke,
    )  # fmt: skip
    assert {one.municipality_id for one in item.consumers} == {
        cast.oosterveen.id,
        cast.lindhoven.id,
    }
    version = db.session.scalars(sa.select(ItemVersion).where(ItemVersion.item_id == item.id)).one()
    assert (version.change_set.actor, version.change_set.reason) == (cast.ada, "Nieuw contract")


def test_ada_changes_an_item_and_its_shares_stay(sign_in, cast):
    shared = cast.application
    change_set = register.begin(None, "test", NOW)
    register.share_among(shared, {cast.oosterveen.id: 700, cast.lindhoven.id: 300}, change_set)
    db.session.commit()
    answer = sign_in(cast.ada).post(
        f"/items/{shared.uid}/edit",
        data=form_of(shared, name="Zaaksysteem 2", consumers=[cast.oosterveen.id]),
    )
    assert answer.status_code == 303
    db.session.expire_all()
    assert (shared.name, shared.version) == ("Zaaksysteem 2", 4)  # the share of before, the name, the shares
    still = [one for one in shared.consumers if one.valid_to is None]
    assert [(one.municipality_id, one.share) for one in still] == [(cast.oosterveen.id, 700)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 500), ("hosting", "moon"), ("status", "lost"), ("owner", "999999"),
        ("owner", "x"), ("location", "999999"), ("location", "x"), ("manager", "999999"), ("user", "nobody-here"),
        ("consumers", ["999999"]), ("consumers", ["x"]), ("item_class", "nonsense"), ("description", "x" * 5000),
        ("version", "x"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_and_what_was_typed_is_kept(sign_in, cast, own, field, value):
    sent = form_of(own, reason="Mijn reden") | {field: value}
    for address in (f"/items/{own.uid}/edit", "/items/new"):
        if (address, field) in (
            (f"/items/{own.uid}/edit", "item_class"),
            ("/items/new", "version"),
        ):
            continue
        answer = sign_in(cast.ada).post(address, data=sent)
        assert answer.status_code == 422 and "Mijn reden" in answer.text, address
    db.session.expire_all()
    assert own.version == 1


def test_a_location_or_user_of_another_municipality_is_refused(sign_in, cast, own):
    theirs = make_person("Carlo Prins", cast.lindhoven)
    location = db.session.scalar(
        sa.text(f"SELECT id FROM location WHERE municipality_id = {cast.lindhoven.id}")
    )
    for wrong in ({"location": location}, {"user": theirs.login}):
        answer = sign_in(cast.ada).post(f"/items/{own.uid}/edit", data=form_of(own, **wrong))
        assert answer.status_code == 422


def test_the_second_of_two_writers_is_told_what_changed_and_keeps_her_text(sign_in, cast, own):
    sent = form_of(own, description="Wat Ada typte")
    register.change(own, register.begin(cast.els, "browser", NOW), name="Laptop 13")
    db.session.commit()
    browser = sign_in(cast.ada)
    answer = browser.post(f"/items/{own.uid}/edit", data=sent)
    assert answer.status_code == 409
    assert "Wat Ada typte" in answer.text and "Laptop 13" in answer.text
    assert 'name="version" type="hidden" value="2"' in answer.text
    db.session.expire_all()
    assert own.description == ""
    assert browser.post(f"/items/{own.uid}/edit", data=sent | {"version": 2}).status_code == 303


def test_an_item_does_not_take_what_its_form_does_not_hold(sign_in, cast, own):
    planted = {
        "uid": "APP-0666",
        "id": 1,
        "attributes": "{}",
        "class_key": "server",
        "item_class": "server",
    }
    sign_in(cast.ada).post(f"/items/{own.uid}/edit", data=form_of(own, name="Laptop 13") | planted)
    db.session.expire_all()
    assert (own.name, own.class_key) == ("Laptop 13", "application") and own.uid != "APP-0666"


@pytest.mark.parametrize("who", ["anna", "mia", "daan", "els", "carla"])
def test_only_an_administrator_changes_items(sign_in, cast, own, who):
    browser = sign_in(getattr(cast, who))
    for address in (f"/items/{own.uid}/edit", "/items/new"):
        assert (
            browser.get(address).status_code
            == browser.post(address, data=form_of(own)).status_code
            == 404
        )
    assert db.session.scalar(sa.select(sa.func.count(ItemConsumer.item_id))) == 2
