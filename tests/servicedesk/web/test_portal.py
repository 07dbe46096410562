"""Anna follows her tickets, answers, accepts, reopens and withdraws; others see what they may."""

import datetime as dt
import io

import pytest
import sqlalchemy as sa

from cmdb.database import db
from servicedesk.tickets import actions
from servicedesk.tickets.models import Entry, Ticket
from servicedesk.tickets.workflow import Status, WaitingFor
from servicedesk.web.forms import blank
from tests.makers import make_ticket

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)


@pytest.fixture
def anna(cast, sign_in):
    return sign_in(cast.anna)


@pytest.fixture
def ticket(cast):
    return make_ticket(cast.anna, now=NOW)


def address(ticket, deed=""):
    return f"/my/tickets/{ticket.number}" + (f"/{deed}" if deed else "")


def status_of(ticket):
    db.session.expire_all()
    return db.session.get(Ticket, ticket.id).status


def last_entry():
    return db.session.scalar(sa.select(Entry).order_by(Entry.id.desc()).limit(1))


def test_the_start_leads_everybody_to_the_own_work(anna, client):
    assert anna.get("/").location == "/my/tickets"
    assert client.get("/").location.startswith("/signin")


def test_her_list_says_how_each_ticket_stands(cast, anna, ticket):
    make_ticket(cast.bram, title="Van Bram")
    waiting = make_ticket(cast.anna, title="Welke printer", now=NOW)
    actions.wait(waiting, WaitingFor.REQUESTER, cast.daan, NOW, question="Welke?")
    db.session.commit()
    page = anna.get("/my/tickets").text
    assert ticket.number in page and "De melding ligt bij team Werkplek." in page
    assert "Wij wachten op uw antwoord." in page and 'class="asks"' in page
    assert "Van Bram" not in page


def test_a_manager_has_only_her_own_tickets_in_her_list(cast, sign_in, ticket):
    assert ticket.number not in sign_in(cast.mia).get("/my/tickets").text


def test_done_tickets_are_on_the_other_tab(cast, anna, ticket):
    actions.cancel(ticket, "Dubbel", cast.anna, NOW)
    db.session.commit()
    assert ticket.number not in anna.get("/my/tickets").text
    assert ticket.number in anna.get("/my/tickets?view=done").text


def test_the_list_turns_page_by_page_there_and_back(cast, anna):
    for number in range(45):
        make_ticket(cast.anna, title=f"Nummer {number:02d}.", now=NOW - number * DAY)
    seen, address = [], "/my/tickets"
    pages = []
    while address:
        text = anna.get(address).text
        pages.append(sorted(n for n in range(45) if f"Nummer {n:02d}." in text))
        seen += pages[-1]
        address = link(text, "next")
    assert seen == list(range(45)) and [len(page) for page in pages] == [20, 20, 5]
    back = anna.get(link(text, "prev")).text
    assert sorted(n for n in range(45) if f"Nummer {n:02d}." in back) == pages[1]
    assert link(anna.get(link(back, "prev")).text, "prev") is None


def link(text, rel):
    before, found, _after = text.partition(f'" rel="{rel}"')
    return before.rpartition('href="')[2].replace("&amp;", "&") if found else None


def test_she_searches_in_all_her_own_tickets_and_in_no_others(cast, anna, sign_in, ticket):
    other = make_ticket(cast.bram, title="Beamer flikkert", now=NOW)
    actions.cancel(ticket, "Dubbel", cast.anna, NOW)
    db.session.commit()
    assert ticket.number in anna.get("/my/tickets?q=printer").text
    assert "Niets gevonden" in anna.get("/my/tickets?q=flikkert").text
    assert other.number not in sign_in(cast.mia).get("/my/tickets?q=flikkert").text
    for words in ("'", '"', "%", "a OR", "(", "*", "-", "ü", "x" * 500):
        assert anna.get("/my/tickets", query_string={"q": words}).status_code == 200


@pytest.mark.parametrize("key", ["x", "-", "1-", "9" * 40 + "-1", "1-" + "9" * 40, "²-1"])
def test_a_page_key_that_is_none_gives_the_first_page(anna, ticket, key):
    assert ticket.number in anna.get("/my/tickets", query_string={"after": key}).text


def test_her_page_hides_internal_notes(cast, anna, ticket):
    actions.note(ticket, cast.daan, "Zij belt vaak", NOW)
    actions.reply(ticket, cast.daan, "Wij kijken ernaar", NOW)
    db.session.commit()
    page = anna.get(address(ticket)).text
    assert "Wij kijken ernaar" in page and "Zij belt vaak" not in page
    assert "In behandeling" in page and 'aria-current="step"' in page


def test_her_reply_is_kept_with_its_file_and_ends_the_wait(cast, anna, ticket):
    actions.wait(ticket, WaitingFor.REQUESTER, cast.daan, NOW, question="Welke?")
    db.session.commit()
    data = {"body": "Die op de gang", "files": (io.BytesIO(b"foto"), "foto.txt")}
    assert anna.post(address(ticket, "reply"), data=data).status_code == 303
    assert status_of(ticket) == Status.IN_PROGRESS
    page = anna.get(address(ticket)).text
    assert "Die op de gang" in page and "foto.txt" in page


def test_an_empty_reply_comes_back(anna, ticket):
    answer = anna.post(address(ticket, "reply"), data={"body": "  "})
    assert answer.status_code == 422 and "Schrijf een bericht" in answer.text


def test_a_refused_reply_stands_in_its_own_field_alone(anna, ticket):
    answer = anna.post(address(ticket, "reply"), data={"body": "lang " * 4001})
    assert answer.status_code == 422 and answer.text.count("lang lang") == 4001 // 2
    assert "lang lang" not in anna.get(address(ticket)).text


def test_she_accepts_the_solution(cast, anna, ticket):
    actions.resolve(ticket, "Papier gevuld", cast.daan, NOW)
    db.session.commit()
    page = anna.get(address(ticket)).text
    assert "Werkt het weer?" in page and "Papier gevuld" in page and "Uw antwoord" in page
    assert anna.post(address(ticket, "accept")).status_code == 303
    assert status_of(ticket) == Status.CLOSED


def test_she_reopens_with_what_goes_wrong(cast, anna, ticket):
    actions.resolve(ticket, "Papier gevuld", cast.daan, NOW)
    db.session.commit()
    assert anna.post(address(ticket, "reopen"), data={"body": ""}).status_code == 422
    assert anna.post(address(ticket, "reopen"), data={"body": "Nog stuk"}).status_code == 303
    assert status_of(ticket) == Status.IN_PROGRESS and last_entry().body == "Nog stuk"


def test_a_closed_ticket_can_be_reopened_for_two_weeks(cast, anna, ticket):
    actions.resolve(ticket, "Klaar", cast.daan, NOW - 16 * DAY)
    actions.accept(ticket, cast.anna, NOW - 15 * DAY)
    db.session.commit()
    assert "Heropenen kan niet meer" in anna.get(address(ticket)).text
    answer = anna.post(address(ticket, "reopen"), data={"body": "Toch stuk"})
    assert answer.status_code == 409 and status_of(ticket) == Status.CLOSED


def test_she_withdraws_her_ticket(anna, ticket):
    assert anna.post(address(ticket, "cancel")).status_code == 303
    assert status_of(ticket) == Status.CANCELLED
    assert last_entry().change["reason"] == "Niet meer nodig"


def test_a_reply_to_what_was_solved_meanwhile_keeps_her_words(cast, anna, ticket):
    actions.resolve(ticket, "Klaar", cast.daan, NOW)
    db.session.commit()
    answer = anna.post(address(ticket, "reply"), data={"body": "Het gebeurt nu ook in Word"})
    assert answer.status_code == 409
    assert "intussen veranderd" in answer.text and "Het gebeurt nu ook in Word" in answer.text
    assert status_of(ticket) == Status.RESOLVED


def test_accepting_what_is_not_solved_changes_nothing(anna, ticket):
    assert anna.post(address(ticket, "accept")).status_code == 409
    assert status_of(ticket) == Status.NEW


def test_the_card_tells_how_the_agreement_was_kept(cast, anna):
    ticket = make_ticket(cast.anna, now=NOW - 40 * DAY)
    actions.resolve(ticket, "Klaar", cast.daan, NOW - 10 * DAY)
    db.session.commit()
    page = anna.get(address(ticket)).text
    assert "te laat, na" in page and "werkt het weer?" in page


def test_colleague_and_stranger_see_a_page_that_does_not_exist(cast, sign_in, ticket):
    for person in (cast.bram, cast.carla):
        browser = sign_in(person)
        assert browser.get(address(ticket)).status_code == 404
        for deed in ("reply", "accept", "reopen", "cancel"):
            assert browser.post(address(ticket, deed), data={"body": "x"}).status_code == 404


def test_her_manager_reads_and_does_nothing(cast, sign_in, ticket):
    mia = sign_in(cast.mia)
    page = mia.get(address(ticket)).text
    assert (
        "gemeld door Anna Bakker" in page and "Uw bericht" not in page and "intrekken" not in page
    )
    for deed in ("reply", "accept", "reopen", "cancel"):
        assert mia.post(address(ticket, deed), data={"body": "x"}).status_code == 404


def test_what_she_types_is_text_and_never_markup(cast, anna):
    ticket = make_ticket(cast.anna, title="<script>1</script>", body="<b>dik</b>")
    page = anna.get(address(ticket)).text
    assert "<script>1" not in page and "<b>dik" not in page and "&lt;b&gt;dik" in page


def test_a_refused_text_stays_in_its_own_field_and_with_who_typed_it(cast, anna, ticket, sign_in):
    blank.cache_clear()  # the refused one may be the first page of a process
    typed = "Nog steeds stuk. " * 1300
    answer = anna.post(address(ticket, "reply"), data={"body": typed})
    assert answer.status_code == 422 and answer.text.count(typed.strip()) == 1
    assert "Nog steeds stuk" not in anna.get(address(ticket)).text
    own = make_ticket(cast.bram, now=NOW)
    assert "Nog steeds stuk" not in sign_in(cast.bram).get(address(own)).text
