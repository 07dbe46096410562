"""Reports from different municipalities that have one cause are seen as one."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from servicedesk.tickets.radar import Sighting, suspicions

NINE = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
NEEDS = {
    "belastingen": ["vm-1"], "burgerzaken": ["vm-2"], "vm-1": ["cluster"], "vm-2": ["cluster"],
    "cluster": ["host"], "host": ["rack"], "rack": ["building"], "printer": ["switch"],
    "switch": ["building"],
}  # fmt: skip


def seen(ticket, municipality, item, minutes=0):
    return Sighting(ticket, municipality, NINE + dt.timedelta(minutes=minutes), frozenset({item}))


def test_two_municipalities_with_applications_on_one_cluster():
    anna, carla = seen(1, "Oosterveen", "belastingen"), seen(2, "Lindhoven", "burgerzaken", 12)
    [found] = suspicions([carla, anna], NEEDS)
    assert found.item == "cluster", "the nearest that both hang on, not the host below it"
    assert found.sightings == [anna, carla]
    assert found.paths == [("belastingen", "vm-1", "cluster"), ("burgerzaken", "vm-2", "cluster")]


def test_the_same_item_is_the_nearest():
    reports = [seen(1, "Oosterveen", "belastingen"), seen(2, "Lindhoven", "belastingen", 5)]
    [found] = suspicions(reports, NEEDS)
    assert found.item == "belastingen" and found.steps == 0


def test_one_municipality_alone_is_no_major_incident():
    reports = [seen(number, "Oosterveen", "belastingen", number) for number in range(5)]
    assert suspicions(reports, NEEDS) == []


def test_half_an_hour_apart_is_in_time_and_a_minute_more_is_not():
    first = seen(1, "Oosterveen", "belastingen")
    assert suspicions([first, seen(2, "Lindhoven", "belastingen", 30)], NEEDS)
    assert not suspicions([first, seen(2, "Lindhoven", "belastingen", 31)], NEEDS)


def test_what_is_far_away_proves_nothing():
    """Both stand in one building at the end, as everything does."""
    assert suspicions([seen(1, "Oosterveen", "vm-1"), seen(2, "Lindhoven", "printer")], NEEDS) == []


def test_most_reports_win_and_each_is_told_once():
    reports = [
        seen(1, "Oosterveen", "belastingen"), seen(2, "Lindhoven", "belastingen"),
        seen(3, "Duinwijk", "burgerzaken"), seen(4, "Duinwijk", "printer"),
        seen(5, "Rietwold", "switch"),
    ]  # fmt: skip
    first, second = suspicions(reports, NEEDS)
    assert (first.item, [one.ticket for one in first.sightings]) == ("cluster", [1, 2, 3])
    assert (second.item, [one.ticket for one in second.sightings]) == ("switch", [4, 5])


def test_a_ring_ends():
    ring = {"a": ["b"], "b": ["a"]}
    assert suspicions([seen(1, "x", "a"), seen(2, "y", "b")], ring)[0].steps == 1


_REPORTS = st.lists(
    st.builds(
        seen, st.integers(), st.sampled_from("XYZ"), st.sampled_from(sorted(NEEDS)),
        st.integers(0, 120),
    ),
    max_size=12,
)  # fmt: skip


@given(_REPORTS)
def test_a_suspicion_has_its_grounds(reports):
    told = []
    for found in suspicions(reports, NEEDS):
        moments = [one.at for one in found.sightings]
        assert len({one.municipality for one in found.sightings}) > 1
        assert max(moments) - min(moments) <= dt.timedelta(minutes=30)
        assert all(path[-1] == found.item for path in found.paths)
        told += found.sightings
    assert len(told) == len(set(told))
