"""The page of the report on agreements, and its files."""

import csv
import datetime as dt
import io
import re

import openpyxl
import pytest

from cmdb.database import db
from servicedesk.tickets import actions
from sla import watch
from tests.makers import NOW, make_ticket

FRIDAY = dt.datetime(2026, 10, 30, 9, 0, tzinfo=dt.UTC)  # 10:00 in the Netherlands
NOVEMBER = "period=2026-11"


@pytest.fixture
def late(cast):
    """One solution too late at each municipality in November, and one at Oosterveen in time."""
    ours = make_ticket(cast.anna, now=FRIDAY, title="Zaaksysteem traag")
    theirs = make_ticket(cast.carla, now=FRIDAY, title="Geheim van Lindhoven")
    in_time = make_ticket(cast.bram, now=FRIDAY + dt.timedelta(days=4))
    actions.resolve(in_time, "Opnieuw gestart.", cast.daan, FRIDAY + dt.timedelta(days=4, hours=1))
    watch.settle_due(NOW)
    db.session.commit()
    return ours, theirs


@pytest.fixture
def els(cast, sign_in):
    return sign_in(cast.els)


def rows(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def test_the_page_prints_what_each_share_counts(els, late):
    page = els.get(f"/reports/sla?{NOVEMBER}").text
    assert "4 afspraken beslist, waarvan 2 te laat; 0 liepen aan het eind nog." in page
    assert "33,3%" in page and "1 van 3" in page  # solutions
    assert "November 2026" in page and "2 overschrijdingen, in servicetijd" in page
    assert "Zaaksysteem traag" in page and "Geheim van Lindhoven" in page
    assert f"/desk/tickets/{late[0].number}" in page
    assert page.index("Hoe staan we ervoor?") < page.index("Waar doet het pijn?")


def test_who_manages_a_municipality_sees_her_own_whatever_the_address_says(cast, late, sign_in):
    mia = sign_in(cast.mia)
    for query in (NOVEMBER, f"{NOVEMBER}&kind=resolution"):
        page = mia.get(f"/reports/sla?{query}").text
        assert "Zaaksysteem traag" in page and "Lindhoven" not in page
        assert f"/my/tickets/{late[0].number}" in page
    elsewhere = mia.get(f"/reports/sla?{NOVEMBER}&municipality={cast.lindhoven.code}")
    assert "Lindhoven" not in elsewhere.text
    for kind in ("csv", "xlsx"):
        url = f"/reports/sla.{kind}?{NOVEMBER}&municipality={cast.lindhoven.code}"
        assert b"Lindhoven" not in mia.get(url).data
    assert {row[0] for row in rows(mia.get(f"/reports/sla.csv?{NOVEMBER}"))[1:3]} == {"Oosterveen"}


@pytest.mark.parametrize("name", ["anna", "daan"])
@pytest.mark.parametrize("path", ["/reports/sla", "/reports/sla.csv", "/reports/sla.xlsx"])
def test_others_find_no_report(cast, sign_in, name, path):
    assert sign_in(getattr(cast, name)).get(path).status_code == 404


def test_filters_narrow_every_part(cast, els, late):
    page = els.get(
        f"/reports/sla?{NOVEMBER}&municipality={cast.lindhoven.code}&kind=resolution"
    ).text
    assert "Geheim van Lindhoven" in page and "Zaaksysteem traag" not in page
    assert "1 overschrijding, in servicetijd" in page
    assert "Geen meldingen in deze periode" in els.get(f"/reports/sla?{NOVEMBER}&priority=1").text


def test_a_period_is_a_month_a_quarter_a_year_or_two_dates(els, late):
    for query, label in (
        ("period=2026-Q4", "4e kwartaal 2026"),
        ("period=2026", "2026"),
        ("from=2026-11-01&to=2026-11-15", "1 nov 2026 tot en met 15 nov 2026"),
        ("from=2026-11-01&to=2026-11-30", "November 2026"),
    ):
        page = els.get(f"/reports/sla?{query}").text
        assert f"<strong>{label}</strong>" in page and "Zaaksysteem traag" in page


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("period=2026-13", 400),
        ("from=2026-11-30&to=2026-11-01", 400),
        ("from=2026-11-30", 400),
        ("after=x", 400),
        ("after=99999999999999999999-1", 400),
        ("priority=9", 404),
        ("kind=guess", 404),
        ("municipality=9998", 404),
    ],
)
def test_a_wrong_question_is_refused(els, query, status):
    assert els.get(f"/reports/sla?{query}").status_code == status


def test_breaches_are_read_page_by_page(cast, els):
    for number in range(17):
        make_ticket(cast.anna, now=FRIDAY, title=f"Storing {number:02}")
    watch.settle_due(NOW)
    db.session.commit()
    page = els.get(f"/reports/sla?{NOVEMBER}").text
    seen = re.findall(r"Storing \d\d", page)
    assert len(seen) == 15 and "Vorige" not in page
    [following] = re.findall(r'href="([^"]*after=[^"]*)"', page)
    second = els.get(following.replace("&amp;", "&")).text
    assert len(set(seen) | set(re.findall(r"Storing \d\d", second))) == 17
    [back] = re.findall(r'href="([^"]*before=[^"]*)"', second)
    assert re.findall(r"Storing \d\d", els.get(back.replace("&amp;", "&")).text) == seen


def test_files_hold_the_figures_of_the_page(els, late):
    answer = els.get(f"/reports/sla.csv?{NOVEMBER}&kind=resolution")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert 'filename="dvo-2026-11-01-2026-11-30.csv"' in answer.headers["Content-Disposition"]
    counted = {row[0]: row[4:] for row in rows(answer)[1:3]}
    assert counted == {
        "Lindhoven": ["0", "1", "0", "0,0"],
        "Oosterveen": ["1", "1", "0", "50,0"],
    }
    workbook = els.get(f"/reports/sla.xlsx?{NOVEMBER}&kind=resolution")
    figures, breaches = openpyxl.load_workbook(io.BytesIO(workbook.data)).worksheets
    assert [row[0] for row in figures.iter_rows(min_row=2, values_only=True)] == [
        "Lindhoven",
        "Oosterveen",
    ]
    assert breaches.max_row == 3
