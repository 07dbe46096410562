"""The table of impact and urgency."""
import pytest

from sla.priority import MATRIX, Impact, Urgency, priority


def test_the_table_is_complete():
    assert set(MATRIX) == set(Impact)
    assert all(set(row) == set(Urgency) for row in MATRIX.values())


def test_mijn_team_met_moeite_is_hoog():
    assert priority(Impact.TEAM, Urgency.MEDIUM) == 2


def test_text_of_a_form_will_do():
    assert priority("public", "medium") == 1
    assert priority("person", "low") == 4


@pytest.mark.parametrize("urgency", Urgency)
def test_more_people_never_lower_the_priority(urgency):
    found = [priority(impact, urgency) for impact in Impact]
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("impact", Impact)
def test_more_hurry_never_lowers_the_priority(impact):
    found = [priority(impact, urgency) for urgency in Urgency]
    assert found == sorted(found, reverse=True)


def test_unknown_impact_is_refused():
    with pytest.raises(ValueError, match="galaxy"):
        priority("galaxy", "low")
