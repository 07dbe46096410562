"""Absences in the browser: what they open at once, who can step in, and who sees the reason."""

import datetime as dt

import pytest

from cmdb.database import db
from servicedesk.rota import reading
from servicedesk.web import roster_absences
from tests.servicedesk.web.coming import MONDAY, TODAY, TUESDAY, away, coming_team, holder_of, open_desk


@pytest.fixture
def team(cast):
    return coming_team(cast)


def words(**values):
    first = {"first": MONDAY.isoformat(), "last": "", "part": "day", "kind": "illness"}
    return first | values


def test_an_agent_registers_an_absence_and_sees_what_it_opens(team, sign_in):
    holder = team.person(team.seat(MONDAY, team.early).person_id)
    browser = sign_in(holder)
    page = browser.post("/roster/absences", data=words(), follow_redirects=True).text
    assert "1 dienst is open" in page and "aanwezig en vrij" in page
    assert "heeft die dag al een dienst" in page  # who cannot, and why
    assert "vraagt een vervanger" in page and ">Vraag " not in page  # that is the planner's
    assert "ziek" not in page.lower()
    assert holder_of(team) is None


def test_a_planner_registers_for_somebody_and_asks_a_candidate_by_one_click(team, sign_in):
    holder = team.person(team.seat(MONDAY, team.early).person_id)
    browser = sign_in(team.els)
    page = browser.post(
        "/roster/absences", data=words(person=holder.id), follow_redirects=True
    )
    assert "ziek" in page.text
    seat = team.seat(MONDAY, team.early)
    best = team.person(reading.lost_cover([seat])[0].candidates[0].person)
    assert f"Vraag {best.name.split()[0]}" in page.text
    key = page.request.path.rpartition("/")[2]
    asked = browser.post(
        f"/roster/seats/{seat.id}/ask", data={"colleague": best.id, "absence": key},
        follow_redirects=True,
    )  # fmt: skip
    assert asked.request.path == f"/roster/absences/{key}"
    assert f"{best.name} is gevraagd en moet nog antwoorden" in asked.text
    swaps = sign_in(best).get("/roster/swaps").text
    step = swaps.partition("/roster/swaps/")[2].partition("/")[0]
    answer = {"step": "accept"}
    sign_in(best).post(f"/roster/swaps/{step}/step", data=answer)
    assert holder_of(team) == best.id
    assert "Al overgenomen" in browser.get(f"/roster/absences/{key}").text


def test_applications_of_whom_both_owners_are_away_are_named(team, sign_in):
    item = team.cast.application
    item.name, item.manager_id, item.deputy_id = "Zaaksysteem Oost", team.gijs.id, team.hanna.id
    db.session.commit()
    away(team, team.gijs)
    page = sign_in(team.els).post(
        "/roster/absences", data=words(person=team.hanna.id, first=TUESDAY), follow_redirects=True
    )
    assert "Zaaksysteem Oost" in page.text
    assert "Zaaksysteem Oost" in sign_in(team.cast.daan).get("/roster/balance").text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"first": ""}, "Kies de eerste dag"),
        ({"first": "ooit"}, "Kies de eerste dag"),
        ({"last": (MONDAY - dt.timedelta(days=1)).isoformat()}, "ligt voor de eerste"),
        ({"last": (MONDAY + dt.timedelta(days=900)).isoformat()}, "binnen twee jaar"),
        ({"first": (TODAY - dt.timedelta(days=60)).isoformat()}, "een maand geleden"),
        ({"first": "9999-12-31"}, "binnen twee jaar"),
        ({"part": "night"}, "Kies een van de mogelijkheden"),
        ({"kind": "flu"}, "Kies een van de mogelijkheden"),
    ],
)
def test_what_cannot_be_is_said_and_kept(team, sign_in, values, said):
    answer = sign_in(team.cast.daan).post("/roster/absences", data=words(**values))
    assert answer.status_code == 422 and said in answer.text


def test_the_same_days_twice_are_refused(team, sign_in):
    away(team, team.cast.daan, MONDAY)
    answer = sign_in(team.cast.daan).post("/roster/absences", data=words())
    assert answer.status_code == 422 and "staan al als afwezig" in answer.text


def test_an_agent_reaches_no_absence_of_another(team, sign_in):
    away(team, team.cast.daan)
    absence = reading.absences(TUESDAY, TUESDAY)[0]
    browser = sign_in(team.cast.femke)
    assert team.cast.daan.name not in browser.get("/roster/absences").text
    assert browser.get(f"/roster/absences/{absence.id}").status_code == 404
    assert browser.post(f"/roster/absences/{absence.id}/withdraw").status_code == 404
    data = words(person=team.cast.daan.id, first=TUESDAY + dt.timedelta(days=1))
    browser.post("/roster/absences", data=data)
    named = {one.person_id for one in reading.absences(TUESDAY, TUESDAY + dt.timedelta(days=1))}
    assert named == {team.cast.daan.id, team.cast.femke.id}  # it became her own


def test_an_absence_is_withdrawn_and_nobody_loses_a_seat_by_it(team, sign_in):
    lost, best = open_desk(team)
    absence = reading.absences(MONDAY, MONDAY)[0]
    page = sign_in(team.els).post(f"/roster/absences/{absence.id}/withdraw", follow_redirects=True)
    assert "Wie een dienst overnam, houdt die" in page.text
    assert reading.absences(MONDAY, MONDAY) == []


def test_absences_come_in_pages(team, sign_in, monkeypatch):
    monkeypatch.setattr(roster_absences, "PAGE", 2)
    for n, person in enumerate((*team.people, team.cast.daan)):
        away(team, person, MONDAY + dt.timedelta(days=n // 2))
    browser, address, seen = sign_in(team.els), "/roster/absences", []
    while address:
        page = browser.get(address).text
        table = page.partition("<tbody>")[2].partition("</tbody>")[0]
        seen += [part.partition('"')[0] for part in table.split('href="/roster/absences/')[1:]]
        address = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0] if 'rel="next"' in page else ""
    assert len(seen) == len(set(seen)) == 5


def test_who_is_not_in_the_roster_is_told_so(cast, sign_in):
    page = sign_in(cast.daan).get("/roster/absences").text
    assert "Vraag een planner om u toe te voegen" in page
    assert sign_in(cast.daan).post("/roster/absences", data=words()).status_code == 422
