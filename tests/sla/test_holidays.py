"""Dutch public holidays: against the cases, a library, and the awkward years."""
import json
from datetime import date
from pathlib import Path

import holidays as library
import pytest

from sla.holidays import dutch_holidays, easter_sunday

CASES = json.loads((Path(__file__).parent / "data" / "sla_cases.json").read_text())
TABLE = CASES["holidays_nl"]


@pytest.mark.parametrize("year", sorted(TABLE))
def test_yearly_rule_gives_the_table_of_the_cases(year):
    found = {day.isoformat(): name for day, name in dutch_holidays(int(year)).items()}
    assert found == TABLE[year]["yearly"]


@pytest.mark.parametrize("year", sorted(TABLE))
def test_lustrum_rule_gives_the_table_of_the_cases(year):
    found = [day.isoformat() for day in dutch_holidays(int(year), "lustrum")]
    assert found == TABLE[year]["lustrum"]


@pytest.mark.parametrize("year", range(2024, 2036))
def test_lustrum_rule_differs_from_the_library_by_good_friday_only(year):
    theirs = library.country_holidays("NL", years=year, categories=("public",))
    ours = dutch_holidays(year, "lustrum")
    assert all(day.weekday() == 4 for day in set(theirs) - set(ours))
    assert set(ours) <= set(theirs)
    assert len(set(theirs) - set(ours)) <= 1


@pytest.mark.parametrize(
    "year, easter",
    [(1818, (3, 22)), (1943, (4, 25)), (1961, (4, 2)), (2000, (4, 23)), (2008, (3, 23)),
     (2038, (4, 25)), (2049, (4, 18)), (2076, (4, 19)), (2285, (3, 22))],
)
def test_easter_of_the_exceptional_years(year, easter):
    assert easter_sunday(year) == date(year, *easter)


def test_easter_agrees_with_the_library_for_a_century():
    for year in range(1970, 2100):
        theirs = library.country_holidays("NL", years=year, language="nl")
        assert theirs.get(easter_sunday(year)) is not None, year


def test_kings_day_on_a_sunday_moves_to_the_saturday():
    assert dutch_holidays(2025)[date(2025, 4, 26)] == "Koningsdag"
    assert date(2025, 4, 27) not in dutch_holidays(2025)


def test_good_friday_is_a_working_day():
    assert date(2026, 4, 3) not in dutch_holidays(2026)


def test_liberation_day_never():
    assert date(2025, 5, 5) not in dutch_holidays(2025, "never")


def test_ascension_on_liberation_day_is_one_day_off():
    assert dutch_holidays(2016)[date(2016, 5, 5)] == "Hemelvaartsdag"
    assert len(dutch_holidays(2016)) == 9


def test_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="yearly, lustrum or never, not 'sometimes'"):
        dutch_holidays(2026, "sometimes")
