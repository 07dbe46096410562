"""Who is said to see a ticket, and who does."""

import random

import pytest

from cmdb.database import db
from cmdb.permissions import Permission, Role, may
from servicedesk.reviews import readers
from servicedesk.tickets import actions
from tests.makers import NOW, make_person, make_ticket


@pytest.fixture
def everybody(cast):
    """The cast, with a second of each kind, and one who left."""
    towns = (cast.oosterveen, cast.lindhoven)
    more = [make_person(f"{role} {town.name}", town, role)
            for town in towns for role in (Role.EMPLOYEE, Role.MUNICIPALITY_MANAGER)]  # fmt: skip
    more += [make_person(f"Tweede {role}", None, role) for role in Role if role.serves_everyone]
    left = make_person("Weg", cast.oosterveen, Role.MUNICIPALITY_MANAGER)
    left.is_active = False
    db.session.commit()
    return [*cast.people, *more, left]


def test_who_is_told_to_see_a_ticket_is_who_gets_its_page(everybody, cast, sign_in):
    rng = random.Random(2004)
    filers = [one for one in everybody if one.municipality_id and one.is_active]
    browsers = {one: sign_in(one) for one in everybody}
    for _ in range(6):
        ticket = make_ticket(rng.choice(filers))
        if rng.random() < 0.5:
            actions.take(ticket, cast.daan, NOW)
            actions.note(ticket, cast.daan, "Onder ons", NOW)
            db.session.commit()
        told = {one.id for one in readers.readers(ticket)}
        path = f"/my/tickets/{ticket.number}"
        opened = {
            one.id
            for one, browser in browsers.items()
            if browser.get(path, follow_redirects=True).status_code == 200
            and browser.get(path, follow_redirects=True).request.path != "/signin"
        }
        assert told == opened
        assert told == {
            one.id for one in everybody
            if one.is_active and may(one, Permission.TICKET_READ, ticket)
        }  # fmt: skip


def test_the_groups_hold_everybody_once_and_tell_who_reads_notes(everybody, cast):
    ticket = make_ticket(cast.anna)
    found = readers.groups(ticket)
    assert sum(group.count for group in found) == len(readers.readers(ticket))
    for group in found:
        for person in group.people:
            assert group.reads_notes == may(person, Permission.TICKET_NOTE)
    assert [group.people for group in found][0] == [cast.anna]


def test_the_desk_reads_names_and_reasons(cast, sign_in):
    ticket = make_ticket(cast.anna)
    page = sign_in(cast.daan).get(f"/desk/tickets/{ticket.number}/readers").text
    for text in ("Anna", "is de aanmelder", "Daan", "ziet de meldingen van Oosterveen"):
        assert text in page
    assert "Bram" not in page and "Carla" not in page
    assert f"/desk/tickets/{ticket.number}/readers" in sign_in(cast.daan).get(
        f"/desk/tickets/{ticket.number}"
    ).text  # fmt: skip


def test_who_filed_it_reads_roles_and_no_names_of_the_desk(cast, sign_in):
    ticket = make_ticket(cast.anna)
    page = sign_in(cast.anna).get(f"/my/tickets/{ticket.number}/readers").text
    for text in ("Behandelaar", "Manager gemeente Oosterveen", "alleen medewerkers van de servicedesk"):
        assert text in page
    for person in (cast.daan, cast.femke, cast.els, cast.ada, cast.mia):
        assert person.name not in page
    assert f"/my/tickets/{ticket.number}/readers" in sign_in(cast.anna).get(
        f"/my/tickets/{ticket.number}"
    ).text  # fmt: skip
