"""The list of items: filters on every field and relation, columns, order, files, and other days."""

import csv
import datetime as dt
import html
import io
import re

import pytest
from openpyxl import load_workbook

from cmdb import register
from cmdb.database import db
from cmdb.item_parts import IdentifierKind
from cmdb.items import Environment, ItemStatus
from tests.makers import NOW, make_item

EARLIER = NOW - dt.timedelta(days=200)


@pytest.fixture
def servers(cast):
    """Three servers of the centre; only the first is backed up."""
    backup = make_item("Back-up centraal", class_key="backup-service")
    first = make_item(
        "srv-a", class_key="server", support_until=dt.date(2026, 6, 1), yearly_cents=120000,
        attributes={"memory": 65536, "backup_policy": "dagelijks", "encrypted": True,
                    "patched_on": "2026-10-01"},
        identifiers=[(IdentifierKind.FQDN, "srv-a.intern")], serial="SN-1", manager_id=cast.daan.id,
    )  # fmt: skip
    second = make_item(
        "srv-b", class_key="server", support_until=dt.date(2026, 12, 31), asset_tag="INV-77",
        environment=Environment.TEST, attributes={"memory": 8192, "mac": "00:1a:2b:3c:4d:5e"},
    )  # fmt: skip
    third = make_item(
        "srv-c", class_key="server", support_until=dt.date(2028, 1, 1), status=ItemStatus.RETIRED,
        tags=["dmz"],
    )  # fmt: skip
    register.relate(first, backup, "backed-up-by", register.begin(None, "test", NOW))
    db.session.commit()
    return first, second, third


def names(page) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'class="row-link"[^>]*>([^<]+)<', page.text)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("relation.backed-up-by=none&support_until.between=2026-01-01..31-12-2026", ["srv-b"]),
        ("relation.backed-up-by=has", ["srv-a"]),
        ("relation.backed-up-by=back-up centraal", ["srv-a"]),
        ("relation.backed-up-by=SRV-9999", []),
        ("patched_on.past=1", ["srv-a"]),
        ("memory.gt=8192", ["srv-a"]),
        ("memory.lt=65.536", ["srv-b"]),
        ("memory.is=8192 MiB", ["srv-b"]),
        ("memory.between=1..10000", ["srv-b"]),
        ("memory.empty=1", ["srv-c"]),
        ("encrypted.is=ja", ["srv-a"]),
        ("encrypted.filled=1", ["srv-a"]),
        ("patched_on.before=2026-11-01", ["srv-a"]),
        ("backup_policy.contains=DAGEL", ["srv-a"]),
        ("backup_policy.empty=1", ["srv-b", "srv-c"]),
        ("environment.is=test", ["srv-b"]),
        ("status.is=Afgevoerd", ["srv-c"]),
        ("manager.contains=daan", ["srv-a"]),
        ("manager.empty=1", ["srv-b", "srv-c"]),
        ("yearly_cents.gt=1.000", ["srv-a"]),
        ("tags.contains=dmz", ["srv-c"]),
        ("tags.empty=1", ["srv-a", "srv-b"]),
        ("support_until.after=2027-01-01", ["srv-c"]),
        ("q=SN-1", ["srv-a"]),
        ("q=inv-77", ["srv-b"]),
        ("q=001A.2B3C.4D5E", ["srv-b"]),
        ("q=srv-a.intern", ["srv-a"]),
        ("memory.contains=nonsense&nonsense.is=1&relation.none=has&memory.gt=x", ["srv-a", "srv-b", "srv-c"]),
    ],
)  # fmt: skip
def test_every_field_and_relation_narrows_the_list_now_and_as_of_a_day(
    sign_in, cast, servers, query, found
):
    """Everything stood alike on the day of NOW, so both readings give the same."""
    browser = sign_in(cast.daan)
    for on in ("", "&on=23-11-2026"):
        page = browser.get(f"/items?class=server&{query}{on}")
        assert page.status_code == 200 and names(page) == found, on


def test_a_class_that_gathers_others_lists_them(sign_in, cast, servers):
    assert names(sign_in(cast.daan).get("/items?class=hardware")) == ["srv-a", "srv-b", "srv-c"]


def test_the_form_writes_the_filter_into_the_address(sign_in, cast, servers):
    browser = sign_in(cast.daan)
    asked = "/items?class=server&add_field=memory&add_operator=gt&add_value=10000"
    answer = browser.get(asked)
    assert answer.status_code == 302 and "memory.gt=10000" in answer.location
    page = browser.get(answer.location)
    assert names(page) == ["srv-a"] and "is groter dan 10000" in page.text
    tie = browser.get("/items?class=server&add_field=relation.backed-up-by&add_operator=none")
    assert "relation.backed-up-by=none" in tie.location


@pytest.mark.parametrize(
    ("added", "sentence"),
    [
        ("add_field=memory&add_operator=gt&add_value=veel", "Vul een getal in"),
        ("add_field=memory&add_operator=before&add_value=1", "past niet bij"),
        ("add_field=status&add_operator=is&add_value=kwijt", "Kies een van deze waarden"),
        ("add_field=name&add_operator=is&add_value=", "Vul een waarde in"),
        ("add_field=nonsense&add_operator=is", "Kies een veld"),
        ("add_field=relation.nonsense&add_operator=has", "Kies bij een relatie"),
        ("add_field=support_until&add_operator=between&add_value=2026", "twee waarden"),
    ],
)
def test_a_filter_that_does_not_fit_says_why_and_stays_typed(sign_in, cast, added, sentence):
    page = sign_in(cast.daan).get(f"/items?class=server&{added}")
    assert page.status_code == 422 and sentence in html.unescape(page.text)


def test_the_reader_chooses_columns_and_order(sign_in, cast, servers):
    browser = sign_in(cast.daan)
    chosen = browser.get("/items?class=server&choose=columns&column=memory&column=serial")
    page = browser.get(chosen.location)
    assert "Geheugen (MiB)" in page.text and "65536" in page.text and "Hosting</a>" not in page.text
    for sort, expected in (
        ("memory", ["srv-b", "srv-a", "srv-c"]),
        ("memory&dir=desc", ["srv-a", "srv-b", "srv-c"]),
        ("support_until&dir=desc", ["srv-c", "srv-b", "srv-a"]),
        ("manager", ["srv-a", "srv-b", "srv-c"]),
        ("status", ["srv-c", "srv-a", "srv-b"]),
        ("encrypted", ["srv-a", "srv-b", "srv-c"]),
    ):
        for on in ("", "&on=23-11-2026"):
            assert names(browser.get(f"/items?class=server&sort={sort}{on}")) == expected, sort


@pytest.mark.parametrize(
    "sort", ["name", "memory", "support_until&dir=desc", "manager", "status&dir=desc"]
)
@pytest.mark.parametrize("on", ["", "&on=23-11-2026"])
def test_pages_hold_every_item_once_in_every_order(sign_in, cast, servers, monkeypatch, sort, on):
    monkeypatch.setattr("servicedesk.inventory.lists.PAGE", 2)
    for number in range(4):
        make_item("zelfde", class_key="server", attributes={"memory": number % 2} if number else {})
    browser, seen, address, pages = (
        sign_in(cast.daan),
        [],
        f"/items?class=server&sort={sort}{on}",
        [],
    )
    while address:
        page = browser.get(address)
        pages.append(re.findall(r'class="number">(\w+-\d+)', page.text))
        seen += pages[-1]
        address = link(page, "next")
    assert len(seen) == len(set(seen)) == 7
    back = browser.get(link(page, "prev"))
    assert re.findall(r'class="number">(\w+-\d+)', back.text) == pages[-2]


def link(page, rel) -> str | None:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page.text)
    return found and html.unescape(found[1])


def test_the_file_holds_exactly_the_list(sign_in, cast, servers):
    make_item("=1+1", class_key="server")
    browser = sign_in(cast.daan)
    query = "class=server&columns=memory,support_until,status,yearly_cents&sort=memory"
    answer = browser.get(f"/items/export.csv?{query}")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    assert rows[0] == [
        "Nummer",
        "Naam",
        "Geheugen (MiB)",
        "Ondersteuning tot",
        "Status",
        "Kosten per jaar (€)",
    ]
    assert [row[1] for row in rows[1:]] == ["srv-b", "srv-a", "srv-c", "'=1+1"]
    assert rows[2][2:] == ["65536", "2026-06-01", "In gebruik", "1200"]
    book = load_workbook(io.BytesIO(browser.get(f"/items/export.xlsx?{query}").data))
    table = list(book.active.iter_rows(values_only=True))
    assert [row[1] for row in table[1:]] == ["srv-b", "srv-a", "srv-c", "'=1+1"]
    assert table[2][2] == 65536 and table[2][3].date() == dt.date(2026, 6, 1)


def test_the_file_holds_nothing_of_another_municipality(sign_in, cast, servers, monkeypatch):
    monkeypatch.setattr("servicedesk.inventory.lists._CHUNK", 2)
    make_item("Kassa Lindhoven", cast.lindhoven)
    text = sign_in(cast.anna).get("/items/export.csv").text
    assert "Zaaksysteem" in text and "Lindhoven" not in text and "srv-a" not in text
    assert len(sign_in(cast.daan).get("/items/export.csv").text.splitlines()) == 1 + 6


def test_the_file_of_the_list_as_it_opens_holds_the_status_and_not_how_all_is_now(sign_in, cast):
    heads = sign_in(cast.daan).get("/items/export.csv").text.lstrip("\ufeff").splitlines()[0]
    assert heads == "Nummer;Naam;Soort;Gebruikt door;Hosting;Status;Beheerder;Volledig (%)"


@pytest.mark.parametrize("common", [5_000, 0])
def test_the_list_as_of_a_day_is_what_stood_then(sign_in, cast, monkeypatch, common):
    """Whether few items were ever found by a word, or so many that it is looked up for each."""
    monkeypatch.setattr("servicedesk.inventory.lists._COMMON", common)
    change = register.begin(cast.ada, "test", EARLIER)
    item = register.add("server", change, name="oude naam", serial="oud-7",
                        hosting="central", municipality_id=None)  # fmt: skip
    register.change(item, register.begin(cast.ada, "test", NOW), name="nieuwe naam", serial="nieuw-8")
    db.session.commit()
    browser = sign_in(cast.daan)
    then = browser.get("/items?class=server&on=01-10-2026")
    assert names(then) == ["oude naam"] and "Zo stond het op 01-10-2026" in then.text
    assert names(browser.get("/items?class=server&on=01-01-2026")) == []
    for words, found in (("naam", ["oude naam"]), ("oud-7", ["oude naam"]), ("nieuw", []),
                         ("NAAM oud", ["oude naam"]), ("naam nieuw", [])):  # fmt: skip
        assert names(browser.get(f"/items?q={words}&on=01-10-2026")) == found, words
    assert names(browser.get("/items?class=server")) == ["nieuwe naam"]
    assert "oude naam" in browser.get("/items/export.csv?class=server&on=01-10-2026").text
    for query in ("class=server", "q=naam"):
        assert names(sign_in(cast.anna).get(f"/items?{query}&on=01-10-2026")) == []
