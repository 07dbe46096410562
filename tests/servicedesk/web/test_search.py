"""The one search box: items and tickets, of what the reader may see."""

import html

import pytest

from cmdb.database import db
from tests.makers import make_item, make_ticket


@pytest.fixture
def stock(cast):
    made = {
        "laptop": make_item("Laptop 12", cast.oosterveen, serial="SN-4711"),
        "strange": make_item("Laptop 99", cast.lindhoven, serial="SN-4712"),
        "server": make_item(
            "vl-db-02", class_key="server", attributes={"mac": "00:1a:2b:3c:4d:5e"}
        ),
    }
    made["ticket"] = make_ticket(cast.anna, title="De laptop start niet op")
    db.session.commit()
    return made


def search(browser, words: str) -> str:
    answer = browser.get("/search", query_string={"q": words})
    assert answer.status_code == 200, answer.location
    return html.unescape(answer.text)


def test_daan_finds_items_and_tickets_with_one_question(sign_in, cast, stock):
    page = search(sign_in(cast.daan), "laptop")
    assert all(text in page for text in ("Laptop 12", "Laptop 99", "De laptop start niet op"))
    assert stock["ticket"].number in page


@pytest.mark.parametrize("words", ["001A.2B3C.4D5E", "db-02"])
def test_by_address_and_part_of_a_name(sign_in, cast, stock, words):
    page = search(sign_in(cast.daan), words)
    assert "vl-db-02" in page and "Laptop 12" not in page


def test_the_one_with_exactly_that_serial_number_comes_first(sign_in, cast, stock):
    make_item("A-laptop", cast.oosterveen, serial="SN-47110")
    page = search(sign_in(cast.daan), "sn-4711")
    assert page.index("Laptop 12") < page.index("A-laptop")


def test_a_whole_number_leads_to_what_has_it(sign_in, cast, stock):
    browser = sign_in(cast.daan)
    for kind, address in (("laptop", "/items/"), ("ticket", "/desk/tickets/")):
        number = getattr(stock[kind], "uid", None) or stock[kind].number
        answer = browser.get("/search", query_string={"q": f" {number.lower()} "})
        assert (answer.status_code, answer.location) == (303, address + number)


def test_a_municipality_finds_what_it_sees_and_nothing_tells_of_the_rest(sign_in, cast, stock):
    browser = sign_in(cast.anna)
    page = search(browser, "laptop")
    assert "Laptop 12" in page and "Laptop 99" not in page
    assert "De laptop start niet op" in page
    unknown, forbidden = (search(browser, q) for q in ("sn-9999", stock["strange"].uid))
    assert "Niets gevonden" in unknown and "Niets gevonden" in forbidden
    assert "De laptop start niet op" not in search(sign_in(cast.bram), "start niet")


@pytest.mark.parametrize("words", ["", "x", "%", "_%", "'--", "a" * 5000, "\"*", "💥", ":", "NEAR("])
def test_nothing_that_is_typed_breaks_it(sign_in, cast, stock, words):
    assert "Laptop 12" not in search(sign_in(cast.daan), words)


def test_many_hits_are_cut_with_a_way_to_all(sign_in, cast):
    for n in range(25):
        make_item(f"pc-{n:02}", cast.oosterveen)
    page = search(sign_in(cast.daan), "pc")
    assert page.count('<li><a href="/items/') == 20 and "/items?q=pc" in page


def test_a_word_of_very_many_items_is_not_followed_to_the_end(sign_in, cast, monkeypatch):
    monkeypatch.setattr("servicedesk.web.search._MOST", 3)
    for n in range(9):
        make_item(f"pc-{n:02}", cast.oosterveen)
    page = search(sign_in(cast.daan), "pc")
    assert page.count('<li><a href="/items/') == 3


def test_the_box_stands_on_every_page_of_the_desk(sign_in, cast):
    assert 'action="/search"' in sign_in(cast.daan).get("/desk").text
