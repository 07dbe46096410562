"""The centre's people in the hands of an administrator: invited, given a role, shut out; all written down."""

import datetime as dt
import re

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.people import Membership, Person
from cmdb.permissions import Role
from servicedesk.signin import accounts, second_step
from servicedesk.signin.account_models import AccountEvent, AccountLink, Deed
from tests.servicedesk.web.accounts import (
    NEW, code_of, fits, give, is_in, link_of, mails, post, with_password,
)  # fmt: skip

NEWCOMER = {"name": "Noor Jansen", "email": "noor@example.org", "login": " Noor.Jansen ", "role": "agent"}


@pytest.fixture
def ada(sign_in, cast):
    return sign_in(cast.ada)


def noor() -> Person:
    return db.session.scalars(sa.select(Person).where(Person.login == "noor.jansen")).one()


def story(person) -> list[tuple]:
    """What was done and by whom, the oldest first."""
    chosen = sa.select(AccountEvent).where(AccountEvent.person_id == person.id)
    return [
        (event.deed, event.actor_id, event.detail)
        for event in db.session.scalars(chosen.order_by(AccountEvent.id))
    ]


def invite(ada, **values):
    return ada.post("/people/new", data=NEWCOMER | values)


def test_a_colleague_is_invited_and_chooses_a_password(ada, client, cast):
    team = cast.applications
    answer = invite(ada, teams=[team.id])
    made = noor()
    assert (answer.status_code, answer.location) == (303, f"/people/{made.id}")
    assert (made.role, made.municipality_id, made.password_hash) == (Role.AGENT, None, None)
    assert db.session.get(Membership, (team.id, made.id))
    (mail,) = mails(made)
    path = link_of(mail)
    assert "Welkom" in client.get(path).text
    assert post(client, path, password=NEW, again=NEW).status_code == 303
    assert give(client, "noor.jansen", NEW).location == "/start"
    assert [deed for deed, *_ in story(made)] == [Deed.ADDED, Deed.INVITED, Deed.ACCEPTED]
    assert {actor for _, actor, _ in story(made)} == {cast.ada.id, made.id}
    page = ada.get(f"/people/{made.id}").text
    assert "Uitgenodigd" in page and "Account gemaakt" in page and path not in page


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"login": "ada"}, "al van iemand anders"),
        ({"login": "ADA "}, "al van iemand anders"),
        ({"login": "noor jansen"}, "geen spatie"),
        ({"login": ""}, "Vul de gebruikersnaam in"),
        ({"email": "geen mail"}, "geen mailadres"),
        ({"email": "a@b\nBcc: x@y"}, "geen mailadres"),
        ({"name": "  "}, "Vul de naam in"),
        ({"name": "x" * 121}, "Maak de tekst korter"),
        ({"role": "employee"}, "Kies een van de mogelijkheden"),
        ({"role": "root"}, "Kies een van de mogelijkheden"),
        ({"teams": ["99999"]}, "Kies een van de mogelijkheden"),
        ({"teams": ["x"]}, "Kies een van de mogelijkheden"),
    ],
)
def test_what_is_wrong_is_told_and_nobody_is_added(ada, cast, values, said):
    cast.ada.login = "ada"
    db.session.commit()
    before = db.session.scalar(sa.select(sa.func.count()).select_from(Person))
    answer = invite(ada, **values)
    assert answer.status_code == 422 and said in answer.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == before


def test_an_invitation_is_sent_again_and_the_one_before_is_void(ada, client, cast):
    invite(ada)
    made = noor()
    assert ada.post(f"/people/{made.id}/invite").status_code == 303
    older, newer = map(link_of, mails(made))
    assert client.get(older).status_code == 404 and client.get(newer).status_code == 200


def test_an_invitation_is_withdrawn(ada, client, cast):
    invite(ada)
    made = noor()
    assert "Uitnodiging intrekken" in ada.get(f"/people/{made.id}").text
    ada.post(f"/people/{made.id}/withdraw")
    assert client.get(link_of(mails(made)[0])).status_code == 404
    assert "Uitnodiging intrekken" not in ada.get(f"/people/{made.id}").text
    assert story(made)[-1] == (Deed.WITHDRAWN, cast.ada.id, "")
    ada.post(f"/people/{made.id}/withdraw")
    assert len(story(made)) == 3


def test_an_invitation_ends_after_a_week(ada, client, cast):
    invite(ada)
    link = db.session.scalars(sa.select(AccountLink)).one()
    assert link.expires_at - link.made_at == dt.timedelta(days=7)
    link.expires_at = utc_now()
    db.session.commit()
    assert client.get(link_of(mails(noor())[0])).status_code == 404


@pytest.mark.parametrize("why", ["password", "inactive", "mail"])
def test_who_needs_no_invitation_gets_none(ada, cast, why):
    cast.daan.email = "daan@example.org"
    if why == "password":
        with_password(cast.daan)
    elif why == "mail":
        cast.daan.email = ""
    else:
        cast.daan.is_active = False
    db.session.commit()
    assert ada.post(f"/people/{cast.daan.id}/invite").status_code == 422 and not mails(cast.daan)


def test_another_role_counts_at_once_and_ends_the_sessions(ada, cast, sign_in):
    daan = sign_in(cast.daan)
    answer = ada.post(f"/people/{cast.daan.id}/role", data={"role": "centre-manager"})
    assert answer.status_code == 303 and not is_in(daan)
    assert story(cast.daan) == [(Deed.ROLE, cast.ada.id, "agent centre-manager")]
    assert "Behandelaar → Manager centrum" in ada.get(f"/people/{cast.daan.id}").text
    db.session.refresh(cast.daan)
    again = sign_in(cast.daan)
    ada.post(f"/people/{cast.daan.id}/role", data={"role": "centre-manager"})
    assert is_in(again) and len(story(cast.daan)) == 1


def test_a_role_that_changed_by_another_way_ends_the_session_too(cast, sign_in):
    daan = sign_in(cast.daan)
    assert is_in(daan)
    cast.daan.role = Role.CENTRE_MANAGER
    db.session.commit()
    assert not is_in(daan)


@pytest.mark.parametrize("role", ["employee", "municipality-manager", "", "x"])
def test_a_role_of_a_municipality_is_not_given_here(ada, cast, role):
    assert ada.post(f"/people/{cast.daan.id}/role", data={"role": role}).status_code == 422
    db.session.refresh(cast.daan)
    assert cast.daan.role == Role.AGENT


def test_who_is_shut_out_is_out_at_the_next_request(ada, cast, sign_in, client):
    with_password(cast.daan)
    daan = sign_in(cast.daan)
    assert ada.post(f"/people/{cast.daan.id}/shut").status_code == 303
    assert not is_in(daan) and give(client, cast.daan.login).status_code == 422
    assert ada.post(f"/people/{cast.daan.id}/let-in").status_code == 303
    assert not is_in(daan) and give(client, cast.daan.login).status_code == 302
    assert [deed for deed, *_ in story(cast.daan)] == [Deed.INACTIVE, Deed.ACTIVE]


@pytest.mark.parametrize(("deed", "form"), [("shut", {}), ("role", {"role": "agent"})])
def test_nobody_shuts_out_or_demotes_herself(ada, cast, deed, form):
    answer = ada.post(f"/people/{cast.ada.id}/{deed}", data=form)
    assert answer.status_code == 422 and "uzelf" in answer.text
    db.session.refresh(cast.ada)
    assert cast.ada.is_active and cast.ada.role == Role.ADMINISTRATOR and not story(cast.ada)
    assert is_in(ada) and "Uitschakelen" not in ada.get(f"/people/{cast.ada.id}").text


def test_of_two_who_shut_each_other_out_the_second_is_refused(cast):
    """Each read that the other is an administrator before either wrote."""
    els = cast.els
    els.role = Role.ADMINISTRATOR
    db.session.commit()
    accounts.shut(els, cast.ada, utc_now())
    with pytest.raises(accounts.Refused):
        accounts.shut(cast.ada, els, utc_now())
    with pytest.raises(accounts.Refused):
        accounts.change_role(cast.ada, Role.AGENT, els, utc_now())


def test_the_second_step_of_who_lost_it_is_wiped_and_written_down(ada, cast, client):
    daan = with_password(cast.daan)
    second_step.confirm(second_step.begin(daan, utc_now()), daan, code_of(daan), utc_now())
    db.session.commit()
    assert "Tweede stap wissen" in ada.get(f"/people/{daan.id}").text
    assert ada.post(f"/people/{daan.id}/second-step").status_code == 303
    assert story(daan)[-1] == (Deed.STEP_RESET, cast.ada.id, "")
    assert give(client, daan.login).location == "/start"
    assert ada.post(f"/people/{daan.id}/second-step").status_code == 422


def test_the_own_second_step_is_turned_off_with_its_code_only(ada, cast):
    person = with_password(cast.ada)
    second_step.confirm(second_step.begin(person, utc_now()), person, code_of(person), utc_now())
    db.session.commit()
    assert ada.post(f"/people/{person.id}/second-step").status_code == 422
    assert second_step.is_on(second_step.of(person))


@pytest.mark.parametrize("path", ["", "/role", "/shut", "/let-in", "/invite", "/withdraw", "/second-step"])
def test_people_of_municipalities_are_not_kept_here(ada, cast, path):
    address = f"/people/{cast.anna.id}{path}"
    answer = ada.post(address, data={"role": "agent"}) if path else ada.get(address)
    assert answer.status_code == 404
    db.session.refresh(cast.anna)
    assert cast.anna.is_active and cast.anna.role == Role.EMPLOYEE


# The list


def names(page) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/people/\d+">([^<]+)', page)


def test_the_list_holds_the_centre_and_says_how_they_stand(ada, cast, client):
    daan = with_password(cast.daan)
    give(client, daan.login)
    second_step.confirm(second_step.begin(daan, utc_now()), daan, code_of(daan), utc_now())
    cast.els.is_active = False
    db.session.commit()
    invite(ada)
    page = ada.get("/people").text
    assert {"Daan Mulder", "Noor Jansen"} <= set(names(page)) and cast.anna.name not in page
    assert names(page)[-1] == cast.els.name
    rows = {name: row for name, row in zip(names(page), page.split('<th scope="row">')[1:], strict=True)}
    assert "Actief" in rows[daan.name] and "Ja" in rows[daan.name] and "onbekend" not in rows[daan.name]
    assert "Uitgenodigd" in rows["Noor Jansen"] and "onbekend" in rows["Noor Jansen"]
    assert "Uitgeschakeld" in rows[cast.els.name]


@pytest.mark.parametrize("asked", ["noor", "JANSEN", "noor@example", " Noor  Jansen "])
def test_somebody_is_found_by_name_login_or_mail(ada, asked):
    invite(ada)
    assert names(ada.get("/people", query_string={"q": asked}).text) == ["Noor Jansen"]


@pytest.mark.parametrize("asked", ["%", "_", "niemand zo", "'; drop", "x" * 500])
def test_a_search_that_finds_nobody_says_so(ada, asked):
    assert "Niemand gevonden" in ada.get("/people", query_string={"q": asked}).text


def test_the_list_is_paged(ada, cast):
    db.session.add_all(
        Person(name=f"Zus {n:03}", login=f"zus{n}", email="", role=Role.AGENT) for n in range(120)
    )
    db.session.commit()
    first, second = ada.get("/people").text, ada.get("/people?page=2").text
    assert len(names(first)) == len(names(second)) == 50 and not set(names(first)) & set(names(second))
    assert 'rel="next"' in second and 'rel="prev"' in second
    for page in ("0", "-1", "x", "99999999999999999999"):
        assert ada.get(f"/people?page={page}").status_code == 200


def test_nothing_of_a_password_is_on_the_page(ada, cast):
    daan = with_password(cast.daan)
    page = ada.get("/people").text + ada.get(f"/people/{daan.id}").text
    assert daan.password_hash not in page and "argon2" not in page
    assert fits(daan, "correct paard batterij")
