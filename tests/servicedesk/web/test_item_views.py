"""Lists kept under a name that stay true as time goes by."""

import datetime as dt
import html
import re

import pytest

from cmdb import register
from cmdb.database import db, utc_now
from cmdb.localtime import local
from tests.makers import NOW, make_item


@pytest.fixture
def estate(cast):
    """Servers whose support ends this year, next year and long ago, with a backup and without."""
    today = local(utc_now()).date()
    days = {
        "nu": today.replace(month=12, day=31),
        "straks": today.replace(year=today.year + 1, month=1, day=1),
        "ooit": today.replace(year=today.year - 1, month=12, day=31),
    }
    backup = make_item("Back-up", class_key="backup-service")
    act = register.begin(None, "test", NOW)
    for name, day in days.items():
        for has in (True, False):
            label = f"{name}-{'met' if has else 'zonder'}"
            made = make_item(label, class_key="server", support_until=day)
            if has:
                register.relate(made, backup, "backed-up-by", act)
    make_item("printer", class_key="printer", support_until=days["nu"])
    db.session.commit()


def names(page) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'class="row-link"[^>]*>([^<]+)<', page.text)]


def test_servers_without_backup_whose_support_ends_this_year_are_a_list_of_one_s_own(
    sign_in, cast, estate
):
    browser = sign_in(cast.daan)
    one = browser.get("/items?class=server&add_field=relation.backed-up-by&add_operator=none")
    two = browser.get(one.location + "&add_field=support_until&add_operator=this-year")
    assert names(browser.get(two.location)) == ["nu-zonder"]
    query = two.location.partition("?")[2]
    kept = browser.post(f"/items/views?{query}", data={"name": "Zonder back-up, stopt dit jaar"})
    page = browser.get(kept.location)
    assert names(page) == ["nu-zonder"]
    assert "Zonder back-up, stopt dit jaar" in page.text and "is dit jaar" in page.text
    file = browser.get(f"/items/export.csv?{query}").data.decode("utf-8-sig")
    assert "nu-zonder" in file and "nu-met" not in file and "straks" not in file


def test_a_list_as_of_a_day_counts_from_that_day(sign_in, cast):
    act = register.begin(None, "test", NOW - dt.timedelta(days=800))
    register.add("server", act, name="srv-oud", hosting="central",
                 support_until=dt.date(2024, 12, 31))  # fmt: skip
    db.session.commit()
    browser = sign_in(cast.daan)
    assert names(browser.get("/items?class=server&support_until.this-year=1&on=2024-11-01")) == [
        "srv-oud"
    ]
    assert names(browser.get("/items?class=server&support_until.this-year=1")) == []


def test_what_runs_on_this_very_server(sign_in, cast, estate):
    server = make_item("vl-host-1", class_key="server")
    guest = make_item("vm-1", class_key="virtual-machine")
    make_item("vm-2", class_key="virtual-machine")
    register.relate(guest, server, "runs-on", register.begin(None, "test", NOW))
    db.session.commit()
    browser = sign_in(cast.daan)
    asked = "/items?add_field=relation.runs-on&add_operator=is&add_value="
    found = browser.get(asked + server.uid)
    assert names(browser.get(found.location)) == ["vm-1"]
    assert browser.get(asked).status_code == 422
