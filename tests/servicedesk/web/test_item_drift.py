"""The page of what was seen otherwise than agreed: whose it is, and the three things to do."""

import pytest
import sqlalchemy as sa

from cmdb import authority, observations
from cmdb.database import db
from cmdb.item_parts import Observation
from cmdb.items import Item
from servicedesk.tickets.models import Ticket
from tests.makers import NOW, make_item
from tests.servicedesk.web.test_query_counts import counted

URL = "/items/drift"


@pytest.fixture
def server(cast):
    """A server that Daan manages, and one that nobody does; of both more memory was seen."""
    mine = make_item("srv-daan", cast.oosterveen, class_key="server", manager_id=cast.daan.id,
                     attributes={"memory": 32768})  # fmt: skip
    other = make_item("srv-los", cast.oosterveen, class_key="server", attributes={"memory": 8192})
    seen = {(mine.id, "memory"): 65536, (mine.id, "encrypted"): True, (other.id, "memory"): 65536}
    observations.record(seen, (), "glpi a.json", NOW)
    db.session.commit()
    return mine


def row_of(item, field="memory"):
    return f"{item.uid}:{field}"


def test_the_list_is_of_what_one_manages_and_of_everything_on_request(server, cast, sign_in):
    daan = sign_in(cast.daan)
    page = daan.get(URL).text
    assert "32768 MiB" in page and "65536 MiB" in page and "glpi a.json" in page
    assert "srv-daan" in page and "srv-los" not in page
    page = daan.get(f"{URL}?who=all").text
    assert "srv-los" in page and "Kies Geheugen van srv-los" not in page


def test_take_over_what_was_seen(server, cast, sign_in):
    answer = sign_in(cast.daan).post(URL, data={"row": row_of(server), "deed": "accept"})
    assert answer.status_code == 303
    db.session.refresh(server)
    assert server.attributes["memory"] == 65536
    page = sign_in(cast.daan).get(f"/items/{server.uid}").text
    assert "Daan Mulder" in page[page.index('id="t-history"') :]


def test_reject_and_look_it_up_again(server, cast, sign_in):
    daan = sign_in(cast.daan)
    daan.post(URL, data={"row": [row_of(server), row_of(server, "encrypted")], "deed": "reject"})
    assert "Geen afwijkingen" in daan.get(URL).text
    assert "65536 MiB" in daan.get(f"{URL}?show=rejected").text


def test_a_ticket_about_an_item_is_filed_once(server, cast, sign_in):
    daan = sign_in(cast.daan)
    chosen = {"row": [row_of(server), row_of(server, "encrypted")], "deed": "ticket"}
    assert daan.post(URL, data=chosen).status_code == 303
    [ticket] = db.session.scalars(sa.select(Ticket))
    assert ticket.requester == cast.mia and ticket.assignee == cast.daan
    assert "in het register 32768 MiB, gezien 65536 MiB" in ticket.entries[0].body
    again = daan.post(URL, data=chosen)
    assert again.status_code == 422 and "al een melding" in again.text
    assert "checked" in again.text, "the choice is kept"


def test_who_does_not_manage_an_item_decides_nothing(server, cast, sign_in):
    for who, rows in ((cast.femke, [row_of(server)]), (cast.daan, ["SRV-9999:memory"])):
        answer = sign_in(who).post(URL, data={"row": rows, "deed": "accept"})
        assert answer.status_code == 404
    assert sign_in(cast.ada).post(
        URL, data={"row": row_of(server), "deed": "accept"}
    ).status_code == 303, "who administrates may write every item"


def test_nothing_chosen_or_an_unknown_deed_says_what_to_do(server, cast, sign_in):
    for data in ({"deed": "accept"}, {"row": row_of(server), "deed": "x"}, {"row": "x"}, {}):
        answer = sign_in(cast.daan).post(URL, data=data)
        assert answer.status_code == 422 and "Kies een of meer afwijkingen" in answer.text


def test_pages_by_key_and_statements_that_do_not_grow(cast, sign_in):
    items = [make_item(f"srv-{n:03}", class_key="server", manager_id=cast.daan.id)
             for n in range(60)]  # fmt: skip
    for few, many in ((items[:2], 2), (items, 60)):
        seen = {(item.id, "memory"): 1024 for item in few}
        observations.record(seen, (), "glpi", NOW)
        db.session.commit()
        daan = sign_in(cast.daan)
        daan.get(URL)
        with counted() as statements:
            page = daan.get(URL).text
        assert page.count('name="row"') == min(many, 50)
        numbers = statements if many == 2 else numbers
        assert len(statements) == len(numbers)
    last = items[49]
    assert daan.get(f"{URL}?after={last.id}:memory").text.count('name="row"') == 10
    for odd in ("x", "9" * 30 + ":a", ":", "1"):
        assert daan.get(f"{URL}?after={odd}").status_code == 200
    assert len(db.session.scalars(sa.select(Observation)).all()) == 60


def test_what_is_typed_on_a_form_is_agreed_and_what_is_blank_is_not(cast, sign_in):
    ada = sign_in(cast.ada)
    typed = {"item_class": "server", "name": "srv-hand", "hosting": "central", "status": "in-use",
             "owner": cast.oosterveen.id, "environment": "none", "a_memory": "32768",
             "manager": "", "deputy": "", "location": "", "serial": ""}  # fmt: skip
    assert ada.post("/items/new?class=server", data=typed).status_code == 303
    item = db.session.scalars(sa.select(Item).where(Item.name == "srv-hand")).one()
    told = authority.sources([item.id])[item.id]
    assert told["name"] == told["memory"] == authority.HAND and "serial" not in told
    edited = typed | {"version": item.version, "serial": "S1"}
    assert ada.post(f"/items/{item.uid}/edit", data=edited).status_code == 303
    assert authority.sources([item.id])[item.id]["serial"] == authority.HAND
