"""What stands around the list of items: facets with counts, how each item is, and quick views."""

import datetime as dt
import html
import re

import pytest

from cmdb import register
from cmdb.database import db, utc_now
from cmdb.items import Hosting
from cmdb.localtime import local
from servicedesk.tickets import outages
from servicedesk.tickets.workflow import Severity
from tests.makers import NOW, make_item
from tests.servicedesk.web.test_query_counts import counted

# What is down costs four more than a calm day: the way up through the relations.
FEW_WHILE_DOWN = 16


@pytest.fixture
def estate(cast):
    """Zaaksysteem on one of two servers of the centre; a printer and a laptop of Lindhoven."""
    servers = [make_item(f"srv-{letter}", class_key="server") for letter in "ab"]
    act = register.begin(cast.ada, "test", NOW - dt.timedelta(days=400))
    pair = [{"label": "servers", "rule": {"kind": "at_least", "count": 1}}]
    register.change(cast.application, act, groups=pair)
    for server in servers:
        register.relate(cast.application, server, "needs", act, group="servers")
    at_town = Hosting.AT_MUNICIPALITY
    make_item("printer", cast.lindhoven, class_key="printer", hosting=at_town)
    make_item("laptop", cast.lindhoven, class_key="workstation", hosting=at_town)
    db.session.commit()
    return servers


@pytest.fixture
def down(estate):
    outage = outages.start(estate[0], "Stuk", utc_now(), severity=Severity.DOWN)
    db.session.commit()
    return outage


def names(page) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'class="row-link"[^>]*>([^<]+)<', page.text)]


def counts(page, facet: str) -> dict[str, str]:
    """What a facet offers, with its numbers."""
    found = re.findall(
        rf'name="{facet}" value="([^"]+)"[^>]*><span>[^<]*</span><span class="count">([^<]*)<',
        page.text,
    )
    return dict(found)


def states(page) -> dict[str, str]:
    """How each row is, by the name of its item."""
    rows = page.text.partition("<tbody>")[2].split('<tr class="row">')[1:]
    return {
        re.search(r'class="row-link"[^>]*>([^<]+)<', row)[1]: re.search(r"impact-(\w+)", row)[1]
        for row in rows
    }


def tabs(page) -> dict[str, tuple[str, bool]]:
    """The number of each quick view, and whether it is the one that is shown."""
    within = page.text.partition('aria-label="Weergaven"')[2].partition("</nav>")[0]
    found = re.findall(r"<a href=[^>]*?( aria-current=\"true\")?>([^<]+?) *<span[^>]*>([^<]+)<", within)
    return {label: (number, bool(current)) for current, label, number in found}


def test_each_facet_counts_what_there_would_be_with_all_other_filters(sign_in, cast, estate):
    browser = sign_in(cast.daan)
    page = browser.get("/items?view=all")
    assert counts(page, "class") == {
        "server": "2", "application": "1", "printer": "1", "workstation": "1",
    }  # fmt: skip
    assert counts(page, "municipality") == {
        str(cast.oosterveen.id): "1", str(cast.lindhoven.id): "3",
    }  # fmt: skip
    narrowed = browser.get("/items?class=printer&class=server&hosting=at-municipality")
    assert names(narrowed) == ["printer"]
    assert counts(narrowed, "class") == {"printer": "1", "workstation": "1", "server": "0"}
    assert counts(narrowed, "hosting") == {"central": "2", "at-municipality": "1"}


def test_several_values_of_one_facet_add_up_and_each_chip_takes_one_away(sign_in, cast, estate):
    browser = sign_in(cast.daan)
    page = browser.get("/items?class=printer&class=workstation")
    assert names(page) == ["laptop", "printer"]
    chips = re.findall(r'class="filter-chip" href="([^"]+)"', page.text)
    assert [names(browser.get(html.unescape(one))) for one in chips] == [["laptop"], ["printer"]]
    last = re.findall(r'class="filter-chip" href="([^"]+)"', browser.get("/items?class=printer").text)
    assert len(names(browser.get(html.unescape(last[0])))) == 5
    for value in ("nonsense", "server,,x", "1" * 40):
        for facet in ("class", "hosting", "municipality", "standing"):
            assert browser.get(f"/items?{facet}={value}").status_code == 200


def test_an_outage_and_what_follows_from_it_stand_in_the_list(sign_in, cast, down):
    browser = sign_in(cast.daan)
    page = browser.get("/items?view=all&sort=standing&dir=desc")
    assert names(page)[:2] == ["srv-a", "Zaaksysteem"]
    assert states(page) == {
        "srv-a": "down", "Zaaksysteem": "risk", "srv-b": "ok", "printer": "ok", "laptop": "ok",
    }  # fmt: skip
    assert counts(page, "standing") == {"down": "1", "degraded": "0", "at-risk": "1", "ok": "3"}
    assert "1 uitgevallen" in page.text and "1 kwetsbaar" in page.text
    assert "0 verminderd" not in page.text
    for asked, found in (
        ("down", ["srv-a"]),
        ("down,at-risk", ["Zaaksysteem", "srv-a"]),
        ("ok", ["laptop", "printer", "srv-b"]),
        ("ok,down", ["laptop", "printer", "srv-a", "srv-b"]),
    ):
        assert names(browser.get(f"/items?standing={asked}")) == found, asked
        lines = browser.get(f"/items/export.csv?standing={asked}").text.splitlines()
        assert len(lines) == 1 + len(found)


def test_a_municipality_learns_how_its_own_is_and_no_number_of_another(sign_in, cast, down):
    page = sign_in(cast.anna).get("/items")
    assert states(page) == {"Zaaksysteem": "risk"}
    assert counts(page, "standing") == {"down": "0", "degraded": "0", "at-risk": "1", "ok": "0"}
    assert counts(page, "class") == {"application": "1"}
    assert counts(page, "municipality") == {} and "uitgevallen" not in page.text
    assert "Lindhoven" not in page.text and "srv-a" not in page.text


def test_while_nothing_is_wrong_all_is_in_order(sign_in, cast, estate):
    page = sign_in(cast.daan).get("/items?view=all")
    assert "Alles in orde." in page.text and set(states(page).values()) == {"ok"}
    assert re.search(r'Gemiddeld <a class="said" href="[^"]+">\d+% volledig</a>', page.text)


def test_an_old_day_has_no_states_and_no_counts(sign_in, cast, down):
    page = sign_in(cast.daan).get("/items?on=23-11-2026&standing=down&sort=standing")
    assert len(names(page)) == 5 and counts(page, "class") == {}
    assert 'type="checkbox" name="standing"' not in page.text and "impact-ok" not in page.text
    assert names(sign_in(cast.daan).get("/items?on=23-11-2026&class=server")) == ["srv-a", "srv-b"]


def test_the_quick_views_tell_how_many_and_the_first_with_something_opens(sign_in, cast, estate):
    browser = sign_in(cast.daan)
    soon = local(utc_now()).date() + dt.timedelta(days=20)
    make_item("Onderhoud", class_key="contract", attributes={"ends_on": soon.isoformat()})
    page = browser.get("/items")
    assert tabs(page) == {
        "Kwetsbaar of erger": ("0", False),
        "Mijn applicaties": ("0", False),
        "Zonder beheerder": ("6", True),
        "Contract loopt af": ("1", False),
        "Alle objecten": ("6", False),
    }
    change = register.begin(cast.ada, "test", utc_now())
    register.change(cast.application, change, deputy_id=cast.daan.id)
    db.session.commit()
    page = browser.get("/items")
    assert names(page) == ["Zaaksysteem"] and tabs(page)["Mijn applicaties"] == ("1", True)
    outages.start(estate[0], "Stuk", utc_now(), severity=Severity.DOWN)
    db.session.commit()
    page = browser.get("/items")
    assert names(page) == ["srv-a", "Zaaksysteem"]
    assert tabs(page)["Kwetsbaar of erger"] == ("2", True)
    assert len(names(browser.get("/items?view=all"))) == 6


def test_a_search_from_a_quick_view_looks_through_everything(sign_in, cast, down):
    browser = sign_in(cast.daan)
    for asked, kept in (("", []), ("?class=server", ["class"])):
        page = browser.get(f"/items{asked}").text
        within = page.partition("<main")[2].partition('role="search"')[2].partition("</form>")[0]
        assert re.findall(r'type="hidden" name="([^"]+)"', within) == kept


def test_the_list_takes_as_many_statements_with_many_items_and_much_wrong(sign_in, cast, down):
    browser = sign_in(cast.daan)

    def asked() -> int:
        """Not by the first page after a change: that reads what changed."""
        browser.get("/items?view=all&class=server,application")
        with counted() as statements:
            browser.get("/items?view=all&class=server,application")
        return len(statements)

    for number in range(21):
        if number == 1:
            few = asked()
        made = make_item(f"Server {number}", class_key="server", consumers=[cast.oosterveen])
        outages.start(made, "Stuk", utc_now(), severity=Severity.DOWN)
    db.session.commit()
    assert asked() <= few <= FEW_WHILE_DOWN


CHOSEN = (
    {}, {"class": "server"}, {"hosting": "central"}, {"standing": "ok"}, {"standing": "down,at-risk"},
    {"municipality": "{lindhoven}"}, {"municipality": "{lindhoven},{oosterveen}", "standing": "ok"},
    {"class": "server,application", "hosting": "central", "municipality": "{oosterveen}"},
    {"q": "srv", "municipality": "{oosterveen}"},
)  # fmt: skip


@pytest.mark.parametrize("chosen", CHOSEN, ids=lambda chosen: " ".join(chosen) or "all")
def test_every_count_is_that_of_the_list_with_that_value(sign_in, cast, down, estate, chosen):
    """Also of what several municipalities use, some of them in two spans, and of what is down."""
    act = register.begin(cast.ada, "test", NOW)
    day = dt.date(2025, 1, 1)
    for server in estate:
        register.share_among(server, {cast.oosterveen.id: 500, cast.lindhoven.id: 500}, act, day)
    register.share_among(estate[0], {cast.lindhoven.id: 900}, act, dt.date(2026, 1, 1))
    register.share_among(cast.application, {cast.oosterveen.id: 1000}, act, day)
    db.session.commit()
    keys = {"lindhoven": cast.lindhoven.id, "oosterveen": cast.oosterveen.id}
    asked = {"view": "all"} | {name: value.format(**keys) for name, value in chosen.items()}
    browser = sign_in(cast.daan)
    page, told = browser.get("/items", query_string=asked), 0
    for facet in ("standing", "class", "municipality", "hosting"):
        for value, number in counts(page, facet).items():
            found = names(browser.get("/items", query_string=asked | {facet: value}))
            assert len(found) == int(number), (facet, value)
            told += int(number)
    assert told > 3
