"""The page about impact: what fails for whom, in words that everybody may read."""

import datetime as dt
import html
import re

import pytest

from cmdb import register
from cmdb.impact import Effect
from servicedesk.tickets import outages
from tests.makers import NOW, make_item

ONE_IS_ENOUGH = {"kind": "at_least", "count": 1}


@pytest.fixture
def estate(cast):
    """Zaaksysteem of both towns on a cluster of two; a desk of Lindhoven's own hangs on it too."""
    act = register.begin(None, "test", NOW)
    items = {
        "app": cast.application,
        "cluster": make_item("pg-zaken", class_key="cluster"),
        "first": make_item("vl-db-01", class_key="server"),
        "second": make_item("vl-db-02", class_key="server"),
        "san": make_item("vl-san", class_key="storage"),
        "kassa": make_item("Kassa Lindhoven", cast.lindhoven),
        "scan": make_item("Scanstraat", cast.oosterveen),
    }
    groups = [{"label": "servers", "rule": ONE_IS_ENOUGH}]
    register.change(items["cluster"], act, groups=groups)
    register.change(items["app"], act, attributes={"users": 300})
    for server in ("first", "second"):
        register.relate(items["cluster"], items[server], "needs", act, group="servers")
        register.relate(items[server], items["san"], "needs", act)
    for name in ("app", "kassa"):
        register.relate(items[name], items["cluster"], "needs", act)
    register.relate(items["scan"], items["app"], "needs", act, effect=Effect.SOFT)
    return items


def page(browser, item, **query):
    """What stands between the menu and the foot."""
    answer = browser.get(f"/items/{item.uid}/impact", query_string=query)
    assert answer.status_code == 200
    return html.unescape(answer.text.partition("<main")[2].partition("</main>")[0])


def text_of(shown: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


def test_daan_sees_what_fails_with_the_storage(sign_in, cast, estate):
    shown = text_of(page(sign_in(cast.daan), estate["san"]))
    assert ": 5 uitgevallen, 1 verminderd." in shown
    assert "Zaaksysteem Applicatie" in shown and "Kassa Lindhoven" in shown
    assert "Werkt minder goed zonder Zaaksysteem: uitgevallen." in shown
    assert "Door vl-db-01, vl-db-02 doen er in de groep “servers” nog 0 van 2 mee, " in shown
    assert "minstens 1 is nodig." in shown


def test_one_server_of_two_leaves_no_spare(sign_in, cast, estate):
    shown = text_of(page(sign_in(cast.daan), estate["first"]))
    assert ": 4 kwetsbaar." in shown
    assert "nog 1 van 2 mee" in shown and "geen reserve" in shown


def test_two_may_fail_together(sign_in, cast, estate):
    browser = sign_in(cast.daan)
    both = text_of(page(browser, estate["first"], also=estate["second"].uid.lower()))
    assert "Als vl-db-01, vl-db-02 uitvalt: 3 uitgevallen, 1 verminderd." in both
    unknown = text_of(page(browser, estate["first"], also="SRV-9999, '; --"))
    assert "Wij kennen geen object" in unknown and "4 kwetsbaar" in unknown


def test_a_milder_failure(sign_in, cast, estate):
    shown = text_of(page(sign_in(cast.daan), estate["cluster"], state="degraded"))
    assert ": 2 verminderd, 1 kwetsbaar." in shown


def test_what_an_outage_did_already_is_not_counted_again(sign_in, cast, estate):
    outages.start(estate["second"], "Schijf stuk", NOW)
    outages.start(estate["scan"], "Lamp stuk", NOW)
    shown = text_of(page(sign_in(cast.daan), estate["first"]))
    assert ": 3 uitgevallen." in shown
    assert "een kritieke melding: Scanstraat uitgevallen" in shown


def test_anna_sees_hers_and_not_even_that_there_is_more(sign_in, cast, estate):
    change_set = register.begin(None, "test", NOW)
    register.share_among(estate["first"], {cast.oosterveen.id: None}, change_set)
    browser = sign_in(cast.anna)
    before = page(browser, estate["first"])
    shown = text_of(before)
    assert "Zaaksysteem" in shown and "Scanstraat" in shown
    for hidden in ("Lindhoven", "Kassa", "pg-zaken", "vl-db-02", estate["kassa"].uid, "van 2"):
        assert hidden not in before
    assert ": 2 kwetsbaar." in shown
    assert "Heeft een ander onderdeel nodig: kwetsbaar." in shown
    for number in range(3):
        extra = make_item(f"Balie {number}", cast.lindhoven)
        register.relate(extra, estate["cluster"], "needs", register.begin(None, "test", NOW))
    assert page(browser, estate["first"]) == before


def test_anna_does_not_reach_what_is_not_hers(sign_in, cast, estate):
    browser = sign_in(cast.anna)
    for path in ("impact", "weak-points"):
        assert browser.get(f"/items/{estate['kassa'].uid}/{path}").status_code == 404
    shown = page(browser, cast.application, also=estate["kassa"].uid)
    assert "Kassa" not in shown and f"geen object {estate['kassa'].uid}" in shown


def test_the_towns_have_their_own_line(sign_in, cast, estate):
    shown = page(sign_in(cast.daan), estate["san"])
    towns = re.search(r'<ul class="impact-towns">(.*?)</ul>', shown, re.DOTALL).group(1)
    lines = [text_of(line) for line in towns.split("<li>")[1:]]
    assert [line.split()[0] for line in lines] == ["Lindhoven", "Oosterveen"]
    assert "Kassa Lindhoven uitgevallen" in lines[0]
    assert "Zaaksysteem uitgevallen" in lines[1] and "Scanstraat verminderd" in lines[1]


def test_a_town_keeps_its_names_below_the_many_of_another(sign_in, cast, estate):
    act = register.begin(None, "test", NOW)
    for number in range(100):
        register.relate(make_item(f"Loket {number}", cast.oosterveen), estate["san"], "needs", act)
    shown = page(sign_in(cast.daan), estate["san"])
    towns = re.search(r'<ul class="impact-towns">(.*?)</ul>', shown, re.DOTALL).group(1)
    lindhoven, oosterveen = (text_of(line) for line in towns.split("<li>")[1:])
    assert "Kassa Lindhoven uitgevallen" in lindhoven and "en nog" not in lindhoven
    assert "Loket 5 uitgevallen en nog 96" in oosterveen


def test_the_picture_goes_a_step_further_when_asked(sign_in, cast, estate):
    browser = sign_in(cast.daan)
    near = page(browser, estate["san"])
    picture = near.split("<svg class=\"net\"")[1].split("</svg>\n</div>")[0]
    assert "pg-zaken" in picture and "Scanstraat" not in picture
    assert "Toon een stap verder" in near
    far = page(browser, estate["san"], depth="9")
    picture = far.split("<svg class=\"net\"")[1].split("</svg>\n</div>")[0]
    assert "Scanstraat" in picture and "Toon een stap verder" not in far


def test_as_it_was(sign_in, cast, estate):
    """Before anything was registered, nothing hung on anything."""
    day = (NOW - dt.timedelta(days=2)).date()
    browser = sign_in(cast.daan)
    assert "Niets anders valt uit" in page(browser, estate["san"], on=day.isoformat())
    assert "Niets anders valt uit" in page(browser, estate["san"], on=f"{day:%d-%m-%Y}")


@pytest.mark.parametrize("query", [
    {"on": "32-13-2026"}, {"on": "9999-12-31"}, {"on": "0001-01-01"}, {"depth": "-1"},
    {"depth": "9" * 50},
    {"state": "exploded"}, {"also": "A" * 5000}, {"depth": "²"},
])  # fmt: skip
def test_an_odd_question_still_gets_an_answer(sign_in, cast, estate, query):
    assert "Wat raakt dit?" in page(sign_in(cast.daan), estate["san"], **query)


def test_weak_points_of_a_service(sign_in, cast, estate):
    shown = text_of(
        html.unescape(sign_in(cast.daan).get(f"/items/{estate['app'].uid}/weak-points").text)
    )
    assert "pg-zaken" in shown and "vl-san" in shown
    assert "vl-db-01 Server" not in shown
    assert "groep “servers” Hangt in zijn geheel aan: vl-san" in shown


def test_anna_sees_no_weak_point_that_is_not_hers(sign_in, cast, estate):
    shown = sign_in(cast.anna).get(f"/items/{estate['app'].uid}/weak-points").text
    assert "vl-san" not in shown and "pg-zaken" not in shown
    assert "Geen enkel onderdeel" not in shown


def test_weak_points_tell_what_ends_soon_of_all_that_it_hangs_on(sign_in, cast, estate):
    today = dt.datetime.now(dt.UTC).date()
    act = register.begin(None, "test", NOW)
    register.change(estate["san"], act, support_until=today + dt.timedelta(days=20))
    register.change(estate["first"], act, support_until=today + dt.timedelta(days=200))
    contract = make_item("Onderhoud opslag", class_key="contract", attributes={
        "ends_on": (today - dt.timedelta(days=3)).isoformat(),
    })  # fmt: skip
    register.relate(estate["san"], contract, "covered-by", act)
    address = f"/items/{estate['app'].uid}/weak-points"
    ends = text_of(sign_in(cast.daan).get(address).text.partition('id="t-ends"')[2])
    assert "vl-san" in ends and "Ondersteuning tot" in ends
    assert "Onderhoud opslag" in ends and "voorbij" in ends
    assert "vl-db-01" not in ends
    assert "Loopt af" not in sign_in(cast.anna).get(address).text


def test_a_municipality_where_nothing_falls_has_no_line(sign_in, cast, estate):
    shown = page(sign_in(cast.daan), estate["scan"])
    assert "impact-towns" not in shown
