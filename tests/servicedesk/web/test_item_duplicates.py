"""The page of pairs: the evidence, who may judge, and what each answer does."""

import pytest
import sqlalchemy as sa

from cmdb.database import db
from cmdb.items import ItemStatus
from servicedesk.quality import duplicates
from servicedesk.quality.models import Pair
from tests.makers import NOW, make_item
from tests.servicedesk.web.test_query_counts import counted

URL = "/items/duplicates"


@pytest.fixture
def pair(cast):
    """Two records of one server; Daan manages the first."""
    first = make_item("srv-1", cast.oosterveen, class_key="server", serial="A1",
                      manager_id=cast.daan.id)  # fmt: skip
    second = make_item("srv-een", cast.lindhoven, class_key="server", serial="A1")
    duplicates.find(NOW)
    db.session.commit()
    return first, second


def address(pair) -> str:
    return f"{URL}/{pair[0].uid}/{pair[1].uid}"


def test_the_page_shows_the_evidence_and_what_each_may_do(pair, cast, sign_in):
    page = sign_in(cast.ada).get(URL).text
    assert "hetzelfde serienummer <strong>a1</strong>" in page
    assert "Oosterveen" in page and "Lindhoven" in page and 'name="keep"' in page
    page = sign_in(cast.daan).get(URL).text
    assert 'value="distinct"' in page and 'name="keep"' not in page
    assert 'value="distinct"' not in sign_in(cast.femke).get(URL).text


def test_not_the_same_is_remembered(pair, cast, sign_in):
    daan = sign_in(cast.daan)
    assert daan.post(address(pair), data={"deed": "distinct"}).status_code == 303
    duplicates.find(NOW)
    db.session.commit()
    assert "Geen dubbelen gevonden" in daan.get(URL).text
    assert "Gezegd door Daan Mulder" in daan.get(f"{URL}?show=distinct").text
    assert daan.post(address(pair), data={"deed": "distinct"}).status_code == 404, "judged"


def test_merge_and_undo_in_the_browser(pair, cast, sign_in):
    ada = sign_in(cast.ada)
    page = ada.post(address(pair), data={"keep": pair[0].uid}, follow_redirects=True).text
    assert f"{pair[1].uid} is samengevoegd met {pair[0].uid}" in page
    db.session.refresh(pair[1])
    assert pair[1].status == ItemStatus.RETIRED
    [done] = db.session.scalars(sa.select(Pair.change_set_id))
    assert f'action="/items/changes/{done}/undo"' in page
    assert ada.post(f"/items/changes/{done}/undo").status_code == 303
    db.session.refresh(pair[1])
    assert pair[1].name == "srv-een" and "srv-een" in ada.get(URL).text


def test_who_may_not_merge_or_names_none_of_both(pair, cast, sign_in):
    for who, data in ((cast.daan, {"keep": pair[0].uid}), (cast.ada, {"keep": "SRV-9999"}),
                      (cast.ada, {})):  # fmt: skip
        answer = sign_in(who).post(address(pair), data=data)
        assert answer.status_code == 422 and "Kies welk van de twee" in answer.text
    assert sign_in(cast.femke).post(address(pair), data={"deed": "distinct"}).status_code == 404
    turned = address(pair[::-1])
    assert sign_in(cast.ada).post(turned, data={"deed": "distinct"}).status_code == 404


def test_pages_by_key_and_statements_that_do_not_grow(cast, sign_in):
    numbers = []
    for start, number in ((0, 2), (100, 30)):
        for index in range(start, start + number):
            for town in (cast.oosterveen, cast.lindhoven):
                make_item(f"s{index}", town, class_key="server", serial=f"SER{index}",
                          manager_id=(cast.daan, cast.femke)[index % 2].id)  # fmt: skip
        duplicates.find(NOW)
        db.session.commit()
        ada = sign_in(cast.ada)
        ada.get(URL)
        with counted() as statements:
            page = ada.get(URL).text
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] and page.count("hetzelfde serienummer") == 25
    pairs = db.session.scalars(sa.select(Pair).order_by(Pair.first_id)).all()
    after = f"{pairs[24].first_id}-{pairs[24].second_id}"
    assert f"after={after}" in page
    assert ada.get(f"{URL}?after={after}").text.count("hetzelfde serienummer") == 7
    for odd in ("x", "1-", "9" * 30 + "-1", "1-2-3"):
        assert ada.get(f"{URL}?after={odd}").status_code == 200
