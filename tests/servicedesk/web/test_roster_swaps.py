"""Swaps in the browser: propose, accept, approve, decline, withdraw, undo, and who sees them."""

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from servicedesk.rota import loading, swapping
from servicedesk.rota.models import SwapRequest
from servicedesk.rota.words import SwapState
from servicedesk.web import roster_swaps
from tests.servicedesk.web.coming import MONDAY, coming_team, holder_of


@pytest.fixture
def team(cast):
    return coming_team(cast)


@pytest.fixture
def mine(team):
    """A seat at the desk with its holder, and the colleague who can take it."""
    seat = team.seat(MONDAY, team.early)
    return seat, team.person(seat.person_id), team.free(MONDAY)


def request_of() -> SwapRequest:
    return db.session.scalars(sa.select(SwapRequest)).one()


def offered(sign_in, mine, choice=None):
    seat, holder, colleague = mine
    return sign_in(holder).post(
        f"/roster/seats/{seat.id}/swap", data={"for": choice or f"p{colleague.id}"}, follow_redirects=True
    )


def step(sign_in, person, name):
    return sign_in(person).post(
        f"/roster/swaps/{request_of().id}/step", data={"step": name}, follow_redirects=True
    )


def test_a_swap_is_proposed_accepted_and_approved(team, mine, sign_in):
    seat, holder, colleague = mine
    form = sign_in(holder).get(f"/roster/seats/{seat.id}/swap").text
    assert f'value="p{colleague.id}"' in form and f'value="p{holder.id}"' not in form
    page = offered(sign_in, mine).text
    assert "is gevraagd en krijgt bericht" in page and "Intrekken" in page
    assert "Goedkeuren" not in sign_in(colleague).get("/roster/swaps").text
    assert "wacht op akkoord" in step(sign_in, colleague, "accept").text
    assert holder_of(team) == holder.id  # not yet
    assert "akkoord" in step(sign_in, team.els, "approve").text
    assert holder_of(team) == colleague.id
    for person in (holder, colleague, team.els):
        assert "Afgehandeld" in sign_in(person).get("/roster/swaps").text
    assert "teruggedraaid" in step(sign_in, team.els, "undo").text
    assert holder_of(team) == holder.id


def test_without_approval_accepting_is_enough(team, mine, sign_in):
    loading.setting().swaps_need_approval = False
    db.session.commit()
    offered(sign_in, mine)
    step(sign_in, mine[2], "accept")
    assert holder_of(team) == mine[2].id


def test_one_seat_for_another(team, mine, sign_in):
    seat, holder, _ = mine
    key, other = next(pair for pair in swapping.possible(seat, utc_now()) if pair[1])
    page = offered(sign_in, mine, f"s{other.id}").text
    assert "en krijgt" in page
    step(sign_in, team.person(key), "accept")
    step(sign_in, team.els, "approve")
    assert holder_of(team) == key
    db.session.refresh(other)
    assert other.person_id == holder.id


@pytest.mark.parametrize(
    ("name", "who", "state"),
    [
        ("decline", "colleague", SwapState.REJECTED),
        ("withdraw", "holder", SwapState.WITHDRAWN),
        ("reject", "planner", SwapState.REJECTED),
    ],
)
def test_a_request_ends_in_other_ways(team, mine, sign_in, name, who, state):
    offered(sign_in, mine)
    people = {"holder": mine[1], "colleague": mine[2], "planner": team.els}
    assert step(sign_in, people[who], name).status_code == 200
    assert request_of().state == state


def test_a_step_that_is_not_yours_is_refused_in_words(team, mine, sign_in):
    offered(sign_in, mine)
    assert step(sign_in, mine[1], "approve").status_code == 409
    answer = step(sign_in, mine[1], "accept")
    assert answer.status_code == 409 and "Deze stap kan niet meer" in answer.text
    assert step(sign_in, mine[1], "dance").status_code == 422
    assert step(sign_in, mine[1], "expire").status_code == 422


@pytest.mark.parametrize("choice", ["x", "p", "p999999", "s999999", "p99999999999", "s-1", "pé"])
def test_who_is_asked_must_be_somebody(mine, sign_in, choice):
    answer = offered(sign_in, mine, choice)
    assert answer.status_code == 422 and "Kies een collega of een dienst" in answer.text


def test_what_the_roster_forbids_is_refused_with_the_reason(team, mine, sign_in):
    busy = team.seat(MONDAY, team.late).person_id
    answer = offered(sign_in, mine, f"p{busy}")
    assert answer.status_code == 409 and "heeft die dag al een dienst" in answer.text
    offered(sign_in, mine)
    again = offered(sign_in, mine)
    assert again.status_code == 409 and "loopt al een verzoek" in again.text


def test_nobody_offers_or_sees_what_is_of_others(team, mine, sign_in):
    seat, holder, colleague = mine
    assert sign_in(colleague).get(f"/roster/seats/{seat.id}/swap").status_code == 404
    assert sign_in(team.els).get(f"/roster/seats/{seat.id}/swap").status_code == 404
    offered(sign_in, mine)
    stranger = next(one for one in team.people if one not in (holder, colleague))
    assert "Geen lopende verzoeken" in sign_in(stranger).get("/roster/swaps").text
    assert step(sign_in, stranger, "accept").status_code == 404
    assert "is gevraagd door" in sign_in(stranger).get(f"/roster/seats/{seat.id}").text


def test_past_requests_come_in_pages(team, mine, sign_in, monkeypatch):
    monkeypatch.setattr(roster_swaps, "PAGE", 1)
    for _ in range(2):
        request = swapping.propose(mine[1], mine[0], mine[2], None, utc_now())
        swapping.take_step(request, "withdraw", mine[1], utc_now())
    db.session.commit()
    page = sign_in(mine[1]).get("/roster/swaps").text
    assert page.count("ingetrokken") == 1 and 'rel="next"' in page
    following = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    assert sign_in(mine[1]).get(following).text.count("ingetrokken") == 1
