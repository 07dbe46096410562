"""Tickets for a program: whose they are, what of them is told, and how they are filed."""

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from servicedesk.tickets import actions
from servicedesk.tickets.attachments import File
from servicedesk.tickets.models import Attachment, Ticket
from servicedesk.tickets.workflow import WaitingFor
from sla.priority import Impact, Urgency
from tests.makers import NOW, make_item, make_ticket
from tests.servicedesk.web.test_query_counts import counted

FILING = {
    "kind": "incident",
    "title": "Printer print niet",
    "description": "Hij geeft een foutmelding\r\nen doet niets.",
    "category": "application",
    "impact": "team",
    "urgency": "high",
}


@pytest.fixture
def filing(cast):
    cast.category.position = 1
    db.session.commit()
    return FILING


def numbers(program, question=""):
    answer = program.get(f"/tickets{question}")
    assert answer.status_code == 200, answer.text
    return [ticket["number"] for ticket in answer.json["items"]]


def test_everybody_lists_their_own_and_the_desk_lists_all(cast, program):
    anna, bram, carla = (make_ticket(person).number for person in (cast.anna, cast.bram, cast.carla))
    assert numbers(program(cast.anna)) == [anna]
    assert numbers(program(cast.mia)) == [bram, anna]
    assert numbers(program(cast.daan)) == [carla, bram, anna]


def test_filters_narrow_together(cast, program):
    first = make_ticket(cast.anna, impact=Impact.PUBLIC, urgency=Urgency.HIGH, title="Zaaksysteem traag")
    second, third = make_ticket(cast.anna), make_ticket(cast.carla)
    actions.assign(second, cast.applications, cast.femke, cast.daan, NOW)
    actions.resolve(third, "Klaar", cast.daan, NOW)
    db.session.commit()
    daan = program(cast.daan)
    assert numbers(daan, "?priority=1&priority=2") == [first.number]
    assert numbers(daan, "?status=new&status=resolved&priority=3") == [third.number, second.number]
    assert numbers(daan, f"?municipality={cast.lindhoven.code}") == [third.number]
    assert numbers(daan, f"?assignee={cast.femke.login}&team=Applicatiebeheer") == [second.number]
    assert numbers(daan, "?category=application&text=zaaksysteem") == [first.number]
    assert numbers(daan, "?view=mine-group") == [first.number]
    assert numbers(daan, "?team=Onbekend") == numbers(daan, "?assignee=niemand") == []
    assert numbers(program(cast.carla), f"?assignee={cast.femke.login}") == []


@pytest.mark.parametrize(
    "question",
    ["status=open", "priority=5", "priority=een", "view=secret", "sort=password", "municipality=Oosterveen",
     "text=", "status=new'--", "requester=anna", "priority=1&priority=x"],
)  # fmt: skip
def test_a_question_that_does_not_fit_is_refused(cast, program, question):
    assert program(cast.anna).get(f"/tickets?{question}").status_code == 400


def test_pages_by_key_hold_each_ticket_once_while_new_ones_come_in(cast, program):
    made = [make_ticket(cast.anna).number for _ in range(5)]
    anna, seen, address = program(cast.anna), [], "/tickets?pageSize=2"
    while address:
        answer = anna.get(address)
        seen += [ticket["number"] for ticket in answer.json["items"]]
        address = answer.json["next"]
        make_ticket(cast.anna)
    assert seen == made[::-1]


@pytest.mark.parametrize("many", [1, 12])
def test_a_list_and_a_ticket_take_as_many_statements_whatever_they_hold(cast, program, many):
    made = [make_ticket(cast.anna, items=[cast.application]) for _ in range(many)]
    for at in range(many):
        actions.reply(made[0], cast.daan, f"Bericht {at}", NOW, [File(f"{at}.txt", b"x")])
    db.session.commit()
    daan = program(cast.daan)
    daan.get("/tickets")
    with counted() as seen:
        daan.get("/tickets")
    assert len(seen) == 2  # the token, the list
    with counted() as seen:
        daan.get(f"/tickets/{made[0].number}")
    assert len(seen) == 4  # the token, the ticket, its items, its story


def test_a_ticket_tells_its_promises_and_its_story(cast, program):
    ticket = make_ticket(cast.anna, items=[cast.application], files=[File("fout.txt", b"x")])
    actions.wait(ticket, WaitingFor.REQUESTER, cast.daan, NOW, question="Welke printer?")
    db.session.commit()
    told = program(cast.anna).get(f"/tickets/{ticket.number}").json
    assert told["promises"][0] | {"stoppedAt": None} == {
        "kind": "response", "state": "stopped", "dueAt": "2026-11-23T11:00:00Z", "breachedAt": None,
        "stoppedAt": None, "targetSeconds": 7200,
    }  # fmt: skip
    assert told["promises"][1]["state"] == "paused" and told["dueAt"] is None
    assert told["items"] == [{"uid": cast.application.uid, "name": "Zaaksysteem"}]
    filed, waits = told["timeline"]
    assert filed["attachments"][0]["name"] == "fout.txt"
    assert waits["body"] == "Welke printer?" and waits["author"] == {"name": "Daan Mulder"}
    assert waits["change"] == {
        "event": "status", "from": "new", "to": "waiting", "waitingFor": "requester", "reason": None,
    }  # fmt: skip


def test_an_internal_note_and_its_file_are_never_for_the_requester(cast, program):
    ticket = make_ticket(cast.anna)
    actions.note(ticket, cast.daan, "geheim onder ons", NOW, [File("geheim.txt", b"x")])
    db.session.commit()
    path = f"/tickets/{ticket.number}"
    key = db.session.scalar(sa.select(Attachment.id))
    for person in (cast.anna, cast.mia):
        assert "geheim" not in program(person).get(path).text
        assert program(person).get("/tickets?text=geheim").json["items"] == []
        assert program(person).get(f"{path}/attachments/{key}").status_code == 404
    told = program(cast.daan).get(path).json["timeline"][-1]
    assert told["isInternal"] and told["body"] == "geheim onder ons"


def test_colleague_and_stranger_get_the_answer_of_what_does_not_exist(cast, program):
    ticket = make_ticket(cast.anna)
    for person in (cast.bram, cast.carla):
        caller = program(person)
        forbidden, unknown = caller.get(f"/tickets/{ticket.number}"), caller.get("/tickets/M2611-9999")
        assert forbidden.status_code == 404 and forbidden.data == unknown.data
        assert "ETag" not in forbidden.headers


def test_a_file_is_to_keep_and_of_its_own_ticket_alone(cast, program):
    ticket = make_ticket(cast.anna, files=[File("pagina.html", b"<script>alert(1)</script>")])
    other = make_ticket(cast.anna)
    key, anna = db.session.scalar(sa.select(Attachment.id)), program(cast.anna)
    answer = anna.get(f"/tickets/{ticket.number}/attachments/{key}")
    assert answer.data == b"<script>alert(1)</script>"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert anna.get(f"/tickets/{other.number}/attachments/{key}").status_code == 404
    assert program(cast.bram).get(f"/tickets/{ticket.number}/attachments/{key}").status_code == 404


def test_anna_files_a_ticket_by_a_program(filing, cast, program):
    laptop = make_item("Laptop", cast.oosterveen, class_key="workstation", user_id=cast.anna.id)
    sent = filing | {"items": [laptop.uid, cast.application.uid]}
    anna = program(cast.anna)
    answer = anna.post("/tickets", sent)
    assert answer.status_code == 201
    told = answer.json
    assert told["priority"] == 2 and told["channel"] == "portal" and told["team"] == "Werkplek"
    assert told["requester"] == {"name": "Anna Bakker"} and len(told["items"]) == 2
    assert told["timeline"][0]["body"] == "Hij geeft een foutmelding\nen doet niets."
    assert answer.headers["Location"].endswith(f"/api/v1/tickets/{told['number']}")
    again = anna.get(answer.headers["Location"].removeprefix("http://localhost:8000"))
    assert again.json == told and again.headers["ETag"] == answer.headers["ETag"]


def test_the_desk_files_for_who_called(filing, cast, program):
    sent = filing | {"requester": cast.carla.login, "channel": "walk-in"}
    told = program(cast.daan).post("/tickets", sent).json
    assert told["municipality"]["name"] == "Lindhoven" and told["channel"] == "walk-in"
    assert told["phone"] == cast.carla.phone
    assert told["timeline"][0]["author"] == {"name": "Carla Smit"}


@pytest.mark.parametrize("who", ["", "niemand", "daan", "inactive"])
def test_the_desk_names_somebody_of_a_municipality(filing, who, cast, program):
    cast.bram.is_active = False
    db.session.commit()
    login = {"daan": cast.daan.login, "inactive": cast.bram.login}.get(who, who)
    answer = program(cast.ada).post("/tickets", filing | ({"requester": login} if login else {}))
    assert answer.status_code == 400 and answer.json["errors"][0]["pointer"] == "/requester"


def test_a_requester_does_not_say_who_asks_or_how(filing, cast, program):
    for wrong in ({"requester": cast.carla.login}, {"requester": cast.anna.login}, {"channel": "phone"}):
        answer = program(cast.anna).post("/tickets", filing | wrong)
        assert answer.status_code == 400 and answer.json["errors"][0]["pointer"] == f"/{[*wrong][0]}"
    assert db.session.scalar(sa.select(sa.func.count(Ticket.id))) == 0


def test_a_request_of_ones_own_is_weighed_as_its_form_does(filing, cast, program):
    anna, request = program(cast.anna), filing | {"kind": "service-request"}
    assert anna.post("/tickets", request).json["errors"][0]["pointer"] == "/impact"
    request |= {"impact": "person"}
    assert anna.post("/tickets", request).json["errors"][0]["pointer"] == "/urgency"
    assert anna.post("/tickets", request | {"urgency": "low"}).json["priority"] == 4


def test_she_points_only_at_what_she_may_see(filing, cast, program):
    hidden = make_item("Server", cast.lindhoven, class_key="application")
    anna = program(cast.anna)
    theirs = anna.post("/tickets", filing | {"items": [cast.application.uid, hidden.uid]})
    unknown = anna.post("/tickets", filing | {"items": [cast.application.uid, "APP-9999"]})
    assert theirs.status_code == 400 and theirs.data == unknown.data
    assert theirs.json["errors"][0]["pointer"] == "/items/1"


def test_categories_off_the_portal_are_for_the_desk(cast, program):
    cast.category.position = None
    db.session.commit()
    assert program(cast.anna).get("/categories").json["items"] == []
    assert program(cast.daan).get("/categories").json["items"] == [{"key": "application", "name": "Programma"}]
    answer = program(cast.anna).post("/tickets", FILING)
    assert answer.status_code == 400 and answer.json["errors"][0]["pointer"] == "/category"


@pytest.mark.parametrize(
    "extra", ["id", "number", "role", "municipality", "municipality_id", "isAdmin", "createdAt", "slaDue",
              "status", "priority", "assignee", "version"],
)  # fmt: skip
def test_a_field_that_is_not_declared_is_refused_and_changes_nothing(filing, extra, cast, program):
    answer = program(cast.anna).post("/tickets", filing | {extra: 1})
    assert answer.status_code == 400
    assert answer.json["errors"] == [{"pointer": f"/{extra}", "detail": "is not known here"}]
    assert db.session.scalar(sa.select(sa.func.count(Ticket.id))) == 0


def test_all_wrong_fields_are_told_together(cast, program):
    sent = {"kind": "wens", "title": " ", "description": 5, "impact": None, "items": ["x", 1], "wat": []}
    answer = program(cast.anna).post("/tickets", sent)
    assert {error["pointer"]: error["detail"] for error in answer.json["errors"]} == {
        "/kind": "is none of incident, service-request",
        "/title": "is empty",
        "/description": "is not of type string",
        "/category": "is required",
        "/impact": "is not of type string",
        "/urgency": "is required",
        "/items/1": "is not of type string",
        "/wat": "is not known here",
    }


def test_a_new_ticket_is_as_one_of_the_portal(filing, cast, program):
    """The same action: its clocks run, and its requester hears of it."""
    number = program(cast.anna).post("/tickets", filing).json["number"]
    ticket = db.session.scalar(sa.select(Ticket).where(Ticket.number == number))
    assert ticket.created_at <= utc_now() and ticket.resolution_clock.state == "running"


def test_people_are_for_the_desk(cast, program):
    found = program(cast.daan).get("/people?name=smit").json["items"]
    assert found == [
        {
            "login": cast.carla.login,
            "name": "Carla Smit",
            "municipality": {"code": cast.lindhoven.code, "name": "Lindhoven"},
            "email": "carla@example.org",
            "phone": "0612345678",
        }
    ]
    assert program(cast.daan).get("/people?name=%25").status_code == 400
    assert program(cast.daan).get("/people?name=%25%25").json["items"] == []
    assert program(cast.mia).get("/people?name=anna").status_code == 404
    teams = program(cast.els).get("/teams").json["items"]
    assert [team["name"] for team in teams] == ["Applicatiebeheer", "Werkplek"]
