"""What programs do to tickets: by the actions of the pages, for who may, once."""

import io
import json
import time

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from servicedesk import jobs
from servicedesk.api import repeats
from servicedesk.api.models import KeptAnswer
from servicedesk.tickets import actions
from servicedesk.tickets.models import Entry, Ticket
from servicedesk.tickets.workflow import Status
from tests.makers import make_ticket


@pytest.fixture
def ticket(cast):
    return make_ticket(cast.anna)


@pytest.fixture
def path(ticket):
    return f"/tickets/{ticket.number}"


def state(ticket):
    db.session.expire_all()
    return db.session.get(Ticket, ticket.id)


def entries():
    return db.session.scalar(sa.select(sa.func.count(Entry.id)))


def test_a_ticket_goes_its_way(ticket, path, cast, program):
    anna, daan = program(cast.anna), program(cast.daan)
    assert anna.post(f"{path}/replies", {"body": "Hij knippert"}).status_code == 201
    told = daan.post(f"{path}/assignments", {"assignee": cast.femke.login, "team": "Applicatiebeheer"}).json
    assert told["assignee"] == {"name": "Femke Dijkstra"} and told["team"] == "Applicatiebeheer"
    assert daan.post(f"{path}/replies", {"body": "Wij kijken"}).json["status"] == "in-progress"
    waits = {"waitingFor": "requester", "question": "Welke kleur?", "untilDate": "2199-01-01"}
    told = daan.post(f"{path}/waits", waits).json
    assert told["status"] == "waiting" and told["waitsUntilAt"] == "2198-12-31T23:00:00Z"
    assert daan.post(f"{path}/resumptions", {}).json["status"] == "in-progress"
    assert daan.post(f"{path}/resolutions", {"solution": "Toner"}).json["status"] == "resolved"
    assert anna.post(f"{path}/reopenings", {"reason": "Toch niet"}).json["status"] == "in-progress"
    assert daan.post(f"{path}/resolutions", {"solution": "Nu wel"}).json["status"] == "resolved"
    told = anna.post(f"{path}/acceptances", {}).json
    assert told["status"] == "closed" and told["closedAt"]
    assert told["promises"][1]["state"] == "stopped"


def test_a_note_is_written_and_read_at_the_desk_alone(path, cast, program):
    note = {"body": "onder ons", "isInternal": True}
    before = entries()
    answer = program(cast.anna).post(f"{path}/replies", note)
    assert answer.status_code == 400 and answer.json["errors"][0]["pointer"] == "/isInternal"
    assert entries() == before
    assert program(cast.daan).post(f"{path}/replies", note).json["timeline"][-1]["isInternal"]
    assert "onder ons" not in program(cast.anna).get(path).text


@pytest.mark.parametrize(
    ("deed", "body"),
    [("replies", {"body": "x"}), ("cancellations", {}), ("reopenings", {"reason": "x"}),
     ("resolutions", {"solution": "x"}), ("waits", {"waitingFor": "supplier"}),
     ("assignments", {"team": "Werkplek"}), ("resumptions", {}), ("acceptances", {})],
)  # fmt: skip
def test_nobody_touches_the_ticket_of_somebody_else(ticket, path, deed, body, cast, program):
    before = entries()
    for person in (cast.bram, cast.carla, cast.mia):
        caller = program(person)
        answer = caller.post(f"{path}/{deed}", body)
        assert answer.status_code == 404
        assert answer.data == caller.post(f"/tickets/M2611-9999/{deed}", body).data
    assert entries() == before and state(ticket).status == Status.NEW


def test_a_token_that_reads_does_not_write(ticket, path, cast, program):
    anna = program(cast.anna, may_write=False)
    assert anna.get(path).status_code == 200
    answer = anna.post(f"{path}/cancellations", {})
    assert answer.status_code == 403 and state(ticket).status == Status.NEW


def test_what_cannot_be_done_as_it_stands_is_a_conflict(path, cast, program):
    anna, daan = program(cast.anna), program(cast.daan)
    assert anna.post(f"{path}/reopenings", {"reason": "x"}).status_code == 409
    assert anna.post(f"{path}/acceptances", {}).status_code == 409
    assert daan.post(f"{path}/resumptions", {}).status_code == 409
    assert anna.post(f"{path}/cancellations", {}).json["status"] == "cancelled"
    for deed, body in (("replies", {"body": "x"}), ("resolutions", {"solution": "x"}),
                       ("waits", {"waitingFor": "supplier"}), ("assignments", {"team": "Werkplek"})):  # fmt: skip
        assert daan.post(f"{path}/{deed}", body).status_code == 409, deed


def test_the_second_of_two_writers_is_told(ticket, path, cast, program):
    daan, els = program(cast.daan), program(cast.els)
    seen = daan.get(path).headers["ETag"]
    done = els.post(f"{path}/assignments", {"team": "Applicatiebeheer"}, headers={"If-Match": seen})
    assert done.status_code == 201 and done.headers["ETag"] != seen
    late = daan.post(f"{path}/resolutions", {"solution": "x"}, headers={"If-Match": seen})
    assert late.status_code == 412 and state(ticket).status == Status.NEW
    for header in (done.headers["ETag"], "*"):
        again = daan.post(f"{path}/replies", {"body": "x"}, headers={"If-Match": header})
        assert again.status_code == 201


@pytest.mark.parametrize(
    ("deed", "body", "pointer"),
    [
        ("assignments", {}, "/team"),
        ("assignments", {"team": "Niemand"}, "/team"),
        ("assignments", {"assignee": "niemand"}, "/assignee"),
        ("waits", {"waitingFor": "requester"}, "/question"),
        ("waits", {"waitingFor": "supplier", "untilDate": "2026-01-01"}, "/untilDate"),
        ("waits", {"waitingFor": "godot"}, "/waitingFor"),
        ("resolutions", {"solution": "\n "}, "/solution"),
        ("cancellations", {}, "/reason"),
        ("replies", {"body": "x" * 20001}, "/body"),
    ],
)
def test_what_does_not_fit_is_told_and_not_done(path, deed, body, pointer, cast, program):
    before = entries()
    answer = program(cast.daan).post(f"{path}/{deed}", body)
    assert answer.status_code == 400 and answer.json["errors"][0]["pointer"] == pointer
    assert entries() == before


def test_a_requester_is_nobody_to_assign_to(path, cast, program):
    for person in (cast.anna, cast.mia):
        answer = program(cast.daan).post(f"{path}/assignments", {"assignee": person.login})
        assert answer.status_code == 400


# One deed for each key.

KEY = {"Idempotency-Key": "2f1c6f0e-7f8e-4a3b-9d55-b8f8f3b6a001"}


def test_a_request_that_comes_twice_acts_once(path, cast, program):
    anna, before = program(cast.anna), entries()
    first = anna.post(f"{path}/replies", {"body": "Hij knippert"}, headers=KEY)
    again = anna.post(f"{path}/replies", {"body": "Hij knippert"}, headers=KEY)
    assert first.status_code == again.status_code == 201
    assert first.data == again.data and first.headers["ETag"] == again.headers["ETag"]
    assert entries() == before + 1
    other = anna.post(f"{path}/replies", {"body": "Iets anders"}, headers=KEY)
    assert other.status_code == 422 and entries() == before + 1
    elsewhere = anna.post(f"{path}/cancellations", {}, headers=KEY)
    assert elsewhere.status_code == 422


def test_a_key_is_of_one_person(path, cast, program):
    for person in (cast.anna, cast.daan):
        assert program(person).post(f"{path}/replies", {"body": "x"}, headers=KEY).status_code == 201
    written = sa.select(Entry.author_id).where(Entry.body == "x").order_by(Entry.id)
    assert db.session.scalars(written).all() == [cast.anna.id, cast.daan.id]


def test_what_failed_may_be_sent_again(path, cast, program):
    anna = program(cast.anna)
    assert anna.post(f"{path}/replies", {"body": ""}, headers=KEY).status_code == 400
    assert anna.post(f"{path}/replies", {"body": "x"}, headers=KEY).status_code == 201


def test_a_key_is_kept_a_day(app, path, cast, program):
    anna = program(cast.anna)
    anna.post(f"{path}/replies", {"body": "x"}, headers=KEY)
    kept = db.session.scalars(sa.select(KeptAnswer)).one()
    kept.created_at = utc_now() - repeats.KEEP
    db.session.commit()
    before = entries()
    assert anna.post(f"{path}/replies", {"body": "y"}, headers=KEY).status_code == 201
    assert entries() == before + 1
    jobs.clean_up(utc_now())
    assert db.session.scalar(sa.select(sa.func.count(KeptAnswer.key_hash))) == 1
    jobs.clean_up(utc_now() + 2 * repeats.KEEP)
    assert db.session.scalar(sa.select(sa.func.count(KeptAnswer.key_hash))) == 0


def test_a_kept_answer_does_not_outlive_the_right_to_it(path, cast, program):
    anna = program(cast.anna)
    anna.post(f"{path}/replies", {"body": "x"}, headers=KEY)
    cast.anna.is_active = False
    db.session.commit()
    assert anna.post(f"{path}/replies", {"body": "x"}, headers=KEY).status_code == 401


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "é"])
def test_a_key_that_is_none_is_refused(path, cast, program, key):
    answer = program(cast.anna).post(f"{path}/replies", {"body": "x"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 400 and answer.json["errors"][0]["header"] == "Idempotency-Key"


# Bodies.


def send(program, path, data, kind="application/json"):
    start = time.process_time()
    answer = program.open("POST", f"{path}/replies", data=data, content_type=kind)
    assert time.process_time() - start < 1
    return answer.status_code


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
def test_a_body_of_another_kind_is_refused(path, cast, program, kind):
    assert send(program(cast.anna), path, json.dumps({"body": "x"}), kind) == 415


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[1]", b"1", b"null", b'{"body": NaN}', b'{"body": "\\u0000"}', b'{"body": "\\ud800"}',
     b'{"body": "\xff"}', b'{"body": ' + b"9" * 5000 + b"}", b"\xef\xbb\xbf{}",
     b"[" * 10_000 + b"]" * 10_000, b'{"body":' * 10_000 + b"1" + b"}" * 10_000, b"[" * 100_000],
    ids=lambda data: repr(data[:14]),
)  # fmt: skip
def test_a_body_that_is_no_such_json_is_refused_at_once(path, cast, program, data):
    assert send(program(cast.anna), path, data) == 400


def test_a_body_of_100_mb_is_refused_at_once(path, cast, program):
    class Endless(io.BytesIO):
        """What is read to the end only by who is not careful."""

        taken = 0

        def read(self, size=-1):
            self.taken += size
            assert 0 <= size and self.taken < 2**21, "it was read"
            return b" " * size

        def readinto(self, buffer):
            buffer[:] = self.read(len(buffer))
            return len(buffer)

    anna = program(cast.anna)
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    for told in ({"CONTENT_LENGTH": "104857600"}, chunked):
        answer = anna.open(
            "POST", f"{path}/replies", content_type="application/json", input_stream=Endless(),
            environ_overrides=told,
        )  # fmt: skip
        assert answer.status_code == 413, told


def test_a_wrong_moment_between_reading_and_writing_is_a_conflict(path, cast, program, monkeypatch):
    def late(*arguments, **how):
        raise actions.WrongStep

    monkeypatch.setattr(actions, "resolve", late)
    assert program(cast.daan).post(f"{path}/resolutions", {"solution": "x"}).status_code == 409


def test_a_program_over_what_a_day_allows_is_told_until_when(path, cast, program, app, monkeypatch):
    """By each way that says something; what it did before with this key is answered as before."""
    monkeypatch.setitem(app.config, "DAILY_MESSAGES", 1)
    anna, key = program(cast.anna), {"Idempotency-Key": "een"}
    assert anna.post(f"{path}/replies", {"body": "Eerste"}, headers=key).status_code == 201
    before = entries()
    filing = {
        "kind": "incident", "title": "Muis", "description": "Stuk", "category": cast.category.key,
        "impact": "person", "urgency": "low",
    }  # fmt: skip
    for answer in (anna.post(f"{path}/replies", {"body": "Tweede"}), anna.post("/tickets", filing)):
        assert answer.status_code == 429 and 0 < int(answer.headers["Retry-After"]) <= 25 * 3600
        assert answer.json["detail"] == "This is more than 1 messages on one day: wait until tomorrow."
    assert anna.post(f"{path}/replies", {"body": "Eerste"}, headers=key).status_code == 201
    assert entries() == before
    assert program(cast.daan).post(f"{path}/replies", {"body": "Wij kijken"}).status_code == 201


def test_a_burgerservicenummer_is_kept_and_told(path, cast, program):
    """By every deed with a text; the number is masked, and other answers tell nothing."""
    anna, daan = program(cast.anna), program(cast.daan)
    filing = {
        "kind": "incident", "title": "Pas van 123456782", "description": "Ook 1112.22.333", "impact": "person",
        "urgency": "low", "category": cast.category.key,
    }  # fmt: skip
    told = ["•••••••82 looks like a burgerservicenummer; it was kept as you sent it."]
    answer = anna.post("/tickets", filing)
    assert answer.json["warnings"] == [*told, told[0].replace("•••••••82", "••••.••.•33")]
    assert "warnings" not in anna.get(f"/tickets/{answer.json['number']}").json
    text = "Het gaat om 123456782."
    for program_, deed, sent in (
        (anna, "replies", {"body": text}),
        (daan, "replies", {"body": text, "isInternal": True}),
        (daan, "waits", {"waitingFor": "requester", "question": text}),
        (daan, "resolutions", {"solution": text}),
        (anna, "reopenings", {"reason": text}),
        (daan, "cancellations", {"reason": text}),
    ):
        assert program_.post(f"{path}/{deed}", sent).json["warnings"] == told, deed
    assert "warnings" not in anna.post("/tickets", filing | {"title": "Muis", "description": "x"}).json
