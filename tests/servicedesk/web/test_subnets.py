"""The pages of addresses: every subnet once, what is free, and what a page says when there is nothing."""

import pytest

from cmdb import register
from cmdb.item_parts import IdentifierKind
from cmdb.items import Hosting
from servicedesk.web import subnets
from tests.makers import NOW


@pytest.fixture
def add(session):
    change_set = register.begin(None, "test", NOW)

    def add(class_key, name, **values):
        return register.add(class_key, change_set, name=name, hosting=Hosting.CENTRAL, **values)

    return add


def test_daan_sees_how_full_a_subnet_is_and_who_is_in_it(sign_in, cast, add):
    lan = add("subnet", "Kantoor", attributes={"network": "10.20.0.0/29"})
    server = add("server", "vl-db-09", identifiers=[(IdentifierKind.ADDRESS, "10.20.0.1")])
    assert "17%" in sign_in(cast.daan).get("/items/addresses").text
    page = sign_in(cast.daan).get(f"/items/{lan.uid}/addresses").text
    assert "1 bezet, 0 voor DHCP, 5 vrij van 6." in page
    assert "10.20.0.2" in page and server.uid in page


def test_each_subnet_is_on_one_page(sign_in, cast, add, monkeypatch):
    monkeypatch.setattr(subnets, "PAGE", 2)
    uids = [add("subnet", f"Net {n}", attributes={"network": f"10.{n}.0.0/24"}).uid for n in range(5)]
    browser, address, seen = sign_in(cast.daan), "/items/addresses", []
    while address:
        page = browser.get(address).text
        seen += [uid for uid in uids if f">{uid}<" in page]
        address = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0] if 'rel="next"' in page else ""
    assert seen == uids
    page = browser.get(f"/items/addresses?before={uids[2]}").text
    assert all((f">{uid}<" in page) == (uid in uids[:2]) for uid in uids)


def test_what_is_no_subnet_says_what_to_fill_in(sign_in, cast, add):
    server = add("server", "vl-db-09")
    assert "Bij dit object staat geen netwerk" in sign_in(cast.daan).get(f"/items/{server.uid}/addresses").text


def test_without_subnets_the_page_tells_how_to_begin(sign_in, cast):
    assert "Nog geen subnetten" in sign_in(cast.daan).get("/items/addresses").text


@pytest.mark.parametrize("query", ["?after=%00", "?after=zzzz", "?before=", "?before=A&after=B"])
def test_a_place_that_is_none_is_no_error(sign_in, cast, query):
    assert sign_in(cast.daan).get(f"/items/addresses{query}").status_code in (200, 400)
