"""What one person may send in on a day: who is over it is told so, and nobody else notices."""

import datetime as dt
import io

import pytest
import sqlalchemy as sa

from cmdb.database import db, utc_now
from cmdb.item_parts import ItemDocument
from cmdb.localtime import local
from servicedesk import allowance
from servicedesk.allowance import Kind, SentIn, TooMuch, spend
from servicedesk.intake.models import ImportBatch
from servicedesk.tickets import actions
from servicedesk.tickets.models import Attachment, Entry, Ticket
from tests.makers import NOW, make_item, make_ticket
from tests.servicedesk.web.test_portal_filing import answers
from tests.servicedesk.web.test_query_counts import counted
from tests.servicedesk.web.test_routes import CALLS, World, routes, visit

__all__ = ["routes", "visit"]  # fixtures

SENTENCE = "U hebt vandaag al 2 meldingen en berichten gestuurd"


@pytest.fixture
def most(app, monkeypatch):
    """`most(messages=2)`: so much is allowed on a day."""

    def limit(**limits):
        for name, number in limits.items():
            monkeypatch.setitem(app.config, f"DAILY_{name.upper()}", number)

    return limit


def file(size=400_000, name="foto.png"):
    return io.BytesIO(b"x" * size), name


def report(browser, number, **changed):
    return browser.post("/my/report", data=answers(token=f"form-{number}", **changed))


def resolve(ticket, by):
    db.session.expire_all()
    actions.resolve(ticket, "Klaar", by, utc_now())
    db.session.commit()


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_who_sent_in_enough_is_told_so_and_keeps_what_was_typed(cast, sign_in, most):
    most(messages=2)
    anna = sign_in(cast.anna)
    assert [report(anna, number).status_code for number in (1, 2)] == [303, 303]
    answer = report(anna, 3, title="De derde melding", body="Wat ik typte")
    assert answer.status_code == 429 and SENTENCE in answer.text and "(0299) 55 00 00" in answer.text
    assert 'value="De derde melding"' in answer.text and "Wat ik typte" in answer.text
    assert count(Ticket) == 2
    assert report(sign_in(cast.bram), 4).status_code == 303, "her colleague is not in her way"


def test_a_form_that_was_filed_is_filed_also_when_it_was_the_last_of_the_day(cast, sign_in, most):
    most(messages=1)
    anna = sign_in(cast.anna)
    first, again = report(anna, 1), report(anna, 1)
    assert first.status_code == again.status_code == 303 and first.location == again.location


def test_a_reply_and_a_reopening_count_and_the_words_stay(cast, sign_in, most):
    most(messages=2)
    ticket, anna = make_ticket(cast.anna), sign_in(cast.anna)
    there = f"/my/tickets/{ticket.number}"
    assert anna.post(f"{there}/reply", data={"body": "Een"}).status_code == 303
    resolve(ticket, cast.daan)
    assert anna.post(f"{there}/reopen", data={"body": "Twee"}).status_code == 303
    answer = anna.post(f"{there}/reply", data={"body": "Het derde bericht"})
    assert answer.status_code == 429 and SENTENCE in answer.text and "Het derde bericht" in answer.text
    resolve(ticket, cast.daan)
    answer = anna.post(f"{there}/reopen", data={"body": "Weer niet"})
    assert answer.status_code == 429 and "Weer niet" in answer.text
    assert anna.post(f"{there}/accept").status_code == 303, "what sends nothing in goes on"


@pytest.mark.parametrize(
    ("limits", "said"),
    [({"files": 2}, "vandaag meer dan 2 bestanden"), ({"bytes": 2**20}, "vandaag meer dan 1 MB aan bestanden")],
)  # fmt: skip
def test_files_have_a_limit_of_their_own_and_a_message_without_goes_on(cast, sign_in, most, limits, said):
    most(**limits)
    anna = sign_in(cast.anna)
    assert [report(anna, number, files=file()).status_code for number in (1, 2)] == [303, 303]
    answer = report(anna, 3, files=file())
    assert answer.status_code == 429 and said in answer.text
    assert 'aria-invalid="true"' in answer.text, "it stands at the field"
    assert count(Attachment) == 2
    assert report(anna, 3).status_code == 303


def test_the_desk_may_ten_times_as_much_and_is_told_too(cast, sign_in, most):
    most(messages=1, files=1)
    ticket, daan = make_ticket(cast.anna), sign_in(cast.daan)
    there = f"/desk/tickets/{ticket.number}/reply"
    for number in range(10):
        sent = {"reply-body": "Bericht", "reply-kind": ("reply", "internal")[number % 2]}
        assert daan.post(there, data=sent).status_code == 303
    answer = daan.post(there, data={"reply-body": "Nummer elf", "reply-kind": "internal"})
    assert answer.status_code == 429 and "al 10 meldingen" in answer.text and "Nummer elf" in answer.text


def test_what_the_desk_files_for_anna_is_counted_with_the_desk(cast, sign_in, most):
    most(messages=1)
    new = {
        "requester": cast.anna.name, "channel": "phone", "type": "incident", "title": "Muis", "impact": "person",
        "urgency": "low", "category": cast.category.id, "body": "Hij doet niets",
    }  # fmt: skip
    daan = sign_in(cast.daan)
    for number in range(10):
        assert daan.post("/desk/tickets/new", data=new | {"token": number}).status_code == 303
    answer = daan.post("/desk/tickets/new", data=new | {"token": "x"})
    assert answer.status_code == 429 and "al 10 meldingen" in answer.text and "Hij doet niets" in answer.text
    assert daan.post("/desk/tickets/new", data=new | {"token": 3}).status_code == 303, "it was filed"
    assert report(sign_in(cast.anna), 1).status_code == 303


def test_documents_and_imports_count_as_files(cast, sign_in, most):
    most(files=0)
    item, ada = make_item("Laptop 12", cast.oosterveen), sign_in(cast.ada)
    answer = ada.post(f"/items/{item.uid}/documents", data={"file": file(), "reason": "Zomaar"})
    assert answer.status_code == 422 and "meer dan 0 bestanden" in answer.text and "Zomaar" in answer.text
    sent = {"file": (io.BytesIO(b"naam\nLaptop 14\n"), "lijst.csv"), "class": "workstation", "owner": "centre"}
    answer = ada.post("/items/import", data=sent)
    assert answer.status_code == 422 and "meer dan 0 bestanden" in answer.text
    assert count(ItemDocument) == count(ImportBatch) == 0


def test_an_import_that_tells_its_progress_is_counted(cast, sign_in, most):
    most(files=0.1)
    ada, kept = sign_in(cast.ada), count(SentIn)
    for status in (200, 422):
        sent = {"file": (io.BytesIO(b"naam\nLaptop 14\n"), "lijst.csv"), "class": "workstation", "owner": "centre"}
        answer = ada.post("/items/import", data=sent, headers={"Accept": "application/x-ndjson"}, buffered=True)
        assert answer.status_code == status
    assert count(SentIn) == kept + 1


WRITING = sorted(
    ((name, method) for name, method in CALLS if method in ("POST", "PUT")),
    key=lambda call: not call[0].endswith(("reply", "report", "service", "new", "file_ticket", "to_ticket")),
)


@pytest.fixture
def world(cast, sign_in):
    return World(cast, sign_in)


@pytest.mark.parametrize("who", ["anna", "daan"])
def test_no_door_lets_in_more_than_the_day_allows(who, world, visit, routes, most):
    """Every door, with what makes that its deed is done; first those of messages, as others end the ticket."""
    most(messages=0, files=0)
    stopped, told = set(), (Ticket, Attachment, ItemDocument, ImportBatch)
    before = [count(model) for model in told], said()
    for name, method in WRITING:
        if visit(who, routes[0][name], method).status_code == 429:
            stopped.add(name)
        db.session.expire_all()
        assert ([count(model) for model in told], said()) == before, f"{name} sent something in"
    mine = {"anna": {"portal.report", "portal.request_service", "portal.reply"},
            "daan": {"desk.new", "desk.reply"}}  # fmt: skip
    assert {"api.file_ticket", "api.reply_to_ticket", *mine[who]} <= stopped


def said() -> int:
    """How many messages there are: entries with a text that changed nothing."""
    messages = sa.select(sa.func.count(Entry.id)).where(Entry.body != "", Entry.change.is_(None))
    return db.session.scalar(messages)


def test_the_next_local_day_starts_anew(cast, most):
    most(messages=1)
    late = dt.datetime(2026, 11, 23, 22, 30, tzinfo=dt.UTC)  # half past eleven in the Netherlands
    spend(cast.anna, late, messages=1)
    with pytest.raises(TooMuch) as refused:
        spend(cast.anna, late + dt.timedelta(minutes=29), messages=1)
    assert (refused.value.kind, refused.value.most) == (Kind.MESSAGES, 1)
    assert allowance.renewed_in(late) == 1800
    spend(cast.anna, late + dt.timedelta(minutes=30), messages=1)
    assert count(SentIn) == 1, "a person has one row"


def test_what_is_refused_is_not_counted(cast, most):
    most(messages=10, files=2, bytes=100)
    for sizes in ([1, 1, 1], [101]):
        with pytest.raises(TooMuch):
            spend(cast.anna, NOW, messages=1, sizes=sizes)
    assert count(SentIn) == 0
    spend(cast.anna, NOW, messages=1, sizes=[50, 50])
    with pytest.raises(TooMuch) as refused:
        spend(cast.anna, NOW, messages=1, sizes=[0])
    assert refused.value.kind == Kind.FILES
    kept = db.session.scalars(sa.select(SentIn)).one()
    assert (kept.messages, kept.files, kept.bytes) == (1, 2, 100)
    assert kept.day == local(NOW).date() and kept.municipality_id == cast.oosterveen.id


def test_counting_takes_as_many_statements_whatever_was_sent(cast, most):
    most(messages=1000, files=1000)
    spend(cast.anna, NOW, messages=1)

    def asked(**what):
        db.session.expire_all()
        cast.anna.role, cast.anna.id  # noqa: B018  loaded, as who asks is
        with counted() as seen:
            spend(cast.anna, NOW, **what)
        return len(seen)

    assert asked(messages=1) == asked(messages=1, sizes=[1] * 150) == 1
    for _ in range(100):
        spend(cast.anna, NOW, messages=1)
    assert asked(messages=1) == 1
