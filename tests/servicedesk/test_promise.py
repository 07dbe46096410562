"""The promise says who has it, what we wait for and when you hear again; and never too much."""

import datetime as dt
from dataclasses import replace

import pytest
from flask_babel import force_locale

from servicedesk.tickets import actions
from servicedesk.tickets.promise import Situation, promise, situation_of
from servicedesk.tickets.workflow import Status, WaitingFor
from tests.makers import NOW, make_municipality, make_person, make_ticket

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
AT_WORK = Situation(Status.IN_PROGRESS, assignee="Daan Mulder", team="Werkplek", due=NOW + 4 * HOUR)
WAITING = replace(AT_WORK, status=Status.WAITING)


@pytest.fixture(autouse=True)
def dutch():
    with force_locale("nl"):
        yield


def text(situation: Situation, now: dt.datetime = NOW) -> str:
    return promise(situation, now).text.striptags()


def test_a_new_ticket_lies_with_a_team_and_has_a_first_answer_promised():
    situation = Situation(
        Status.NEW, team="Werkplek", response_due=NOW + 2 * HOUR, due=NOW + 2 * DAY
    )
    assert (
        text(situation) == "De melding ligt bij team Werkplek. U hoort vandaag vóór 12:00 van ons."
    )
    assert promise(situation, NOW).note == "Streeftijd voor de oplossing: wo 25 nov 10:00."


def test_a_late_first_answer_is_called_late():
    situation = Situation(Status.NEW, team="Werkplek", response_due=NOW - HOUR, due=NOW + DAY)
    assert "langer dan afgesproken: u had vandaag vóór 09:00 van ons moeten horen" in text(
        situation
    )


def test_without_an_agreement_nothing_is_promised():
    said = promise(Situation(Status.NEW), NOW)
    assert said.text.striptags() == "De melding is binnen. U hoort van ons zodra er nieuws is."
    assert said.note == "Over de tijd voor deze melding is niets afgesproken."


def test_in_progress_names_who_and_when():
    assert (
        text(AT_WORK)
        == "Daan Mulder werkt aan de melding. U hoort vandaag vóór 14:00 weer van ons."
    )
    assert text(replace(AT_WORK, assignee=None)).startswith("Team Werkplek werkt")


def test_late_is_called_late():
    said = text(replace(AT_WORK, due=NOW - DAY))
    assert "langer dan afgesproken: het had gisteren vóór 10:00 opgelost moeten zijn" in said
    assert "U hoort van ons zodra er nieuws is." in said


@pytest.mark.parametrize(
    ("waiting_for", "words"),
    [
        (WaitingFor.SUPPLIER, "Wij wachten op de leverancier."),
        (WaitingFor.SITE_DAY, "Wij komen hiervoor langs op een locatiedag."),
        (WaitingFor.CHANGE, "Wij wachten op akkoord voor een wijziging."),
        (WaitingFor.PROBLEM, "Wij zoeken eerst de oorzaak"),
    ],
)
def test_every_wait_says_what_for(waiting_for, words):
    situation = replace(WAITING, waiting_for=waiting_for)
    assert words in text(situation) and "U hoort vandaag vóór 14:00 weer van ons." in text(
        situation
    )
    dated = replace(situation, waiting_until=NOW + 3 * DAY)
    assert "do 26 nov" in text(dated) and "14:00" not in text(dated)
    assert "langer dan verwacht: wij rekenden op ma 23 nov" in text(
        replace(dated, waiting_until=NOW), NOW + 3 * DAY
    )


def test_a_paused_wait_without_a_date_promises_no_date():
    situation = replace(WAITING, waiting_for=WaitingFor.SUPPLIER, due=None, is_paused=True)
    assert "U hoort van ons zodra er nieuws is." in text(situation)
    assert promise(situation, NOW).note == "De afgesproken tijd staat stil zolang wij wachten."


def test_waiting_for_the_requester_asks_her():
    said = promise(
        replace(WAITING, waiting_for=WaitingFor.REQUESTER, due=None, is_paused=True), NOW
    )
    assert said.asks
    assert "Daan Mulder heeft u iets gevraagd. Wij wachten op uw antwoord." in said.text.striptags()


def test_her_manager_reads_what_we_wait_for_and_is_asked_nothing():
    said = promise(replace(WAITING, waiting_for=WaitingFor.REQUESTER, is_own=False), NOW)
    assert not said.asks and "antwoord van de aanmelder" in said.text and "U hoort" not in said.text


def test_a_name_cannot_bring_markup():
    assert "&lt;b&gt;" in promise(replace(AT_WORK, assignee="<b>"), NOW).text


def test_solved_asks_whether_it_works_and_says_when_it_closes(cast):
    ticket = make_ticket(cast.anna)
    actions.resolve(ticket, "Papier gevuld", cast.daan, NOW + HOUR)
    said = promise(situation_of(ticket, cast.anna, NOW + HOUR), NOW + HOUR)
    assert said.is_solved and said.asks
    assert said.text.striptags() == "Daan Mulder heeft de melding vandaag 11:00 opgelost."
    assert said.note == (
        "Antwoordt u niet, dan sluiten wij de melding ma 30 nov."
        " Heropenen kan tot en met ma 14 dec."
    )


def test_closed_can_be_reopened_for_two_weeks_and_then_no_more(cast):
    ticket = make_ticket(cast.anna)
    actions.resolve(ticket, "Klaar", cast.daan, NOW)
    actions.accept(ticket, cast.anna, NOW)
    assert (
        "tot en met ma 7 dec heropenen" in promise(situation_of(ticket, cast.anna, NOW), NOW).note
    )
    late = NOW + 15 * DAY
    assert "Heropenen kan niet meer" in promise(situation_of(ticket, cast.anna, late), late).note


def test_a_withdrawn_ticket_says_so(cast):
    ticket = make_ticket(cast.anna)
    actions.cancel(ticket, "Dubbel", cast.anna, NOW)
    assert text(situation_of(ticket, cast.anna, NOW)) == "De melding is vandaag 10:00 ingetrokken."


def test_the_situation_of_a_ticket_follows_its_clocks(cast):
    ticket = make_ticket(cast.anna)
    assert situation_of(ticket, cast.anna, NOW).response_due == NOW + 2 * HOUR
    actions.wait(ticket, WaitingFor.REQUESTER, cast.daan, NOW, question="Welke?")
    waiting = situation_of(ticket, cast.anna, NOW)
    assert waiting.is_paused and waiting.due is None and waiting.response_due is None
    assert not situation_of(ticket, cast.mia, NOW).is_own


def test_a_municipality_without_agreement_gets_no_date(cast):
    home = make_municipality("Zonder", agreement=None)
    ticket = make_ticket(make_person("Gijs Wit", home))
    assert "niets afgesproken" in promise(situation_of(ticket, ticket.requester, NOW), NOW).note
