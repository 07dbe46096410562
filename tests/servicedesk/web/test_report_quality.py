"""The report on quality: its figures, and that each leads to the very items that it counts."""

import csv
import datetime as dt
import html
import io
import re

import pytest

from cmdb.database import db, utc_now
from cmdb.items import ItemStatus
from cmdb.localtime import local
from servicedesk.quality import rounds
from tests.makers import make_item, make_person

HEADS = 2


@pytest.fixture
def estate(cast):
    """Databases: one whole and fresh, one with a gap, one confirmed long ago; a retired one."""
    whole = {"size": 10, "personal_data": False}
    today = dt.date.today()
    known = {"class_key": "database", "manager_id": cast.daan.id}
    make_item("heel", cast.oosterveen, **known, attributes=whole, confirmed_on=today)
    make_item("gat", cast.oosterveen, **known, attributes={"size": 1}, confirmed_on=today)
    make_item("oud", cast.lindhoven, **known, attributes=whole,
              confirmed_on=today - dt.timedelta(days=366))  # fmt: skip
    make_item("weg", cast.lindhoven, class_key="database", status=ItemStatus.RETIRED)
    db.session.commit()


def rows(browser, query: str = "") -> dict[str, list[str]]:
    text = browser.get(f"/reports/items/quality.csv{query}").data.decode("utf-8-sig")
    return {row[0]: row[1:] for row in csv.reader(io.StringIO(text), delimiter=";") if row}


def test_the_figures(estate, cast, sign_in):
    found = rows(sign_in(cast.els))
    assert found["Database"] == ["3", "88", "1", "66", "1", ""]
    assert found["Oosterveen"] == ["2", "83", "1", "100", "", ""]
    assert found["Lindhoven"] == ["1", "100", "", "0", "1", ""]
    assert found["Daan Mulder"] == found["Database"]
    assert found["Niemand"][0] == found["Servicecentrum"][0] == "1", "the application of the cast"


def test_every_figure_leads_to_the_very_items_that_it_counts(estate, cast, sign_in):
    make_item("naamgenoot", class_key="database", manager_id=make_person("Daan Mulder",
              role=cast.daan.role).id)  # fmt: skip
    els = sign_in(cast.els)
    for query in ("", f"?municipality={cast.oosterveen.code}"):
        page = els.get(f"/reports/items/quality{query}").text
        links = re.findall(r'<a href="(/items\?[^"]*)">(\d+)</a>', page)
        assert len(links) > 12
        for address, number in links:
            listed = els.get(html.unescape(address)).text
            assert len(re.findall('class="row-link"', listed)) == int(number), address


def test_as_of_a_day_before_anything_was_confirmed(estate, cast, sign_in):
    assert "Er zijn nog geen objecten" in sign_in(cast.els).get(
        "/reports/items/quality?on=2026-01-15"
    ).text
    page = rows(sign_in(cast.els), "?on=2026-11-25")
    assert page["Database"][:3] == ["3", "88", "1"]


def test_who_manages_a_municipality_reads_of_hers_and_what_she_shares(estate, cast, sign_in):
    found = rows(sign_in(cast.mia))
    assert found["Database"][0] == "2" and "Lindhoven" not in found
    assert found["Servicecentrum"][0] == "1", "the shared application"


def test_how_far_the_rounds_are(cast, sign_in):
    began = utc_now() - dt.timedelta(days=3)
    for name, town in (("a", cast.oosterveen), ("b", cast.oosterveen), ("c", cast.lindhoven)):
        make_item(name, town, class_key="server", manager_id=cast.daan.id)
    rounds.begin(began, 30)
    first, second, _third = rounds.current(cast.daan)
    rounds.answer([rounds.Answer(first, first.item, {}, ()),
                   rounds.Answer(second, second.item, {"serial": "S1"}, ())],
                  cast.daan, began + dt.timedelta(days=1))  # fmt: skip
    db.session.commit()
    els = sign_in(cast.els)
    assert table(els)["Daan Mulder"][1:] == ["3", "2", "66", "1"]
    assert table(els)["Oosterveen"] == ["2", "2", "100", "1"]
    assert table(els, f"?on={local(began):%Y-%m-%d}")["Daan Mulder"][1:] == ["3", "0", "0", "0"]
    day_before = local(began) - dt.timedelta(days=1)
    assert "nog niemand gevraagd" in els.get(f"/reports/items/rounds?on={day_before:%Y-%m-%d}").text
    mia = table(sign_in(cast.mia))
    assert mia["Daan Mulder"][1:] == ["2", "2", "100", "1"] and "Lindhoven" not in mia


def table(browser, query: str = "") -> dict[str, list[str]]:
    text = browser.get(f"/reports/items/rounds.csv{query}").data.decode("utf-8-sig")
    return {row[0]: row[1:] for row in csv.reader(io.StringIO(text), delimiter=";") if row}
