"""The reports about items: the figures add up, and nobody reads about the neighbours."""

import csv
import datetime as dt
import io

import openpyxl
import pytest

from cmdb import register
from cmdb.database import db
from cmdb.items import Hosting, ItemStatus
from tests.makers import NOW, make_item

KINDS = ("overview", "uniformity", "applications", "licences", "deadlines", "quality", "rounds")


@pytest.fixture
def estate(cast):
    """A shared application of 1000.01 euro a year, two laptops, and a printer that is gone."""
    shared = make_item("Belastingen", yearly_cents=100_001, attributes={"product": "Heffingsbaak"})
    register.share_among(
        shared,
        {cast.oosterveen.id: 400, cast.lindhoven.id: 600},
        register.begin(None, "test", NOW),
        since=dt.date(2026, 1, 1),
    )
    for town, make in ((cast.oosterveen, "Zegwaard"), (cast.lindhoven, "=Lantaarn")):
        make_item(
            f"Laptop {town.name}", town, class_key="workstation", yearly_cents=12_000,
            hosting=Hosting.AT_MUNICIPALITY, attributes={"make": make, "model": "14"},
        )  # fmt: skip
    for town, make in ((cast.oosterveen, "Aap"), (cast.lindhoven, "Geheim")):
        make_item(f"Switch {town.name}", town, class_key="switch", attributes={"make": make})
    make_item("Oude printer", cast.lindhoven, class_key="printer", status=ItemStatus.RETIRED)
    db.session.commit()
    return shared


def rows(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def test_costs_of_a_year_and_a_month_add_up(estate, cast, sign_in):
    els = sign_in(cast.els)
    found = {row[0]: row[1:] for row in rows(els.get("/reports/items/overview.csv"))[:6] if row}
    assert found["Oosterveen"][2] == "520,00", "400 thousandths of 1000.01, and a laptop"
    assert found["Lindhoven"][2] == "720,01", "the largest remainder gets the cent"
    assert found["Totaal"][2] == "1240,01"
    months = [found[name][3] for name in ("Oosterveen", "Lindhoven", "Totaal")]
    assert sum(float(each.replace(",", ".")) * 100 for each in months[:2]) == pytest.approx(
        float(months[2].replace(",", ".")) * 100
    )
    page = els.get("/reports/items").text
    assert "€\N{NO-BREAK SPACE}1.240,01" in page and "Printer" not in page


def test_who_manages_a_municipality_reads_of_hers_only(estate, cast, sign_in):
    mia = sign_in(cast.mia)
    for kind in KINDS:
        for form in ("", ".csv", ".xlsx"):
            address = f"/reports/items/{kind}{form}?municipality={cast.lindhoven.code}"
            answer = mia.get(address)
            text = str(_cells(answer)) if form == ".xlsx" else answer.text
            assert answer.status_code == 200
            for secret in ("Lindhoven", "Lantaarn", "Geheim", "720"):
                assert secret not in text, (kind, form)
    by_class = {row[0]: row[1:] for row in rows(mia.get("/reports/items/overview.csv")) if row}
    assert by_class["Werkstation"][:2] == ["", "1"], "her own one, and not that of Lindhoven"
    assert "520,00" in mia.get("/reports/items").text
    assert "Zegwaard" in mia.get("/reports/items/uniformity").text


def _cells(answer) -> list:
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    return [list(sheet.values) for sheet in book]


def test_a_make_that_differs_is_an_outlier_by_name(estate, cast, sign_in):
    els = sign_in(cast.els)
    line = next(row for row in rows(els.get("/reports/items/uniformity.csv")) if "Merk" in row)
    assert line[:5] == ["Werkstation", "Merk", "'=Lantaarn", "50", "2"]
    assert line[5] == "Oosterveen: Zegwaard"
    [sheet] = _cells(els.get("/reports/items/uniformity.xlsx"))
    assert "'=Lantaarn" in str(sheet), "a formula is only text"
    assert "class=workstation" in els.get("/reports/items/uniformity").text


def test_a_report_as_of_a_day_before_anything_was_registered(estate, cast, sign_in):
    els = sign_in(cast.els)
    page = els.get("/reports/items?on=2026-01-15").text
    assert "Zo stond het op 15-01-2026" in page and "€\N{NO-BREAK SPACE}0,00" in page
    assert "niets om te vergelijken" in els.get("/reports/items/uniformity?on=2026-01-15").text


def test_an_unknown_report_or_municipality_is_not_there(estate, cast, sign_in):
    els = sign_in(cast.els)
    for address in ("/reports/items/geheim", "/reports/items?municipality=0000",
                    "/reports/items/geheim.csv"):  # fmt: skip
        assert els.get(address).status_code == 404
    assert els.get("/reports/items?on=morgen").status_code == 200


def test_a_figure_leads_to_the_list_that_it_counts(estate, cast, sign_in):
    els = sign_in(cast.els)
    address = f"/items?class=workstation&amp;municipality={cast.oosterveen.id}"
    assert address in els.get("/reports/items").text
    listed = els.get(address.replace("&amp;", "&")).text
    assert "Laptop Oosterveen" in listed and "Laptop Lindhoven" not in listed




def test_a_contract_is_listed_at_its_end_and_its_last_day_of_notice(cast, sign_in):
    today = dt.date.today()
    ends_on = today + dt.timedelta(days=200)
    for name, town in (("Onderhoud printers", cast.oosterveen), ("Geheim", cast.lindhoven)):
        make_item(
            name, town, class_key="contract",
            attributes={"ends_on": ends_on.isoformat(), "notice_period": 6},
        )  # fmt: skip
    found = rows(sign_in(cast.mia).get("/reports/items/deadlines.csv"))[2:4]
    assert [row[1] for row in found] == ["Laatste dag om op te zeggen", "Eindigt op"]
    assert found[1][2] == ends_on.isoformat() and "Geheim" not in str(found)
    month = sign_in(cast.mia).get(f"/reports/items/deadlines?month={ends_on:%Y-%m}").text
    calendar = month[month.index('id="t-month"') :]
    assert "Onderhoud printers" in calendar and "Geheim" not in month
    for odd in ("2026-13", "0001-01", "9999-12", "morgen"):
        assert sign_in(cast.els).get(f"/reports/items/deadlines?month={odd}").status_code == 200


def test_applications_stand_side_by_side(estate, cast, sign_in):
    parts = {"domain": "Belastingen", "reference_component": "Parkeren"}
    for town, version in ((cast.oosterveen, "7.2"), (cast.lindhoven, "6.0")):
        attributes = {"product": "Blauwe Zone", "product_version": version, **parts}
        make_item(f"Parkeren {town.name}", town, attributes=attributes)
    heads, *found = rows(sign_in(cast.els).get("/reports/items/applications.csv"))[1:]
    assert heads[2:] == ["Lindhoven", "Oosterveen"]
    assert ["Parkeren", "Belastingen", "Blauwe Zone 6.0", "Blauwe Zone 7.2"] in found
    [line] = [row for row in rows(sign_in(cast.mia).get("/reports/items/applications.csv"))
              if row[:1] == ["Parkeren"]]  # fmt: skip
    assert line[2:] == ["Blauwe Zone 7.2"]


def test_a_licence_of_which_more_is_used_than_was_bought(cast, sign_in):
    make_item("Kantoor", class_key="licence", consumers=[cast.oosterveen],
              attributes={"product": "Kantoorpakket", "bought": 10, "used": 12})  # fmt: skip
    make_item("Geheim", cast.lindhoven, class_key="licence", attributes={"bought": 5})
    els = sign_in(cast.els)
    found = {row[0]: row for row in rows(els.get("/reports/items/licences.csv"))[2:]}
    assert found["Kantoor"][3:7] == ["10", "12", "", "-2"]
    assert found["Geheim"][3:7] == ["5", "", "", ""]
    assert "1 licentie met een tekort" in els.get("/reports/items/licences").text
    assert "Geheim" not in sign_in(cast.mia).get("/reports/items/licences").text


def test_a_licence_of_which_more_is_assigned_than_was_bought(cast, sign_in):
    licence = make_item("Databases", class_key="licence", consumers=[cast.oosterveen],
                        attributes={"licence_metric": "kern", "bought": 8, "used": 4})  # fmt: skip
    change_set = register.begin(None, "test", NOW)
    for name, cores, town in (("db-1", 6, cast.oosterveen), ("db-2", None, cast.oosterveen),
                              ("db-3", 4, cast.lindhoven)):  # fmt: skip
        attributes = {} if cores is None else {"licence_quantity": cores}
        made = make_item(name, town, class_key="dbms-instance", attributes=attributes)
        register.relate(made, licence, "licensed-by", change_set)
    db.session.commit()
    found = {row[0]: row for row in rows(sign_in(cast.els).get("/reports/items/licences.csv"))[2:]}
    assert found["Databases"][3:8] == ["8", "4", "11", "-3", "3"]
    found = {row[0]: row for row in rows(sign_in(cast.mia).get("/reports/items/licences.csv"))[2:]}
    assert found["Databases"][3:8] == ["8", "4", "7", "1", "2"], "of what she may see"


def test_costs_by_hosting_add_up_too(estate, cast, sign_in):
    lines = rows(sign_in(cast.els).get("/reports/items/overview.csv"))
    start = next(at for at, row in enumerate(lines) if row[:1] == ["Wat kost waar het draait?"])
    found = {row[0]: row[1:] for row in lines[start + 2 : start + 6] if row}
    assert found["Oosterveen"] == ["400,00", "120,00", "0,00", "0,00", "520,00"]
    assert found["Totaal"] == ["1000,01", "240,00", "0,00", "0,00", "1240,01"]
