"""Which events are kept, with which of the six facts that BIO2 8.15.01 asks, and the test of each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """`facts` are those that are kept of: handeling, object, resultaat, herkomst, uitvoerder, tijdstip."""

    what: str
    kept_in: str
    facts: str
    test: str


_STORY = "handeling, object, resultaat, uitvoerder, tijdstip"

EVENTS = (
    Event(
        "Elke stap van een melding: gedaan, genomen, doorgezet, gewacht, opgelost, heropend, gesloten",
        "het verloop van de melding (entry)", _STORY,
        "tests/servicedesk/test_actions.py::test_the_story_of_a_ticket_names_every_step",
    ),
    Event(
        "Overschrijding van een afspraak",
        "de klok van de melding (clock)", "handeling, object, resultaat, tijdstip",
        "tests/servicedesk/test_actions.py::test_a_breach_is_recorded_once_with_its_true_moment",
    ),
    Event(
        "Elke wijziging van een object, met wie en waarom",
        "de versies van het object (change_set, item_version)", _STORY + ", herkomst",
        "tests/cmdb/test_register.py::test_who_changed_it_and_why_is_kept",
    ),
    Event(
        "Inloggen en uitloggen",
        "de sessie (web_session), 30 dagen", "handeling, herkomst, uitvoerder, tijdstip",
        "tests/servicedesk/web/test_signin.py::test_the_right_password_opens_a_session_in_which_she_is_known",
    ),
    Event(
        "Mislukte pogingen om in te loggen",
        "de pogingen (sign_in_attempt), 1 dag", "handeling, herkomst, resultaat, tijdstip",
        "tests/servicedesk/web/test_attempts.py::test_ten_failures_close_a_name_to_that_address_only",
    ),
    Event(
        "Wijzigingen van accounts: rol, uitsluiten, uitnodigen, wachtwoord, tweede stap",
        "het verloop van het account (account_event), voorgoed", _STORY,
        "tests/servicedesk/web/test_people.py::test_the_second_step_of_who_lost_it_is_wiped_and_written_down",
    ),
    Event(
        "Meekijken als iemand anders, met de reden",
        "meekijken (viewing), voorgoed", _STORY,
        "tests/servicedesk/web/test_viewing.py::test_it_is_kept_with_its_reason_and_told_to_both",
    ),
    Event(
        "Besluiten over rechten, en wat daarvan is uitgevoerd",
        "de controle (access_review_line), voorgoed", _STORY,
        "tests/servicedesk/web/test_access_reviews.py::test_a_review_from_start_to_sign_off",
    ),
    Event(
        "Bijwerken uit een directory, met wat het opleverde",
        "de directory (directory.last_sync), de laatste keer", "handeling, object, resultaat, tijdstip",
        "tests/servicedesk/directory/test_sync.py::test_more_than_a_fifth_gone_changes_nothing_and_rings",
    ),
    Event(
        "Fouten van het product, onder een nummer dat de lezer ziet",
        "de log van het proces", "handeling, resultaat, tijdstip",
        "tests/servicedesk/web/test_request.py::test_a_failure_can_be_found_by_the_code_that_its_reader_mentions",
    ),
)  # fmt: skip
