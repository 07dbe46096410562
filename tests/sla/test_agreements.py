"""Agreements: registered from a file, versioned, never changed."""

import copy
import datetime as dt

import pytest
import sqlalchemy as sa

from cmdb.database import db
from sla import agreements
from sla.models import AgreementVersion, CalendarVersion, Target
from sla.terms import read_terms
from tests.makers import AGREEMENT, NOW, make_municipality


def changed(**values) -> dict:
    return copy.deepcopy(AGREEMENT) | values


def test_a_file_becomes_an_agreement_with_its_targets(session):
    town = make_municipality("Duinwijk", agreement=None)
    version = agreements.register(town, AGREEMENT)
    assert version.paused_while == ["requester"]
    minutes = {(t.ticket_type, t.priority, t.kind): t.minutes for t in version.targets}
    assert minutes["incident", 1, "response"] == 15 and len(minutes) == 12
    assert agreements.version_at(town.id, NOW) is version


def test_the_same_file_twice_adds_nothing(session):
    town = make_municipality("Duinwijk", agreement=None)
    first = agreements.register(town, AGREEMENT)
    assert agreements.register(town, AGREEMENT) is first
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CalendarVersion)) == 1


def test_a_version_is_followed_and_never_changed(session):
    town = make_municipality("Duinwijk", agreement=None)
    first = agreements.register(town, AGREEMENT)
    other = copy.deepcopy(AGREEMENT)
    other["targets"]["incident"]["1"]["resolution"] = 120
    with pytest.raises(ValueError, match="never changed"):
        agreements.register(town, other)
    second = agreements.register(town, other | {"valid_from": "2027-01-01"})
    assert agreements.version_at(town.id, NOW) is first
    assert agreements.version_at(town.id, dt.datetime(2027, 1, 1, tzinfo=dt.UTC)) is second
    # Midnight of 1 January in the Netherlands is an hour earlier in UTC.
    assert second.valid_from == dt.datetime(2026, 12, 31, 23, tzinfo=dt.UTC)


def test_before_the_first_version_nothing_is_promised(session):
    town = make_municipality("Duinwijk")
    assert agreements.version_at(town.id, dt.datetime(2019, 6, 1, tzinfo=dt.UTC)) is None


@pytest.mark.parametrize(
    "source, complaint",
    [
        ([], "the agreement must be an object"),
        (changed(name=" "), "name: "),
        (changed(valid_from="1 januari"), "valid_from: '1 januari'"),
        (changed(unit="hours"), "unit: "),
        (changed(calendar={"timezone": "Mars/Base"}), "Mars/Base"),
        (changed(targets={}), "targets: there is none"),
        (changed(targets={"party": {}}), "targets: 'party'"),
        (changed(targets={"incident": {"9": {"response": 1}}}), r"targets.incident.9: a priority"),
        (
            changed(targets={"incident": {"1": {"response": "soon"}}}),
            r"targets.incident.1.response: 'soon'",
        ),
        (changed(targets={"incident": {"1": {"lunch": 1}}}), r"targets.incident.1: give"),
        (changed(paused_while_waiting_for=["godot"]), "paused_while_waiting_for"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(source, complaint):
    with pytest.raises(ValueError, match=complaint) as refused:
        read_terms(source)
    assert "\n" not in str(refused.value)


def test_nothing_of_a_wrong_file_is_written(session):
    town = make_municipality("Duinwijk", agreement=None)
    with pytest.raises(ValueError):
        agreements.register(town, changed(calendar={"timezone": "Mars/Base"}))
    for model in (AgreementVersion, Target):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(model)) == 0
