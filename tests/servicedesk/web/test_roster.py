"""The roster in the browser: every view, an open seat with who can take it, and who plans."""

import datetime as dt

import pytest

from cmdb.database import utc_now
from servicedesk.rota import reading
from servicedesk.web import roster_asked
from tests.servicedesk.rota.team import make_team
from tests.servicedesk.web.coming import MONDAY, TUESDAY, away, coming_team, open_desk


@pytest.fixture
def team(cast):
    return coming_team(cast)


def read(browser, **asked):
    answer = browser.get("/roster", query_string=asked)
    assert answer.status_code == 200
    return answer.text


def test_the_week_shows_who_is_where(team, sign_in):
    page = read(sign_in(team.cast.daan), on=TUESDAY)
    seat = team.seat(TUESDAY, team.site)
    assert f'href="/roster/seats/{seat.id}"' in page and "Oosterveen" in page
    assert "Alle diensten zijn bezet" in page
    desk = [one for one in reading.seats(MONDAY, MONDAY + dt.timedelta(days=6)) if one.duty_id != team.site.id]
    assert page.count("seat-desk") == len(desk) + 1  # and the legend


@pytest.mark.parametrize("view", roster_asked.VIEWS)
@pytest.mark.parametrize("by", ["", "person", "municipality", "shift", "calendar"])
def test_every_view_names_the_visit_and_who_makes_it(team, sign_in, view, by):
    page = read(sign_in(team.cast.daan), on=TUESDAY, view=view, by=by)
    assert "Daan" in page
    assert "Oosterveen" in page or by == "shift" or (view, by) in {
        ("quarter", ""), ("quarter", "person"), ("quarter", "calendar"), ("week", "calendar")
    }  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    [
        {"on": "ooit"}, {"on": "9999-12-31"}, {"on": "0001-01-01"}, {"view": "eeuw", "by": "x"},
        {"on": "2199-12-31", "view": "quarter"}, {"on": "2000-01-01", "view": "week"},
    ],
)  # fmt: skip
def test_nonsense_and_the_ends_of_time_are_no_error(team, sign_in, asked):
    read(sign_in(team.cast.daan), **asked)


def test_an_open_seat_is_in_the_row_of_who_is_away_and_leads_to_who_can_take_it(team, sign_in):
    lost, best = open_desk(team)
    browser = sign_in(team.cast.femke)
    page = read(browser, on=MONDAY)
    assert "1 dienst is open" in page and "seat-lost" in page and "seat-open" in page
    seat = browser.get(f"/roster/seats/{lost.id}").text
    assert "Deze dienst is open" in seat
    assert "aanwezig en vrij" in seat and "heeft die dag al een dienst" in seat
    assert ">Vraag " not in seat  # only a planner asks
    asking = f"Vraag {best.name.split()[0]}"
    assert asking in sign_in(team.els).get(f"/roster/seats/{lost.id}").text
    assert asking in read(sign_in(team.els), on=MONDAY)


def test_the_reason_of_an_absence_is_not_in_the_roster(team, sign_in):
    away(team, team.cast.daan)
    for view in roster_asked.VIEWS:
        page = read(sign_in(team.els), on=TUESDAY, view=view).lower()
        assert "afwezig" in page or "weg" in page
        assert "ziek" not in page


def test_what_is_not_published_says_so(cast, sign_in):
    make_team(cast, published=False, now=utc_now())
    assert "Bekijk het concept" in read(sign_in(cast.els), on=TUESDAY)
    assert "nog niet gepubliceerd" in read(sign_in(cast.daan), on=TUESDAY)


def test_a_planner_chooses_by_hand_and_the_seat_tells_of_it(team, sign_in):
    seat = team.seat(MONDAY, team.early)
    person = team.free(MONDAY)
    answer = sign_in(team.els).post(
        f"/roster/seats/{seat.id}/assign", data={"person": person.id}, follow_redirects=True
    )
    assert answer.status_code == 200
    assert f"{person.name} heeft deze dienst" in answer.text
    assert "door de planner gekozen" in answer.text and team.els.name in answer.text


def test_a_choice_that_cannot_be_says_why(team, sign_in):
    seat = team.seat(MONDAY, team.early)
    busy = team.person(team.seat(MONDAY, team.late).person_id)
    answer = sign_in(team.els).post(f"/roster/seats/{seat.id}/assign", data={"person": busy.id})
    assert answer.status_code == 409 and "heeft die dag al een dienst" in answer.text
    answer = sign_in(team.els).post(f"/roster/seats/{seat.id}/assign", data={"person": "x"})
    assert answer.status_code == 422 and "Kies een collega" in answer.text


def test_a_planner_asks_who_can_take_it(team, sign_in):
    lost, best = open_desk(team)
    browser = sign_in(team.els)
    data = {"colleague": best.id}
    page = browser.post(f"/roster/seats/{lost.id}/ask", data=data, follow_redirects=True).text
    assert f"{best.name} is gevraagd door" in page and ">Vraag " not in page
    again = browser.post(f"/roster/seats/{lost.id}/ask", data=data)
    assert again.status_code == 409 and "loopt al een verzoek" in again.text
    assert browser.post(f"/roster/seats/{lost.id}/ask", data={"colleague": "0"}).status_code == 422


def test_a_visit_moves_to_another_day(team, sign_in):
    seat = team.seat(TUESDAY, team.site)
    wednesday = TUESDAY + dt.timedelta(days=1)
    browser = sign_in(team.els)
    address = f"/roster/seats/{seat.id}/move"
    assert browser.post(address, data={"day": "ooit"}).status_code == 422
    far = TUESDAY + dt.timedelta(days=200)
    assert "al gepubliceerd" in browser.post(address, data={"day": far}).text
    taken = browser.post(address, data={"day": TUESDAY + dt.timedelta(days=7)})
    assert taken.status_code == 422 and "al een bezoek" in taken.text
    assert browser.post(address, data={"day": wednesday}).status_code == 303
    assert team.seat(wednesday, team.site).person_id is not None
    desk = team.seat(MONDAY, team.early)
    assert browser.post(f"/roster/seats/{desk.id}/move", data={"day": TUESDAY}).status_code == 404


def test_coverage_and_fairness_as_a_picture_and_a_table(team, sign_in):
    away(team, team.cast.daan)
    page = sign_in(team.cast.femke).get("/roster/balance").text
    assert "1 dienst is open" in page and "niemand is dubbel ingedeeld" in page
    assert "De komende 13 weken" in page and "De afgelopen 13 weken" in page
    assert 'role="img" aria-label="' in page and "eerlijke deel" in page
    assert "468" in page  # 13 weeks of 36 hours


def test_who_has_no_part_in_the_roster_finds_nothing(team, sign_in):
    seat = team.seat(TUESDAY, team.site)
    for address in ("/roster", "/roster/balance", f"/roster/seats/{seat.id}"):
        assert sign_in(team.cast.anna).get(address).status_code == 404
