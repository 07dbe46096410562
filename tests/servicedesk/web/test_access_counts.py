"""How many statements the pages about access run, whatever the number of people."""

import pytest

from cmdb.database import db
from cmdb.permissions import Role
from tests.makers import make_person, make_review, make_ticket
from tests.servicedesk.web.test_query_counts import FEW, MANY, statements

# The session's look-up included.
COUNTS = {
    ("ada", "/access"): 9,
    ("ada", "/access/people/{person}"): 6,
    ("ada", "/access/roles"): 3,
    ("ada", "/access/viewings"): 3,
    ("els", "/access/reviews"): 8,
    ("els", "/access/reviews/{review}"): 6,
    ("mia", "/access/reviews/{review}"): 6,
    ("mia", "/access/reviews/{review}/report"): 4,
    ("daan", "/desk/tickets/{number}/readers"): 4,
    ("anna", "/my/tickets/{number}/readers"): 4,
}


@pytest.fixture(params=[FEW, MANY])
def numbers(request, cast):
    for index in range(request.param):
        make_person(f"Medewerker {index}", cast.oosterveen)
        make_person(f"Manager {index}", cast.oosterveen, Role.MUNICIPALITY_MANAGER)
        make_person(f"Behandelaar {index}", None, Role.AGENT, teams=[cast.workplace])
    review = make_review(cast.oosterveen, cast.mia, cast.els)
    ticket = make_ticket(cast.anna)
    db.session.commit()
    return {"person": cast.anna.id, "review": review.id, "number": ticket.number}


@pytest.mark.parametrize(("who", "path"), COUNTS)
def test_pages_about_access(who, path, numbers, cast, sign_in):
    browser = sign_in(getattr(cast, who))
    browser.get("/account/sessions")  # what a process keeps is not read again
    assert len(statements(browser, path.format(**numbers))) == COUNTS[who, path]
