"""Planning and the facts of the roster in the browser: seen before it is done, valid from a day on."""

import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.people import Team
from servicedesk.rota import actions, loading, publishing, reading
from servicedesk.rota.facts import Kind, Span
from servicedesk.rota.models import ClosedDay, Duty, DutyPerson, OnCall, Turn, WorkPattern
from servicedesk.rota.swap_rules import SwapRule
from tests.servicedesk.rota.team import make_team
from tests.servicedesk.web.coming import MONDAY, TODAY, TUESDAY, coming_team, holder_of, open_desk


@pytest.fixture
def team(cast):
    return coming_team(cast)


@pytest.fixture
def els(team, sign_in):
    return sign_in(team.els)


def seen(page: str) -> str:
    return page.partition('name="seen" value="')[2].partition('"')[0]


def test_the_draft_is_seen_and_then_published(cast, sign_in):
    make_team(cast, published=False, now=utc_now())
    browser = sign_in(cast.els)
    until = TODAY + dt.timedelta(days=13 - TODAY.weekday())
    page = browser.get(f"/roster/plan?until={until}").text
    assert "Er is nog niets gepubliceerd" in page and "Het concept dag voor dag" in page
    assert reading.seats(TODAY, until) == []
    page = browser.post("/roster/plan/publish", data={"until": until}, follow_redirects=True).text
    assert "zijn gepubliceerd" in page and "Rooster week" in page
    assert len(reading.seats(TODAY, until)) > 10
    page = browser.post("/roster/plan/publish", data={"until": until}, follow_redirects=True).text
    assert "was al gepubliceerd" in page


def test_a_gap_in_the_draft_has_a_reason_for_each_person(cast, sign_in):
    team = make_team(cast, published=False, now=utc_now())
    team.site.skill, team.site.skilled_seats = "netwerk", 1
    db.session.commit()
    page = sign_in(cast.els).get("/roster/plan").text
    assert "Wat open blijft, en waarom" in page
    assert "Daan: mist de vaardigheid" in page and "Hanna: komt daar niet" in page


def test_a_replan_is_seen_and_confirmed(team, els):
    lost, _best = open_desk(team)
    page = els.get("/roster/plan").text
    assert "1 dienst zou veranderen" in page and holder_of(team) is None
    data = {"from": TODAY, "to": publishing.published_until(), "seen": seen(page)}
    done = els.post("/roster/plan/replan", data=data, follow_redirects=True).text
    assert "1 dienst is gewijzigd" in done and holder_of(team) is not None
    again = els.post("/roster/plan/replan", data=data, follow_redirects=True).text
    assert "Bekijk opnieuw wat er verandert" in again


@pytest.mark.parametrize("deed", ["publish", "replan"])
@pytest.mark.parametrize("day", ["", "ooit", "9999-12-31", "2001-01-01"])
def test_days_that_cannot_be_planned_say_so(team, els, deed, day):
    data = {"until": day, "from": TODAY, "to": day}
    page = els.post(f"/roster/plan/{deed}", data=data, follow_redirects=True).text
    assert "hoogstens 13 weken" in page
    assert els.get(f"/roster/plan?until={day}&from={day}&to={day}").status_code == 200


DUTY = {
    "kind": "desk", "municipality": 0, "name": "Avond", "weekdays": [1, 3], "starts": "18:00",
    "ends": "20:00", "seats": 1, "every": 2, "valid_from": MONDAY, "skill": "", "skilled_seats": "0",
}  # fmt: skip


def test_a_duty_is_added_and_ended(team, els):
    page = els.post("/roster/duties", data=DUTY, follow_redirects=True).text
    assert "Avond" in page and "18:00–20:00" in page and "eens in de 2 weken" in page
    duty = db.session.scalars(sa.select(Duty).where(Duty.name == "Avond")).one()
    assert (duty.starts, duty.ends, duty.weekdays) == (1080, 1200, [1, 3])
    copy = els.get(f"/roster/duties/new?like={duty.id}").text
    assert 'value="Avond"' in copy and 'value="18:00"' in copy
    els.post(f"/roster/duties/{duty.id}/end", data={"last": TUESDAY})
    db.session.expire_all()
    assert duty.valid_to == TUESDAY
    wrong = els.post(f"/roster/duties/{duty.id}/end", data={"last": "2001-01-01"})
    assert wrong.status_code == 422 and "na de eerste" in wrong.text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "site"}, "Kies een gemeente bij op locatie"),
        ({"municipality": 1}, "geen bij de balie"),
        ({"municipality": 99999}, "Kies een van de mogelijkheden"),
        ({"name": " "}, "Geef de dienst een naam"),
        ({"weekdays": []}, "Kies minstens een dag"),
        ({"weekdays": [9]}, "Kies een van de mogelijkheden"),
        ({"ends": "17:00"}, "Het einde ligt na het begin"),
        ({"starts": "25:00"}, "Vul een tijd in"),
        ({"skilled_seats": 3, "skill": "netwerk"}, "meer dan er mensen nodig zijn"),
        ({"skilled_seats": 1}, "in welke vaardigheid"),
        ({"valid_to": TODAY - dt.timedelta(days=9)}, "ligt voor de eerste"),
        ({"seats": "x"}, "Vul een getal in"),
    ],
)
def test_a_duty_that_cannot_be_is_said_and_kept(team, els, values, said):
    if values.get("municipality") == 1:
        values = {"municipality": team.cast.oosterveen.id}
    answer = els.post("/roster/duties", data=DUTY | values)
    assert answer.status_code == 422 and said in answer.text


def test_faces_of_a_visit_are_chosen(team, els):
    address = f"/roster/duties/{team.site.id}"
    data = {"face-0": team.gijs.id, "deputy-0": team.hanna.id, "may": [team.cast.femke.id]}
    page = els.post(f"{address}/people", data=data, follow_redirects=True).text
    assert "De mensen zijn opgeslagen" in page
    chosen = sa.select(DutyPerson.person_id, DutyPerson.rank).where(DutyPerson.duty_id == team.site.id)
    assert set(db.session.execute(chosen).all()) == {
        (team.gijs.id, 1), (team.hanna.id, 2), (team.cast.femke.id, None)
    }  # fmt: skip
    wrong = els.post(f"{address}/people", data={"face-0": team.gijs.id, "deputy-0": team.gijs.id})
    assert wrong.status_code == 422 and "twee mensen" in wrong.text


def test_a_turn_is_a_number_for_each_person(team, els):
    address = f"/roster/duties/{team.early.id}/turn"
    data = {
        "since": MONDAY, "unit": "week", "length": 2,
        f"place-{team.gijs.id}": 1, f"place-{team.hanna.id}": 2, f"place-{team.cast.daan.id}": 2,
    }  # fmt: skip
    page = els.post(address, data=data, follow_redirects=True).text
    assert "Gijs Bos, " in page and " + " in page and "2 weken" in page
    turn = db.session.scalars(sa.select(Turn)).one()
    assert [member.position for member in turn.members] == [0, 1, 1]
    for values in ({"since": ""}, {"unit": "year"}, {"length": 0}, {f"place-{team.gijs.id}": "x"}):
        assert els.post(address, data=data | values).status_code == 422
    assert els.post(address, data={"since": MONDAY, "unit": "week", "length": 1}).status_code == 422


MEMBER = {f"day_{n}": "day" if n < 5 else "" for n in range(1, 8)} | {
    "hours": "32", "at_desk": "y", "starts": MONDAY, "ends": "", "skills": "netwerk, telefonie",
}  # fmt: skip


def test_somebody_joins_the_roster_and_changes_days_from_a_day_on(team, els):
    assert team.cast.ada.name in els.get("/roster/team").text
    address = f"/roster/team/{team.cast.ada.id}"
    assert els.get(address).status_code == 200
    page = els.post(address, data=MEMBER, follow_redirects=True).text
    assert "ma, di, wo, do" in page and "netwerk, telefonie" in page
    later = MEMBER | {"starts": MONDAY + dt.timedelta(days=70), "day_1": "am", "day_2": ""}
    els.post(address, data=later)
    rows = db.session.scalars(sa.select(WorkPattern).where(WorkPattern.person_id == team.cast.ada.id))
    assert len({row.valid_from for row in rows}) == 2
    assert "ma ochtend, wo, do" in els.get(address).text
    answer = els.post(address, data=MEMBER | {"hours": "x", "skills": "a" * 41})
    assert answer.status_code == 422 and "hoogstens 40 tekens" in answer.text
    assert els.get(f"/roster/team/{team.cast.anna.id}").status_code == 404


RULES = {
    "publish_days": 42, "one_duty_per_day": "y", "swaps_need_approval": "", "max_desk_per_week": 3,
    "max_desk_days_in_row": "", "liberation_day": "",
}  # fmt: skip


def test_rules_are_saved(team, els):
    assert "De regels zijn opgeslagen" in els.post("/roster/rules", data=RULES, follow_redirects=True).text
    db.session.expire_all()
    rules = loading.setting()
    assert (rules.publish_days, rules.max_desk_per_week, rules.max_desk_days_in_row) == (42, 3, None)
    assert rules.one_duty_per_day and rules.liberation_day is None
    assert els.post("/roster/rules", data=RULES | {"publish_days": 900}).status_code == 422


def test_a_team_has_its_own_rule_for_swaps(team, els):
    key = db.session.scalars(sa.select(Team.id).order_by(Team.name).limit(1)).one()
    page = els.post("/roster/rules/swaps", data={f"team-{key}": "colleague"}, follow_redirects=True).text
    assert '<option value="colleague" selected>' in page
    rule = db.session.scalars(sa.select(SwapRule)).one()
    assert (rule.team_id, rule.needs_approval) == (key, False)
    answer = els.post("/roster/rules/swaps", data={f"team-{key}": "niemand"})
    assert answer.status_code == 422 and "Kies een van de mogelijkheden" in answer.text
    els.post("/roster/rules/swaps", data={f"team-{key}": ""})
    assert not db.session.scalar(sa.select(SwapRule.team_id))


def test_a_day_is_closed_and_opened_again(team, els):
    data = {"day": MONDAY, "municipality": "", "name": "Studiedag"}
    page = els.post("/roster/rules/closed", data=data, follow_redirects=True).text
    assert "Studiedag" in page and "is dicht" in page
    assert reading.seats(MONDAY, MONDAY) == []
    key = db.session.scalars(sa.select(ClosedDay.id)).one()
    els.post(f"/roster/rules/closed/{key}/open")
    assert len(reading.seats(MONDAY, MONDAY)) == 2
    for values in ({"day": "ooit"}, {"day": "2001-01-01"}, {"municipality": "99999"}):
        assert els.post("/roster/rules/closed", data=data | values).status_code == 422


def test_somebody_is_on_call_and_no_longer(team, els):
    data = {
        "colleague": team.gijs.id, "starts": f"{TODAY}T00:00", "ends": f"{MONDAY}T08:00", "phone": "0299 55 00 99",
    }  # fmt: skip
    page = els.post("/roster/rules/on-call", data=data, follow_redirects=True).text
    assert "0299 55 00 99" in page
    assert "0299 55 00 99" in els.get("/roster?view=day").text
    key = db.session.scalars(sa.select(OnCall.id)).one()
    els.post(f"/roster/rules/on-call/{key}/remove")
    assert db.session.scalars(sa.select(OnCall.id)).all() == []
    for values in ({"colleague": "0"}, {"starts": ""}, {"ends": "2001-01-01T00:00"}):
        assert els.post("/roster/rules/on-call", data=data | values).status_code == 422


def test_a_deputy_who_is_a_face_elsewhere_that_day_is_told(team, els):
    assert "Vervangers die niet kunnen" not in els.get("/roster/duties").text
    other = actions.add_duty(
        Kind.SITE, "Lindhoven", Span(510, 990), [2], TODAY, municipality=team.cast.lindhoven
    )
    actions.set_people(other, [], {None: (team.cast.femke, team.gijs)})
    db.session.commit()
    page = els.get("/roster/duties").text
    assert "is op dinsdag vervanger voor Oosterveen, maar dan zelf vast gezicht in Lindhoven" in page
