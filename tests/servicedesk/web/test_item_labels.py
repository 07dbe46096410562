"""Labels with a code that leads to the item, and what is done with the items chosen in the list."""

import csv
import io
import re

import pytest
import segno

from cmdb import register
from cmdb.items import Hosting
from servicedesk.web.item_labels import A_SHEET, MOST
from servicedesk.web.qr import code
from tests.makers import NOW, make_item


@pytest.fixture
def servers(cast):
    return [make_item(f"srv-{n}", class_key="server") for n in (1, 2, 3)]


def numbers(page: str) -> list[str]:
    return re.findall(r'sticker-number">([^<]+)<', page)


def test_daan_prints_labels_of_what_he_chose(sign_in, cast, servers):
    chosen = {"class": "server", "item": [servers[0].uid, servers[2].uid]}
    page = sign_in(cast.daan).get("/items/labels", query_string=chosen).text
    assert numbers(page) == [servers[0].uid, servers[2].uid]
    assert code(f"http://localhost:8000/items/{servers[0].uid}", "sticker-code") in page


def test_or_of_the_whole_list_from_the_first_free_label_of_a_used_sheet(sign_in, cast, servers):
    page = sign_in(cast.daan).get("/items/labels?class=server&first=23").text
    assert numbers(page) == [one.uid for one in servers]
    assert page.count('class="sticker-sheet"') == 2
    assert page.count('<li class="sticker" aria-hidden="true">') == 22


@pytest.mark.parametrize("first", ["", "0", "x", "99", "-1", "²"])
def test_an_odd_first_label_is_no_trouble(sign_in, cast, servers, first):
    answer = sign_in(cast.daan).get(
        "/items/labels", query_string={"first": first, "class": "server"}
    )
    assert len(numbers(answer.text)) == 3


def test_an_empty_list_says_what_to_do(sign_in, cast):
    page = sign_in(cast.daan).get("/items/labels?item=SRV-9999").text
    assert numbers(page) == [] and "Kies in de lijst" in page


def test_ten_sheets_are_the_most(sign_in, cast):
    many = [
        {"class_key": "workstation", "name": f"pc-{n:03}", "hosting": Hosting.CENTRAL}
        for n in range(MOST + 1)
    ]
    register.add_many(many, register.begin(cast.ada, "test", NOW))
    page = sign_in(cast.daan).get("/items/labels?class=workstation").text
    assert len(numbers(page)) == MOST == 10 * A_SHEET
    assert f"Hier staan de eerste {MOST}" in page


def test_the_code_says_the_address():
    """Drawn once more by another road: the dark modules of each row, as the paths have them."""
    text = "http://localhost:8000/items/SRV-0001"
    matrix = segno.make(text, error="q", micro=False, boost_error=False).matrix
    assert f'viewBox="0 0 {len(matrix) + 8} {len(matrix) + 8}"' in code(text, "sticker-code")
    assert "style" not in code(text, "sticker-code")  # the pages allow none


def test_the_export_holds_the_chosen_only(sign_in, cast, servers):
    chosen = {"class": "server", "item": [servers[1].uid, "SRV-9999"]}
    answer = sign_in(cast.daan).get("/items/export.csv", query_string=chosen)
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows[1:]] == [servers[1].uid]


def test_a_choice_reaches_no_further_than_the_reader(sign_in, cast):
    strange = make_item("Laptop van Lindhoven", cast.lindhoven)
    answer = sign_in(cast.anna).get("/items/export.csv", query_string={"item": [strange.uid]})
    assert answer.text.strip().count("\n") == 0


def test_the_bulk_page_opens_with_the_chosen(sign_in, cast, servers):
    browser = sign_in(cast.ada)
    chosen = {"class": "server", "item": [servers[0].uid, servers[1].uid]}
    page = browser.get("/items/bulk", query_string=chosen).text
    assert page.count("checked> srv-") == 2 and "srv-3" not in page


def test_the_desk_chooses_in_the_list_and_a_municipality_does_not(sign_in, cast, servers):
    make_item("Laptop 1", cast.oosterveen)
    assert 'name="item" value="' in sign_in(cast.daan).get("/items").text
    assert 'name="item" value="' not in sign_in(cast.anna).get("/items").text
