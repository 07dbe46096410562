"""A dependency group is accepted when the impact rules can read it."""

import pytest

from cmdb import dependency_groups

pytestmark = pytest.mark.no_database


def group(kind="all", **numbers):
    return {"label": "web", "rule": {"kind": kind, **numbers}}


@pytest.mark.parametrize(
    "one",
    [
        group(), group("at_least", count=2), group("percent", percent=33.3), group("capacity", need=0),
        group() | {"effect": "soft", "failover_minutes": 5},
    ],
)  # fmt: skip
def test_a_group_with_a_rule_is_accepted(one):
    dependency_groups.check([one, one | {"label": "database"}])


@pytest.mark.parametrize(
    "one",
    [
        "web", {}, {"label": "web"}, group() | {"label": ""}, group() | {"label": "x" * 81}, group() | {"extra": 1},
        group("some"), group("at_least"), group("at_least", count=1.5), group("at_least", count=True),
        group("at_least", count=-1), group("percent", percent=101), group("capacity", need="veel"),
        group("all", count=1), group() | {"effect": "zacht"}, group() | {"failover_minutes": -1},
        group() | {"rule": "all"}, group("capacity", need=float("nan")),
    ],
)  # fmt: skip
def test_what_is_no_group_is_refused(one):
    with pytest.raises(ValueError):
        dependency_groups.check([one])


def test_two_groups_have_two_labels():
    with pytest.raises(ValueError, match="eigen naam"):
        dependency_groups.check([group(), group("percent", percent=50)])
