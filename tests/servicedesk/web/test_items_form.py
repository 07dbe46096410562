"""The form of an item: the fields of its class, and a sentence for each fault."""

import datetime as dt
import html
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa

from cmdb import register
from cmdb.database import db
from cmdb.item_parts import ItemIdentifier
from cmdb.items import Item, ItemVersion
from tests.makers import NOW, make_item

TYPED = {
    "item_class": "server", "name": "srv-1", "hosting": "central", "status": "in-use", "owner": "",
    "location": "", "manager": "", "deputy": "", "environment": "production", "a_memory": "65.536",
    "a_encrypted": "ja", "a_patched_on": "1-10-2026", "a_address": "10.20.0.15", "a_form_factor": "rack",
    "support_until": "31-12-2028", "yearly_cents": "1.250,50", "availability": "3", "serial": "SN-9",
    "tags": "dmz, kritiek", "identifiers": "mac 00-1A-2B-3C-4D-5E\nfqdn: SRV-1.intern", "reason": "Nieuw",
}  # fmt: skip


def test_choosing_the_class_comes_first(sign_in, cast):
    browser = sign_in(cast.ada)
    page = browser.get("/items/new")
    assert "/items/new?class=server" in page.text and "Wat voor soort object" in page.text
    form = browser.get("/items/new?class=server").text
    assert "Geheugen (MiB)" in form and "Kosten per jaar (€)" in form
    assert "Geheugen" not in browser.get("/items/new?class=supplier").text


def test_ada_registers_a_server_with_all_its_fields(sign_in, cast):
    answer = sign_in(cast.ada).post("/items/new", data=TYPED)
    assert answer.status_code == 303
    item = db.session.scalars(sa.select(Item).where(Item.name == "srv-1")).one()
    assert item.attributes == {
        "memory": 65536, "encrypted": True, "patched_on": "2026-10-01", "address": "10.20.0.15",
        "form_factor": "rack",
    }  # fmt: skip
    assert (item.support_until, item.yearly_cents) == (dt.date(2028, 12, 31), 125050)
    assert (item.availability, item.tags) == (3, ["dmz", "kritiek"])
    known_as = db.session.scalars(sa.select(ItemIdentifier.value).order_by(ItemIdentifier.value))
    assert list(known_as) == ["00:1a:2b:3c:4d:5e", "srv-1.intern"]


def test_saving_what_the_form_shows_changes_nothing(sign_in, cast):
    browser = sign_in(cast.ada)
    uid = browser.post("/items/new", data=TYPED).location.rpartition("/")[2]
    form = fields_of(browser.get(f"/items/{uid}/edit").text)
    assert form["a_memory"] == "65536" and form["yearly_cents"] == "1250,50"
    before = db.session.scalar(sa.select(sa.func.count(ItemVersion.id)))
    assert browser.post(f"/items/{uid}/edit", data=form).status_code == 303
    assert db.session.scalar(sa.select(sa.func.count(ItemVersion.id))) == before


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the form of the page."""

    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.sent, self.name = {}, None

        def handle_starttag(self, tag, attributes):
            held = dict(attributes)
            if tag == "input" and held.get("type") not in ("checkbox", "radio", "search"):
                self.sent[held.get("name")] = held.get("value") or ""
            elif tag in ("select", "textarea"):
                self.name = held.get("name")
                self.sent[self.name] = ""
                self.text = tag == "textarea"
            elif tag == "option" and "selected" in held:
                self.sent[self.name] = held["value"]

        def handle_data(self, data):
            if self.name and self.text:
                self.sent[self.name] += data.lstrip("\r\n")

        def handle_endtag(self, tag):
            if tag == "textarea":
                self.name = None

    reader = Reader()
    reader.feed(page[page.index('class="desk-form"') :])
    return reader.sent


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("a_memory", "veel", "Vul een getal in"),
        ("a_encrypted", "misschien", "Kies een van de mogelijkheden"),
        ("a_patched_on", "31-02-2026", "Deze datum bestaat niet"),
        ("a_address", "10.20.0.999", "Vul een IP-adres in"),
        ("a_form_factor", "rond", "Kies een van deze waarden"),
        ("support_until", "ooit", "Vul een datum in als dd-mm-jjjj"),
        ("yearly_cents", "12,345", "Vul een bedrag in euro"),
        ("availability", "9", "Kies een van de mogelijkheden"),
        ("identifiers", "iets raars", "Begin elke regel met"),
        ("identifiers", "mac 12", "Vul een MAC-adres in"),
        ("supplier", "999999", "Kies een van de mogelijkheden"),
        ("environment", "maan", "Kies een van de mogelijkheden"),
        ("serial", "x" * 600, "Maak deze tekst korter"),
        ("yearly_cents", "-5", "nul of meer"),
        ("tags", ",".join(map(str, range(60))), "ten hoogste vijftig"),
    ],
)  # fmt: skip
def test_each_wrong_value_has_its_sentence_and_the_rest_stays_typed(
    sign_in, cast, field, value, sentence
):
    answer = sign_in(cast.ada).post("/items/new", data=TYPED | {field: value})
    text = html.unescape(answer.text)
    assert (
        answer.status_code == 422
        and sentence in text
        and 'value="65.536"' in text
        or field == "a_memory"
    )
    assert (
        "Nieuw" in text
        and value[:50] in text
        or field in ("availability", "supplier", "environment", "a_encrypted", "a_form_factor")
    )
    assert db.session.scalar(sa.select(Item.id).where(Item.name == "srv-1")) is None


def test_a_value_of_before_that_no_longer_fits_may_stay(sign_in, cast):
    item = make_item("oud", class_key="server")
    item.attributes = {"memory": "heel veel", "vroeger": "iets"}
    db.session.commit()
    browser = sign_in(cast.ada)
    form = fields_of(browser.get(f"/items/{item.uid}/edit").text)
    assert form["a_memory"] == "heel veel"
    assert (
        browser.post(f"/items/{item.uid}/edit", data=form | {"a_cpu_cores": "4"}).status_code == 303
    )
    db.session.expire_all()
    assert item.attributes == {"memory": "heel veel", "vroeger": "iets", "cpu_cores": 4}


def test_the_page_shows_what_the_item_is_and_what_became_of_it(sign_in, cast):
    browser = sign_in(cast.ada)
    uid = browser.post("/items/new", data=TYPED).location.rpartition("/")[2]
    item = db.session.scalars(sa.select(Item).where(Item.uid == uid)).one()
    change = register.begin(cast.ada, "browser", NOW, "Geheugen erbij")
    register.change(
        item, change, attributes=item.attributes | {"memory": 131072}, yearly_cents=200000
    )
    db.session.commit()
    page = html.unescape(sign_in(cast.daan).get(f"/items/{uid}").text)
    for words in (
        "131072 MiB",
        "31-12-2028",
        "€ 2000,00",
        "00:1a:2b:3c:4d:5e",
        "SN-9",
        "dmz, kritiek",
    ):
        assert words in page
    assert "65536 MiB → <strong>131072 MiB" in page and "€ 1250,50 → <strong>€ 2000,00" in page
    assert "Geheugen erbij" in page and "Ada" in page


def test_history_is_paged_and_never_cut_off(sign_in, cast, monkeypatch):
    monkeypatch.setattr("servicedesk.inventory.story.PAGE", 3)
    item = make_item("srv", class_key="server")
    for number in range(7):
        change = register.begin(cast.ada, "browser", NOW + dt.timedelta(minutes=number))
        register.change(item, change, description=f"stand {number}")
    db.session.commit()
    browser, address, seen = sign_in(cast.daan), f"/items/{item.uid}", ""
    for _page in range(3):
        page = html.unescape(browser.get(address).text)
        seen += page[page.index('id="t-history"') :]
        address = page.partition('#t-history">Oudere')[0].rpartition('href="')[2]
    for number in range(1, 7):
        assert f"stand {number - 1} → <strong>stand {number}<" in seen
    assert "Geregistreerd" in seen


def test_the_page_as_of_a_day_tells_what_it_was(sign_in, cast):
    earlier = NOW - dt.timedelta(days=100)
    item = register.add(
        "server", register.begin(None, "test", earlier), name="oud", hosting="central",
        municipality_id=None, attributes={"memory": 1024},
    )  # fmt: skip
    register.change(
        item, register.begin(None, "test", NOW), name="nieuw", attributes={"memory": 2048}
    )
    db.session.commit()
    browser = sign_in(cast.ada)
    then = browser.get(f"/items/{item.uid}?on=01-10-2026").text
    assert "<h1>oud</h1>" in then and "1024 MiB" in then and "Zo stond het op" in then
    assert "/edit" not in then
    assert browser.get(f"/items/{item.uid}?on=01-01-2026").status_code == 302
    assert "<h1>nieuw</h1>" in browser.get(f"/items/{item.uid}?on=onzin").text
